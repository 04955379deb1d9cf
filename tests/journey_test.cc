// The study site's three questions from one study, and its models a year later.
#include <map>

#include "support.h"

namespace perennial {
namespace {

// The example with a small, fixed amount of search.
std::string quick_study() {
  std::string text = read_file(source_folder() / "examples/journey.toml");
  const std::string budget = "budget   = 30";
  for (size_t at = text.find(budget); at != std::string::npos; at = text.find(budget, at)) {
    text.replace(at, budget.size(), "trials   = 4\nensemble = false");
  }
  return text;
}

class JourneyStudy : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    generate("now", {});
    generate("later", {"--period", "2"});
    put(*folder_ / "study.toml", quick_study());
    const Outcome ran = perennial_program(
        {"run", file("study.toml"), "--data", file("now"), "-o", file("out"), "--threads", "1"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    printed_ = ran.out;
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static void generate(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"generate", "journey", "--customers", "3000",
                                          "--seed",   "7",       "-o",          file(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome made = perennial_program(arguments);
    ASSERT_EQ(made.code, 0) << made.err;
  }
  static std::string file(const std::string& name) { return (*folder_ / name).string(); }
  static Json metrics(const std::string& question) {
    return Json::parse(read_file(*folder_ / "out" / question / "metrics.json"));
  }

  static TestFolder* folder_;
  static std::string printed_;
};
TestFolder* JourneyStudy::folder_ = nullptr;
std::string JourneyStudy::printed_;

using Lines = std::vector<std::vector<std::string>>;
Lines csv(const std::string& text) {
  Lines lines;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) lines.push_back(split(line, ','));
  }
  return lines;
}

TEST_F(JourneyStudy, AsksThreeQuestions) {
  const Json sign_up = metrics("sign_up");
  EXPECT_EQ(sign_up.at("customers"), 15000);
  EXPECT_GT(sign_up.at("test").at("roc_auc").at("value"), 0.8);
  const std::vector<std::string> features = sign_up.at("features");
  EXPECT_NE(std::find(features.begin(), features.end(), "date_month"), features.end());
  for (const char* never : {"email", "date", "address", "#row"}) {
    EXPECT_EQ(std::find(features.begin(), features.end(), never), features.end()) << never;
  }
  EXPECT_GT(metrics("subscribe").at("test").at("roc_auc").at("value"), 0.7);
  const Json package = metrics("package");
  EXPECT_EQ(package.at("classes").size(), 6u);
  const Json& recommendation = package.at("recommendation");
  EXPECT_GT(recommendation.at("gain").at("hit_at_k").at("low"), 0);
  EXPECT_GT(recommendation.at("taken"), recommendation.at("customers"));
  EXPECT_NE(printed_.find("hit rate at 3"), std::string::npos);
}

// One row a customer; all rows of a customer share a side; what is owned has probability 0.
TEST_F(JourneyStudy, OneCustomerOneSideAndNothingOwned) {
  std::map<std::string, std::string> owned, bought;
  for (const auto& r : csv(read_file(*folder_ / "now/profiles.csv"))) {
    owned[r[1]] = r[7];
    bought[r[1]] = r[8];
  }
  const Lines scores = csv(read_file(*folder_ / "out/package/scores.csv"));
  std::map<std::string, int> seen;
  size_t excluded = 0, several = 0;
  for (size_t i = 1; i < scores.size(); ++i) {
    const auto& r = scores[i];
    EXPECT_EQ(++seen[r[0]], 1) << r[0];
    EXPECT_EQ(r[2], bought.at(r[0]));
    several += r[2].find('|') != std::string::npos;
    for (size_t c = 3; c < 9; ++c) {
      const std::string name = scores[0][c].substr(std::string("probability ").size());
      if (name != owned.at(r[0])) continue;
      ++excluded;
      EXPECT_EQ(r[c], "0");
      EXPECT_NE(r[9], name);
    }
  }
  EXPECT_GT(excluded, 50u);
  EXPECT_GT(several, 100u);
}

TEST_F(JourneyStudy, ScoresAreThoseOfTheRun) {
  const Outcome scored =
      perennial_program({"score", file("out/package/model.perennial"), file("now/profiles.csv")});
  ASSERT_EQ(scored.code, 0) << scored.err;
  std::map<std::string, std::vector<std::string>> fresh;
  for (const auto& r : csv(scored.out)) fresh[r[0]] = r;
  const Lines run = csv(read_file(*folder_ / "out/package/scores.csv"));
  for (size_t i = 1; i < run.size(); ++i) {
    for (size_t c = 0; c < 7; ++c) EXPECT_EQ(fresh.at(run[i][0])[c + 1], run[i][c + 3]);
  }
}

TEST_F(JourneyStudy, ALaterYearIsChecked) {
  const Outcome checked =
      perennial_program({"check", file("out/sign_up/model.perennial"), file("later/visits.csv"),
                         "--outcomes", "--json", "--threads", "1"});
  ASSERT_EQ(checked.code, 0) << checked.err;
  const Json found = Json::parse(checked.out);
  EXPECT_EQ(found.at("rows"), 15000);
  EXPECT_TRUE(found.at("outcomes"));
  EXPECT_TRUE(found.at("now").at("roc_auc").at("value").is_number());
  EXPECT_EQ(found.at("history").at(0).at("event"), "trained");
  const Outcome without =
      perennial_program({"check", file("out/sign_up/model.perennial"), file("later/visits.csv")});
  EXPECT_EQ(without.code, 0) << without.err;
  EXPECT_NE(without.out.find("Verdict: still good"), std::string::npos) << without.out;
}

TEST_F(JourneyStudy, RecalibrationKeepsTheOrderAndTheHistory) {
  const Outcome asked =
      perennial_program({"check", file("out/subscribe/model.perennial"), file("later/profiles.csv"),
                         file("later/visits.csv"), "--recalibrate", file("new.perennial")});
  EXPECT_EQ(asked.code, 2);
  EXPECT_NE(asked.err.find("--outcomes"), std::string::npos);
  const Outcome done = perennial_program({"check", file("out/subscribe/model.perennial"),
                                          file("later/profiles.csv"), file("later/visits.csv"),
                                          "--outcomes", "--recalibrate", file("new.perennial")});
  ASSERT_EQ(done.code, 0) << done.err;
  const auto order = [&](const std::string& model) {
    const Outcome scored =
        perennial_program({"score", model, file("later/profiles.csv"), file("later/visits.csv")});
    EXPECT_EQ(scored.code, 0) << scored.err;
    std::vector<std::pair<double, std::string>> by_score;
    const Lines lines = csv(scored.out);
    for (size_t i = 1; i < lines.size(); ++i)
      by_score.emplace_back(std::stod(lines[i][2]), lines[i][0]);
    std::sort(by_score.begin(), by_score.end());
    return by_score;
  };
  const auto before = order(file("out/subscribe/model.perennial"));
  std::map<std::string, double> after;
  for (const auto& [p, id] : order(file("new.perennial"))) after[id] = p;
  for (size_t i = 1; i < before.size(); ++i) {
    EXPECT_LE(after.at(before[i - 1].second), after.at(before[i].second) + 1e-12);
  }
  const Outcome again =
      perennial_program({"check", file("new.perennial"), file("later/profiles.csv"),
                         file("later/visits.csv"), "--outcomes", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(Json::parse(again.out).at("history").at(1).at("event"), "recalibrated");
}

// What misleads is named when it is tried.
TEST_F(JourneyStudy, MisleadingProtocolsAreNamed) {
  put(*folder_ / "mislead.toml",
      "[tables.users]\nfile = \"profiles.csv\"\nid = \"email\"\n"
      "[tables.visits]\nfile = \"visits.csv\"\nid = \"email\"\n"
      "pivot = { by = \"device\", value = \"seconds\" }\n"
      "[question.q]\ntarget = { where = \"purchases is not missing\", table = \"users\" }\n"
      "cohort = \"purchases is not missing or birth_date > '1990-01-01'\"\n");
  const Outcome audit =
      perennial_program({"audit", file("mislead.toml"), "--data", file("now"), "--json"});
  ASSERT_EQ(audit.code, 0) << audit.err;
  put(*folder_ / "audit.json", audit.out);
  EXPECT_EQ(findings_of(*folder_ / "audit.json", "filter-looks-at-target").size(), 1u);
  EXPECT_EQ(findings_of(*folder_ / "audit.json", "sums-without-cutoff").size(), 1u);

  // E-mails that stand twice are refused in a table with one row each.
  put(*folder_ / "twice.toml",
      "[tables.visits]\nfile = \"visits.csv\"\nid = \"email\"\n"
      "[question.q]\ntarget = { where = \"seconds > 100\", table = \"visits\" }\n");
  const Outcome twice =
      perennial_program({"run", file("twice.toml"), "--data", file("now"), "-o", file("no")});
  EXPECT_EQ(twice.code, 1);
  EXPECT_NE(twice.err.find("rows"), std::string::npos) << twice.err;

  // Visits of one person on both sides, and the number of the row as a column.
  std::string numbered;
  size_t row = 0;
  for (const std::string& line : split(read_file(*folder_ / "now/visits.csv"), '\n')) {
    if (!line.empty()) numbered += (row == 0 ? "number" : std::to_string(row)) + "," + line + "\n";
    ++row;
  }
  put(*folder_ / "numbered/visits.csv", numbered);
  put(*folder_ / "rows.toml",
      "[tables.visits]\nfile = \"visits.csv\"\nid = \"#row\"\n"
      "[question.q]\ntarget = { where = \"seconds > 100\", table = \"visits\" }\n");
  const Outcome rows =
      perennial_program({"audit", file("rows.toml"), "--data", file("numbered"), "--json"});
  ASSERT_EQ(rows.code, 0) << rows.err;
  put(*folder_ / "rows.json", rows.out);
  EXPECT_EQ(findings_of(*folder_ / "rows.json", "rows-of-one-person").size(), 1u);
  const auto numbers = findings_of(*folder_ / "rows.json", "id-like-column");
  ASSERT_EQ(numbers.size(), 1u) << rows.out;
  EXPECT_EQ(numbers[0].at("column"), "number");
}

}  // namespace
}  // namespace perennial
