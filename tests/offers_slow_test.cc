// A made-up shop whose true risks are known: what the plan really earns against an oracle that
// plans with the truth, at the same budget.
#include <map>

#include "offer/campaign.h"
#include "offer/solve.h"
#include "support.h"

namespace perennial {
namespace {

const char* kStudy = R"toml(
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
target = { column = "Покупательская_активность", positive = "Снизилась" }
explore = false
[question.decline.search]
learners = ["boosted_trees", "logistic"]
trials = 6
[question.decline.offers]
budget = 600
consent = { column = "Разрешить_сообщать", yes = "да" }
control = { share = 0.1 }
channel_capacity = { email = 2500, phone = 500 }
[question.decline.offer.news]
channel = "email"
cost = 0.05
effect = [0.05, 0.1, 0.15]
[question.decline.offer.gift]
channel = "email"
cost = 0.2
effect = [0.15, 0.25, 0.35]
[question.decline.offer.call]
channel = "phone"
cost = 0.5
effect = [0.3, 0.45, 0.6]
)toml";

const std::vector<double> kEffect = {0.1, 0.25, 0.45}, kCost = {0.05, 0.2, 0.5};
const std::vector<std::string> kNames = {"news", "gift", "call"};

std::map<std::string, double> truth_of(const fs::path& file) {
  std::map<std::string, double> out;
  for (const std::string& line : split(read_file(file), '\n')) {
    const auto cells = split(line, ',');
    if (cells.size() == 2 && cells[0] != "id") out[cells[0]] = std::stod(cells[1]);
  }
  return out;
}

TEST(OffersTruth, ThePlanEarnsNearlyWhatAnOracleEarns) {
  for (const int seed : {1, 2}) {
    const TestFolder folder;
    put(folder / "study.toml", kStudy);
    ASSERT_EQ(perennial_program({"generate", "shop", "--clean", "--customers", "8000", "--seed",
                                 std::to_string(seed), "-o", folder.path().string()})
                  .code,
              0);
    const Outcome ran = perennial_program(
        {"run", (folder / "study.toml").string(), "-o", (folder / "out").string()});
    ASSERT_EQ(ran.code, 0) << ran.err;
    const Campaign campaign = read_campaign(folder / "out" / "decline" / "campaign.json");
    const auto truth = truth_of(folder / "truth.csv");
    OfferProblem oracle{.customers = campaign.rows.size(), .offers = 3, .budget = 600};
    oracle.fixed_cost.assign(3, 0);
    oracle.capacity.assign(3, kNoLimit);
    oracle.channel = {0, 0, 1};
    oracle.channel_capacity = {2500, 500};
    double earned = 0;
    for (const CampaignRow& row : campaign.rows) {
      const double stake = truth.at(row.id) * std::max(0.0, row.value);
      oracle.stake.push_back(stake);
      oracle.most.push_back(1);
      for (size_t j = 0; j < 3; ++j) {
        oracle.gain.push_back(stake * kEffect[j]);
        oracle.cost.push_back(kCost[j]);
        if (row.offer == kNames[j]) earned += stake * kEffect[j] - kCost[j];
      }
    }
    const double best = solve_offers(oracle, Workers(2)).profit;
    std::cout << "seed " << seed << ": " << earned << " of " << best << " (" << 100 * earned / best
              << " %)\n";
    EXPECT_GE(earned, 0.95 * best);
    EXPECT_LE(earned, best + 1e-6);
  }
}

}  // namespace
}  // namespace perennial
