// Rows in order of their scores, ties together: what every ranking metric starts from.
#pragma once

#include <cstdint>
#include <vector>

#include "metric/metric.h"

namespace perennial {

// Row numbers by falling score; equal scores in order of rows. A score that is not a number ranks
// below all others, so that the order is always defined.
std::vector<uint32_t> order_by_falling_score(Scores p);

// Counts of each group of equal scores, by falling score.
struct ScoreGroup {
  double score = 0;
  int64_t positives = 0, negatives = 0;
};
std::vector<ScoreGroup> score_groups(Labels y, Scores p);

}  // namespace perennial
