#include "metric/resample.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace

double deviation(const std::vector<double>& v) {
  if (v.size() < 2) return 0;
  double mean = 0, squares = 0;
  for (const double x : v) mean += x / static_cast<double>(v.size());
  for (const double x : v) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(v.size() - 1));
}

Figure percentile_figure(double value, std::vector<double> rounds) {
  std::erase_if(rounds, [](double v) { return std::isnan(v); });
  if (rounds.empty() || std::isnan(value)) return {.value = value, .low = kNaN, .high = kNaN};
  std::ranges::sort(rounds);
  return {.value = value,
          .low = std::min(value, quantile(rounds, 0.025)),
          .high = std::max(value, quantile(rounds, 0.975))};
}

Figure logit_figure(double value, const std::vector<double>& rounds) {
  if (!(value > 0 && value < 1)) return percentile_figure(value, rounds);
  std::vector<double> logits;
  for (const double v : rounds) {
    if (v > 0 && v < 1) logits.push_back(std::log(v / (1 - v)));
  }
  if (logits.size() < 2) return percentile_figure(value, rounds);
  const double reach = normal_quantile(0.975) * deviation(logits);
  const double logit = std::log(value / (1 - value));
  return {.value = value,
          .low = std::min(value, 1 / (1 + std::exp(reach - logit))),
          .high = std::max(value, 1 / (1 + std::exp(-logit - reach)))};
}

const std::vector<uint32_t>& Draws::next() {
  std::ranges::fill(counts_, 0);
  const uint64_t n = counts_.size();
  if (n > UINT32_MAX) {
    for (size_t i = 0; i < n; ++i) ++counts_[rng_.below(n)];
    return counts_;
  }
  const uint64_t refused = (uint64_t{1} << 32) % n;
  for (size_t left = n; left > 0;) {
    const uint64_t word = rng_.next();
    for (const uint64_t half : {word >> 32, word & UINT32_MAX}) {
      const uint64_t product = half * n;
      if (left == 0 || (product & UINT32_MAX) < refused) continue;
      ++counts_[product >> 32];
      --left;
    }
  }
  return counts_;
}

Seed block_seed(Seed seed, size_t first_round) {
  return seed.child(static_cast<uint64_t>(first_round));
}

void in_blocks(size_t rounds, const Workers* workers,
               const std::function<void(size_t, size_t)>& take) {
  if (workers != nullptr) {
    workers->run_blocks(rounds, kRoundsABlock, take);
    return;
  }
  for (size_t i = 0; i < rounds; i += kRoundsABlock) take(i, std::min(rounds, i + kRoundsABlock));
}

}  // namespace perennial
