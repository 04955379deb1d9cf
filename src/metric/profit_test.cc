#include "metric/profit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace perennial {
namespace {

// By hand: a contact costs 2, who is of the positive class brings 5 when contacted.
// score  .9  .8  .8  .4  .3  .1
// y       1   0   1   1   0   0
// profit  3      4    7   5   3   (0 for nobody; the two with .8 are contacted together)
const std::vector<int32_t> kY = {0, 1, 0, 1, 0, 1};
const std::vector<double> kScore = {.1, .9, .8, .4, .3, .8};
const std::vector<double> kWorth(6, 5);

TEST(ProfitCurve, KnownByHand) {
  const auto curve = profit_curve(kY, kScore, kWorth, 2);
  ASSERT_EQ(curve.size(), 6U);
  const double cut[] = {std::numeric_limits<double>::infinity(), .9, .8, .4, .3, .1};
  const int64_t contacted[] = {0, 1, 3, 4, 5, 6}, found[] = {0, 1, 2, 3, 3, 3};
  const double profit[] = {0, 3, 4, 7, 5, 3};
  for (size_t i = 0; i < curve.size(); ++i) {
    EXPECT_EQ(curve[i].cut, cut[i]);
    EXPECT_EQ(curve[i].contacted, contacted[i]);
    EXPECT_EQ(curve[i].found, found[i]);
    EXPECT_DOUBLE_EQ(curve[i].profit, profit[i]);
  }
  EXPECT_EQ(best_profit(curve), 3U);
  EXPECT_DOUBLE_EQ(cut_at(curve, 3), 0.35);
  EXPECT_EQ(cut_at(curve, 5), 0.1);
  EXPECT_TRUE(std::isinf(cut_at(curve, 0)));
}

// 0.3 of 6 is 1.8: three are 1.2 away, one is 0.8 away. A half is three exactly.
TEST(ProfitCurve, NearestShare) {
  const auto curve = profit_curve(kY, kScore, kWorth, 2);
  EXPECT_EQ(curve[nearest_share(curve, 0.3)].contacted, 1);
  EXPECT_EQ(curve[nearest_share(curve, 0.5)].contacted, 3);
  EXPECT_EQ(curve[nearest_share(curve, 1)].contacted, 6);
  EXPECT_EQ(curve[nearest_share(curve, 0.01)].contacted, 0);
}

// Dear contacts: whoever is contacted loses money.
TEST(ProfitCurve, NobodyWhereNothingPays) {
  const auto curve = profit_curve(kY, kScore, kWorth, 9);
  EXPECT_EQ(best_profit(curve), 0U);
  EXPECT_EQ(best_share(kY, kScore, kWorth, 9, 50, Seed{1}).high, 0);
}

// Each customer has a worth of their own; equal profits: the fewest contacts.
TEST(ProfitCurve, OwnWorthAndTies) {
  const std::vector<int32_t> y = {1, 0, 1};
  const std::vector<double> score = {3, 2, 1}, worth = {10, 4, 2};
  const auto curve = profit_curve(y, score, worth, 1);
  EXPECT_DOUBLE_EQ(curve[1].profit, 9);
  EXPECT_DOUBLE_EQ(curve[2].profit, 8);
  EXPECT_DOUBLE_EQ(curve[3].profit, 9);
  EXPECT_EQ(best_profit(curve), 1U);
}

TEST(BestShare, HoldsItsValueAndIsTheSameForEqualSeeds) {
  const Figure a = best_share(kY, kScore, kWorth, 2, 300, Seed{4});
  EXPECT_DOUBLE_EQ(a.value, 4.0 / 6);
  EXPECT_LE(a.low, a.value);
  EXPECT_GE(a.high, a.value);
  EXPECT_LT(a.low, a.high);
  const Workers workers(2);
  const Figure b = best_share(kY, kScore, kWorth, 2, 300, Seed{4}, &workers);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_TRUE(std::isnan(best_share({}, {}, {}, 2, 10, Seed{4}).value));
}

}  // namespace
}  // namespace perennial
