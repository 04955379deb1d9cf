// FeatureTable -> Exploration. Learns nothing for the model.
#pragma once

#include "base/workers.h"
#include "explore/exploration.h"
#include "feature/feature_table.h"

namespace perennial {

struct ExploreOptions {
  size_t outliers = 10;      // examples a column
  size_t categories = 20;    // most values of a text column shown; the rest is "other"
  size_t pair_columns = 64;  // columns compared with each other: those nearest to the target
  size_t interactions = 10;  // kept
  // Above this many rows Kendall's tau between features is left out, and Spearman's correlation of
  // columns with missing cells takes the ranks in the whole columns. All else is exact, or said in
  // Exploration::approximations.
  size_t exact_rows = 20'000;
};

// The same for any order of the table's rows and for any number of workers.
Exploration explore(const FeatureTable& table, const ExploreOptions& options,
                    const Workers& workers);

// φK of all pairs of features alone, as in PairMeasures::phik.
std::vector<std::vector<double>> phik_matrix(const FeatureTable& table, const Workers& workers);

}  // namespace perennial
