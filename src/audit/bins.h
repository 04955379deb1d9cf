// One column in bins, and how well its bins alone tell the target.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "table/column.h"

namespace perennial {

using Counts = std::array<double, 2>;  // rows of class 0 and 1

// Bin of every cell: quantiles of up to 4,096 evenly spread cells for numbers (a number that many
// cells share has a bin of its own), values for text; missing cells have the last bin.
struct Binned {
  std::vector<uint32_t> bin;
  size_t bins = 0;
};
Binned binned(const Column& column);

// ROC-AUC of bins by their rates in the other folds, averaged over folds by pairs. Rows of an
// unknown class (y < 0) do not count. 0.5 when there is nothing to compare.
double out_of_fold_auc(const Binned& cells, const std::vector<uint32_t>& fold, size_t folds,
                       const std::vector<int32_t>& y);

// Names and remarks rather than categories: most values occur once.
bool too_many_values(const Column& column);

}  // namespace perennial
