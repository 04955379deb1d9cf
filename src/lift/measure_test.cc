#include "lift/measure.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "lift/test_campaigns.h"

namespace perennial {
namespace {

// `n` customers of one stratum of whom `successes` succeed.
void add(std::vector<LiftCustomer>& to, uint32_t stratum, bool offered, int n, int successes) {
  for (int i = 0; i < n; ++i) {
    to.push_back(
        {.stratum = stratum, .offered = offered, .propensity = 0.5, .success = i < successes});
  }
}

LiftResult one_stratum(int offered, int n1, int control, int n0, double smallest = 0) {
  std::vector<LiftCustomer> customers;
  add(customers, 0, true, n1, offered);
  add(customers, 0, false, n0, control);
  return measure_lift({{"all", "gift", smallest}}, customers, {});
}

// (1.959964 + 0.841621)^2 = 7.848879; (0.12 * 0.88 + 0.1 * 0.9) / 0.5 / 0.02^2 = 978; the product
// is 7676.2: 3,838.1 an arm, as the usual formula for two proportions without pooling gives.
TEST(CustomersNeeded, ByHand) {
  EXPECT_NEAR(customers_needed(0.1, 0.02, 0.5, 0.05, 0.8), 7676.2, 0.05);
  EXPECT_NEAR(customers_needed(0.1, 0.02, 0.5, 0.05, 0.8, 0.25), 0.75 * 7676.2, 0.05);
  EXPECT_EQ(customers_needed(0.1, 0, 0.5, 0.05, 0.8), 0);
}

TEST(Measure, SaysThatItWorked) {
  const LiftResult r = one_stratum(600, 1000, 500, 1000);
  EXPECT_EQ(r.all.answer, LiftAnswer::kWorked);
  EXPECT_NEAR(r.all.lift.value, 0.1, 1e-12);
  EXPECT_NEAR(r.all.relative.value, 0.2, 1e-12);
  EXPECT_NEAR(r.all.turned.value, 0.2, 1e-12);
  EXPECT_NE(r.all.sentence.find("It worked"), std::string::npos);
  EXPECT_NE(r.all.sentence.find("10.0 points"), std::string::npos) << r.all.sentence;
}

TEST(Measure, SaysThatItDidHarm) {
  EXPECT_EQ(one_stratum(400, 1000, 500, 1000).all.answer, LiftAnswer::kHarmed);
}

// The interval reaches to about 0.044: less than the 0.1 worth seeing, more than the 0.02.
TEST(Measure, TellsNoEffectFromTooFewCustomers) {
  EXPECT_EQ(one_stratum(500, 1000, 500, 1000, 0.1).all.answer, LiftAnswer::kDidNot);
  const LiftResult open = one_stratum(500, 1000, 500, 1000, 0.02);
  EXPECT_EQ(open.all.answer, LiftAnswer::kNotYet);
  // 7.848879 * (0.52 * 0.48 + 0.25) / 0.5 / 0.0004 = 19,606.5 in all, 2,000 are there.
  EXPECT_EQ(open.all.more, 17607);
  EXPECT_NE(open.all.sentence.find("17,607 customers more"), std::string::npos)
      << open.all.sentence;
}

// With as many customers more as it asks for, and the same rates, it can be told.
TEST(Measure, AsManyMoreWouldTell) {
  const LiftResult first = one_stratum(53, 100, 47, 100);
  ASSERT_EQ(first.all.answer, LiftAnswer::kNotYet);
  const double times = 1 + static_cast<double>(first.all.more) / 200;
  const auto grown = [&](int n) { return static_cast<int>(std::lround(n * times)); };
  EXPECT_EQ(one_stratum(grown(53), grown(100), grown(47), grown(100)).all.answer,
            LiftAnswer::kWorked);
}

// An interval that just reaches nought has a p-value just at alpha.
TEST(Measure, PValueAgreesWithTheInterval) {
  for (int offered = 500; offered < 560; ++offered) {
    const LiftResult r = one_stratum(offered, 1000, 500, 1000);
    EXPECT_EQ(r.all.p_value<0.05, r.all.lift.low> 0) << offered;
  }
}

TEST(Measure, EmptyControlIsNoComparison) {
  std::vector<LiftCustomer> customers;
  add(customers, 0, true, 20, 10);
  add(customers, 1, true, 20, 10);
  add(customers, 1, false, 20, 9);
  const LiftResult r = measure_lift({{"a", "gift", 0}, {"b", "gift", 0}}, customers, {});
  EXPECT_EQ(r.segments[0].answer, LiftAnswer::kNoControl);
  EXPECT_EQ(r.all.not_compared, 20);
  EXPECT_NEAR(r.all.lift.value, 0.05, 1e-12);
}

TEST(Measure, GroupsThatWereNotDrawnAreRefused) {
  const LiftResult r = one_stratum(400, 800, 250, 500);
  EXPECT_TRUE(r.checks.drawn.broken);
  EXPECT_EQ(r.all.answer, LiftAnswer::kNotDrawn);
  // (800 - 650)^2 / (1300 / 4) = 69.23.
  EXPECT_NEAR(r.checks.drawn.chi_square, 69.2308, 1e-3);
  EXPECT_FALSE(one_stratum(330, 660, 320, 640).checks.drawn.broken);
}

TEST(Measure, OutcomesLostInOneArmAreSeen) {
  std::vector<LiftCustomer> customers;
  add(customers, 0, true, 1000, 500);
  add(customers, 0, false, 1000, 500);
  for (size_t i = 0; i < 60; ++i) customers[i].success = -1;  // 6 % against 0: 3 % in all
  const LiftResult r = measure_lift({{"all", "gift", 0}}, customers, {});
  EXPECT_LT(r.checks.missing_p, 1e-10);
  EXPECT_EQ(r.checks.warnings.size(), 1U);
  EXPECT_NEAR(r.checks.missing_offered, 0.06, 1e-12);
}

TEST(Measure, ContaminationIsCountedAndUndone) {
  std::vector<LiftCustomer> customers;
  add(customers, 0, true, 1000, 600);
  add(customers, 0, false, 1000, 500);
  for (LiftCustomer& c : customers) c.received = c.offered ? 1 : 0;
  for (size_t i = 0; i < 500; ++i) customers[2 * i].received = 0;  // half of the offered
  const LiftResult r = measure_lift({{"all", "gift", 0}}, customers, {});
  EXPECT_EQ(r.checks.offered_not_received, 500);
  EXPECT_NEAR(r.all.lift_of_received->value, 0.2, 1e-12);
}

TEST(Measure, MissingOutcomesAreRefusedUnlessEarly) {
  std::vector<LiftCustomer> customers;
  add(customers, 0, true, 100, 60);
  add(customers, 0, false, 100, 40);
  for (size_t i = 0; i < 200; i += 4) customers[i].success = -1;
  const std::vector<LiftStratum> strata = {{"all", "gift", 0}};
  EXPECT_THROW(measure_lift(strata, customers, {}), Error);
  const LiftResult early = measure_lift(strata, customers, {.early = true});
  for (LiftCustomer& c : customers) c.success = std::max(c.success, 0);
  const LiftResult done = measure_lift(strata, customers, {});
  EXPECT_GT(early.all.lift.high - early.all.lift.low, done.all.lift.high - done.all.lift.low);
  EXPECT_THROW(measure_lift(strata, {}, {}), Error);
}

// Holm by hand: p-values p1 <= p2 <= p3 become 3 p1, max(3 p1, 2 p2), max(…, p3).
TEST(Measure, HolmOverTheSegments) {
  std::vector<LiftCustomer> customers;
  const std::vector<LiftStratum> strata = {{"a", "gift", 0}, {"b", "gift", 0}, {"c", "gift", 0}};
  const int offered[3] = {300, 290, 260};
  for (uint32_t s = 0; s < 3; ++s) {
    add(customers, s, true, 500, offered[s]);
    add(customers, s, false, 500, 250);
  }
  const LiftResult r = measure_lift(strata, customers, {});
  const std::vector<LiftGroup>& g = r.segments;
  EXPECT_EQ(r.compared_groups, 3);
  EXPECT_NEAR(g[0].adjusted_p, 3 * g[0].p_value, 1e-12);
  EXPECT_NEAR(g[1].adjusted_p, 2 * g[1].p_value, 1e-12);
  EXPECT_NEAR(g[2].adjusted_p, g[2].p_value, 1e-12);
  EXPECT_EQ(r.offers.size(), 1U);
  EXPECT_EQ(r.all.adjusted_p, r.all.p_value);
}

TEST(Measure, ForecastNarrowsTheInterval) {
  const SimulatedCampaign campaign{.customers = 6000, .turned = {0.2, 0.2}};
  const LiftResult r = measure_lift(SimulatedCampaign::strata(), campaign.draw(Seed{1}), {});
  // A score with variance 0.0533 about outcomes with variance 0.25 explains about a tenth to a
  // fifth of it.
  EXPECT_GT(r.all.variance_saved, 0.05);
  EXPECT_LT(r.all.lift.high - r.all.lift.low, r.all.plain_lift.high - r.all.plain_lift.low);
  ASSERT_TRUE(r.all.profit);
  EXPECT_NEAR(r.all.return_on_cost->value, (r.all.profit->value + 2) / 2, 1e-9);
}

}  // namespace
}  // namespace perennial
