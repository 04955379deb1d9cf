// Intervals: known answers (scipy 1.10.1 unless a test says otherwise), brute force, and coverage
// in simulations with fixed seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/calibration_error.h"
#include "metric/metric.h"

namespace perennial {
namespace {

TEST(Distribution, NormalQuantile) {
  EXPECT_NEAR(normal_quantile(1e-300), -37.0470962993612, 1e-13);
  EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056, 1e-14);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167813, 1e-14);
  EXPECT_NEAR(normal_quantile(0.025), -1.9599639845400545, 1e-15);
  EXPECT_NEAR(normal_quantile(0.3), -0.5244005127080409, 1e-15);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(normal_quantile(0.6), 0.2533471031357997, 1e-15);
  EXPECT_NEAR(normal_quantile(0.999999), 4.753424308817087, 1e-12);
  EXPECT_EQ(normal_quantile(0), -HUGE_VAL);
  EXPECT_EQ(normal_quantile(1), HUGE_VAL);
  EXPECT_TRUE(std::isnan(normal_quantile(1.1)));
}

TEST(Distribution, NormalCdf) {
  EXPECT_NEAR(normal_cdf(-8) / 6.22096057427174e-16, 1, 1e-13);
  EXPECT_NEAR(normal_cdf(-1.96), 0.024997895148220435, 1e-16);
  EXPECT_EQ(normal_cdf(0), 0.5);
  EXPECT_NEAR(normal_cdf(0.5), 0.6914624612740131, 1e-15);
  EXPECT_NEAR(normal_cdf(3), 0.9986501019683699, 1e-15);
}

TEST(Distribution, TCdf) {
  EXPECT_NEAR(t_cdf(0, 3), 0.5, 1e-15);
  EXPECT_NEAR(t_cdf(1, 1), 0.75, 1e-14);
  EXPECT_NEAR(t_cdf(-2.5, 4), 0.03338327240599406, 1e-15);
  EXPECT_NEAR(t_cdf(12, 2), 0.9965635331614208, 1e-14);
  EXPECT_NEAR(t_cdf(-30, 5) / 3.8593243102480234e-07, 1, 1e-12);
  EXPECT_NEAR(t_cdf(1.96, 1000), 0.9748634075221256, 1e-12);
  EXPECT_NEAR(t_cdf(-5, 2.5), 0.011725594985430922, 1e-15);
  EXPECT_NEAR(t_cdf(-1e-3, 7), 0.4996150086224994, 1e-14);
  EXPECT_NEAR(t_cdf(0.5, 1e6), 0.6914624062638142, 1e-9);
  EXPECT_EQ(t_cdf(-HUGE_VAL, 5), 0);
  EXPECT_EQ(t_cdf(HUGE_VAL, 5), 1);
}

// mpmath 1.3.0 with 30 digits: scipy's own t.ppf has only ten.
TEST(Distribution, TQuantile) {
  EXPECT_NEAR(t_quantile(0.975, 1), 12.7062047361747046, 1e-13);
  EXPECT_NEAR(t_quantile(0.975, 4), 2.77644510519779436, 1e-14);
  EXPECT_NEAR(t_quantile(0.975, 9), 2.26215716279820554, 1e-13);
  EXPECT_NEAR(t_quantile(0.975, 323), 1.96733560733052544, 1e-11);
  EXPECT_NEAR(t_quantile(0.6, 2.5), 0.281459512748547657, 1e-13);
  EXPECT_NEAR(t_quantile(0.001, 3), -10.2145318524073865, 1e-11);
  EXPECT_NEAR(t_quantile(1e-8, 6), -38.6620104463431211, 1e-9);
  EXPECT_NEAR(t_quantile(0.975, 1e6), 1.9599663568141066, 1e-7);
  EXPECT_EQ(t_quantile(0.5, 3), 0);
}

TEST(Interval, Wilson) {
  const auto expect = [](int64_t k, int64_t n, double low, double high) {
    const Figure f = wilson(k, n);
    EXPECT_NEAR(f.low, low, 1e-14);
    EXPECT_NEAR(f.high, high, 1e-14);
  };
  expect(0, 10, 0, 0.27753279986288926);
  expect(3, 10, 0.10779126740630102, 0.6032218525388546);
  expect(10, 10, 0.7224672001371109, 1);
  expect(81, 263, 0.2552885198782742, 0.36620957698280004);
  expect(1, 1, 0.20654931437723745, 1);
  EXPECT_TRUE(std::isnan(wilson(0, 0).value));
  EXPECT_EQ(wilson(0, 0).high, 1);
}

