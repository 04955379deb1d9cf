// A year later: twenty seeds without drift are still good, twenty with drift are to be retrained,
// in at least 19 each.
#include "support.h"

namespace perennial {
namespace {

const char* kStudy = R"([tables.visits]
file     = "visits.csv"
id       = "#row"
calendar = { date = ["month"] }
ignore   = ["date", "address"]

[question.sign_up]
target  = { where = "email is not missing" }
explore = false

[question.sign_up.search]
learners = ["logistic"]

[question.sign_up.learner.logistic]
C    = 1.0
sets = "|"
)";

std::string verdict_on(const TestFolder& folder, const std::string& seed, bool drift) {
  const std::string later = (folder / (drift ? "drifted" : "later")).string();
  std::vector<std::string> arguments = {"generate", "journey", "--customers", "1000",
                                        "--visits", "6000",    "--seed",      seed,
                                        "--period", "2",       "-o",          later};
  if (drift) arguments.emplace_back("--drift");
  EXPECT_EQ(perennial_program(arguments).code, 0);
  const Outcome checked =
      perennial_program({"check", (folder / "out/sign_up/model.perennial").string(),
                         later + "/visits.csv", "--outcomes", "--json", "--threads", "1"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  return Json::parse(checked.out).at("verdict");
}

TEST(Later, VerdictsOfTwentySeeds) {
  int good = 0, retrain = 0;
  for (int s = 0; s < 20; ++s) {
    const std::string seed = std::to_string(s);
    const TestFolder folder;
    put(folder / "study.toml", kStudy);
    ASSERT_EQ(perennial_program({"generate", "journey", "--customers", "1000", "--visits", "6000",
                                 "--seed", seed, "-o", folder.path().string()})
                  .code,
              0);
    const Outcome ran = perennial_program({"run", (folder / "study.toml").string(), "-o",
                                           (folder / "out").string(), "--threads", "1"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const std::string same = verdict_on(folder, seed, false);
    const std::string drifted = verdict_on(folder, seed, true);
    good += same == "still good";
    retrain += drifted == "retrain";
    if (same != "still good" || drifted != "retrain") {
      std::printf("seed %d: %s, with drift %s\n", s, same.c_str(), drifted.c_str());
    }
  }
  EXPECT_GE(good, 19);
  EXPECT_GE(retrain, 19);
}

}  // namespace
}  // namespace perennial
