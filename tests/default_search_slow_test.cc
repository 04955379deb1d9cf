// The default search on the real shop: the same bytes whatever the threads.
#include "support.h"

namespace perennial {
namespace {

TEST(DefaultSearch, TwoRunsOnTheShopGiveTheSameBytes) {
  PERENNIAL_NEEDS_REAL_DATA();
  const TestFolder folder;
  const auto run = [&](const std::string& name, const std::string& threads) {
    // The work is fixed, so that a busy machine cannot cut it short.
    const Outcome ran =
        perennial_program({"run", (source_folder() / "bench/search/shop.toml").string(), "--data",
                           (real_data() / "shop/v1").string(), "--seed", "0", "--trials", "40",
                           "--threads", threads, "-o", (folder / name).string()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return folder / name / "decline";
  };
  const fs::path one = run("one", "1"), two = run("two", "2");
  for (const char* file : {"scores.csv", "model.perennial", "importance.csv"}) {
    EXPECT_TRUE(read_file(one / file) == read_file(two / file)) << file;
  }
  EXPECT_EQ(lasting_leaderboard(one), lasting_leaderboard(two));
  EXPECT_EQ(lasting_metrics(one).dump(), lasting_metrics(two).dump());
}

}  // namespace
}  // namespace perennial