TEST(Interval, Mean) {
  const Figure f = mean_interval(std::vector<double>{1, 2, 4, 8, 16.5});
  EXPECT_NEAR(f.value, 6.3, 1e-15);
  EXPECT_NEAR(f.low, -1.5234685742376382, 1e-12);
  EXPECT_NEAR(f.high, 14.123468574237638, 1e-12);
  EXPECT_TRUE(std::isnan(mean_interval(std::vector<double>{1}).low));
  EXPECT_EQ(mean_interval(std::vector<double>{1}).value, 1);
  EXPECT_TRUE(std::isnan(mean_interval(std::vector<double>{}).value));
}

// The formula of Nadeau and Bengio 2003 with scipy's t distribution.
TEST(Interval, CorrectedPairedT) {
  const PairedTest test =
      corrected_paired_t(std::vector<double>{.012, -.004, .02, .009, .015}, 0.25);
  EXPECT_NEAR(test.mean, 0.0104, 1e-16);
  EXPECT_NEAR(test.low, -0.0063934768865872085, 1e-14);
  EXPECT_NEAR(test.high, 0.027193476886587208, 1e-14);
  EXPECT_NEAR(test.p_value, 0.16065918853031522, 1e-13);
  EXPECT_EQ(corrected_paired_t(std::vector<double>{0, 0, 0}, 0.25).p_value, 1);
  EXPECT_EQ(corrected_paired_t(std::vector<double>{1, 1, 1}, 0.25).p_value, 0);
  EXPECT_EQ(corrected_paired_t(std::vector<double>{1}, 0.25).p_value, 1);
}

struct Rows {
  std::vector<int32_t> y;
  std::vector<double> p;
};

// Normal scores, `shift` apart: the true area is the normal CDF of shift / sqrt(2).
Rows binormal(size_t positives, size_t negatives, double shift, Rng& rng) {
  Rows rows;
  for (size_t i = 0; i < positives + negatives; ++i) {
    const bool positive = i < positives;
    rows.y.push_back(positive ? 1 : 0);
    rows.p.push_back(rng.normal() + (positive ? shift : 0));
  }
  return rows;
}

int covers(const Figure& figure, double truth) {
  return figure.low <= truth && truth <= figure.high ? 1 : 0;
}

// DeLong's variance from its definition: all pairs, covariance of the row and column means.
double brute_covariance(const Rows& a, const std::vector<double>& other) {
  std::vector<size_t> positives, negatives;
  for (size_t i = 0; i < a.y.size(); ++i) (a.y[i] == 1 ? positives : negatives).push_back(i);
  const auto psi = [](double x, double y) { return x > y ? 1 : x == y ? 0.5 : 0; };
  const auto part = [&](const std::vector<size_t>& of, const std::vector<size_t>& against,
                        double sign) {
    std::vector<double> u, v;
    for (const size_t i : of) {
      double su = 0, sv = 0;
      for (const size_t j : against) {
        su += psi(sign * a.p[i], sign * a.p[j]);
        sv += psi(sign * other[i], sign * other[j]);
      }
      u.push_back(su / static_cast<double>(against.size()));
      v.push_back(sv / static_cast<double>(against.size()));
    }
    double mu = 0, mv = 0, sum = 0;
    const auto n = static_cast<double>(u.size());
    for (size_t i = 0; i < u.size(); ++i) mu += u[i] / n, mv += v[i] / n;
    for (size_t i = 0; i < u.size(); ++i) sum += (u[i] - mu) * (v[i] - mv);
    return sum / (n - 1) / n;
  };
  return part(positives, negatives, 1) + part(negatives, positives, -1);
}

