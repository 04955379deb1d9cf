// Offers through the whole house: from raw tables to who gets what.
#include <map>
#include <set>

#include "offer/campaign.h"
#include "support.h"

namespace perennial {
namespace {

const char* kTables = R"toml(
[tables.market]
file = "market_file.csv"
[tables.revenue]
file = "market_money.csv"
pivot = { by = "Период", value = "Выручка" }
[tables.minutes]
file = "market_time.csv"
pivot = { by = "Период", value = "минут" }
[tables.profit]
file = "money.csv"
value = "Прибыль"
[question.decline]
target = { column = "Покупательская активность", positive = "Снизилась" }
cohort = "every revenue > 0"
explore = false
[question.decline.learner.logistic]
C = [0.1]
)toml";

const char* kOffers = R"toml(
[question.decline.offers]
budget = 30
unit = "тыс."
consent = { column = "Разрешить сообщать", yes = "да" }
contacts = { column = "Маркет_актив_тек_мес", most = 5 }
do_not_contact = "stop.csv"
[question.decline.offer.news]
message = "Новое: {Популярная_категория|все разделы}"
channel = "email"
cost = 0.03
effect = [0.02, 0.05, 0.08]
[question.decline.offer.discount]
messages = { ru = "Скидка 10 %", en = "10 % off" }
channel = "email"
cost = 0.05
cost_share = 0.05
where = "risk > 0.4 and Акционные_покупки > 0.2"
effect = [0.1, 0.2, 0.3]
capacity = 50
)toml";

using Rows = std::vector<std::vector<std::string>>;

// Cells of a file without quotes.
Rows cells(const fs::path& path) {
  Rows out;
  for (const std::string& line : split(read_file(path), '\n')) {
    if (!line.empty()) out.push_back(split(line, ','));
  }
  return out;
}

// Column of market_file.csv by id.
std::map<std::string, std::string> column_of(const fs::path& data, const std::string& name) {
  Rows rows = cells(data / "market_file.csv");
  for (auto& row : rows) {
    if (row.back().ends_with("\r")) row.back().pop_back();
  }
  size_t at = 0;
  while (rows[0].at(at) != name) ++at;
  std::map<std::string, std::string> out;
  for (size_t i = 1; i < rows.size(); ++i) out[rows[i][0]] = rows[i].at(at);
  return out;
}

class Offers : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome made = perennial_program({"generate", "shop", "--customers", "1500", "--seed",
                                            "3", "-o", (folder_ / "data").string()});
    ASSERT_EQ(made.code, 0) << made.err;
    const auto consent = column_of(folder_ / "data", "Разрешить сообщать");
    std::string list = "id\n";
    for (const auto& [id, said] : consent) {
      if (said == "да" && stop_.size() < 300) stop_.insert(id);
    }
    for (const std::string& id : stop_) list += id + "\n";
    put(folder_ / "data" / "stop.csv", list);
  }
  Outcome run(const std::string& study, const std::string& out, int threads) {
    put(folder_ / "study.toml", study);
    return perennial_program({"run", (folder_ / "study.toml").string(), "--data",
                              (folder_ / "data").string(), "-o", (folder_ / out).string(),
                              "--threads", std::to_string(threads)});
  }

  TestFolder folder_;
  std::set<std::string> stop_;
};

TEST_F(Offers, GoOnlyToThoseWhoAllowThemAndAreTheSameForAnyThreads) {
  const std::string study = std::string(kTables) + kOffers;
  const Outcome ran = run(study, "one", 1);
  ASSERT_EQ(ran.code, 0) << ran.err;
  ASSERT_EQ(run(study, "four", 4).code, 0);
  const fs::path one = folder_ / "one" / "decline", four = folder_ / "four" / "decline";
  for (const char* file : {"offers.csv", "not_contacted.csv", "campaign.csv", "campaign.json"}) {
    EXPECT_EQ(read_file(one / file), read_file(four / file)) << file;
  }
  const auto consent = column_of(folder_ / "data", "Разрешить сообщать");
  const auto contacts = column_of(folder_ / "data", "Маркет_актив_тек_мес");
  const Campaign campaign = read_campaign(one / "campaign.json");
  ASSERT_GT(campaign.rows.size(), 100U);
  std::map<std::string, int64_t> arms, offers;
  double cost = 0;
  for (const CampaignRow& row : campaign.rows) {
    EXPECT_EQ(consent.at(row.id), "да");
    EXPECT_LT(std::stod(contacts.at(row.id)), 5);
    EXPECT_FALSE(stop_.contains(row.id));
    ++arms[row.arm];
    if (row.arm == "none") continue;
    ++offers[row.offer];
    cost += row.cost;
  }
  EXPECT_LE(cost, 30 + 1e-9);
  EXPECT_LE(offers["discount"], 50);
  EXPECT_GT(offers["news"], 0);
  EXPECT_GT(arms["control"], 0);
  const Json m = Json::parse(read_file(one / "metrics.json")).at("offers");
  EXPECT_EQ(m.at("sent").get<int64_t>(), arms["offer"]);
  EXPECT_EQ(m.at("control").at("customers").get<int64_t>(), arms["control"]);
  EXPECT_LE(m.at("gap").get<double>(), 0.001);
  int64_t listed = 0;
  for (const auto& row : cells(one / "not_contacted.csv")) {
    if (row[1] != "on the do-not-contact list") continue;
    ++listed;
    EXPECT_TRUE(stop_.contains(row[0]));
  }
  EXPECT_EQ(m.at("refused").at("on_list").get<int64_t>(), listed);
  EXPECT_NE(ran.out.find("The offers\n"), std::string::npos);
  EXPECT_EQ(cells(one / "offers.csv").size() - 1, static_cast<size_t>(arms["offer"]));
  EXPECT_EQ(campaign.created, "");
}

