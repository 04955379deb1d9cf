// run --resume goes on with a search, run --replay tries its trials again.
#include "support.h"

namespace perennial {
namespace {

const char* kStudy = R"toml(
[study]
seed = 4
[tables.market]
file = "market_file.csv"
id = "id"
[tables.revenue]
file = "market_money.csv"
id = "id"
pivot = { by = "Период", value = "Выручка" }
[question.decline]
target = { column = "Покупательская активность", positive = "Снизилась" }
explore = false
[question.decline.validation]
test = 0.25
[question.decline.search]
method = "auto"
learners = ["logistic", "tree", "naive_bayes"]
trials = 8
)toml";

class Resume : public testing::Test {
 protected:
  void SetUp() override {
    put(folder_ / "study.toml", kStudy);
    const Outcome made = perennial_program({"generate", "shop", "--customers", "400", "--seed", "3",
                                            "--clean", "-o", (folder_ / "data").string()});
    ASSERT_EQ(made.code, 0) << made.err;
    const Outcome ran = run("first", {});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  Outcome run(const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> all = {"run",    (folder_ / "study.toml").string(),
                                    "--data", (folder_ / "data").string(),
                                    "-o",     (folder_ / out).string()};
    all.insert(all.end(), more.begin(), more.end());
    return perennial_program(all);
  }
  std::string first() const { return (folder_ / "first").string(); }
  std::string model() const { return (folder_ / "first/decline/model.perennial").string(); }

  void expect_refused(const std::vector<std::string>& more, int code,
                      const std::vector<std::string>& parts) {
    const Outcome ran = run("refused", more);
    EXPECT_EQ(ran.code, code);
    for (const std::string& part : parts) {
      EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
    }
    EXPECT_FALSE(fs::exists(folder_ / "refused"));
  }

  TestFolder folder_;
};

// Highest cv_mean of a setting on the board, ensembles apart: with more trials it never falls.
double best_single(const fs::path& folder) {
  double best = 0;
  for (const std::string& line : split(read_file(folder / "leaderboard.csv"), '\n')) {
    const size_t end = line.find("}\",");
    if (end == std::string::npos || line.find("\"\"members\"\"") != std::string::npos) continue;
    best = std::max(best, std::stod(line.substr(end + 3)));
  }
  return best;
}

TEST_F(Resume, ReplayGivesTheSameBytes) {
  const Outcome ran = run("again", {"--replay", model(), "--threads", "1"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  for (const char* file : {"scores.csv", "model.perennial", "importance.csv"}) {
    EXPECT_TRUE(read_file(folder_ / "again/decline" / file) ==
                read_file(folder_ / "first/decline" / file))
        << file;
  }
  EXPECT_EQ(lasting_leaderboard(folder_ / "again/decline"),
            lasting_leaderboard(folder_ / "first/decline"));
  EXPECT_NE(read_file(folder_ / "again/decline/metrics.json").find("scores are the same"),
            std::string::npos);
}

TEST_F(Resume, GoesOnWithMoreTrials) {
  const Outcome ran = run("more", {"--resume", first(), "--trials", "16"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json before = Json::parse(read_file(folder_ / "first/decline/metrics.json"));
  const Json after = Json::parse(read_file(folder_ / "more/decline/metrics.json"));
  EXPECT_EQ(before["search"]["taken_over"], 0);
  EXPECT_GT(after["search"]["taken_over"], 0);
  EXPECT_GE(after["search"]["trials"], 17);
  EXPECT_GT(best_single(folder_ / "first/decline"), 0.5);
  // (The winner's own figure may fall: that of an ensemble is of folds chosen apart.)
  EXPECT_GE(best_single(folder_ / "more/decline"), best_single(folder_ / "first/decline"));
  // And what went on can be tried again.
  const Outcome again =
      run("again", {"--replay", (folder_ / "more/decline/model.perennial").string()});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(read_file(folder_ / "again/decline/scores.csv") ==
              read_file(folder_ / "more/decline/scores.csv"));
  EXPECT_EQ(lasting_leaderboard(folder_ / "again/decline"),
            lasting_leaderboard(folder_ / "more/decline"));
}

TEST_F(Resume, WhatIsNotTheSameIsRefused) {
  expect_refused({"--resume", first()}, 2, {"went to its end", "--trials with more than 8"});
  expect_refused({"--resume", first(), "--seed", "5", "--trials", "16"}, 1, {"seed 4", "--seed 4"});
  expect_refused({"--replay", model(), "--budget", "5s"}, 2, {"--budget"});
  expect_refused({"--replay", (folder_ / "nowhere").string()}, 1, {"nowhere"});

  std::string money = read_file(folder_ / "data/market_money.csv");
  const size_t at = money.rfind('.');
  money[at + 1] = money[at + 1] == '7' ? '3' : '7';
  put(folder_ / "data/market_money.csv", money);
  expect_refused({"--replay", model()}, 1, {"values changed"});

  std::string study = kStudy;
  study.replace(study.find("\"naive_bayes\""), 13, "\"knn\"");
  put(folder_ / "study.toml", study);
  expect_refused({"--replay", model()}, 1, {"another search", "learners changed"});
  study.replace(study.find("question.decline]"), 17, "question.other]");
  study.replace(study.find("question.decline.validation"), 27, "question.other.validation");
  study.replace(study.find("question.decline.search"), 23, "question.other.search");
  put(folder_ / "study.toml", study);
  expect_refused({"--replay", model()}, 1, {"answers the question \"decline\""});
}

}  // namespace
}  // namespace perennial
