// Preparation + model: what is searched, judged, saved and applied to new rows.
#pragma once

#include <memory>
#include <string>

#include "feature/feature_table.h"
#include "learn/learner.h"
#include "prep/prep.h"

namespace perennial {

struct Pipeline {
  std::string learner;
  Params params;       // the learner's, completed
  Params prep_params;  // the preparation's, completed
  FittedPrep prep;
  std::shared_ptr<const Model> model;
  int classes = 2;

  // rows x classes, row-major. Error (kData): a missing number where the preparation keeps them
  // and the learner cannot take them.
  std::vector<double> predict(const FeatureTable& table, UnseenReport* unseen = nullptr) const;
  // Probability of class 1, one a row. REQUIRES: classes == 2.
  std::vector<double> positive_probability(const FeatureTable& table,
                                           UnseenReport* unseen = nullptr) const;
};

// Fits preparation and model on rows `rows` of `table` (empty y is not allowed there).
Pipeline fit_pipeline(const std::string& learner, const Params& params, const Params& prep_params,
                      const FeatureTable& table, std::span<const uint32_t> rows,
                      const std::map<std::string, std::vector<std::string>>& order, Seed seed,
                      const Workers* workers = nullptr);

}  // namespace perennial
