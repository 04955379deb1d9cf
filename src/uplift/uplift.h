// Uplift: what an offer changes for each customer, learned from a past campaign whose offers were
// dealt at random (or whose chances are known or can be estimated).
//
// Words: arm 0 is the control, arms 1 .. are treatments; the uplift of an arm is the probability of
// the positive class under it minus that under the control.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/params.h"
#include "feature/feature_table.h"
#include "metric/metric.h"

namespace perennial {

struct UpliftOptions {
  std::string treatment;  // column that says which arm a customer got
  std::string control;    // its value for those who got nothing
  // Of getting an arm: "shares" (those of the training rows), "given" (`shares`) or "estimated"
  // from the features.
  std::string propensity = "shares";
  std::map<std::string, double> shares;  // given: arm -> probability
  // s, t, x (Künzel, Sekhon, Bickel and Yu 2019), dr (Kennedy 2020).
  std::vector<std::string> methods = {"s", "t", "x", "dr"};
  int line = 0;  // of the treatment in the study file
};

// A learner with its settings, completed.
struct UpliftLearner {
  std::string name;
  Params params, prep_params;
};

// The settings of uplift where the study does not say otherwise: differences of two models need
// smoother ones than a single model.
Params smoother_params(const std::string& learner);

// Rows with the arm each customer got. y is 0/1.
struct UpliftRows {
  FeatureTable table;
  std::vector<int32_t> arm;  // 0 .. arms - 1, one a row
};

// arms values a row, row-major, of what follows; 0 for the control.
using PerArm = std::vector<double>;

// One method with one learner, as it did on training rows out of fold.
struct UpliftTrial {
  std::string method, learner;  // method "average": the same uplift for everybody
  double loss = 0;  // mean squared distance from the doubly robust scores, over treatments
  double loss_over_average = 0;  // loss minus that of "average"; below 0: better than no difference
  double standard_error = 0;     // of that difference, paired
  int64_t fits = 0;
};

}  // namespace perennial
