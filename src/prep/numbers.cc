#include "prep/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace perennial {
namespace {

// The power of two that brings the largest magnitude near 1, so that sums and squares neither
// overflow nor vanish. Multiplying by it is exact.
int common_exponent(const std::vector<double>& values) {
  double largest = 0;
  for (double v : values) largest = std::max(largest, std::abs(v));
  if (largest == 0 || (largest > 1e-100 && largest < 1e100)) return 0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return exponent;
}

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return 0;
  double sum = 0;
  for (double v : values) sum += v;
  const double mean = sum / static_cast<double>(values.size());
  // A second pass takes out the rounding of the first.
  double rest = 0;
  for (double v : values) rest += v - mean;
  return mean + rest / static_cast<double>(values.size());
}

double median_of(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return std::midpoint(*std::max_element(values.begin(), middle), *middle);
}

NumberFit fit_standard(const std::vector<double>& present, size_t filled, double fill) {
  const double n = static_cast<double>(present.size() + filled);
  const double weight = static_cast<double>(filled);
  const double plain = mean_of(present);
  const double mean =
      filled == 0 ? plain : plain * (static_cast<double>(present.size()) / n) + fill * (weight / n);
  double squares = weight * (fill - mean) * (fill - mean);
  for (double v : present) squares += (v - mean) * (v - mean);
  const double variance = squares / n;
  // The rounding of n equal values is not a spread (the bound of scikit-learn's StandardScaler).
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const double noise = n * mean * kEpsilon;
  const bool constant = variance <= n * kEpsilon * variance + noise * noise;
  return {.shift = mean, .scale = constant ? 0 : std::sqrt(variance), .fill = fill};
}

NumberFit fit_min_max(const std::vector<double>& present, double fill) {
  const auto [low, high] = std::minmax_element(present.begin(), present.end());
  return {.shift = *low, .scale = *high - *low, .fill = fill};
}

}  // namespace

NumberFit fit_numbers(std::vector<double>& present, size_t missing, const std::string& scale,
                      const std::string& impute) {
  if (present.empty()) return {};
  const int exponent = common_exponent(present);
  if (exponent != 0) {
    for (double& v : present) v = std::ldexp(v, -exponent);
  }
  // The sum in the order of the rows: the median reorders, so the mean comes first.
  double fill = impute == "mean" ? mean_of(present) : 0;
  NumberFit fit{.fill = fill};
  if (impute == "median") fit.fill = fill = median_of(present);
  if (scale == "standard") fit = fit_standard(present, impute == "none" ? 0 : missing, fill);
  if (scale == "min_max") fit = fit_min_max(present, fill);
  if (scale == "none") return {.fill = std::ldexp(fill, exponent)};
  const double unit = std::ldexp(fit.scale, exponent);
  constexpr double kLargest = std::numeric_limits<double>::max();
  return {.shift = std::ldexp(fit.shift, exponent),
          .scale = fit.scale == 0 || unit == 0 ? 1 : std::min(unit, kLargest),
          .fill = std::ldexp(fill, exponent)};
}

}  // namespace perennial
