// The nearest training rows of each query.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "prep/matrix.h"

namespace perennial {

struct Neighbour {
  double distance = 0;  // Manhattan, or the square of the Euclidean one
  uint32_t row = 0;     // among the training rows
};

// Calls found(query, neighbours) for every row of `queries`, with its min(k, rows) nearest rows of
// `training`: nearest first, ties by row. Both matrices have the same columns; p is 1 or 2. A
// distance is summed in the order of the columns, so it depends on the two rows alone.
using Found = std::function<void(size_t query, std::span<const Neighbour> neighbours)>;
void find_neighbours(const Matrix& training, const Matrix& queries, size_t k, int64_t p,
                     const Found& found);

}  // namespace perennial
