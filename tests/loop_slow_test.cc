// The whole loop as a user lives it: a generated shop, a run with a catalogue, the campaign, what
// came of it, perennial measure, and the next run with the measured effect in the catalogue.
#include <map>

#include "base/seed.h"
#include "support.h"

namespace perennial {
namespace {

constexpr double kTurned = 0.35;  // share of those at risk whom the gift really keeps

std::string study_with(const std::string& effect) {
  return "[study]\nname = \"Loop\"\nseed = 5\n\n"
         "[tables.market]\nfile = \"market_file.csv\"\nid = \"id\"\n\n"
         "[tables.revenue]\nfile = \"market_money.csv\"\nid = \"id\"\n"
         "pivot = { by = \"Период\", value = \"Выручка\" }\n\n"
         "[tables.minutes]\nfile = \"market_time.csv\"\nid = \"id\"\n"
         "pivot = { by = \"Период\", value = \"минут\" }\n\n"
         "[tables.profit]\nfile = \"money.csv\"\nid = \"id\"\nvalue = \"Прибыль\"\n\n"
         "[question.decline]\n"
         "target = { column = \"Покупательская активность\", positive = \"Снизилась\" }\n\n"
         "[question.decline.search]\nlearners = [\"logistic\"]\nmethod = \"grid\"\n\n"
         "[question.decline.offers]\nvalue = 60\n"
         "consent = { column = \"Разрешить сообщать\", yes = \"да\" }\n"
         "control = { share = 0.3 }\n\n"
         "[question.decline.offer.gift]\nmessage = \"Подарок\"\ncost = 1\neffect = " +
         effect + "\n";
}

std::vector<std::vector<std::string>> rows_of(const fs::path& csv) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& line : split(read_file(csv), '\n')) {
    if (!trim(line).empty()) out.push_back(split(std::string(trim(line)), ','));
  }
  return out;
}

// What happens to each customer: the truth of the generator, and of those who got the gift a share
// of kTurned stays who would have gone.
std::string outcomes_of(const fs::path& campaign, const fs::path& truth) {
  std::map<std::string, double> risk;
  for (const auto& row : rows_of(truth)) {
    if (row[0] != "id") risk[row[0]] = std::stod(row[1]);
  }
  const auto rows = rows_of(campaign);
  const size_t arm =
      static_cast<size_t>(std::find(rows[0].begin(), rows[0].end(), "arm") - rows[0].begin());
  std::string out = "id,Покупательская активность\n";
  Rng rng(Seed{6});
  for (size_t i = 1; i < rows.size(); ++i) {
    const double p = risk.at(rows[i][0]) * (rows[i][arm] == "offer" ? 1 - kTurned : 1);
    out += rows[i][0] + (rng.bernoulli(p) ? ",Снизилась\n" : ",Прежний уровень\n");
  }
  return out;
}

TEST(Loop, OffersCampaignOutcomesMeasureNextRun) {
  const TestFolder folder;
  const std::string shop = (folder / "shop").string();
  ASSERT_EQ(
      perennial_program({"generate", "shop", "--customers", "6000", "--seed", "4", "-o", shop})
          .code,
      0);
  put(folder / "shop/study.toml", study_with("[0.05, 0.1, 0.15]"));
  const std::string study = (folder / "shop/study.toml").string();
  const Outcome first = perennial_program({"run", study, "-o", (folder / "first").string()});
  ASSERT_EQ(first.code, 0) << first.err;

  const fs::path campaign = folder / "first/decline/campaign.json";
  put(folder / "outcomes.csv",
      outcomes_of(folder / "first/decline/campaign.csv", folder / "shop/truth.csv"));
  const Outcome measured =
      perennial_program({"measure", campaign.string(), (folder / "outcomes.csv").string(), "-o",
                         (folder / "measured").string()});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const Json m = Json::parse(read_file(folder / "measured/measure.json"));
  EXPECT_EQ(m["all"]["answer"], "worked") << measured.out;
  EXPECT_LE(m["all"]["turned"]["low"].get<double>(), kTurned);
  EXPECT_GE(m["all"]["turned"]["high"].get<double>(), kTurned);

  // The printed line goes into the study as it is.
  const std::string lines = m["catalogue"];
  const size_t from = lines.find("effect = ") + 9;
  const std::string effect = lines.substr(from, lines.find(']', from) + 1 - from);
  put(folder / "shop/study.toml", study_with(effect));
  const Outcome second = perennial_program({"run", study, "-o", (folder / "second").string()});
  ASSERT_EQ(second.code, 0) << second.err;
  const Json before = Json::parse(read_file(campaign));
  const Json after = Json::parse(read_file(folder / "second/decline/campaign.json"));
  EXPECT_NE(before["offers"].dump(), after["offers"].dump());
  // A gift that keeps more customers is worth giving to more of them.
  const auto chosen = [&](const fs::path& csv) {
    const std::string text = read_file(csv);
    size_t n = 0;
    for (size_t at = text.find("gift"); at != std::string::npos; at = text.find("gift", at + 1))
      ++n;
    return n;
  };
  EXPECT_GE(chosen(folder / "second/decline/campaign.csv"),
            chosen(folder / "first/decline/campaign.csv"));
}

}  // namespace
}  // namespace perennial
