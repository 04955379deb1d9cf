// Intervals of many rows: against draws of rows written out, against differences, and coverage in
// simulations with fixed seeds.
#include "metric/large_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace perennial {
namespace {

struct Rows {
  std::vector<int32_t> y;
  std::vector<double> p;
};

// p uniform, in steps of `step` where that is above nought; y is 1 with probability rate(p).
template <typename Rate>
Rows drawn_rows(size_t n, Rate rate, double step, Rng& rng) {
  Rows rows;
  for (size_t k = 0; k < n; ++k) {
    double p = rng.uniform();
    if (step > 0) p = std::round(p / step) * step;
    rows.p.push_back(p);
    rows.y.push_back(rng.bernoulli(rate(p)) ? 1 : 0);
  }
  return rows;
}

double width(const Figure& f) { return f.high - f.low; }

TEST(LargeSample, WidthsAreThoseOfTheBootstrap) {
  Rng rng(Seed{21});
  for (const double step : {0.0, 0.02}) {
    const Rows rows = drawn_rows(
        6000, [](double p) { return 0.05 + 0.5 * p; }, step, rng);
    ASSERT_TRUE(is_large_sample(rows.y, 10));
    const LargeSample large = large_sample(rows.y, rows.p, 0.5, 10);
    const Figure precision = bootstrap(rows.y, rows.p, average_precision, 600, Seed{2});
    const Figure drawn_f1 = bootstrap_at(rows.y, rows.p, 0.5, f1, 600, Seed{3});
    EXPECT_DOUBLE_EQ(large.average_precision.value, precision.value);
    EXPECT_DOUBLE_EQ(large.f1.value, drawn_f1.value);
    // A width of 600 rounds has a standard error of about 4 %.
    EXPECT_NEAR(width(large.average_precision) / width(precision), 1, 0.15);
    EXPECT_NEAR(width(large.f1) / width(drawn_f1), 1, 0.15);
  }
}

// The infinitesimal jackknife against its plain form, the jackknife that leaves out one row.
TEST(LargeSample, AveragePrecisionAgreesWithLeavingRowsOut) {
  Rng rng(Seed{22});
  const Rows rows = drawn_rows(
      5000, [](double p) { return 0.1 + 0.4 * p * p; }, 0, rng);
  const LargeSample large = large_sample(rows.y, rows.p, 0.5, 10);
  double sum = 0, squares = 0;
  constexpr size_t kEvery = 10;  // every tenth row stands for ten
  size_t counted = 0;
  for (size_t out = 0; out < rows.y.size(); out += kEvery, ++counted) {
    Rows less = rows;
    less.y.erase(less.y.begin() + static_cast<ptrdiff_t>(out));
    less.p.erase(less.p.begin() + static_cast<ptrdiff_t>(out));
    const double move = average_precision(less.y, less.p) - large.average_precision.value;
    sum += move;
    squares += move * move;
  }
  const double n = static_cast<double>(rows.y.size()), k = static_cast<double>(counted);
  const double error = std::sqrt(n * (squares / k - (sum / k) * (sum / k)));
  const double v = large.average_precision.value;
  const auto logit = [](double x) { return std::log(x / (1 - x)); };
  const double reach = (logit(large.average_precision.high) - logit(v)) * v * (1 - v);
  EXPECT_NEAR(reach / 1.959963984540054 / error, 1, 0.1);  // 500 rows of 5,000
}

// Calibrated rows: average precision is 5/6 and F1 at 1/2 is 0.75 (see interval_test.cc).
TEST(LargeSample, Coverage) {
  int precision_covered = 0, f1_covered = 0, error_covered = 0;
  for (uint64_t i = 0; i < 400; ++i) {
    Rng rng(Seed{23}.child(i));
    const Rows rows = drawn_rows(
        5000, [](double p) { return p; }, 0, rng);
    const BootstrapFigures f = bootstrap_figures(rows.y, rows.p, 0.5, 10, 200, Seed{6}.child(i));
    const auto covers = [](const Figure& figure, double truth) {
      return figure.low <= truth && truth <= figure.high ? 1 : 0;
    };
    precision_covered += covers(f.average_precision, 5.0 / 6);
    f1_covered += covers(f.f1, 0.75);
    error_covered += covers(f.calibration_error, 0);
  }
  // 380 of 400 and four standard errors (17).
  EXPECT_GE(precision_covered, 363);
  EXPECT_LE(precision_covered, 397);
  EXPECT_GE(f1_covered, 363);
  EXPECT_LE(f1_covered, 397);
  EXPECT_GE(error_covered, 380);
}

TEST(LargeSample, SmallOnesAreDrawn) {
  std::vector<int32_t> y(6000, 0);
  EXPECT_FALSE(is_large_sample(y, 10));
  std::fill_n(y.begin(), 199, 1);
  EXPECT_FALSE(is_large_sample(y, 10));
  y[199] = 1;
  EXPECT_TRUE(is_large_sample(y, 10));
  EXPECT_FALSE(is_large_sample(y, 13));
  y.resize(4999);
  EXPECT_FALSE(is_large_sample(y, 5));
}

}  // namespace
}  // namespace perennial
