// Which way the answer moves with a feature, and whether models fitted on other rows agree.
#pragma once

#include "base/workers.h"
#include "explain/explanation.h"
#include "learn/pipeline.h"
#include "split/split.h"

namespace perennial {

struct EffectOptions {
  size_t most_rows = 300;  // training rows over which answers are averaged
  bool refit = true;       // fit the winner's settings anew without each fold
};
// A fold's model is fitted on at most so many of its rows (and at least 50 of each class).
inline constexpr size_t kMostRefitRows = 20'000;

// Fills direction, low/high values and probabilities, fold_effects and certainty of each entry (in
// the order of the table's features). Partial dependence (Friedman 2001) on a few quantiles or
// categories; a fold's effect is the slope of its model's curve on the final model's, both centred.
// Returns how many folds were refitted.
int fill_effects(std::vector<FeatureImportance>& features, const TrainingRows& training,
                 const Pipeline& pipeline,
                 const std::map<std::string, std::vector<std::string>>& order,
                 const EffectOptions& options, Seed seed, const Workers& workers);

// The rules, for tests. probability: a curve over rising values.
Direction direction_of(std::span<const double> probability);
Certainty rate_certainty(const Figure& drop, std::span<const double> fold_effects);

}  // namespace perennial
