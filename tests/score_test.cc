// A saved model scores new customers exactly as its run did, with the same repairs, and says what
// it had not seen.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/seed.h"
#include "base/text.h"
#include "support.h"

namespace perennial {
namespace {

class Score : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    const Outcome made =
        perennial_program({"generate", "shop", "--customers", "1200", "--variant", "v2", "--seed",
                           "8", "-o", (*folder_ / "data").string()});
    ASSERT_EQ(made.code, 0) << made.err;
    const Outcome ran =
        perennial_program({"run", (source_folder() / "examples/shop.toml").string(), "--data",
                           (*folder_ / "data").string(), "-o", (*folder_ / "out").string()});
    ASSERT_EQ(ran.code, 0) << ran.err;
    for (const auto& entry : fs::directory_iterator(*folder_ / "out")) out_ = entry.path();
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::string data(const std::string& name) { return (*folder_ / "data" / name).string(); }
  static Outcome score(std::vector<std::string> tables) {
    std::vector<std::string> arguments = {"score", (out_ / "model.perennial").string()};
    arguments.insert(arguments.end(), tables.begin(), tables.end());
    return perennial_program(arguments);
  }
  // id -> the probabilities as text.
  static std::map<std::string, std::string> by_id(const std::string& csv, size_t skip) {
    std::map<std::string, std::string> rows;
    for (const std::string& line : split(csv, '\n')) {
      const std::vector<std::string> f = split(line, ',');
      if (f.size() > skip + 2) rows[f[0]] = f[skip + 1] + "," + f[skip + 2] + "," + f[skip + 3];
    }
    return rows;
  }

