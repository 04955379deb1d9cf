// Studies about events, from files to scores.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "base/seed.h"
#include "support.h"
#include "table/column.h"

namespace perennial {
namespace {

// Purchases of two years until 2024-12-31. Every customer buys at a pace of their own and may stop
// for good, so that recency and pace tell who buys again.
void write_shop(const fs::path& folder, int customers = 400) {
  Rng rng(Seed{7});
  std::string log = "customer;date;price;kind\n", people = "customer;city\n";
  const double begin = parse_iso_date("2023-01-01"), end = parse_iso_date("2025-01-01");
  for (int c = 0; c < customers; ++c) {
    const double pace = 10 + 80 * rng.uniform();
    double t = begin + pace * rng.uniform();
    while (t < end) {
      log += fmt::format("K{};{};{:.2f};{}\n", c, date_text(std::floor(t)), 5 + 40 * rng.uniform(),
                         rng.bernoulli(0.5) ? "книги" : "игры");
      if (rng.bernoulli(0.12)) break;
      t += 1 - pace * std::log(1 - rng.uniform());
    }
    people += fmt::format("K{};{}\n", c, rng.bernoulli(0.5) ? "Тверь" : "Псков");
  }
  put(folder / "log.csv", log);
  put(folder / "people.csv", people);
}

constexpr const char* kLog =
    "[tables.purchases]\nfile = \"log.csv\"\nid = \"customer\"\ntime = \"date\"\n";
constexpr const char* kSearch = "\n[question.q.search]\nlearners = [\"logistic\"]\ntrials = 3\n";

Outcome run_study(const TestFolder& folder, const std::string& study) {
  write_shop(folder.path());
  put(folder / "study.toml", study);
  return perennial_program(
      {"run", (folder / "study.toml").string(), "-o", (folder / "out").string()});
}

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& line : split(csv, '\n')) {
    if (!line.empty()) out.push_back(split(line, ','));
  }
  return out;
}

TEST(Events, BuysAgainAndIsScoredTheSame) {
  const TestFolder folder;
  const Outcome run = run_study(
      folder, std::string(kLog) +
                  "[question.q]\ntarget = { event = \"purchases\", within = \"90 days\" }\n"
                  "cutoff = \"2024-09-01\"\n" +
                  kSearch);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json metrics = Json::parse(read_file(folder / "out/q/metrics.json"));
  EXPECT_EQ(metrics.at("target"), "purchases within 90 days");
  EXPECT_EQ(metrics.at("positive"), "yes");
  EXPECT_EQ(metrics.at("events").at("cutoffs"), Json::array({"2024-09-01"}));
  EXPECT_GT(metrics.at("test").at("roc_auc").at("low").get<double>(), 0.7);
  const Json& definitions = metrics.at("events").at("definitions");
  EXPECT_EQ(definitions.at("purchases days since last"),
            "Days from the last event to the cutoff. (table \"purchases\")");
  for (const Json& feature : metrics.at("features")) {
    EXPECT_TRUE(definitions.contains(feature.get<std::string>())) << feature;
  }
  // The model at the cutoff of the training gives the training's probabilities.
  const auto scored = perennial_program({"score", (folder / "out/q/model.perennial").string(),
                                         (folder / "log.csv").string(), "--cutoff", "2024-09-01"});
  ASSERT_EQ(scored.code, 0) << scored.err;
  std::map<std::string, std::string> probability;
  for (const auto& row : rows_of(scored.out)) probability[row[0]] = row[2];
  size_t compared = 0;
  for (const auto& row : rows_of(read_file(folder / "out/q/scores.csv"))) {
    if (row[0] == "customer") continue;
    EXPECT_EQ(probability[row[0]], row[4]) << row[0];
    ++compared;
  }
  EXPECT_GT(compared, 300u);
  const auto latest = perennial_program(
      {"score", (folder / "out/q/model.perennial").string(), (folder / "log.csv").string()});
  ASSERT_EQ(latest.code, 0) << latest.err;
  std::string last;  // dates of a log in ISO form sort as text
  for (const std::string& line : split(read_file(folder / "log.csv"), '\n')) {
    const std::vector<std::string> cells = split(line, ';');
    if (cells.size() == 4 && cells[1] != "date") last = std::max(last, cells[1]);
  }
  const std::string day_after = date_text(parse_iso_date(last) + 1);
  EXPECT_NE(latest.err.find("scored as of " + day_after), std::string::npos) << latest.err;
  EXPECT_NE(latest.out, scored.out);
}

TEST(Events, TheFutureChangesNoScore) {
  const TestFolder folder;
  const Outcome run = run_study(
      folder, std::string(kLog) +
                  "[question.q]\ntarget = { event = \"purchases\", within = \"90 days\" }\n"
                  "cutoff = \"2024-09-01\"\n" +
                  kSearch);
  ASSERT_EQ(run.code, 0) << run.err;
  const std::string model = (folder / "out/q/model.perennial").string();
  const auto scored = [&] {
    return perennial_program(
               {"score", model, (folder / "log.csv").string(), "--cutoff", "2024-09-01"})
        .out;
  };
  const std::string before = scored();
  std::string past;
  for (const std::string& line : split(read_file(folder / "log.csv"), '\n')) {
    const auto cells = split(line, ';');
    if (cells.size() > 1 && (cells[1] == "date" || cells[1] < "2024-09-01")) past += line + "\n";
  }
  put(folder / "log.csv", past + "K1;2024-09-01;99999999.99;новое\nKX;2030-01-01;1;книги\n");
  EXPECT_EQ(scored(), before);
}

