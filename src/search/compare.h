// Leaderboard order, and which learners can be told apart.
#pragma once

#include <vector>

#include "search/search.h"

namespace perennial {

// Mean and sd over folds (ddof 1) filled in; best first, ties by the simpler learner, then by text.
void rank_trials(std::vector<Trial>& trials, bool higher_is_better);

// First trial of each learner but the naive one, in order of rank. REQUIRES: ranked trials.
std::vector<size_t> best_of_each(const std::vector<Trial>& trials);

// All pairs of `best`: corrected resampled t-test over the folds, p-values adjusted after Holm
// 1979.
std::vector<LearnerComparison> compare_bests(const std::vector<Trial>& trials,
                                             const std::vector<size_t>& best,
                                             bool higher_is_better);

// The threshold on p with the best F1: midway between two probabilities that occur.
double best_f1_threshold(std::span<const int32_t> y, std::span<const double> p);

}  // namespace perennial
