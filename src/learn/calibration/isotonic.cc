// Pool adjacent violators (Ayer et al. 1955; Barlow et al. 1972), in one pass with a stack.
#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "learn/calibration/calibration.h"

namespace perennial {
namespace {

struct Block {
  double first, last;  // x
  double sum, weight;
  double mean() const { return sum / weight; }
};

// One block for each x that occurs, rising.
std::vector<Block> points(std::span<const double> x, std::span<const double> y,
                          std::span<const double> weight) {
  std::vector<uint32_t> order(x.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return x[a] < x[b]; });
  std::vector<Block> out;
  for (const uint32_t i : order) {
    if (out.empty() || out.back().last < x[i]) {
      out.push_back({.first = x[i], .last = x[i], .sum = 0, .weight = 0});
    }
    out.back().sum += weight[i] * y[i];
    out.back().weight += weight[i];
  }
  return out;
}

}  // namespace

Steps fit_isotonic(std::span<const double> x, std::span<const double> y,
                   std::span<const double> weight) {
  PERENNIAL_CHECK(!x.empty() && x.size() == y.size() && x.size() == weight.size());
  std::vector<Block> blocks;
  for (Block next : points(x, y, weight)) {
    while (!blocks.empty() && blocks.back().mean() >= next.mean()) {
      next.first = blocks.back().first;
      next.sum += blocks.back().sum;
      next.weight += blocks.back().weight;
      blocks.pop_back();
    }
    blocks.push_back(next);
  }
  Steps out;
  for (const Block& block : blocks) {
    out.x.push_back(block.first);
    out.y.push_back(block.mean());
    if (block.last == block.first) continue;
    out.x.push_back(block.last);
    out.y.push_back(block.mean());
  }
  return out;
}

}  // namespace perennial
