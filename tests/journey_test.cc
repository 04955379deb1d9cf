// The study site's three questions from one study, and its models a year later.
#include <map>

#include "support.h"

namespace perennial {
namespace {

// The example with a small, fixed amount of search.
std::string quick_study() {
  std::string text = read_file(source_folder() / "examples/journey.toml");
  const std::string trials = "trials   = 12", few = "trials   = 4\nensemble = false";
  for (size_t at = text.find(trials); at != std::string::npos; at = text.find(trials, at + 1)) {
    text.replace(at, trials.size(), few);
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

// A question's findings are those of its own tables; columns beside a pivot are no features anyway.
TEST_F(JourneyStudy, FindingsAreOfTheQuestionsOwnTables) {
  const std::map<std::string, std::vector<std::string>> own = {
      {"sign_up", {"visits"}}, {"subscribe", {"users", "user_visits"}}, {"package", {"users"}}};
  for (const auto& question : own) {
    const Json audit = Json::parse(read_file(*folder_ / "out" / question.first / "audit.json"));
    EXPECT_GT(audit.at("findings").size(), 0u) << question.first;
    for (const Json& f : audit.at("findings")) {
      const std::string table = f.at("table");
      EXPECT_NE(std::find(question.second.begin(), question.second.end(), table),
                question.second.end())
          << question.first << " " << f;
      EXPECT_NE(f.at("kind"), "near-unique-text") << f;
    }
  }
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

// What misleads in a protocol is named when it is tried, on data as they come: e-mails in other
// letters, people registered twice, rows that stand twice.
class MisleadingProtocol : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    generate("dirty", {"--dirty"});
    // Who buys visits more often afterwards: the visits are made from the purchases.
    put(*folder_ / "heuristics.toml", "[visits]\nafter_purchase = 1.5\n");
    generate("reverse", {"--dirty", "--heuristics", (*folder_ / "heuristics.toml").string()});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static void generate(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "generate", "journey", "--customers", "3000",
        "--seed",   "7",       "-o",          (*folder_ / name).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome made = perennial_program(arguments);
    ASSERT_EQ(made.code, 0) << made.err;
  }
  // What the audit finds, ended by an error or not.
  static Outcome audit(const std::string& study, const std::string& data) {
    put(*folder_ / "study.toml", study);
    const Outcome out = perennial_program({"audit", (*folder_ / "study.toml").string(), "--data",
                                           (*folder_ / data).string(), "--json"});
    put(*folder_ / "audit.json", out.out);
    return out;
  }
  static std::vector<Json> found(const std::string& kind) {
    return findings_of(*folder_ / "audit.json", kind);
  }

  static TestFolder* folder_;
};
TestFolder* MisleadingProtocol::folder_ = nullptr;

TEST_F(MisleadingProtocol, RowNumberAsAFeature) {
  std::string numbered;
  size_t row = 0;
  for (const std::string& line : split(read_file(*folder_ / "dirty/visits.csv"), '\n')) {
    if (!line.empty()) numbered += (row == 0 ? "number" : std::to_string(row)) + "," + line + "\n";
    ++row;
  }
  put(*folder_ / "numbered/visits.csv", numbered);
  const Outcome out = audit(
      "[tables.visits]\nfile = \"visits.csv\"\nid = \"#row\"\n"
      "[question.q]\ntarget = { where = \"email is not missing\", table = \"visits\" }\n",
      "numbered");
  ASSERT_EQ(out.code, 0) << out.err;
  const auto numbers = found("id-like-column");
  ASSERT_EQ(numbers.size(), 1u) << out.out;
  EXPECT_EQ(numbers[0].at("column"), "number");
  EXPECT_EQ(numbers[0].at("repair").at(0).at("column"), "number");
}

TEST_F(MisleadingProtocol, FilterThatLooksAtTheTarget) {
  const std::string study =
      "[tables.users]\nfile = \"profiles.csv\"\nid = \"#row\"\n"
      "[question.q]\ntarget = { where = \"purchases is not missing\", table = \"users\" }\n";
  const Outcome out = audit(study +
                                "cohort = \"purchases is not missing or birth_date > "
                                "'1990-01-01'\"\n",
                            "dirty");
  ASSERT_EQ(out.code, 0) << out.err;
  EXPECT_EQ(found("filter-looks-at-target").size(), 1u);
  ASSERT_EQ(audit(study + "cohort = \"birth_date > '1990-01-01'\"\n", "dirty").code, 0);
  EXPECT_TRUE(found("filter-looks-at-target").empty());
}

TEST_F(MisleadingProtocol, EmailsThatRepeatInAJoin) {
  // People who registered twice: the table is refused, and the audit says where they stand.
  const std::string twice =
      "[tables.users]\nfile = \"profiles.csv\"\nid = \"email\"\n"
      "[question.q]\ntarget = { where = \"purchases is not missing\", table = \"users\" }\n";
  EXPECT_EQ(audit(twice, "dirty").code, 1);
  ASSERT_EQ(found("duplicate-ids").size(), 1u);
  EXPECT_EQ(found("duplicate-ids")[0].at("severity"), "error");
  const Outcome run =
      perennial_program({"run", (*folder_ / "study.toml").string(), "--data",
                         (*folder_ / "dirty").string(), "-o", (*folder_ / "no").string()});
  EXPECT_EQ(run.code, 1);
  EXPECT_NE(run.err.find("has 2 rows"), std::string::npos) << run.err;
  // E-mails in capitals are other ids to a join.
  ASSERT_EQ(audit("[tables.users]\nfile = \"profiles.csv\"\nid = \"email\"\n"
                  "[tables.visits]\nfile = \"visits.csv\"\nid = \"email\"\n"
                  "pivot = { by = \"device\", value = \"seconds\" }\n"
                  "[question.q]\ntarget = { where = \"purchases is not missing\", table = "
                  "\"users\" }\n",
                  "dirty")
                .code,
            1);
  const std::string missing = Json(found("missing-ids")).dump();
  EXPECT_NE(missing.find("with other capitals"), std::string::npos) << missing;
  // A visit is no row of a customer either.
  EXPECT_EQ(audit("[tables.visits]\nfile = \"visits.csv\"\nid = \"email\"\n"
                  "[question.q]\ntarget = { where = \"seconds > 100\", table = \"visits\" }\n",
                  "dirty")
                .code,
            1);
}

TEST_F(MisleadingProtocol, OnePersonOnBothSidesOfTheSplit) {
  const std::string study =
      "[tables.visits]\nfile = \"visits.csv\"\nid = \"#row\"\n"
      "[question.q]\ntarget = { where = \"seconds > 100\", table = \"visits\" }\n";
  const Outcome out = audit(study, "dirty");
  ASSERT_EQ(out.code, 0) << out.err;
  ASSERT_EQ(found("rows-of-one-person").size(), 1u);
  EXPECT_EQ(found("rows-of-one-person")[0].at("column"), "email");
  ASSERT_EQ(audit(study + "[question.q.validation]\ngroup = \"email\"\n", "dirty").code, 0);
  EXPECT_TRUE(found("rows-of-one-person").empty());
}

// Said also where people registered twice keep the rows from being made.
TEST_F(MisleadingProtocol, VisitsMadeFromPurchases) {
  const Outcome out = audit(
      "[tables.users]\nfile = \"profiles.csv\"\nid = \"email\"\n"
      "[tables.visits]\nfile = \"visits.csv\"\nid = \"email\"\n"
      "pivot = { by = \"device\", value = \"seconds\", aggregate = \"sum\" }\n"
      "[question.q]\ntarget = { where = \"purchases is not missing\", table = \"users\" }\n",
      "reverse");
  EXPECT_EQ(out.code, 1);
  ASSERT_EQ(found("sums-without-cutoff").size(), 1u) << out.out;
  EXPECT_EQ(found("sums-without-cutoff")[0].at("table"), "visits");
  EXPECT_EQ(found("sums-without-cutoff")[0].at("column"), "date");
}

}  // namespace
}  // namespace perennial
