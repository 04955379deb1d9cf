// Same study, same data, same seed: same bytes, whatever the threads and the order of rows.
#include <algorithm>

#include "base/seed.h"
#include "support.h"

namespace perennial {
namespace {

const char* kStudy = R"toml(
[study]
name = "determinism"
seed = 11

[tables.market]
file = "market_file.csv"
id = "id"

[tables.revenue]
file = "market_money.csv"
id = "id"
pivot = { by = "Период", value = "Выручка" }

[tables.minutes]
file = "market_time.csv"
id = "id"
pivot = { by = "Период", value = "минут" }

[tables.profit]
file = "money.csv"
id = "id"
value = "Прибыль"

[question.decline]
target = { column = "Покупательская активность", positive = "Снизилась" }
cohort = "every revenue > 0"

[question.decline.validation]
test = 0.25
folds = 4

[question.decline.learner.knn]
n_neighbors = [5, 15]

[question.decline.learner.tree]
max_depth = [3, 5]
max_features = [0, 4]

[question.decline.learner.logistic]
C = [0.1, 1, 10]
penalty = ["l1", "l2"]
)toml";

class Determinism : public testing::Test {
 protected:
  void SetUp() override {
    put(folder_ / "study.toml", kStudy);
    const Outcome made = perennial_program({"generate", "shop", "--customers", "1500", "--seed",
                                            "3", "-o", (folder_ / "data").string()});
    ASSERT_EQ(made.code, 0) << made.err;
  }

  fs::path run(const std::string& name, const std::string& data, const std::string& threads) {
    const Outcome ran = perennial_program({"run", (folder_ / "study.toml").string(), "--data",
                                           (folder_ / data).string(), "-o",
                                           (folder_ / name).string(), "--threads", threads});
    EXPECT_EQ(ran.code, 0) << ran.err;
    return folder_ / name / "decline";
  }

  // The rows below the header of each table in another order, drawn anew for each table.
  void shuffle_tables() {
    fs::create_directories(folder_ / "shuffled");
    for (const char* name :
         {"market_file.csv", "market_money.csv", "market_time.csv", "money.csv"}) {
      std::vector<std::string> lines = perennial::split(read_file(folder_ / "data" / name), '\n');
      if (lines.back().empty()) lines.pop_back();
      const std::string header = lines.front();
      lines.erase(lines.begin());
      Rng rng(Seed{5}.child(name));
      rng.shuffle(lines);
      put(folder_ / "shuffled" / name, header + "\n" + join(lines, "\n") + "\n");
    }
  }

  TestFolder folder_;
};

TEST_F(Determinism, OneAndTwoThreadsGiveTheSameBytes) {
  const fs::path one = run("one", "data", "1");
  const fs::path two = run("two", "data", "2");
  for (const char* file :
       {"scores.csv", "model.perennial", "audit.json", "report.html", "explore.json"}) {
    EXPECT_TRUE(read_file(one / file) == read_file(two / file)) << file;
  }
  EXPECT_EQ(lasting_metrics(one).dump(), lasting_metrics(two).dump());
  EXPECT_EQ(lasting_leaderboard(one), lasting_leaderboard(two));
}

// Nor when or where it was made: the same files in another folder give the same page.
TEST_F(Determinism, ThePageKnowsNoFolderAndNoTime) {
  fs::copy(folder_ / "data", folder_ / "else where");
  const fs::path here = run("here", "data", "2");
  const fs::path there = run("there", "else where", "2");
  EXPECT_TRUE(read_file(here / "report.html") == read_file(there / "report.html"));
  EXPECT_EQ(read_file(here / "report.html").find(folder_.path().string()), std::string::npos);
}

TEST_F(Determinism, ShuffledRowsGiveTheSameBytes) {
  shuffle_tables();
  const fs::path as_is = run("as-is", "data", "2");
  const fs::path shuffled = run("shuffled-out", "shuffled", "2");
  ASSERT_NE(read_file(folder_ / "data" / "money.csv"),
            read_file(folder_ / "shuffled" / "money.csv"));
  for (const char* file : {"scores.csv", "model.perennial"}) {
    EXPECT_TRUE(read_file(as_is / file) == read_file(shuffled / file)) << file;
  }
  EXPECT_EQ(lasting_exploration(as_is).dump(), lasting_exploration(shuffled).dump());
  EXPECT_EQ(lasting_metrics(as_is).dump(), lasting_metrics(shuffled).dump());
  EXPECT_EQ(lasting_leaderboard(as_is), lasting_leaderboard(shuffled));
}

TEST_F(Determinism, AnotherSeedGivesAnotherSplit) {
  const fs::path a = run("a", "data", "2");
  const Outcome ran = perennial_program({"run", (folder_ / "study.toml").string(), "--data",
                                         (folder_ / "data").string(), "-o",
                                         (folder_ / "b").string(), "--seed", "12"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(read_file(a / "scores.csv"), read_file(folder_ / "b" / "decline" / "scores.csv"));
}

}  // namespace
}  // namespace perennial
