// Nested cross-validation: the honest estimate of a whole search (Cawley and Talbot 2010).
#pragma once

#include <string>
#include <vector>

#include "search/search.h"

namespace perennial {

// For each fold the search is run on the other folds alone (they are its folds), and its winner
// scores the fold, of which it knows nothing. As long as the search itself, once a fold.
// Errors (kUsage): fewer than three folds.
NestedScores nested_search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                           const Workers& workers, Progress& progress, const SearchLimits& limits);

}  // namespace perennial