  static TestFolder* folder_;
  static fs::path out_;
};
TestFolder* Score::folder_ = nullptr;
fs::path Score::out_;

// 1234.5 as "1.234,5" or as "1,234.5".
std::string marked(double number, char decimal, bool grouped) {
  std::string text = number_text(number);
  const size_t end = std::min(text.find('.'), text.size());
  if (end < text.size()) text[end] = decimal;
  if (grouped && end > 3) text.insert(end - 3, 1, decimal == ',' ? '.' : ',');
  return text;
}

std::string spend_table(size_t rows, char decimal, bool grouped, bool outcome) {
  std::string text = outcome ? "id;spend;left\n" : "id;spend\n";
  Rng rng(Seed{5});
  for (size_t i = 0; i < rows; ++i) {
    const double spend = std::round(30000 * rng.uniform()) / 10;
    const bool left = rng.uniform() < spend / 3000;
    text += "c" + std::to_string(i) + ";" + marked(spend, decimal, grouped);
    text += outcome ? left ? ";yes\n" : ";no\n" : "\n";
  }
  return text;
}

// An export may change its decimal mark: read so where that is certain, and said; never missing in
// silence.
TEST(ScoreMarks, AnotherDecimalMarkThanInTraining) {
  for (const bool grouped : {false, true}) {
    for (const char decimal : {',', '.'}) {
      if (decimal == '.' && !grouped) continue;  // plain numbers: nothing has to be repaired
      const char other = decimal == ',' ? '.' : ',';
      const TestFolder folder;
      put(folder / "t.csv", spend_table(600, decimal, grouped, true));
      put(folder / "s.toml",
          "[tables.t]\nfile = \"t.csv\"\nid = \"id\"\n[question.q]\ntarget = { column = \"left\", "
          "positive = \"yes\" }\nexplore = false\nexplain = false\n[question.q.search]\nlearners = "
          "[\"logistic\"]\nmethod = \"random\"\ntrials = 2\n");
      const Outcome ran =
          perennial_program({"run", (folder / "s.toml").string(), "-o", (folder / "out").string()});
      ASSERT_EQ(ran.code, 0) << ran.err;
      const std::string model = (folder / "out/q/model.perennial").string();
      put(folder / "same.csv", spend_table(600, decimal, grouped, false));
      put(folder / "other.csv", spend_table(600, other, grouped, false));
      const Outcome same = perennial_program({"score", model, (folder / "same.csv").string()});
      const Outcome changed = perennial_program({"score", model, (folder / "other.csv").string()});
      ASSERT_EQ(same.code, 0) << same.err;
      ASSERT_EQ(changed.code, 0) << changed.err;
      EXPECT_EQ(same.out, changed.out) << decimal << grouped;
      EXPECT_EQ(same.err.find("decimal"), std::string::npos) << same.err;
      EXPECT_NE(changed.err.find("with a decimal"), std::string::npos) << changed.err;
    }
  }
}

// Whom the run would contact, the model contacts: by the cut of the run, by the profit of each.
TEST(ScoreMoney, ContactsWhomTheRunContacts) {
  const TestFolder folder;
  ASSERT_EQ(perennial_program({"generate", "shop", "--customers", "700", "--seed", "3", "-o",
                               (folder / "data").string()})
                .code,
            0);
  put(folder / "study.toml",
      read_file(source_folder() / "examples/shop.toml") +
          "\n[question.decline.money]\ncontact_cost = 0.5\nkept_value = \"Прибыль\"\n"
          "success_rate = 0.4\nthreshold = \"money\"\n");
  const Outcome ran =
      perennial_program({"run", (folder / "study.toml").string(), "--data",
                         (folder / "data").string(), "-o", (folder / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto file = [&](const char* name) { return (folder / "data" / name).string(); };
  const Outcome scored = perennial_program(
      {"score", (folder / "out/decline/model.perennial").string(), file("market_file.csv"),
       file("market_money.csv"), file("market_time.csv"), file("money.csv")});
  ASSERT_EQ(scored.code, 0) << scored.err;
  const auto contacts = [](const std::string& csv) {
    const std::vector<std::string> lines = split(csv, '\n'), head = split(lines[0], ',');
    const auto at = std::find(head.begin(), head.end(), "contact") - head.begin();
    std::map<std::string, std::string> out;
    for (size_t i = 1; i < lines.size(); ++i) {
      const std::vector<std::string> cells = split(lines[i], ',');
      if (cells.size() > static_cast<size_t>(at)) out[cells[0]] = cells[static_cast<size_t>(at)];
    }
    return out;
  };
  const auto of_run = contacts(read_file(folder / "out/decline/scores.csv"));
  const auto fresh = contacts(scored.out);
  ASSERT_GT(of_run.size(), 600u);
  int yes = 0, no = 0;
  for (const auto& [id, contact] : of_run) {
    EXPECT_EQ(fresh.at(id), contact) << id;
    yes += contact == "yes";
    no += contact == "no";
  }
  EXPECT_GT(yes, 20);
  EXPECT_GT(no, 20);
}

TEST_F(Score, TheSameRowsGetTheSameNumbers) {
  const Outcome scored = score({data("market_file.csv"), data("market_money.csv"),
                                data("market_time.csv"), data("money.csv")});
  ASSERT_EQ(scored.code, 0) << scored.err;
  const auto fresh = by_id(scored.out, 0);
  const auto of_run = by_id(read_file(out_ / "scores.csv"), 2);
  ASSERT_GT(of_run.size(), 1100u);
  for (const auto& [id, probabilities] : of_run) {
    ASSERT_TRUE(fresh.contains(id)) << id;
    EXPECT_EQ(fresh.at(id), probabilities) << id;
  }
}

TEST_F(Score, TablesUnderOtherNamesAreFoundByTheirColumns) {
  for (const char* name : {"market_file", "market_money", "market_time", "money"}) {
    put(*folder_ / "renamed" / ("export_" + std::string(name) + ".csv"),
        read_file(path_of(data(std::string(name) + ".csv"))));
  }
  const auto path = [&](const char* n) { return (*folder_ / "renamed" / n).string(); };
  const Outcome scored = score({path("export_money.csv"), path("export_market_time.csv"),
                                path("export_market_file.csv"), path("export_market_money.csv")});
  ASSERT_EQ(scored.code, 0) << scored.err;
  EXPECT_EQ(by_id(scored.out, 0).size(),
            by_id(score({data("market_file.csv"), data("market_money.csv"), data("market_time.csv"),
                         data("money.csv")})
                      .out,
                  0)
                .size());
}

TEST_F(Score, UnseenCategoriesAndMissingTablesAreReported) {
  std::string file = read_file(path_of(data("market_file.csv")));
  const std::string seen = "Домашний текстиль";
  const size_t at = file.find(seen);
  ASSERT_NE(at, std::string::npos);
  file.replace(at, seen.size(), "Товары для рыбалки");
  put(*folder_ / "new" / "market_file.csv", file);
  const Outcome scored =
      score({(*folder_ / "new" / "market_file.csv").string(), data("market_money.csv")});
  ASSERT_EQ(scored.code, 0) << scored.err;
  EXPECT_NE(scored.err.find("Товары для рыбалки"), std::string::npos) << scored.err;
  EXPECT_NE(scored.err.find("minutes"), std::string::npos) << scored.err;
}

TEST_F(Score, WithoutExplainingTheModelIsTheSameAndStillExplains) {
  std::string study = read_file(source_folder() / "examples/shop.toml");
  const size_t at = study.find("[question.");
  const size_t line = study.find('\n', at);
  ASSERT_NE(line, std::string::npos);
  study.insert(line + 1, "explain = false\nexplore = false\n");
  put(*folder_ / "plain.toml", study);
  const fs::path out = *folder_ / "plain";
  const Outcome ran = perennial_program({"run", (*folder_ / "plain.toml").string(), "--data",
                                         (*folder_ / "data").string(), "-o", out.string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const fs::path answers = out / out_.filename();
  EXPECT_FALSE(fs::exists(answers / "importance.csv"));
  EXPECT_FALSE(fs::exists(answers / "explore.json"));
  const Json metrics = Json::parse(read_file(answers / "metrics.json"));
  EXPECT_FALSE(metrics.contains("explanation"));
  const auto drivers = [](const Json& of_run) {
    size_t n = 0;
    for (const Json& segment : of_run.at("segments").at("list")) n += segment.at("drivers").size();
    return n;
  };
  EXPECT_EQ(drivers(metrics), 0U);
  EXPECT_GT(drivers(Json::parse(read_file(out_ / "metrics.json"))), 0U);
  EXPECT_TRUE(fs::exists(out_ / "importance.csv"));
  EXPECT_EQ(read_file(answers / "model.perennial"), read_file(out_ / "model.perennial"));
  const std::string scores = read_file(out_ / "scores.csv");
  // The same scores, without the reasons behind them.
  const std::vector<std::string> with = split(scores, '\n');
  const std::vector<std::string> without = split(read_file(answers / "scores.csv"), '\n');
  ASSERT_EQ(with.size(), without.size());
  EXPECT_TRUE(with[0].ends_with(",reasons"));
  for (size_t i = 0; i + 1 < with.size(); ++i) {
    EXPECT_TRUE(with[i].starts_with(without[i] + ",")) << with[i];
  }
  const std::string id = split(split(scores, '\n').at(1), ',').at(0);
  const Outcome why = perennial_program({"explain", (answers / "model.perennial").string(),
                                         data("market_file.csv"), data("market_money.csv"),
                                         data("market_time.csv"), data("money.csv"), "--id", id});
  EXPECT_EQ(why.code, 0) << why.err;
}

}  // namespace
}  // namespace perennial
