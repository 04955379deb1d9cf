// A gap in the tail of a column that the tail itself does not explain.
#pragma once

#include <functional>
#include <optional>
#include <vector>

namespace perennial {

struct TailGap {
  double inside = 0;    // the farthest number on this side of the gap
  double outside = 0;   // the nearest number beyond it
  double farthest = 0;  // the farthest number of all
  size_t count = 0;     // numbers beyond the gap
  double ratio = 1;     // distance from the median: nearest beyond / farthest inside
  double p = 1;         // chance of such a gap if the tail goes on as it does inside
};

// Looks at the distances of numbers above a median (pass negated numbers for the lower side): under
// a tail that falls by a power law, the logarithms of the m-th largest distance's spacings are
// exponential with rate m * alpha (Renyi 1953); alpha is estimated from the distances just inside
// the gap (Hill 1975), and p is the predictive probability with that many distances, so that the
// test adapts to light and to heavy tails alike. At most max(3, n / 500) numbers may stand beyond
// the gap. Integers get a unit of slack: counts leave gaps of one by themselves. `numbers` are
// finite and are reordered. nullopt: fewer than 50 numbers, or no gap of `min_ratio` with
// p < max_p.
std::optional<TailGap> upper_gap(std::vector<double>& numbers, double min_ratio, double max_p);

// False where a quick look rules out a gap of `min_ratio` above the median of turned(numbers), of
// which turned(end) is the largest.
bool may_have_gap(const std::vector<double>& numbers, double end,
                  const std::function<double(double)>& turned, double min_ratio);

// The finite numbers of a column, without its most frequent one where that fills more than half of
// the column (such as 0 in a column of purchases). Deterministic.
std::vector<double> bulk_numbers(const std::vector<double>& numbers);

// The most frequent number and in how many places it stands; estimated from up to 2,048 evenly
// spread cells, then counted. Missing where no number stands twice in those.
struct Mode {
  double number = 0;
  size_t count = 0;
};
Mode mode_of(const std::vector<double>& numbers);

double median_of(std::vector<double>& numbers);  // reorders; REQUIRES: not empty

}  // namespace perennial
