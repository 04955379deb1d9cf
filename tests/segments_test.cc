// Segments and reasons as a user gets them: the files, their sums, the errors.
#include <algorithm>
#include <cmath>
#include <map>

#include "support.h"

namespace perennial {
namespace {

// One CSV line's cells; quotes as RFC 4180.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted_cell = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted_cell && i + 1 < line.size() && line[i + 1] == '"')
        out.back() += line[++i];
      else
        quoted_cell = !quoted_cell;
    } else if (line[i] == ',' && !quoted_cell) {
      out.emplace_back();
    } else {
      out.back() += line[i];
    }
  }
  return out;
}

// Rows by the names of the columns.
std::vector<std::map<std::string, std::string>> read_csv(const fs::path& path) {
  std::vector<std::map<std::string, std::string>> out;
  std::vector<std::string> names;
  for (const std::string& line : split(read_file(path), '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string> row = cells(line);
    if (names.empty()) {
      names = row;
      continue;
    }
    std::map<std::string, std::string> one;
    for (size_t i = 0; i < names.size(); ++i) one[names[i]] = i < row.size() ? row[i] : "";
    out.push_back(std::move(one));
  }
  return out;
}

double number(const std::string& text) { return parse_number(text).value_or(NAN); }

// The profit table as it stands on disk (v1: points, commas): id -> profit.
std::map<std::string, double> profits(const fs::path& file) {
  std::map<std::string, double> out;
  for (const auto& row : read_csv(file)) out[row.at("id")] = number(row.at("Прибыль"));
  return out;
}

TEST(SegmentsReal, TheShopsMoneyAddsUpToTheProfitTable) {
  PERENNIAL_NEEDS_REAL_DATA();
  const TestFolder folder;
  const fs::path data = real_data() / "shop/v1";
  const Outcome ran = perennial_program({"run", (source_folder() / "examples/shop.toml").string(),
                                         "--data", data.string(), "-o", (folder / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const fs::path out = folder / "out/decline";
  const auto profit = profits(data / "money.csv");
  const auto scores = read_csv(out / "scores.csv");
  const auto table = read_csv(out / "segments.csv");
  const Json segments = Json::parse(read_file(out / "metrics.json")).at("segments");

  // From the profit table and scores.csv alone.
  double total = 0, loss = 0;
  std::map<std::string, int64_t> own;
  for (const auto& row : scores) {
    total += profit.at(row.at("id"));
    loss += profit.at(row.at("id")) * number(row.at("risk"));
    ++own[row.at("segment")];
  }
  EXPECT_EQ(scores.size(), 1296u);
  EXPECT_NEAR(segments.at("total_value").get<double>(), total, 1e-6);
  EXPECT_NEAR(segments.at("expected_loss").at("value").get<double>(), loss, 1e-6);

  double cell_value = 0, cell_loss = 0, share = 0;
  int64_t cell_customers = 0, own_customers = 0;
  for (const auto& row : table) {
    EXPECT_EQ(number(row.at("own_customers")), static_cast<double>(own[row.at("segment")]))
        << row.at("segment");
    own_customers += static_cast<int64_t>(number(row.at("own_customers")));
    if (row.at("kind") != "cell") continue;
    cell_value += number(row.at("value"));
    cell_loss += number(row.at("expected_loss"));
    share += number(row.at("value_share"));
    cell_customers += static_cast<int64_t>(number(row.at("customers")));
    EXPECT_LE(number(row.at("expected_loss_low")), number(row.at("expected_loss")));
    EXPECT_GE(number(row.at("expected_loss_high")), number(row.at("expected_loss")));
  }
  EXPECT_EQ(cell_customers, 1296);
  EXPECT_EQ(own_customers, 1296);
  EXPECT_NEAR(cell_value, total, 1e-6);
  EXPECT_NEAR(cell_loss, loss, 1e-6);
  EXPECT_NEAR(share, 1, 1e-9);
}

// The four segments, each looked up again in the files.
TEST(SegmentsReal, TheShopsFourSegments) {
  PERENNIAL_NEEDS_REAL_DATA();
  const TestFolder folder;
  const fs::path data = real_data() / "shop/v1";
  const Outcome ran = perennial_program({"run", (source_folder() / "examples/shop.toml").string(),
                                         "--data", data.string(), "-o", (folder / "out").string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const fs::path out = folder / "out/decline";
  std::map<std::string, std::map<std::string, std::string>> market;
  std::vector<double> promotions;
  for (const auto& row : read_csv(data / "market_file.csv")) market[row.at("id")] = row;
  const auto scores = read_csv(out / "scores.csv");
  for (const auto& row : scores) {
    promotions.push_back(number(market.at(row.at("id")).at("Акционные_покупки")));
  }
  std::sort(promotions.begin(), promotions.end());
  const double median = (promotions[647] + promotions[648]) / 2;
  const Json m = Json::parse(read_file(out / "metrics.json"));
  const double threshold = m.at("threshold").get<double>();
  int64_t hunters = 0, sealed = 0, cases = 0;
  for (const auto& row : scores) {
    const bool in = number(row.at("risk")) >= threshold &&
                    number(market.at(row.at("id")).at("Акционные_покупки")) > median;
    hunters += in;
    if (!in || row.at("role") != "test") continue;
    ++sealed;
    cases += row.at("Покупательская активность") == "Снизилась";
  }
  std::map<std::string, Json> by_name;
  int categories = 0;
  for (const Json& s : m.at("segments").at("list")) {
    by_name[s.at("name").get<std::string>()] = s;
    categories += s.at("name").get<std::string>().starts_with("category: ");
  }
  ASSERT_TRUE(by_name.contains("bargain_hunters"));
  const Json& found = by_name.at("bargain_hunters");
  EXPECT_EQ(found.at("customers").get<int64_t>(), hunters);
  EXPECT_EQ(found.at("sealed").get<int64_t>(), sealed);
  EXPECT_EQ(found.at("cases").get<int64_t>(), cases);
  EXPECT_GT(hunters, 100);
  // Its customers really are at risk: the interval lies above the rate among all.
  EXPECT_GT(found.at("rate").at("low").get<double>(),
            m.at("segments").at("base_rate").at("value").get<double>());
  EXPECT_TRUE(by_name.contains("high_risk_high_profit"));
  EXPECT_TRUE(by_name.contains("new_or_much_contacted"));
  EXPECT_GE(categories, 3);
}

std::string study_text(const std::string& more) {
  return "[tables.t]\nfile = \"t.csv\"\nid = \"id\"\nvalue = \"profit\"\n[question.q]\n"
         "target = { column = \"left\", positive = \"yes\" }\n" +
         more + "[question.q.search]\nlearners = [\"logistic\"]\nmethod = \"random\"\ntrials = 2\n";
}

void put_table(const fs::path& path) {
  std::string text = "id,minutes,plan,profit,left\n";
  for (int i = 0; i < 400; ++i) {
    const int minutes = (i * 37) % 101, noise = (i * 29) % 60;
    text += std::to_string(1000 + (i * 7919) % 400) + "," + std::to_string(minutes) + "," +
            (i % 3 == 0 ? "gold" : "basic") + "," + std::to_string(i % 13) + "," +
            (minutes + noise > 80 ? "yes" : "no") + "\n";
  }
  put(path, text);
}

Outcome run_text(const TestFolder& folder, const std::string& more) {
  put_table(folder / "t.csv");
  put(folder / "s.toml", study_text(more));
  return perennial_program({"run", (folder / "s.toml").string(), "-o", (folder / "out").string()});
}

TEST(Segments, MadeWithoutASectionWhereThereIsOneValueColumn) {
  const TestFolder folder;
  const Outcome ran = run_text(folder, "");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto scores = read_csv(folder / "out/q/scores.csv");
  ASSERT_EQ(scores.size(), 400u);
  for (const auto& row : scores) {
    EXPECT_FALSE(row.at("segment").empty());
    EXPECT_FALSE(row.at("reasons").empty());
    // Sealed rows have one probability; training rows' risk is from a model without them.
    if (row.at("role") == "test") {
      EXPECT_EQ(row.at("risk"), row.at("probability yes"));
    }
  }
  EXPECT_NE(ran.out.find("The segments"), std::string::npos);
  EXPECT_NE(scores[0].at("reasons").find("minutes"), std::string::npos) << scores[0].at("reasons");
}

TEST(Segments, ReasonsCanBeSwitchedOff) {
  const TestFolder folder;
  const Outcome ran = run_text(folder, "reasons = 0\n");
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_FALSE(read_csv(folder / "out/q/scores.csv")[0].contains("reasons"));
}

TEST(Segments, CanBeSwitchedOff) {
  const TestFolder folder;
  const std::string off = "[question.q.segments]\nenabled = false\n";
  const Outcome ran = run_text(folder, off);
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto scores = read_csv(folder / "out/q/scores.csv");
  ASSERT_EQ(scores.size(), 400u);
  EXPECT_FALSE(scores[0].contains("segment"));
  EXPECT_FALSE(scores[0].contains("risk"));
  EXPECT_TRUE(scores[0].contains("reasons"));
  EXPECT_FALSE(fs::exists(folder / "out/q/segments.csv"));
  EXPECT_EQ(ran.out.find("The segments"), std::string::npos);

  // The probabilities are the same as with them.
  const Outcome with = run_text(folder, "");
  ASSERT_EQ(with.code, 0) << with.err;
  const auto others = read_csv(folder / "out/q/scores.csv");
  for (size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i].at("probability yes"), others[i].at("probability yes"));
  }

  const Outcome both =
      run_text(folder, off + "[question.q.segment.few]\nwhere = \"minutes < 10\"\n");
  EXPECT_EQ(both.code, 1);
  EXPECT_NE(both.err.find("s.toml:9,"), std::string::npos) << both.err;
  EXPECT_NE(both.err.find("switched off"), std::string::npos) << both.err;

  for (const char* use : {"where = \"segment = few\"\n", "message = \"Hi {segment}\"\n"}) {
    const std::string offer =
        std::string("[question.q.offer.mail]\neffect = [0.1, 0.2, 0.3]\n") + use;
    const Outcome offered = run_text(folder, off + offer);
    EXPECT_EQ(offered.code, 1) << use;
    EXPECT_NE(offered.err.find("offer.mail"), std::string::npos) << offered.err;
    EXPECT_NE(offered.err.find("switched off"), std::string::npos) << offered.err;
  }
}

TEST(Segments, AWrongNameIsSaidBeforeAnythingIsLearned) {
  const TestFolder folder;
  const Outcome ran = run_text(folder, "[question.q.segment.few]\nwhere = \"minute < 10\"\n");
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.err.find("s.toml:8, key \"question.q.segment.few.where\""), std::string::npos)
      << ran.err;
  EXPECT_NE(ran.err.find("did you mean \"minutes\"?"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(folder / "out/q"));
}

TEST(Segments, TheSameBytesForAnyNumberOfThreads) {
  const TestFolder folder;
  put_table(folder / "t.csv");
  put(folder / "s.toml", study_text("[question.q.segment.few]\nwhere = \"minutes < q25\"\n"));
  for (const std::string threads : {"1", "2"}) {
    const Outcome ran = perennial_program({"run", (folder / "s.toml").string(), "--threads",
                                           threads, "-o", (folder / ("out" + threads)).string()});
    ASSERT_EQ(ran.code, 0) << ran.err;
  }
  for (const char* file : {"segments.csv", "scores.csv", "report.html"}) {
    EXPECT_EQ(read_file(folder / "out1" / "q" / file), read_file(folder / "out2" / "q" / file))
        << file;
  }
}

}  // namespace
}  // namespace perennial
