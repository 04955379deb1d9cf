// What measure promises, over simulated campaigns with a known truth: intervals that hold, no
// success announced where there is none, looks before the end that stay honest.
#include <gtest/gtest.h>

#include <cstdio>

#include "lift/test_campaigns.h"

namespace perennial {
namespace {

constexpr int kCampaigns = 1000;

int covers(const Figure& f, double truth) { return f.low <= truth && truth <= f.high ? 1 : 0; }

// 92 % to 98 % of the 95 % intervals hold the truth.
void expect_coverage(int covered, const char* what) {
  std::printf("  %s: %d of %d\n", what, covered, kCampaigns);
  EXPECT_GE(covered, kCampaigns * 92 / 100) << what;
  EXPECT_LE(covered, kCampaigns * 98 / 100) << what;
}

void check_campaigns(const SimulatedCampaign& campaign, uint64_t seed) {
  int lift = 0, plain = 0, profit = 0, offer = 0, cell = 0, back = 0;
  const double worth = campaign.mean_value * campaign.truth() / campaign.cost;
  for (uint64_t i = 0; i < kCampaigns; ++i) {
    const LiftResult r =
        measure_lift(SimulatedCampaign::strata(), campaign.draw(Seed{seed}.child(i)), {});
    lift += covers(r.all.lift, campaign.truth());
    plain += covers(r.all.plain_lift, campaign.truth());
    profit += covers(*r.all.profit, campaign.true_profit());
    back += covers(*r.all.return_on_cost, worth);
    offer += covers(r.offers[1].lift, 0.5 * campaign.turned[1]);
    cell += covers(r.cells[0].lift, 0.5 * campaign.turned[0]);
  }
  expect_coverage(lift, "lift");
  expect_coverage(plain, "lift without the forecast");
  expect_coverage(profit, "profit a customer");
  expect_coverage(back, "money for each unit of cost");
  expect_coverage(offer, "lift of one offer");
  expect_coverage(cell, "lift of one offer in one segment");
}

TEST(Campaigns, IntervalsHoldWithAnEffect) {
  check_campaigns({.customers = 1200, .turned = {0.3, 0.1}}, 1);
}

TEST(Campaigns, IntervalsHoldWithoutAnEffect) { check_campaigns({.customers = 1200}, 2); }

// About 17 controls in the smallest stratum.
TEST(Campaigns, IntervalsHoldInSmallCampaigns) {
  check_campaigns({.customers = 480, .turned = {0.2, 0.4}}, 3);
}

// "It worked" of everybody in at most 5 % (it is one side of two: 2.5 % and noise); of any of the
// eleven offers, segments and cells together in at most 5 % too.
TEST(Campaigns, NoEffectIsNotCalledASuccess) {
  const SimulatedCampaign campaign{.customers = 1200};
  int worked = 0, any = 0;
  for (uint64_t i = 0; i < kCampaigns; ++i) {
    const LiftResult r =
        measure_lift(SimulatedCampaign::strata(), campaign.draw(Seed{4}.child(i)), {});
    worked += r.all.answer == LiftAnswer::kWorked ? 1 : 0;
    bool some = false;
    for (const auto* list : {&r.offers, &r.segments, &r.cells}) {
      for (const LiftGroup& g : *list) some = some || g.answer == LiftAnswer::kWorked;
    }
    any += some ? 1 : 0;
  }
  std::printf("  no effect: worked %d, some group worked %d of %d\n", worked, any, kCampaigns);
  EXPECT_LE(worked, kCampaigns * 5 / 100);
  EXPECT_LE(any, kCampaigns * 5 / 100);
}

// Twenty looks while outcomes come in. Intervals made for one look exclude the truth at some look
// far more often than 5 % (otherwise this test would show nothing); those of --early do not.
TEST(Campaigns, LookingEarlyIsSafe) {
  const SimulatedCampaign campaign{.customers = 1200};
  constexpr int kLooks = 20, kFew = 500;
  int fooled = 0, once = 0;
  for (uint64_t i = 0; i < kFew; ++i) {
    std::vector<LiftCustomer> all = campaign.draw(Seed{5}.child(i));
    Rng order(Seed{6}.child(i));
    order.shuffle(all);
    bool early_fooled = false, plain_fooled = false;
    for (int look = 1; look <= kLooks; ++look) {
      std::vector<LiftCustomer> now = all;
      const size_t known = all.size() * static_cast<size_t>(look) / kLooks;
      for (size_t k = known; k < now.size(); ++k) now[k].success = -1;
      const LiftResult r = measure_lift(SimulatedCampaign::strata(), now, {.early = true});
      early_fooled = early_fooled || r.all.lift.low > 0 || r.all.lift.high < 0;
      const double half = (r.all.lift.high - r.all.lift.low) / 2;
      const auto n = static_cast<double>(r.all.offered.known + r.all.control.known);
      const double narrow = half / early_factor(n, static_cast<double>(all.size()), 0.05) * 1.96;
      plain_fooled = plain_fooled || std::abs(r.all.lift.value) > narrow;
    }
    fooled += early_fooled ? 1 : 0;
    once += plain_fooled ? 1 : 0;
  }
  std::printf("  twenty looks: early intervals fooled %d, others %d of %d\n", fooled, once, kFew);
  EXPECT_LE(fooled, kFew * 5 / 100);
  EXPECT_GT(once, kFew * 10 / 100);
}

}  // namespace
}  // namespace perennial
