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

// What the weights of an ensemble make good, higher is better: the metric; where it looks at the
// order alone (all but log loss and Brier score), the metric minus half the log loss, so that the
// probabilities stay honest too.
double ensemble_goal(const MetricInfo& metric, std::span<const int32_t> y,
                     const std::vector<double>& probability, int classes);

// Weights (>= 0, sum 1) of the candidates, whose probabilities are rows x classes, so that the
// goal of their mean is good: the mean of the probabilities or, `logs`, of their logarithms
// (learn/mix.h without intercept). Ties go to the earlier candidate.
std::vector<double> greedy_weights(const MetricInfo& metric, std::span<const int32_t> y,
                                   const std::vector<std::vector<double>>& probability, int classes,
                                   bool logs, const Workers& workers);

// What choosing one setting scores: on each fold the setting that is best on the others.
// REQUIRES: trials, one of them complete; ties go to the earlier.
std::vector<double> chosen_apart(const std::vector<Trial>& trials, bool higher_is_better);

// Out-of-fold probabilities of the ensembles that were made, rows x classes.
struct Mixes {
  std::vector<double> mean, stack;
};

// Fills in out.ensemble and out.stack as the options ask, with what each adds to what is simpler.
// Weights for each fold are learned on the other folds, and so is the single setting chosen that
// they are held against, so that neither is to its own favour. No members where there are fewer
// than two candidates. REQUIRES: ranked out.trials, no ensemble among them.
Mixes make_mixes(const TrainingRows& rows, const SearchOptions& options, Evaluator& evaluator,
                 const Workers& workers, SearchResult& out);

}  // namespace perennial
