// What bootstrap intervals share: draws of rows, and figures from the rounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "metric/metric.h"

namespace perennial {

// Standard deviation; 0 for fewer than two values.
double deviation(const std::vector<double>& v);

// `rounds` holds the metric of each round; percentiles 2.5 and 97.5, widened to hold the value.
// Rounds that are not numbers are left out; limits NaN where none is left.
Figure percentile_figure(double value, std::vector<double> rounds);

// Normal interval on the logit scale with the spread of the rounds (Boyd, Eng and Page 2013
// recommend the logit for average precision). A resample repeats rows, which flatters its average
// precision; that shifts percentiles but hardly the spread.
Figure logit_figure(double value, const std::vector<double>& rounds);

// Draws rows: how often each of them comes up. Each half of a random word is a draw where the
// number of rows leaves room (Lemire 2019, without bias).
class Draws {
 public:
  Draws(size_t rows, Seed seed) : rng_(seed), counts_(rows) {}
  const std::vector<uint32_t>& next();

 private:
  Rng rng_;
  std::vector<uint32_t> counts_;
};

// Rounds come in blocks with a seed each, so that threads may share them.
inline constexpr size_t kRoundsABlock = 50;
Seed block_seed(Seed seed, size_t first_round);
// take(first, last) for each block of rounds. The workers, if any, share the blocks.
void in_blocks(size_t rounds, const Workers* workers,
               const std::function<void(size_t, size_t)>& take);

}  // namespace perennial
