// A changing row of k nearest neighbours: its distances to all training rows are kept, and a cell
// that changes moves each by one addend instead of summing all columns anew.
#pragma once

#include <memory>

#include "learn/changing_row.h"
#include "learn/knn/vote.h"

namespace perennial {

// The moved sums have rounding errors of their own, so they only say which rows may be among the
// nearest: of these the distances are summed in the order of the columns, as find_neighbours does.
// A bound of the errors is kept, and a row is left out only where it is farther by more than that.
std::unique_ptr<ChangingRow> make_knn_row(const Matrix& training, std::span<const int32_t> y,
                                          const KnnSettings& settings);

}  // namespace perennial
