// Inside the room: what all pairs of columns need, found for many pairs at once.
#pragma once

#include <optional>
#include <vector>

#include "base/workers.h"
#include "explore/profile.h"

namespace perennial {

// Sums over all rows of the products of two columns' centred values and of their ranks: Pearson's
// and Spearman's correlations where no cell is missing. Square matrices in the order of `columns`.
struct Products {
  std::vector<std::vector<double>> values, ranks;
};
Products products_of(const std::vector<const Coded*>& columns, const Workers& workers);

// Pearson's correlation of the rows that both columns have, of centred values and of ranks in the
// whole columns.
struct SharedCorrelation {
  double values = 0, ranks = 0;
  size_t rows = 0;
};
SharedCorrelation shared_correlation(const Coded& a, const Coded& b);

// 1 / (1 - R2) of each column on the others, from their correlations; infinite where the others
// tell it but for 1e-9 of its variance (columns that the others tell are left out first).
std::vector<double> variance_inflation(const std::vector<std::vector<double>>& correlation);

// The share of customers whose value in each column is the one that most often goes with the value
// in the other, in the worse direction. Nothing below 0.995, or where naming the most frequent
// value alone comes near to it (leaves at most 20 times as many wrong).
std::optional<double> renaming(const Contingency& table);
// The same for texts of many values, each of which must appear twice on average.
std::optional<double> renaming(const Column& a, const Column& b);
bool same_cells(const Column& a, const Column& b);

}  // namespace perennial
