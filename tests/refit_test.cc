// The final model learns from the validation rows too (`refit`): what stays, what changes.
#include <algorithm>
#include <map>

#include "base/seed.h"
#include "support.h"
#include "table/npz.h"

namespace perennial {
namespace {

// Customers of a shop in no order; the young of Томск leave, as a rule.
std::vector<std::string> customers() {
  Rng rng(Seed{8});
  std::vector<std::string> out;
  for (int i = 0; i < 600; ++i) {
    const auto age = static_cast<int>(20 + rng.below(50));
    const bool tomsk = rng.bernoulli(0.5);
    const bool left = rng.bernoulli(age < 40 && tomsk ? 0.8 : 0.25);
    out.push_back("n" + std::to_string(i * 7919 % 600) + "," + std::to_string(age) +
                  (tomsk ? ",Томск," : ",Омск,") + std::to_string(rng.below(900)) +
                  (left ? ",да" : ",нет"));
  }
  return out;
}

std::string table_of(const std::vector<std::string>& lines) {
  return "id,age,city,profit,left\n" + join(lines, "\n") + "\n";
}

std::string study(bool refit) {
  return std::string(
             "[study]\nseed = 2\n[tables.v]\nfile = \"v.csv\"\nid = \"id\"\nvalue = \"profit\"\n"
             "[question.q]\ntarget = { column = \"left\", positive = \"да\" }\n"
             "search = { learners = [\"logistic\", \"tree\", \"knn\"], trials = 9 }\n"
             "[question.q.validation]\ntest = 0.2\nvalidation = 0.2\n") +
         (refit ? "refit = true\n" : "");
}

std::string in(const TestFolder& folder) {
  return "cd " + shell_quoted(folder.path().string()) + ";";
}

Json metrics(const fs::path& out) { return Json::parse(read_file(out / "metrics.json")); }

// id -> column -> cell, of rows without quotes.
using Rows = std::map<std::string, std::map<std::string, std::string>>;
Rows scores(const std::string& csv) {
  const std::vector<std::string> lines = split(csv, '\n'), names = split(lines[0], ',');
  Rows out;
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = split(lines[i], ',');
    for (size_t c = 0; c < std::min(cells.size(), names.size()); ++c) {
      if (!lines[i].empty()) out[cells[0]][names[c]] = cells[c];
    }
  }
  return out;
}

class Refit : public testing::Test {
 protected:
  void SetUp() override { put(folder_ / "v.csv", table_of(customers())); }

  fs::path run(const std::string& out, bool refit, const std::string& threads = "2") {
    put(folder_ / "study.toml", study(refit));
    const Outcome ran =
        perennial_program({"run", "study.toml", "-o", out, "--threads", threads}, in(folder_));
    EXPECT_EQ(ran.code, 0) << ran.err;
    return folder_ / out / "q";
  }

