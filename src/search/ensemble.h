// Greedy weighted selection over out-of-fold probabilities (Caruana, Niculescu-Mizil, Crew and
// Ksikes 2004, with replacement; the best prefix of the steps is kept).
#pragma once

#include <span>
#include <vector>

#include "search/evaluate.h"

namespace perennial {

// Indices of the trials that may enter, best first: complete, with probabilities, no two that
// differ only in their number of rounds, and not all of one learner. REQUIRES: ranked trials.
std::vector<size_t> ensemble_candidates(const std::vector<Trial>& trials);

// Weights (>= 0, sum 1) of the candidates, whose probabilities are rows x classes, so that the
// metric of their mean is good. Ties go to the earlier candidate.
std::vector<double> greedy_weights(const MetricInfo& metric, std::span<const int32_t> y,
                                   const std::vector<std::vector<double>>& probability, int classes,
                                   const Workers& workers);

// What an ensemble adds to the best single setting, and its members: weights for each fold are
// chosen on the other folds, so that its scores are honest; those of the single setting are not
// (it was chosen on the same folds), which is to its favour. No members where there are fewer than
// two candidates. `out_of_fold`: the ensemble's, rows x classes. REQUIRES: ranked trials.
Ensemble make_ensemble(const TrainingRows& rows, const std::vector<Trial>& trials,
                       const SearchOptions& options, Evaluator& evaluator, const Workers& workers,
                       std::vector<double>& out_of_fold);

}  // namespace perennial
