// Uplift models from training rows: cross-fitted, compared, the best one kept.
#pragma once

#include <memory>
#include <vector>

#include "base/progress.h"
#include "base/workers.h"
#include "uplift/mean_model.h"
#include "uplift/uplift.h"

namespace perennial {

// Chances of each arm given the features: the same for all, or estimated by logistic regression of
// each arm against the others, brought to sum 1 and held within [0.02, 0.98].
struct Propensity {
  std::vector<double> shares;
  std::vector<MeanModel> models;  // one an arm; empty: shares

  PerArm of(const FeatureTable& table, std::span<const uint32_t> rows) const;
};

// What is known of rows before an uplift model: chances, and the probability of the positive class
// under each arm.
struct Nuisance {
  PerArm propensity, outcome;
};

// Doubly robust score of each arm: outcome + [arm is this one] (y - outcome) / propensity, whose
// mean is the rate if everybody got that arm (Robins, Rotnitzky and Zhao 1994), unbiased where the
// propensities are right, whatever the outcome models are.
PerArm robust_scores(const UpliftRows& rows, const Nuisance& nuisance, size_t arms);

class UpliftModel {
 public:
  virtual ~UpliftModel() = default;
  // Uplift of every arm, row after row; 0 for the control.
  virtual PerArm predict(const FeatureTable& table) const = 0;
};

struct UpliftFit {
  std::vector<UpliftTrial> trials;  // best first
  std::shared_ptr<const UpliftModel> best;
  Propensity propensity;
  std::vector<MeanModel> outcome;  // of the learner with the best outcome models, one an arm
  std::string outcome_learner;
  std::vector<double> average;  // mean of the robust scores of the training rows, one an arm
  int64_t fits = 0;

  Nuisance nuisance(const FeatureTable& table) const;
};

// `fold` of each row, 0 .. folds - 1. Models are compared by the mean squared distance of their
// out-of-fold uplift from the doubly robust scores (the loss of Kennedy 2020; also Nie and Wager
// 2021): its expectation is least for the true uplift. One "average" for everybody competes too.
// Errors (kData): an arm without rows of a fold's complement.
UpliftFit fit_uplift(const UpliftRows& rows, const std::vector<std::string>& arms,
                     std::span<const int32_t> fold, int folds,
                     const std::vector<UpliftLearner>& learners, const UpliftOptions& options,
                     Seed seed, const Workers& workers);

}  // namespace perennial