TEST(Events, SeveralCutoffsInTime) {
  const TestFolder folder;
  const Outcome run = run_study(
      folder, std::string(kLog) +
                  "[question.q]\ntarget = { event = \"purchases\", within = \"60 days\" }\n"
                  "cutoffs = [\"2024-02-01\", \"2024-05-01\", \"2024-08-01\", \"2024-11-01\"]\n"
                  "inputs = \"one year\"\nvalidation = { refit = true }\n" +
                  kSearch);
  ASSERT_EQ(run.code, 0) << run.err;
  const std::map<std::string, std::string> role_of = {{"2024-02-01", "train"},
                                                      {"2024-05-01", "train"},
                                                      {"2024-08-01", "validation"},
                                                      {"2024-11-01", "test"}};
  std::map<std::string, int64_t> rows;
  const auto scores = rows_of(read_file(folder / "out/q/scores.csv"));
  EXPECT_EQ(scores[0][1], "cutoff");
  for (size_t i = 1; i < scores.size(); ++i) {
    EXPECT_EQ(role_of.at(scores[i][1]), scores[i][2]);
    ++rows[scores[i][2]];
  }
  const Json metrics = Json::parse(read_file(folder / "out/q/metrics.json"));
  for (const auto& [role, n] : rows) EXPECT_EQ(metrics.at("rows").at(role), n);
  // Three cutoffs make a validation part, from which the final model may learn.
  EXPECT_EQ(metrics.at("refit"), true);
  const Json& backtest = metrics.at("events").at("backtest");
  ASSERT_EQ(backtest.size(), 2u);
  EXPECT_EQ(backtest[0].at("cutoff"), "2024-05-01");
  EXPECT_EQ(backtest[1].at("cutoff"), "2024-08-01");
  EXPECT_EQ(backtest[1].at("learned_from"), rows.at("train"));
  EXPECT_EQ(backtest[1].at("rows"), rows.at("validation"));
  EXPECT_GT(backtest[1].at("figures").at("roc_auc").at("value").get<double>(), 0.7);
}

TEST(Events, PeopleBringTheCustomers) {
  const TestFolder folder;
  const Outcome run = run_study(
      folder, std::string(kLog) + "[tables.people]\nfile = \"people.csv\"\nid = \"customer\"\n" +
                  "[question.q]\ntarget = { event = \"purchases\", within = \"90 days\", where = "
                  "\"kind = 'книги'\", table = \"people\" }\ncutoff = \"2023-06-01\"\n" +
                  kSearch);
  ASSERT_EQ(run.code, 0) << run.err;
  const Json metrics = Json::parse(read_file(folder / "out/q/metrics.json"));
  EXPECT_EQ(metrics.at("customers"), 400);
  const Json audit = Json::parse(read_file(folder / "out/q/audit.json"));
  bool said = false;
  for (const Json& f : audit.at("findings")) {
    said = said || (f.at("kind") == "current-state" && f.at("table") == "people");
  }
  EXPECT_TRUE(said) << "a table without times is named as risky";
  // By hand: who has a book from 1 June to 29 August.
  std::map<std::string, bool> bought;
  for (const std::string& line : split(read_file(folder / "log.csv"), '\n')) {
    const auto cells = split(line, ';');
    if (cells.size() < 4 || cells[3] != "книги") continue;
    if (cells[1] >= "2023-06-01" && cells[1] < "2023-08-30") bought[cells[0]] = true;
  }
  EXPECT_EQ(metrics.at("positives"), bought.size());
}

TEST(Events, ThePlanPrintsAsJsonAndSql) {
  const TestFolder folder;
  write_shop(folder.path(), 50);
  put(folder / "study.toml",
      std::string(kLog) +
          "[question.q]\ntarget = { event = \"purchases\", within = \"90 days\" }\n");
  const auto plan = perennial_program({"run", (folder / "study.toml").string(), "--plan"});
  ASSERT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("\"measure\": \"recency\""), std::string::npos);
  EXPECT_NE(plan.out.find("CREATE TABLE \"purchases at the cutoff\""), std::string::npos);
}

TEST(Events, MistakesAreSaid) {
  const TestFolder folder;
  write_shop(folder.path(), 50);
  const auto message = [&](const std::string& question, const std::string& table = kLog) {
    put(folder / "study.toml", table + "[question.q]\n" + question + "\n");
    const auto run = perennial_program(
        {"run", (folder / "study.toml").string(), "-o", (folder / "out").string()});
    EXPECT_EQ(run.code, 1) << question << run.err;
    return run.err;
  };
  const auto says = [&](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  says(message("target = { event = \"purchases\" }"), "the key \"within\" is missing");
  says(message("target = { event = \"purchases\", within = \"90 dais\" }"), "not a length of time");
  says(message("target = { event = \"purchase\", within = \"9 days\" }"), "\"purchases\"");
  says(message("target = { column = \"price\", within = \"9 days\" }"), "made of events");
  says(message("target = { event = \"purchases\", within = \"90 days\" }\n"
               "cutoffs = [\"2024-02-01\", \"2024-03-01\"]"),
       "at least 90 days apart");
  says(message("target = { event = \"purchases\", within = \"9 days\" }\ncutoff = \"2020-01-01\""),
       "no event lies before the cutoff");
  says(message("target = { event = \"purchases\", within = \"9 days\" }\ncutoff = \"1.2.2024\""),
       "is not a date");
  says(message("target = { event = \"purchases\", within = \"9 days\" }",
               "[tables.purchases]\nfile = \"log.csv\"\nid = \"customer\"\ntime = \"kind\"\n"),
       "holds no dates");
  says(message("target = { event = \"purchases\", within = \"9 days\" }",
               "[tables.purchases]\nfile = \"log.csv\"\nid = \"customer\"\n"),
       "does not say when its events were");
}

}  // namespace
}  // namespace perennial