TEST(DeLong, AgreesWithAllPairs) {
  Rng rng(Seed{11});
  for (const bool ties : {false, true}) {
    Rows rows = binormal(35, 60, 1, rng);
    std::vector<double> other = rows.p;
    for (double& v : other) v += rng.normal();
    if (ties) {
      for (double& v : rows.p) v = std::round(v * 2);
      for (double& v : other) v = std::round(v * 2);
    }
    const double auc = roc_auc(rows.y, rows.p), se = std::sqrt(brute_covariance(rows, rows.p));
    const Figure f = roc_auc_delong(rows.y, rows.p);
    EXPECT_NEAR(f.value, auc, 1e-15);
    const double logit = std::log(auc / (1 - auc)),
                 reach = 1.959963984540054 * se / auc / (1 - auc);
    EXPECT_NEAR(std::log(f.low / (1 - f.low)), logit - reach, 1e-12);
    EXPECT_NEAR(std::log(f.high / (1 - f.high)), logit + reach, 1e-12);

    const AucDifference d = roc_auc_difference(rows.y, rows.p, other);
    const double variance = brute_covariance(rows, rows.p) +
                            brute_covariance({rows.y, other}, other) -
                            2 * brute_covariance(rows, other);
    EXPECT_NEAR(d.difference, auc - roc_auc(rows.y, other), 1e-15);
    EXPECT_NEAR(d.standard_error, std::sqrt(variance), 1e-13);
    EXPECT_NEAR(d.high - d.low, 2 * 1.959963984540054 * d.standard_error, 1e-14);
    EXPECT_NEAR(d.p_value, std::erfc(std::abs(d.difference) / d.standard_error / std::sqrt(2)),
                1e-12);
    const AucDifference back = roc_auc_difference(rows.y, other, rows.p);
    EXPECT_DOUBLE_EQ(back.difference, -d.difference);
    EXPECT_DOUBLE_EQ(back.p_value, d.p_value);
  }
}

TEST(DeLong, ConstantScoreIsExactlyOneHalf) {
  const std::vector<int32_t> y = {1, 0, 1, 0, 0};
  const std::vector<double> p(5, 0.4), q = {.1, .2, .3, .4, .5};
  const Figure f = roc_auc_delong(y, p);
  EXPECT_EQ(f.value, 0.5);
  EXPECT_EQ(f.low, 0.5);
  EXPECT_EQ(f.high, 0.5);
  EXPECT_EQ(roc_auc_difference(y, p, p).p_value, 1);
  EXPECT_NEAR(roc_auc_difference(y, q, p).difference, roc_auc(y, q) - 0.5, 1e-15);
}

// A perfect order of few rows proves little: the interval must not be a point. The limit solves
// |1 - t| = z se(t) with Hanley and McNeil's standard error at t.
TEST(DeLong, PerfectOrderStillHasAnInterval) {
  std::vector<int32_t> y;
  std::vector<double> p;
  for (int i = 0; i < 30; ++i) {
    y.push_back(i < 10 ? 1 : 0);
    p.push_back(i < 10 ? 1 : 0);
  }
  const Figure f = roc_auc_delong(y, p);
  EXPECT_EQ(f.value, 1);
  EXPECT_EQ(f.high, 1);
  const double t = f.low, star = 30 / 2.0 - 1;
  const double variance = t * (1 - t) / 200 * (1 + star * (1 - t) / (2 - t) + star * t / (1 + t));
  EXPECT_NEAR((1 - t) / std::sqrt(variance), 1.959963984540054, 1e-9);
  for (double& v : p) v = -v;
  EXPECT_NEAR(roc_auc_delong(y, p).high, 1 - t, 1e-12);
  EXPECT_EQ(roc_auc_delong(y, p).low, 0);
}

TEST(DeLong, OnePositive) {
  const std::vector<int32_t> y = {1, 0, 0, 0};
  const Figure f = roc_auc_delong(y, std::vector<double>{.6, .1, .9, .2});
  EXPECT_NEAR(f.value, 2.0 / 3, 1e-15);
  EXPECT_LT(f.low, 0.3);
  EXPECT_GT(f.high, 0.9);
}

// A 95 % interval that covers the truth in 1,000 fixed simulations: 950 +- 4 standard errors (28).
TEST(Coverage, DeLong) {
  const double shift = 1.4, truth = normal_cdf(shift / std::sqrt(2.0));
  int covered = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    Rng rng(Seed{2}.child(i));
    const Rows rows = binormal(40, 80, shift, rng);
    const Figure f = roc_auc_delong(rows.y, rows.p);
    covered += covers(f, truth);
  }
  EXPECT_GE(covered, 922);
  EXPECT_LE(covered, 978);
}

