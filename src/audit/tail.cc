#include "audit/tail.h"

#include <algorithm>
#include <cmath>

namespace perennial {
namespace {

// The power of the tail is estimated from this share of the numbers, within bounds.
size_t tail_size(size_t n) { return std::clamp<size_t>(n / 50, 20, 200); }

// Tails that fall faster than distance^-10 are taken to fall like that: ties and bounded scales
// would otherwise make any step look impossible.
constexpr double kMinHill = 0.1;

}  // namespace

// A quick look at long columns: whether a gap is out of the question. The 99th percentile of 2,048
// evenly spread numbers lies inside any gap that at most n / 500 numbers stand beyond (20 of the
// sample are above it, where 4 are expected beyond), and the sample's median is near the whole's.
bool may_have_gap(const std::vector<double>& numbers, double end,
                  const std::function<double(double)>& turned, double min_ratio) {
  constexpr size_t kSample = 2048;
  if (numbers.size() < 10 * kSample) return true;
  std::vector<double> sample;
  for (size_t i = 0; i < kSample; ++i) {
    sample.push_back(turned(numbers[i * numbers.size() / kSample]));
  }
  const double median = median_of(sample);
  const auto high = sample.begin() + kSample * 99 / 100;
  std::nth_element(sample.begin(), high, sample.end());
  const double inside = *high - median, farthest = turned(end) - median;
  // A tenth of slack for what the sample's median misses.
  return !(inside > 0 && farthest < 0.9 * min_ratio * inside);
}

double median_of(std::vector<double>& numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

std::optional<TailGap> upper_gap(std::vector<double>& numbers, double min_ratio, double max_p) {
  const size_t n = numbers.size();
  if (n < 50) return std::nullopt;
  const auto same = [](double number) { return number; };
  const double largest = *std::max_element(numbers.begin(), numbers.end());
  if (!may_have_gap(numbers, largest, same, min_ratio)) return std::nullopt;
  const double median = median_of(numbers);
  const size_t most = std::max<size_t>(3, n / 500), k = tail_size(n);
  const size_t keep = std::min(n, most + k + 1);
  const auto end = numbers.begin() + static_cast<std::ptrdiff_t>(keep);
  std::nth_element(numbers.begin(), end - 1, numbers.end(), std::greater<>());
  std::sort(numbers.begin(), end, std::greater<>());
  const bool whole = std::all_of(numbers.begin(), end, [](double v) { return v == std::floor(v); });
  std::vector<double> logs(keep);
  for (size_t i = 0; i < keep; ++i) {
    const double distance = numbers[i] - median;
    logs[i] = distance > 0 ? std::log(distance) : -HUGE_VAL;
  }
  std::optional<TailGap> best;
  for (size_t m = 1; m <= most && m + k < keep; ++m) {
    const double inside = numbers[m] - median + (whole ? 1 : 0);
    const double outside = numbers[m - 1] - median;
    if (!(numbers[m] > median) || outside < min_ratio * inside) continue;
    double hill = 0;
    for (size_t j = 0; j < k; ++j) {
      // Numbers at the median itself say nothing about the tail: count them at the unit distance.
      hill += std::isinf(logs[m + k]) ? kMinHill : logs[m + j] - logs[m + k];
    }
    hill = std::max(hill / static_cast<double>(k), kMinHill);
    const double spacing = static_cast<double>(m) * std::log(outside / inside);
    const double p =
        std::pow(1 + spacing / (static_cast<double>(k) * hill), -static_cast<double>(k));
    if (p >= max_p || (best && p >= best->p)) continue;
    best = TailGap{.inside = numbers[m],
                   .outside = numbers[m - 1],
                   .farthest = numbers[0],
                   .count = m,
                   .ratio = outside / (numbers[m] - median),
                   .p = p};
  }
  return best;
}

Mode mode_of(const std::vector<double>& numbers) {
  std::vector<double> sample;
  const size_t step = numbers.size() / 2048 + 1;
  for (size_t i = 0; i < numbers.size(); i += step) {
    if (std::isfinite(numbers[i])) sample.push_back(numbers[i]);
  }
  std::sort(sample.begin(), sample.end());
  Mode mode;
  size_t longest = 1, run = 1;
  for (size_t i = 1; i < sample.size(); ++i) {
    run = sample[i] == sample[i - 1] ? run + 1 : 1;
    if (run <= longest) continue;
    longest = run;
    mode.number = sample[i];
  }
  if (longest < 2) return mode;
  mode.count = static_cast<size_t>(std::count(numbers.begin(), numbers.end(), mode.number));
  return mode;
}

std::vector<double> bulk_numbers(const std::vector<double>& numbers) {
  const Mode mode = mode_of(numbers);
  std::vector<double> bulk;
  bulk.reserve(numbers.size());
  const auto finite = static_cast<size_t>(
      std::count_if(numbers.begin(), numbers.end(), [](double v) { return std::isfinite(v); }));
  const bool drop = mode.count * 2 > finite;
  for (const double number : numbers) {
    if (std::isfinite(number) && !(drop && number == mode.number)) bulk.push_back(number);
  }
  return bulk;
}

}  // namespace perennial
