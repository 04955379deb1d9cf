// The real shop over ten seeds: the mean of the sealed ROC-AUC, and the tie that every run must
// state.
#include <cmath>
#include <set>

#include "support.h"

namespace perennial {
namespace {

TEST(ShopSeeds, MeanOfTenSealedRocAucs) {
  PERENNIAL_NEEDS_REAL_DATA();
  double sum = 0;
  for (int seed = 0; seed < 10; ++seed) {
    const TestFolder folder;
    const Outcome ran =
        perennial_program({"run", (source_folder() / "examples/shop.toml").string(), "--data",
                           (real_data() / "shop/v1").string(), "--seed", std::to_string(seed),
                           "--json", "-o", (folder / "out").string()});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const Json m = Json::parse(ran.out);
    const double auc = m["test"]["roc_auc"]["value"];
    sum += auc;
    std::cout << "seed " << seed << ": " << m["winner"]["learner"] << " ROC-AUC " << auc << "\n";
    EXPECT_NEAR(m["rows"]["test"].get<double>(), 324, 2);
    bool tie = false;
    for (const Json& c : m["comparisons"]) {
      const std::set<std::string> pair = {c["better"], c["worse"]};
      tie |= pair == std::set<std::string>{"knn", "logistic"} && c["tie"].get<bool>();
    }
    EXPECT_TRUE(tie) << "seed " << seed << ": " << m["comparisons"].dump(1);
  }
  std::cout << "mean " << sum / 10 << "\n";
  EXPECT_GE(sum / 10, 0.895);
}

}  // namespace
}  // namespace perennial