TEST(Coverage, DifferenceOfEqualAreas) {
  int called_different = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    Rng rng(Seed{3}.child(i));
    Rows rows = binormal(50, 70, 1, rng);
    std::vector<double> a = rows.p, b = rows.p;
    for (double& v : a) v += 0.7 * rng.normal();
    for (double& v : b) v += 0.7 * rng.normal();
    called_different += roc_auc_difference(rows.y, a, b).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_GE(called_different, 22);
  EXPECT_LE(called_different, 78);
}

// Exact coverage by summing the binomial distribution. Wilson's swings around 95 % and its mean
// over shares is what Agresti and Coull (1998) recommend it for.
TEST(Coverage, Wilson) {
  const int n = 50;
  double mean = 0;
  for (int k = 1; k < 100; ++k) {
    const double share = k / 100.0;
    double covered = 0;
    for (int s = 0; s <= n; ++s) {
      const Figure f = wilson(s, n);
      const double mass =
          std::exp(std::lgamma(n + 1) - std::lgamma(s + 1) - std::lgamma(n - s + 1) +
                   s * std::log(share) + (n - s) * std::log1p(-share));
      covered += covers(f, share) * mass;
    }
    EXPECT_GT(covered, 0.89) << share;
    mean += covered / 99;
  }
  EXPECT_NEAR(mean, 0.95, 0.01);
}

TEST(Coverage, Mean) {
  int covered = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    Rng rng(Seed{4}.child(i));
    std::vector<double> v(8);
    for (double& x : v) x = 3 + rng.normal();
    const Figure f = mean_interval(v);
    covered += covers(f, 3);
  }
  EXPECT_GE(covered, 922);
  EXPECT_LE(covered, 978);
}

// The share of positives at probability p is `rate(p)`; p is uniform.
template <typename Rate>
Rows drawn_rows(size_t n, Rate rate, Rng& rng) {
  Rows rows;
  for (size_t k = 0; k < n; ++k) {
    rows.p.push_back(rng.uniform());
    rows.y.push_back(rng.bernoulli(rate(rows.p.back())) ? 1 : 0);
  }
  return rows;
}

// Calibrated rows: precision at threshold t is (1 + t) / 2 and recall 1 - t^2, so average precision
// is the integral of (1 + t) / 2 * 2 t dt = 5/6, and F1 at 1/2 is 0.75.
TEST(Coverage, BootstrapOfAveragePrecisionAndF1) {
  int precision_covered = 0, f1_covered = 0;
  for (uint64_t i = 0; i < 400; ++i) {
    Rng rng(Seed{5}.child(i));
    const Rows rows = drawn_rows(
        300, [](double p) { return p; }, rng);
    const BootstrapFigures f = bootstrap_figures(rows.y, rows.p, 0.5, 10, 200, Seed{6}.child(i));
    precision_covered += covers(f.average_precision, 5.0 / 6);
    f1_covered += covers(f.f1, 0.75);
  }
  // 380 of 400 and four standard errors (17), percentile intervals of 200 rounds being a bit short.
  EXPECT_GE(precision_covered, 363);
  EXPECT_GE(f1_covered, 363);
}

// True calibration errors: nought; |p - (0.1 + 0.8 p)| = |0.1 - 0.2 p|, mean 0.05; 0.3 p, mean
// 0.15.
// Of 1,000 intervals that each cover with 95 %, fewer than 928 do so once in a thousand times
// (binomial); of intervals that cover with 90 %, 928 or more do so once in a thousand times as
// well.
TEST(Coverage, CalibrationError) {
  constexpr uint64_t kDraws = 1000;
  constexpr int kFewest = 928;
  const auto covered = [](auto rate, double truth, uint64_t seed) {
    int count = 0;
    for (uint64_t i = 0; i < kDraws; ++i) {
      Rng rng(Seed{seed}.child(i));
      const Rows rows = drawn_rows(300, rate, rng);
      count += covers(calibration_error_interval(rows.y, rows.p, 10), truth);
    }
    return count;
  };
  EXPECT_GE(covered([](double p) { return p; }, 0, 1), kFewest);
  EXPECT_GE(covered([](double p) { return 0.1 + 0.8 * p; }, 0.05, 2), kFewest);
  EXPECT_GE(covered([](double p) { return 0.7 * p; }, 0.15, 3), kFewest);
}

