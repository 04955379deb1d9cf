// On clean data the audit changes nothing: 20,000 generated customers, ten seeds.
#include "support.h"

namespace perennial {
namespace {

const char* kStudy = R"([tables.market]
file = "market_file.csv"
id = "id"

[tables.revenue]
file = "market_money.csv"
id = "id"
pivot = { by = "период", value = "выручка" }

[tables.minutes]
file = "market_time.csv"
id = "id"
pivot = { by = "период", value = "минут" }

[tables.profit]
file = "money.csv"
id = "id"
value = "прибыль"

[question.decline]
target = { column = "покупательская_активность", positive = "Снизилась" }
)";

class CleanData : public testing::TestWithParam<int> {};

TEST_P(CleanData, NoRepairIsApplied) {
  const TestFolder folder;
  put(folder / "study.toml", kStudy);
  const Outcome made =
      perennial_program({"generate", "shop", "--customers", "20000", "--seed",
                         std::to_string(GetParam()), "--clean", "-o", folder.path().string()});
  ASSERT_EQ(made.code, 0) << made.err;
  const Outcome audit = perennial_program({"audit", (folder / "study.toml").string(), "--json"});
  ASSERT_EQ(audit.code, 0) << audit.err;
  const Json findings = Json::parse(audit.out).at("findings");
  for (const Json& f : findings) {
    EXPECT_FALSE(f.at("applied").get<bool>()) << f.dump(1, ' ', false);
    EXPECT_NE(f.at("severity"), "error") << f.dump(1, ' ', false);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CleanData, testing::Range(0, 10));

}  // namespace
}  // namespace perennial
