// SHAP values (Lundberg and Lee 2017) of any pipeline, one a feature of the feature table.
//
//   linear    exact, interventional with the training means as the background: weight times
//   distance
//             from the mean, in log-odds (features are taken as independent)
//   trees     exact, interventional against the reference rows (explain/tree_shap.h); in log-odds
//   for
//             boosted trees, in probability for trees and forests
//   sampled   everything else: orders of the features drawn at random, each used forwards and
//             backwards (antithetic: Mitchell et al. 2022), each against one reference row; in
//             calibrated probability; every value comes with its standard error
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/workers.h"
#include "explain/reference.h"
#include "explain/tree_shap.h"

namespace perennial {

struct Contributions {
  size_t rows = 0, scores = 1, features = 0;
  std::vector<double> base;    // one a score
  std::vector<double> values;  // rows x scores x features
  std::vector<double> error;   // the same; empty where exact
  double at(size_t row, size_t score, size_t feature) const {
    return values[(row * scores + score) * features + feature];
  }
};

class Explainer {
 public:
  // Both must outlive it. REQUIRES: reference.present().
  Explainer(const Pipeline& pipeline, const ExplainReference& reference);

  const ShapMethod& method() const { return method_; }
  size_t scores() const { return scores_; }
  // How many steps an exact row costs, roughly: decides how many rows are worth it.
  double cost() const;
  // most_references: reference rows that sampled values use, evenly spread along the model's
  // answers; fewer are quicker and less exact.
  Contributions explain(const FeatureTable& table, Seed seed, const Workers& workers,
                        size_t most_references = 1000) const;
  // One row's scores -> its calibrated probabilities, one a class. Scores that are no probability
  // are held between 0 and 1.
  std::vector<double> probability(std::span<const double> scores) const;

 private:
  Contributions linear(const FeatureTable& table) const;
  Contributions trees(const FeatureTable& table, const Workers& workers) const;
  Contributions sampled(const FeatureTable& table, size_t references, Seed seed,
                        const Workers& workers) const;

  const Pipeline& pipeline_;
  const ExplainReference& reference_;
  ShapMethod method_;
  size_t scores_ = 1, features_ = 0;
  std::optional<ModelView> view_;
  std::optional<TreeShap> trees_;
};

}  // namespace perennial