TEST_F(Offers, WhatIsWrongIsSaidBeforeAnythingIsLearned) {
  const auto expect = [&](const std::string& from, const std::string& to, const char* part) {
    std::string study = std::string(kTables) + kOffers;
    study.replace(study.find(from), from.size(), to);
    const Outcome ran = run(study, "bad", 1);
    EXPECT_EQ(ran.code, 1) << part;
    EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err;
    EXPECT_FALSE(fs::exists(folder_ / "bad"));
  };
  expect("column = \"Разрешить сообщать\"", "column = \"Разрешить сообщат\"", "did you mean");
  expect("yes = \"да\"", "yes = \"yes\"", "no customer has \"yes\"");
  expect("\"stop.csv\"", "\"none.csv\"", "none.csv");
  expect("cost = 0.03", "cost = -0.03", "\"cost\" must be");
  expect("budget = 30", "budget = -1", "\"budget\" must be");
  expect("[0.02, 0.05, 0.08]", "[0.05, 0.02, 0.08]", "do not rise");
  expect("[0.02, 0.05, 0.08]", "[0.05]", "three numbers");
  expect("{Популярная_категория|все разделы}", "{Популярная}", "there is no column");
  expect("{Популярная_категория|все разделы}", "{Популярная", "not closed");
  expect("Акционные_покупки > 0.2", "Акционные > 0.2", "Акционные");
  expect("offer.news]", "offer.\"a+b\"]", "without +");
  expect("cost_share = 0.05", "cost_share = 0.05\ncost_share_of = \"nothing\"", "nothing");
}

// A budget of nothing is a plan too: nobody gets anything.
TEST_F(Offers, NothingToSpend) {
  std::string study = std::string(kTables) + kOffers;
  study.replace(study.find("budget = 30"), 11, "budget = 0");
  const Outcome ran = run(study, "none", 1);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("Within the budget of 0"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("no offer is expected to earn more than it costs"), std::string::npos);
  EXPECT_EQ(cells(folder_ / "none" / "decline" / "offers.csv").size(), 1U);
}

// The real shop, by its own example: 338 of 1,300 customers say "нет".
TEST(OffersReal, EveryOfferGoesToCustomersWhoAllowMessages) {
  PERENNIAL_NEEDS_REAL_DATA();
  const TestFolder folder;
  const fs::path data = real_data() / "shop/v1";
  const Outcome ran = perennial_program({"run", (source_folder() / "examples/shop.toml").string(),
                                         "--data", data.string(), "-o", folder.path().string()});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto consent = column_of(data, "Разрешить сообщать");
  const fs::path out = folder / "decline";
  const Rows offers = cells(out / "offers.csv");
  ASSERT_GT(offers.size(), 50U);
  for (size_t i = 1; i < offers.size(); ++i) EXPECT_EQ(consent.at(offers[i][0]), "да");
  const Campaign campaign = read_campaign(out / "campaign.json");
  double cost = 0;
  for (const CampaignRow& row : campaign.rows) {
    EXPECT_EQ(consent.at(row.id), "да");
    cost += row.arm == "none" ? 0 : row.cost;
  }
  const Json m = Json::parse(read_file(out / "metrics.json")).at("offers");
  EXPECT_LE(cost, m.at("budget").get<double>() + 1e-9);
  EXPECT_LE(m.at("gap").get<double>(), 0.001);
  int64_t refused = 0;
  for (const Json& n : m.at("refused")) refused += n.get<int64_t>();
  EXPECT_EQ(refused + static_cast<int64_t>(campaign.rows.size()), 1296);
  int64_t no = 0;
  for (const std::vector<std::string>& row : cells(out / "not_contacted.csv")) {
    no += row[1] == "no consent";
  }
  EXPECT_EQ(no, m.at("refused").at("no_consent").get<int64_t>());
}

}  // namespace
}  // namespace perennial
