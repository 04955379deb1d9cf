// Preparation + model + calibration: what is searched, judged, saved and applied to new rows.
#pragma once

#include <memory>
#include <string>

#include "feature/feature_table.h"
#include "learn/balance.h"
#include "learn/calibration/calibration.h"
#include "learn/learner.h"
#include "prep/prep.h"

namespace perennial {

struct Pipeline;

// A share of an ensemble.
struct Member {
  double weight = 0;                         // > 0; of a mean all sum to 1
  std::shared_ptr<const Pipeline> pipeline;  // one model, not calibrated
};

inline constexpr const char* kEnsemble = "ensemble";

// One model, or the probabilities of several (`members`) put together (learn/mix.h), then the
// calibration. An ensemble has the learner kEnsemble and neither settings, preparation nor model of
// its own.
struct Pipeline {
  std::string learner;
  Params params;       // the learner's, completed
  Params prep_params;  // pipeline_params(), completed
  FittedPrep prep;
  std::shared_ptr<const Model> model;
  std::vector<double> odds;  // prior correction of a balanced training set; empty: none
  Calibration calibration;
  int classes = 2;
  std::vector<Member> members;
  std::vector<double> intercept;  // of members' log odds, one a class; empty: a mean

  // rows x classes, row-major. Error (kData): a missing number where the preparation keeps them
  // and the learner cannot take them.
  std::vector<double> predict(const FeatureTable& table, UnseenReport* unseen = nullptr,
                              const Workers* workers = nullptr) const;
  // Probability of class 1, one a row. REQUIRES: classes == 2.
  std::vector<double> positive_probability(const FeatureTable& table,
                                           UnseenReport* unseen = nullptr) const;
};

// Column 1 of probabilities of two classes (rows x 2): those of the positive class.
std::vector<double> positive_column(std::span<const double> probability);

// What is set around the learner: its preparation's parameters and the balance of classes.
std::vector<ParamSpec> pipeline_params(const Learner& learner);

// Fits preparation and model on rows `rows` of `table` (empty y is not allowed there). The
// preparation learns from all of them, the learner from what the balance leaves. Not calibrated.
Pipeline fit_pipeline(const std::string& learner, const Params& params, const Params& prep_params,
                      const FeatureTable& table, std::span<const uint32_t> rows,
                      const std::map<std::string, std::vector<std::string>>& order, Seed seed,
                      const Workers* workers = nullptr);

// The settings of `like` (an ensemble's members and weights too) fitted on other rows. Not
// calibrated.
Pipeline fit_like(const Pipeline& like, const FeatureTable& table, std::span<const uint32_t> rows,
                  const std::map<std::string, std::vector<std::string>>& order, Seed seed,
                  const Workers* workers = nullptr);

}  // namespace perennial
