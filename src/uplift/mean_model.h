// The mean of a number in [low, high] given the features, by any learner of classes.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/seed.h"
#include "learn/learner.h"
#include "prep/prep.h"
#include "uplift/uplift.h"

namespace perennial {

// A target between its limits becomes two rows, one of each class, with the weights t and 1 - t
// where t = (target - low) / (high - low): the log loss and the Gini index of such rows are least
// where the probability is the mean of t, so classifiers estimate means. A target that is 0 or 1
// throughout stays as it is.
class MeanModel {
 public:
  // Row i of the target belongs to rows[i] of the table. One value only: a constant.
  // Errors: those of the learner.
  static MeanModel fit(const UpliftLearner& learner, const FeatureTable& table,
                       std::span<const uint32_t> rows, std::span<const double> target, double low,
                       double high, Seed seed);
  std::vector<double> predict(const FeatureTable& table, std::span<const uint32_t> rows) const;

 private:
  FittedPrep prep_;
  std::shared_ptr<const Model> model_;  // nullptr: constant_
  double constant_ = 0, low_ = 0, high_ = 1;
};

}  // namespace perennial
