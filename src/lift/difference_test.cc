#include "lift/difference.h"

#include <gtest/gtest.h>

#include <cmath>

namespace perennial {
namespace {

constexpr double kZ = 1.959963984540054;

// One stratum: `offered` of n1 and `control` of n0 succeed.
struct TwoArms {
  Arms arms;
  std::vector<double> y;
};
TwoArms two_arms(int offered, int n1, int control, int n0) {
  TwoArms out{.arms = {.stratum = std::vector<uint32_t>(static_cast<size_t>(n1 + n0), 0),
                       .offered = {},
                       .strata = 1},
              .y = {}};
  for (int i = 0; i < n1 + n0; ++i) {
    out.arms.offered.push_back(i < n1 ? 1 : 0);
    out.y.push_back((i < n1 ? i < offered : i - n1 < control) ? 1 : 0);
  }
  return out;
}

// Newcombe 1998 (Statistics in Medicine 17, 873-890), table II, method 10.
TEST(ProportionDifference, NewcombesOwnExamples) {
  const auto expect = [](int a, int m, int b, int n, double low, double high) {
    const TwoArms t = two_arms(a, m, b, n);
    const Figure f = proportion_difference(counts_of(t.arms, t.y), kZ);
    EXPECT_NEAR(f.low, low, 5e-5);
    EXPECT_NEAR(f.high, high, 5e-5);
  };
  expect(56, 70, 48, 80, 0.0524, 0.3339);
  expect(9, 10, 3, 10, 0.1705, 0.8090);
  expect(6, 7, 2, 7, 0.0582, 0.8062);
  expect(5, 56, 0, 29, -0.0381, 0.1926);
  expect(0, 10, 0, 20, -0.1611, 0.2775);
  expect(10, 10, 0, 10, 0.6075, 1.0000);
}

// Welch's interval by scipy 1.10: ttest_ind(a, b, equal_var=False) on these numbers.
TEST(StratifiedDifference, OneStratumIsWelch) {
  const std::vector<double> y = {3.1, 4.5, 2.2, 5.9, 4.4, 1.0, 2.5, 0.4, 1.9};
  const Arms arms{
      .stratum = std::vector<uint32_t>(9, 0), .offered = {1, 1, 1, 1, 1, 0, 0, 0, 0}, .strata = 1};
  const Estimate e = stratified_difference(arms, y);
  // By hand: means 4.02 and 1.45; variances 2.017 and 0.8700; 2.017/5 + 0.87/4 = 0.6209.
  EXPECT_NEAR(e.value, 2.57, 1e-12);
  EXPECT_NEAR(e.variance, 2.017 / 5 + 0.87 / 4, 1e-12);
  const double a = 2.017 / 5, b = 0.87 / 4;
  EXPECT_NEAR(e.freedom, (a + b) * (a + b) / (a * a / 4 + b * b / 3), 1e-9);
}

// Two strata whose rates and shares offered differ: comparing all offered with all controls would
// say 0.62 - 0.26 = 0.36, where every stratum says 0.1 (Simpson's paradox).
TEST(StratifiedDifference, ComparesInsideStrata) {
  Arms arms{.stratum = {}, .offered = {}, .strata = 2};
  std::vector<double> y;
  const auto add = [&](uint32_t stratum, uint8_t offered, int n, int successes) {
    for (int i = 0; i < n; ++i) {
      arms.stratum.push_back(stratum);
      arms.offered.push_back(offered);
      y.push_back(i < successes ? 1 : 0);
    }
  };
  add(0, 1, 80, 56), add(0, 0, 20, 12);
  add(1, 1, 20, 6), add(1, 0, 80, 16);
  EXPECT_NEAR(stratified_difference(arms, y).value, 0.1, 1e-12);
  EXPECT_NEAR(proportion_difference(counts_of(arms, y), kZ).value, 0.1, 1e-12);
}

// A stratum without controls says nothing; an arm of one customer does not stop the others.
TEST(StratifiedDifference, StrataThatLackAnArmAreLeftOut) {
  const Arms arms{.stratum = {0, 0, 0, 0, 1, 1}, .offered = {1, 1, 0, 0, 1, 1}, .strata = 2};
  const std::vector<double> y = {1, 1, 0, 1, 0, 0};
  EXPECT_NEAR(stratified_difference(arms, y).value, 0.5, 1e-12);
  const Arms lacks{.stratum = {0, 0}, .offered = {1, 1}, .strata = 1};
  EXPECT_TRUE(std::isnan(stratified_difference(lacks, std::vector<double>{1, 0}).value));
}

// y = 2 x + arm exactly: the forecast explains everything but the arm.
TEST(AdjustedOutcome, TakesOffWhatTheForecastExplains) {
  Arms arms{.stratum = {}, .offered = {}, .strata = 2};
  std::vector<double> x, y;
  for (uint32_t i = 0; i < 40; ++i) {
    arms.stratum.push_back(i % 2);
    arms.offered.push_back(i % 3 == 0 ? 1 : 0);
    x.push_back(std::sin(i));
    y.push_back(2 * x.back() + (arms.offered.back() ? 0.25 : 0) + (i % 2 ? 7 : 0));
  }
  const Estimate e = stratified_difference(arms, adjusted_outcome(arms, y, x));
  EXPECT_NEAR(e.value, 0.25, 1e-12);
  EXPECT_NEAR(e.variance, 0, 1e-12);
  // A forecast that is the same for all, or absent, changes nothing.
  EXPECT_EQ(adjusted_outcome(arms, y, std::vector<double>(40, 0.3)), y);
  EXPECT_EQ(adjusted_outcome(arms, y, std::vector<double>(40, NAN)), y);
}

// Cost is 2 for everyone offered, so money over cost is half the difference of money.
TEST(Ratio, OfAConstantCost) {
  const Arms arms{
      .stratum = std::vector<uint32_t>(6, 0), .offered = {1, 1, 1, 0, 0, 0}, .strata = 1};
  const std::vector<double> money = {9, 5, 7, 2, 3, 1}, cost = {2, 2, 2, 0, 0, 0};
  const Estimate d = stratified_difference(arms, money),
                 r = ratio_of_differences(arms, money, cost);
  EXPECT_NEAR(r.value, d.value / 2, 1e-12);
  EXPECT_NEAR(r.variance, d.variance / 4, 1e-12);
}

// The boundary of Waudby-Smith et al. 2021, theorem 2.2, with its tuning, computed apart from this
// code with Python's math module: alpha 0.05, n 500 of 1000 planned; n = planned.
TEST(Early, FactorAndPValue) {
  EXPECT_NEAR(early_factor(1000, 1000, 0.05), 3.035208990376253, 1e-9);
  EXPECT_NEAR(early_factor(500, 1000, 0.05), 3.08356871436835, 1e-9);
  // The p-value of an estimate that lies just on the boundary is alpha.
  for (const double n : {1.0, 40.0, 500.0, 1000.0, 5000.0}) {
    EXPECT_NEAR(early_p_value(early_factor(n, 1000, 0.05), n, 1000, 0.05), 0.05, 1e-12) << n;
  }
  EXPECT_EQ(early_p_value(0, 500, 1000, 0.05), 1);
}

}  // namespace
}  // namespace perennial
