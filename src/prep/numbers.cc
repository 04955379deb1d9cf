#include "prep/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>

#include "prep/curve.h"

namespace perennial {
namespace {

// Sums and extremes run in lanes that the processor works on side by side; the lanes are put
// together in a fixed order, so the same values give the same bits.
constexpr size_t kLanes = 8;

// Sum of term(v) over the values.
template <typename Term>
double sum_of(const std::vector<double>& values, Term term) {
  double lanes[kLanes] = {};
  const size_t whole = values.size() - values.size() % kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) lanes[k] += term(values[i + k]);
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  for (size_t i = whole; i < values.size(); ++i) sum += term(values[i]);
  return sum;
}

struct Extremes {
  double low = 0, high = 0;
};

// Of at least one value.
Extremes extremes_of(const std::vector<double>& values) {
  double low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, values[0]);
  std::fill_n(high, kLanes, values[0]);
  const size_t whole = values.size() - values.size() % kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      low[k] = std::min(low[k], values[i + k]);
      high[k] = std::max(high[k], values[i + k]);
    }
  }
  Extremes result{*std::min_element(low, low + kLanes), *std::max_element(high, high + kLanes)};
  for (size_t i = whole; i < values.size(); ++i) {
    result.low = std::min(result.low, values[i]);
    result.high = std::max(result.high, values[i]);
  }
  return result;
}

// The power of two that brings the largest magnitude near 1, so that sums and squares neither
// overflow nor vanish. Multiplying by it is exact.
int common_exponent(const std::vector<double>& values) {
  const Extremes extremes = extremes_of(values);
  const double largest = std::max(std::abs(extremes.low), std::abs(extremes.high));
  if (largest == 0 || (largest > 1e-100 && largest < 1e100)) return 0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return exponent;
}

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto n = static_cast<double>(values.size());
  const double mean = sum_of(values, [](double v) { return v; }) / n;
  // A second pass takes out the rounding of the first.
  return mean + sum_of(values, [=](double v) { return v - mean; }) / n;
}

// The values at places n / 2 - 1 and n / 2 of the sorted values (the second alone where n is odd),
// without sorting: counts of values in bins of equal width say which few have to be put in order.
double median_of(const std::vector<double>& values) {
  constexpr size_t kBins = 2048;
  if (values.empty()) return 0;
  const Extremes extremes = extremes_of(values);
  const double low = extremes.low, unit = static_cast<double>(kBins - 1) / (extremes.high - low);
  const bool binned = std::isfinite(unit);  // false: all are equal, or too close for bins
  const auto bin_of = [=](double v) { return static_cast<uint32_t>((v - low) * unit); };
  size_t place = values.size() / 2;
  double below = low;  // the greatest value of the bins before
  std::vector<double> few;
  if (binned) {
    std::vector<uint32_t> counts(kBins, 0);
    for (const double v : values) ++counts[bin_of(v)];
    uint32_t bin = 0;
    while (place >= counts[bin]) place -= counts[bin++];
    few.resize(counts[bin] + 1);
    size_t found = 0;
    for (const double v : values) {
      const uint32_t here = bin_of(v);
      below = std::max(below, here < bin ? v : low);
      few[found] = v;
      found += here == bin;
    }
    few.pop_back();
  } else {
    few = values;
  }
  const auto middle = few.begin() + static_cast<ptrdiff_t>(place);
  std::nth_element(few.begin(), middle, few.end());
  if (values.size() % 2 == 1) return *middle;
  return std::midpoint(place == 0 ? below : *std::max_element(few.begin(), middle), *middle);
}

NumberFit fit_standard(const std::vector<double>& present, size_t filled, double fill) {
  const double n = static_cast<double>(present.size() + filled);
  const double weight = static_cast<double>(filled);
  const double plain = mean_of(present);
  const double mean =
      filled == 0 ? plain : plain * (static_cast<double>(present.size()) / n) + fill * (weight / n);
  const double squares = weight * (fill - mean) * (fill - mean) +
                         sum_of(present, [=](double v) { return (v - mean) * (v - mean); });
  const double variance = squares / n;
  // The rounding of n equal values is not a spread (the bound of scikit-learn's StandardScaler).
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const double noise = n * mean * kEpsilon;
  const bool constant = variance <= n * kEpsilon * variance + noise * noise;
  return {.shift = mean, .scale = constant ? 0 : std::sqrt(variance), .fill = fill};
}

NumberFit fit_min_max(const std::vector<double>& present, double fill) {
  const Extremes extremes = extremes_of(present);
  return {.shift = extremes.low, .scale = extremes.high - extremes.low, .fill = fill};
}

NumberFit fit_robust(std::vector<double> values, size_t filled, double fill) {
  values.insert(values.end(), filled, fill);
  std::sort(values.begin(), values.end());
  return {.shift = quantile_of(values, 0.5),
          .scale = quantile_of(values, 0.75) - quantile_of(values, 0.25),
          .fill = fill};
}

}  // namespace

NumberFit fit_numbers(std::vector<double>& present, size_t missing, const std::string& scale,
                      const std::string& impute) {
  if (present.empty()) return {};
  const int exponent = common_exponent(present);
  if (exponent != 0) {
    for (double& v : present) v = std::ldexp(v, -exponent);
  }
  double fill = 0;
  if (impute == "mean") fill = mean_of(present);
  if (impute == "median") fill = median_of(present);
  NumberFit fit{.fill = fill};
  if (scale == "standard") fit = fit_standard(present, impute == "none" ? 0 : missing, fill);
  if (scale == "min_max") fit = fit_min_max(present, fill);
  if (scale == "robust") fit = fit_robust(present, impute == "none" ? 0 : missing, fill);
  if (scale == "none") return {.fill = std::ldexp(fill, exponent)};
  const double unit = std::ldexp(fit.scale, exponent);
  constexpr double kLargest = std::numeric_limits<double>::max();
  return {.shift = std::ldexp(fit.shift, exponent),
          .scale = fit.scale == 0 || unit == 0 ? 1 : std::min(unit, kLargest),
          .fill = std::ldexp(fill, exponent)};
}

}  // namespace perennial
