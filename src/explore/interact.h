// Inside the room: does a pair of columns tell more of the target than the two one by one?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explore/exploration.h"

namespace perennial {

// The groups of a column put together to few: neighbours of numbers, the rare ones of texts.
struct Coarse {
  std::vector<size_t> of_group;  // index into labels
  std::vector<std::string> labels;
};
Coarse coarse_groups(const ColumnProfile& column, size_t most);

// counts: a x b x class, row by row. Compares them with the log-linear model that has all pairs of
// the three but not the three together, fitted by iterative proportional scaling (Deming and
// Stephan 1940): deviance, its degrees of freedom with the allowance for sparse cells that
// Dependence::effective_degrees makes, p-value, cells. The gain is less its bias. Names, labels,
// adjusted_p and share_of_entropy are left to the caller.
Interaction interaction_of(const std::vector<double>& counts, size_t a, size_t b, size_t classes);

}  // namespace perennial
