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

// The distances of one query (training.cols numbers) to all rows, as above; NaN becomes infinite.
void distances_to(const Matrix& training, const double* query, int64_t p, double* out);

// Places of the distances that are within the limit, in order; places has room for n. Returns how
// many.
size_t collect_close(const double* distance, double limit, size_t n, uint32_t* places);

// Nearest first, ties by row; then the first k alone.
void keep_nearest(std::vector<Neighbour>& neighbours, size_t k);

}  // namespace perennial