  TestFolder folder_;
};

TEST_F(Refit, WhatTheTrainingRowsSettledStays) {
  const fs::path without = run("without", false), with = run("with", true);
  const Json before = metrics(without), after = metrics(with);
  EXPECT_EQ(before.at("refit"), false);
  EXPECT_EQ(after.at("refit"), true);
  for (const char* key : {"rows", "winner", "cv", "validation", "calibration", "threshold"}) {
    EXPECT_EQ(before.at(key).dump(), after.at(key).dump()) << key;
  }
  EXPECT_EQ(lasting_leaderboard(without), lasting_leaderboard(with));
  EXPECT_NE(before.at("test").dump(), after.at("test").dump());
  EXPECT_GT(after.at("fitted").get<int>(), before.at("fitted").get<int>());
  EXPECT_NE(after.at("notes").dump().find(
                "The final model learned from 480 rows: the 360 to learn from and the 120 of the "
                "validation part; the validation figures are those of the model before."),
            std::string::npos)
      << after.at("notes").dump();
  EXPECT_EQ(before.at("notes").dump().find("validation"), std::string::npos);
}

// The risk of a customer is by a model that had not seen them: out of fold for training rows, the
// model before for validation rows, the final one for test rows.
TEST_F(Refit, NoProbabilityOfARowThatWasLearnedFromPosesAsUnseen) {
  const Rows before = scores(read_file(run("without", false) / "scores.csv"));
  const Rows after = scores(read_file(run("with", true) / "scores.csv"));
  ASSERT_EQ(after.size(), 600u);
  std::map<std::string, int> rows, changed;
  for (const auto& [id, row] : after) {
    const std::string& role = row.at("role");
    ++rows[role];
    EXPECT_EQ(role, before.at(id).at("role"));
    changed[role] += row.at("probability да") != before.at(id).at("probability да");
    EXPECT_EQ(row.at("risk"), role == "test" ? row.at("probability да") : before.at(id).at("risk"))
        << id;
    if (role == "validation") {
      EXPECT_EQ(row.at("risk"), before.at(id).at("probability да")) << id;
    }
  }
  EXPECT_EQ(rows, (std::map<std::string, int>{{"test", 120}, {"train", 360}, {"validation", 120}}));
  for (const char* role : {"train", "validation", "test"}) EXPECT_GT(changed[role], 60) << role;
}

TEST_F(Refit, TheSavedModelScoresAsTheRunDid) {
  const fs::path out = run("out", true);
  const Outcome scored =
      perennial_program({"score", (out / "model.perennial").string(), "v.csv"}, in(folder_));
  ASSERT_EQ(scored.code, 0) << scored.err;
  const Rows fresh = scores(scored.out), of_run = scores(read_file(out / "scores.csv"));
  ASSERT_EQ(fresh.size(), 600u);
  for (const auto& [id, row] : of_run) {
    EXPECT_EQ(fresh.at(id).at("probability да"), row.at("probability да")) << id;
    EXPECT_EQ(fresh.at(id).at("predicted"), row.at("predicted")) << id;
  }
}

TEST_F(Refit, ThreadsAndTheOrderOfRowsChangeNothing) {
  const fs::path one = run("one", true, "1"), two = run("two", true, "2");
  for (const char* file : {"scores.csv", "model.perennial", "report.html", "segments.csv"}) {
    EXPECT_TRUE(read_file(one / file) == read_file(two / file)) << file;
  }
  EXPECT_EQ(lasting_metrics(one).dump(), lasting_metrics(two).dump());
  std::vector<std::string> lines = customers();
  Rng rng(Seed{4});
  rng.shuffle(lines);
  put(folder_ / "v.csv", table_of(lines));
  const fs::path shuffled = run("shuffled", true);
  for (const char* file : {"scores.csv", "model.perennial"}) {
    EXPECT_TRUE(read_file(one / file) == read_file(shuffled / file)) << file;
  }
  EXPECT_EQ(lasting_metrics(one).dump(), lasting_metrics(shuffled).dump());
}

TEST_F(Refit, AReplayGivesTheSameBytes) {
  const fs::path first = run("first", true);
  const Outcome ran =
      perennial_program({"run", "study.toml", "-o", "again", "--replay", "first"}, in(folder_));
  ASSERT_EQ(ran.code, 0) << ran.err;
  for (const char* file : {"scores.csv", "model.perennial"}) {
    EXPECT_TRUE(read_file(first / file) == read_file(folder_ / "again/q" / file)) << file;
  }
}

void put_part(const fs::path& path, int begin, int end) {
  std::vector<double> inputs;
  std::vector<int64_t> targets;
  std::vector<std::string> ids;
  for (int i = begin; i < end; ++i) {
    inputs.push_back(i * 37 % 101);
    inputs.push_back(i * 13 % 17);
    targets.push_back((i * 37 % 101 > 50) != (i % 5 == 0) ? 1 : 0);
    ids.push_back("n" + std::to_string(i * 101 % 400));
  }
  const auto rows = static_cast<size_t>(end - begin);
  put(path, npz_bytes({NpzArray::of_reals("inputs", {rows, 2}, inputs, false),
                       NpzArray::of_ints("targets", targets), NpzArray::of_texts("ids", ids)},
                      "part"));
}

// With one setting to choose from, the final model is that of a study whose training rows are both
// parts: the same rows, in the same order, with the same seeds.
TEST_F(Refit, TheModelIsThatOfAStudyWithoutAValidationPart) {
  put_part(folder_ / "three/train.npz", 0, 240);
  put_part(folder_ / "three/validation.npz", 240, 300);
  put_part(folder_ / "three/test.npz", 300, 400);
  put_part(folder_ / "two/train.npz", 0, 300);
  put_part(folder_ / "two/test.npz", 300, 400);
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"logistic", "C = 1\nbalance = \"undersample\"\n"},
      {"boosted_trees", "n_estimators = 40\n"},
      {"knn", "n_neighbors = 7\nscale = \"quantile\"\n"}};
  for (const auto& setting : settings) {
    const std::string& learner = setting.first;
    const auto ran = [&](const std::string& parts, const std::string& more) {
      put(folder_ / "parts.toml",
          "[tables.p]\nsplits = \"" + parts +
              "\"\n[question.q]\ntarget = { column = \"target\", positive = 1 }\n" +
              "[question.q.search]\nlearners = [\"" + learner +
              "\"]\nmethod = \"random\"\ntrials = 1\ncalibration = \"none\"\n" +
              "[question.q.learner." + learner + "]\n" + setting.second +
              "[question.q.validation]\n" + "folds = 4\n" + more);
      const Outcome outcome =
          perennial_program({"run", "parts.toml", "-o", "out of " + parts}, in(folder_));
      EXPECT_EQ(outcome.code, 0) << outcome.err;
      return folder_ / ("out of " + parts) / "q";
    };
    const fs::path three = ran("three", "refit = true\n"), two = ran("two", "");
    const Json a = metrics(three), b = metrics(two);
    ASSERT_EQ(a.at("winner").dump(), b.at("winner").dump());
    ASSERT_EQ(a.at("winner").at("learner"), learner);
    EXPECT_EQ(a.at("rows").at("validation"), 60);
    EXPECT_EQ(b.at("rows").at("train"), 300);
    for (const char* figure : {"roc_auc", "average_precision", "log_loss", "brier"}) {
      EXPECT_EQ(a.at("test").at(figure).at("value"), b.at("test").at(figure).at("value"))
          << learner << " " << figure;
    }
    EXPECT_EQ(a.at("baseline").dump(), b.at("baseline").dump());
    const Rows one = scores(read_file(three / "scores.csv"));
    const Rows other = scores(read_file(two / "scores.csv"));
    ASSERT_EQ(one.size(), 400u);
    for (const auto& [id, row] : one) {
      EXPECT_EQ(row.at("probability 1"), other.at(id).at("probability 1")) << learner << " " << id;
    }
  }
}

TEST_F(Refit, WithoutAValidationPartIsAnError) {
  put_part(folder_ / "two/train.npz", 0, 300);
  put_part(folder_ / "two/test.npz", 300, 400);
  put(folder_ / "parts.toml",
      "[tables.p]\nsplits = \"two\"\n[question.q]\ntarget = { column = \"target\", positive = 1 }\n"
      "[question.q.validation]\nrefit = true\n");
  const Outcome ran = perennial_program({"run", "parts.toml", "-o", "out"}, in(folder_));
  EXPECT_EQ(ran.code, 1);
  for (const char* part : {"parts.toml:3", "validation.refit", "nothing more to learn from"}) {
    EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
  }
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

}  // namespace
}  // namespace perennial
