// The default search: a portfolio, then rounds of settings around the best, losers stopped early.
#pragma once

#include <vector>

#include "search/evaluate.h"

namespace perennial {

// The trials in the order in which they came up, not ranked; `plan` says how it went. Which trials
// come next depends on scores alone, never on the clock: a limit only ends the list early.
std::vector<Trial> auto_trials(const SearchOptions& options, const TableShape& shape, Seed seed,
                               Evaluator& evaluator, SearchPlan& plan);

}  // namespace perennial