// By hand. All rows have one score, so there is one bin: 50 of 100 where 90 were announced; the
// standard error is sqrt(0.5 * 0.5 / 100) = 0.05 and nought is far, so the limits are those of a
// normal: 0.4 -+ 1.959964 * 0.05.
TEST(CalibrationError, OneBinFarFromNoughtHasTheNormalInterval) {
  std::vector<int32_t> y(100, 0);
  std::fill(y.begin(), y.begin() + 50, 1);
  const Figure f = calibration_error_interval(y, std::vector<double>(100, 0.9), 10);
  EXPECT_NEAR(f.value, 0.4, 1e-12);
  EXPECT_NEAR(f.low, 0.4 - 0.0979982, 1e-6);
  EXPECT_NEAR(f.high, 0.4 + 0.0979982, 1e-6);
}

// Nothing wrong to be seen: the error may be nought, and is not known to be.
TEST(CalibrationError, ExactAgreementLeavesRoomAbove) {
  std::vector<int32_t> y(100, 0);
  std::fill(y.begin(), y.begin() + 50, 1);
  const Figure f = calibration_error_interval(y, std::vector<double>(100, 0.5), 10);
  EXPECT_EQ(f.value, 0);
  EXPECT_EQ(f.low, 0);
  const Figure nobody = calibration_error_interval({}, {}, 10);
  EXPECT_TRUE(std::isnan(nobody.value));
}

TEST(Bootstrap, QuickFiguresAgreeWithTheRowsWrittenOut) {
  Rng rng(Seed{12});
  for (const bool ties : {false, true}) {
    Rows rows = binormal(37, 88, 1, rng);
    for (double& v : rows.p) {
      v = 1 / (1 + std::exp(-v));
      if (ties) v = std::round(v * 8) / 8;
    }
    const BootstrapFigures quick = bootstrap_figures(rows.y, rows.p, 0.5, 10, 100, Seed{9});
    const Figure precision = bootstrap(rows.y, rows.p, average_precision, 100, Seed{9});
    const Figure slow_f1 = bootstrap_at(rows.y, rows.p, 0.5, f1, 100, Seed{9});
    const Figure error = calibration_error_interval(rows.y, rows.p, 10);
    EXPECT_EQ(quick.average_precision.value, precision.value);
    EXPECT_EQ(quick.f1.low, slow_f1.low);
    EXPECT_EQ(quick.f1.high, slow_f1.high);
    EXPECT_EQ(error.value, expected_calibration_error(rows.y, rows.p, 10));
    EXPECT_EQ(quick.calibration_error.value, error.value);
    EXPECT_EQ(quick.calibration_error.low, error.low);
    EXPECT_EQ(quick.calibration_error.high, error.high);
  }
}

TEST(Bootstrap, SameSeedSameFigure) {
  Rng rng(Seed{13});
  const Rows rows = binormal(20, 30, 1, rng);
  const Figure a = bootstrap(rows.y, rows.p, roc_auc, 200, Seed{1});
  const Figure b = bootstrap(rows.y, rows.p, roc_auc, 200, Seed{1});
  const Figure c = bootstrap(rows.y, rows.p, roc_auc, 200, Seed{2});
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_NE(a.low, c.low);
  const Figure delong = roc_auc_delong(rows.y, rows.p);
  EXPECT_NEAR(a.low, delong.low, 0.06);
  EXPECT_NEAR(a.high, delong.high, 0.06);
}

TEST(Bootstrap, OneClass) {
  const std::vector<int32_t> none(5, 0);
  const std::vector<double> p = {.1, .2, .3, .4, .5};
  const BootstrapFigures f = bootstrap_figures(none, p, 0.3, 10, 50, Seed{1});
  EXPECT_TRUE(std::isnan(f.average_precision.value));
  EXPECT_EQ(f.f1.value, 0);
  EXPECT_EQ(f.f1.high, 0);
  EXPECT_NEAR(f.calibration_error.value, 0.3, 1e-15);
}

}  // namespace
}  // namespace perennial
