#include "learn/forest/bootstrap.h"

#include <algorithm>
#include <cmath>

namespace perennial {

// The guide makes a draw take constant time (Chen and Asau 1974).
Bootstrap::Bootstrap(std::span<const double> weights) : guide_(weights.size()) {
  double sum = 0;
  for (double w : weights) up_to_.push_back(sum += w);
  const double rows = static_cast<double>(weights.size());
  uint32_t row = 0;
  for (size_t k = 0; k < guide_.size(); ++k) {
    const double part = static_cast<double>(k) / rows * sum;
    while (row + 1 < up_to_.size() && up_to_[row] <= part) ++row;
    guide_[k] = row;
  }
  const double draws = std::clamp(std::round(sum), rows, kMostDraws * rows);
  draws_ = static_cast<uint64_t>(draws);
  weight_of_draw_ = sum / draws;
}

std::vector<double> Bootstrap::draw(Seed seed) const {
  std::vector<double> weight(up_to_.size(), 0.0);
  const double rows = static_cast<double>(up_to_.size());
  Rng rng(seed);
  for (uint64_t n = 0; n < draws_; ++n) {
    const double share = rng.uniform();
    const double at = share * up_to_.back();
    // The product may round up to the next part, whose first row may lie behind the one sought.
    uint32_t row = guide_[std::min(static_cast<size_t>(share * rows), guide_.size() - 1)];
    while (row > 0 && up_to_[row - 1] > at) --row;
    while (row + 1 < up_to_.size() && up_to_[row] <= at) ++row;
    weight[row] += weight_of_draw_;
  }
  return weight;
}

}  // namespace perennial
