// Rows drawn with replacement.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/seed.h"

namespace perennial {

// A row of weight 2 is two rows: as many rows are drawn as the weights sum to, each row in
// proportion to its weight. Between one draw a row and kMostDraws a row in any case; each draw
// then weighs so that the sum of the weights stays.
class Bootstrap {
 public:
  static constexpr double kMostDraws = 64;

  // REQUIRES: weights > 0, at least one.
  explicit Bootstrap(std::span<const double> weights);
  // The weight of each row in one sample; 0 where it was not drawn.
  std::vector<double> draw(Seed seed) const;

 private:
  std::vector<double> up_to_;    // weights summed up to and with each row
  std::vector<uint32_t> guide_;  // the first row that can hold the k-th of rows equal parts
  uint64_t draws_ = 0;
  double weight_of_draw_ = 1;
};

}  // namespace perennial
