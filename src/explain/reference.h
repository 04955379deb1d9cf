// What an explanation compares a customer with; stored in the model file.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "explain/explanation.h"
#include "feature/feature_table.h"
#include "learn/pipeline.h"

namespace perennial {

struct FeatureReference {
  bool is_text = false;
  std::vector<FeatureValue> typical;    // one a class: median, or most frequent category
  std::vector<double> quantiles;        // numbers: distinct values at 5, 10, .. 95 %, rising
  std::vector<std::string> categories;  // text: those of at least one row in fifty, frequent first
};

struct ExplainReference {
  FeatureTable rows;                       // training customers without their ids
  std::vector<double> means;               // of the prepared columns, over all training rows
  std::vector<FeatureReference> features;  // one a feature of the table
  bool present() const { return rows.rows() > 0; }

  Json to_json() const;
  // Error (kData): not what to_json wrote.
  static ExplainReference from_json(const Json& json);
};

// `most` training rows, chosen by the seed; what is usual is that of at most 20,000 of them.
// Workers, where given, share the features.
ExplainReference make_reference(const FeatureTable& training, const Pipeline& pipeline, size_t most,
                                Seed seed, const Workers* workers = nullptr);

}  // namespace perennial
