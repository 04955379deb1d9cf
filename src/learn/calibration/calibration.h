// Calibration: a map from a model's outputs to probabilities that mean what they say, learned from
// out-of-fold predictions of the training rows.
//
// Methods (two classes; s = log odds of the output, after both classes got half a row more, so that
// an output of exactly 0 or 1 stays finite):
//   none         the output as it is
//   platt        sigmoid(a s + b), fitted to Platt's smoothed targets (Platt 1999) by Newton's
//                method with backtracking (Lin, Lin and Weng 2007)
//   beta         logit = a ln p - b ln(1 - p) + c with a, b >= 0 (Kull, Silva Filho and Flach 2017)
//   isotonic     pool adjacent violators, as scikit-learn's IsotonicRegression with straight lines
//                between the blocks; one row more of each class at both ends (Laplace's rule), so
//                that no probability is 0 or 1
//   temperature  p(k) proportional to p(k)^a (Guo et al. 2017), for any number of classes
// Every map rises strictly: slopes are held above 0.001, and the steps of isotonic are mixed with a
// thousandth of the output itself. So the order of customers, and ROC-AUC, stay as they were.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/params.h"

namespace perennial {

struct Calibration {
  std::string method = "none";
  double rows = 0;              // it was fitted on; sets how far 0 and 1 are moved
  std::vector<double> numbers;  // platt a, b; beta a, b, c; temperature a; isotonic: where it bends
  std::vector<double> values;   // isotonic: the probability at each bend

  // In place. probability: rows x classes, row-major; rows sum to 1 before and after.
  void apply(std::span<double> probability, int classes) const;

  Json to_json() const;
  // Reads back the same map to the last bit. Error (kData): not what to_json wrote.
  static Calibration from_json(const Json& json);
};

// Study key "calibration": none | platt | isotonic | beta | temperature | auto.
const ParamSpec& calibration_param();

// y: 0 .. classes-1; probability: rows x classes. REQUIRES: rows; platt, beta and isotonic: two
// classes.
Calibration fit_calibration(const std::string& method, std::span<const int32_t> y,
                            std::span<const double> probability, int classes);

// How each method did in cross-validation, and which was taken.
struct CalibrationChoice {
  struct Candidate {
    std::string method;
    double log_loss = 0;          // mean over rows, each mapped by what the other folds taught
    double worse = 0, error = 0;  // mean difference to the best and its standard error, paired
  };
  Calibration chosen;
  std::string asked = "auto";
  std::vector<Candidate> candidates;  // from simple to less simple; empty: there was no choice
};

// Fits the asked method, or for "auto" the simplest whose cross-validated log loss is within one
// standard error (paired over the rows) of the best; "none" is out where some output is exactly 0.
// `probabilities`: the learner's outputs are such; where they are not, "none" and "auto" give the
// least that is needed: platt (temperature for several classes). fold: 0 .. folds-1 of each row.
// Error (kStudy): a method that cannot take so many classes.
CalibrationChoice choose_calibration(const std::string& asked, bool probabilities,
                                     std::span<const int32_t> y,
                                     std::span<const double> probability, int classes,
                                     std::span<const int32_t> fold, int folds);

// The parts, for tests against other programs.
// a and b of sigmoid(a s + b), unbounded; smooth: Platt's targets instead of 0 and 1.
struct Sigmoid {
  double a = 0, b = 0;
};
Sigmoid fit_sigmoid(std::span<const double> s, std::span<const int32_t> y, bool smooth);
// Non-decreasing least squares of weighted means at rising x: x in any order, ties are merged.
// Returns the ends of the blocks as scikit-learn's X_thresholds_ and y_thresholds_.
struct Steps {
  std::vector<double> x, y;
};
Steps fit_isotonic(std::span<const double> x, std::span<const double> y,
                   std::span<const double> weight);

}  // namespace perennial
