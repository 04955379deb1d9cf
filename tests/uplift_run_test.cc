// A question of uplift, as a user runs it.
#include <map>

#include "base/seed.h"
#include "support.h"

namespace perennial {
namespace {

const char* const kStudy =
    "[tables.customers]\nfile = \"mail.csv\"\nid = \"id\"\n\n"
    "[question.came]\nkind = \"uplift\"\ntarget = { column = \"came\", positive = \"yes\" }\n"
    "treatment = { column = \"Письмо\", control = \"нет\" }\n"
    "ignore = [\"spent\"]\n\n"
    "[question.came.search]\nlearners = [\"logistic\"]\n";

// The mail brings those with plan b, and nobody else.
std::string customers(int n) {
  Rng rng(Seed{1});
  std::string out = "id,plan,age,Письмо,came,spent\n";
  for (int i = 0; i < n; ++i) {
    const bool b = rng.bernoulli(0.5), mail = rng.bernoulli(0.5);
    const bool came = rng.bernoulli(0.2 + (mail && b ? 0.3 : 0));
    out += std::to_string(i) + (b ? ",b," : ",a,") + std::to_string(20 + rng.below(50)) +
           (mail ? ",да," : ",нет,") + (came ? "yes,5\n" : "no,0\n");
  }
  return out;
}

TEST(Uplift, FromTablesToWhomToMail) {
  const TestFolder folder;
  put(folder / "mail.csv", customers(3000));
  put(folder / "study.toml", kStudy);
  const std::string study = (folder / "study.toml").string();
  const Outcome ran = perennial_program({"run", study, "-o", (folder / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json m = Json::parse(read_file(folder / "out/came/metrics.json"));
  EXPECT_EQ(m["kind"], "uplift");
  EXPECT_EQ(m["evidence"], "uplift that differs") << ran.out;
  EXPECT_EQ(m["uplift"]["arms"], (Json{"нет", "да"}));
  for (const Json& f : m["features"]) EXPECT_NE(f, "письмо") << "the treatment became a feature";
  EXPECT_EQ(m["uplift"]["test"]["reasons"][0]["feature"], "plan");
  const std::string scores = read_file(folder / "out/came/scores.csv");
  EXPECT_EQ(scores.rfind("id,role,Письмо,came,uplift да,best\n", 0), 0U) << scores.substr(0, 80);
  // The same bytes again, with another number of threads.
  const Outcome again =
      perennial_program({"run", study, "-o", (folder / "again").string(), "--threads", "3"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(lasting_metrics(folder / "out/came"), lasting_metrics(folder / "again/came"));
  EXPECT_EQ(scores, read_file(folder / "again/came/scores.csv"));
}

TEST(Uplift, WhatCanBeWrong) {
  const TestFolder folder;
  put(folder / "mail.csv", customers(200));
  const auto fails = [&](const std::string& from, const std::string& to, const std::string& says) {
    std::string study = kStudy;
    study.replace(study.find(from), from.size(), to);
    put(folder / "study.toml", study);
    const Outcome ran = perennial_program(
        {"run", (folder / "study.toml").string(), "-o", (folder / "out").string()});
    EXPECT_EQ(ran.code, 1) << says << ran.out;
    EXPECT_NE(ran.err.find(says), std::string::npos) << ran.err;
  };
  fails("\"Письмо\"", "\"Письма\"", "did you mean \"Письмо\"");
  fails("\"нет\"", "\"no\"", "nobody has \"Письмо\" = \"no\"");
  fails("\"Письмо\"", "\"age\"", "nobody has \"age\" = \"нет\"");
  fails("learners = [\"logistic\"]", "learners = [\"knn\"]", "cannot learn uplift");
  fails("learners = [\"logistic\"]", "method = \"grid\"", "no use for \"method\"");
  fails("[question.came.search]",
        "[question.came.validation]\nvalidation = 0.1\nrefit = true\n[question.came.search]",
        "no use for \"refit\"");
  fails("control = \"нет\"", "control = \"нет\", propensity = \"given\", shares = { \"нет\" = 1 }",
        "the share of \"да\" is missing");
  fails("treatment = { column = \"Письмо\", control = \"нет\" }\n", "", "needs the key");
}

// The public mail campaign: rates by arm as counted by hand (shared data's own README).
TEST(Uplift, HillstromAverages) {
  PERENNIAL_NEEDS_REAL_DATA();
  const TestFolder folder;
  std::string study = read_file(source_folder() / "examples/hillstrom_email.toml");
  study += "\n[question.visits.search]\nlearners = [\"logistic\"]\n";
  put(folder / "study.toml", study);
  const Outcome ran = perennial_program({"run", (folder / "study.toml").string(), "--data",
                                         (real_data() / "hillstrom_email").string(), "-o",
                                         (folder / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json m = Json::parse(read_file(folder / "out/visits/metrics.json"));
  std::map<std::string, double> rate;
  for (const Json& e : m["uplift"]["effects"]) rate[e["arm"]] = e["rate"]["value"];
  EXPECT_NEAR(rate["No E-Mail"], 0.106, 0.0005);
  EXPECT_NEAR(rate["Mens E-Mail"], 0.183, 0.0005);
  EXPECT_NEAR(rate["Womens E-Mail"], 0.151, 0.0005);
  EXPECT_NE(m["evidence"], "no evidence of uplift");
  for (const Json& p : m["uplift"]["test"]["policies"]) {
    if (p["policy"] == "nobody") {
      EXPECT_GT(p["by_uplift_over"]["low"].get<double>(), 0.06);
    }
  }
}

}  // namespace
}  // namespace perennial
