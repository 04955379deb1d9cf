// Intervals of shares and means, and the comparison over folds.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/metric.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Moments {
  double mean = kNaN, variance = kNaN;  // of the sample, n - 1
};

// Two passes: the variance of close values does not drown in rounding.
Moments moments(std::span<const double> v) {
  Moments m;
  if (v.empty()) return m;
  const auto n = static_cast<double>(v.size());
  double sum = 0;
  for (const double x : v) sum += x;
  m.mean = sum / n;
  if (v.size() < 2) return m;
  double squares = 0;
  for (const double x : v) squares += (x - m.mean) * (x - m.mean);
  m.variance = squares / (n - 1);
  return m;
}

}  // namespace

// Wilson 1927, without continuity correction.
Figure wilson(int64_t successes, int64_t n) {
  PERENNIAL_CHECK(n >= 0 && successes >= 0 && successes <= n);
  if (n == 0) return {.value = kNaN, .low = 0, .high = 1};
  const double z = normal_quantile(0.975);
  const auto rows = static_cast<double>(n);
  const double share = static_cast<double>(successes) / rows;
  const double scale = 1 + z * z / rows;
  const double centre = (share + z * z / (2 * rows)) / scale;
  const double reach =
      z / scale * std::sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows));
  return {.value = share,
          .low = successes == 0 ? 0 : std::max(0.0, centre - reach),
          .high = successes == n ? 1 : std::min(1.0, centre + reach)};
}

Figure mean_interval(std::span<const double> values) {
  const Moments m = moments(values);
  if (values.size() < 2) return {.value = m.mean, .low = kNaN, .high = kNaN};
  const auto n = static_cast<double>(values.size());
  const double reach = t_quantile(0.975, n - 1) * std::sqrt(m.variance / n);
  return {.value = m.mean, .low = m.mean - reach, .high = m.mean + reach};
}

PairedTest corrected_paired_t(std::span<const double> differences, double test_over_train) {
  PERENNIAL_CHECK(test_over_train >= 0);
  const Moments m = moments(differences);
  PairedTest test{.mean = m.mean, .low = -kInfinity, .high = kInfinity, .p_value = 1};
  if (differences.size() < 2) return test;
  const auto k = static_cast<double>(differences.size());
  const double error = std::sqrt(m.variance * (1 / k + test_over_train));
  const double reach = t_quantile(0.975, k - 1) * error;
  test.low = m.mean - reach;
  test.high = m.mean + reach;
  if (error > 0) {
    test.p_value = 2 * t_cdf(-std::abs(m.mean) / error, k - 1);
  } else {
    test.p_value = m.mean == 0 ? 1 : 0;
  }
  return test;
}

}  // namespace perennial
