// Why one customer got this score, and what would change it.
#pragma once

#include "explain/shap.h"

namespace perennial {

struct ReasonOptions {
  double threshold = 0.5;   // of the positive class (two classes)
  size_t most_reasons = 5;  // the others are summed up in `rest`
  size_t most_what_if = 3;
};

// Row `row` of the table. The steps lead from the average score to the customer's, largest
// contribution first, each in probability after calibration; so they end at the customer's
// probability. Of two classes the positive one is explained, of several the predicted one.
CustomerExplanation explain_customer(const Explainer& explainer, const Pipeline& pipeline,
                                     const ExplainReference& reference, const FeatureTable& table,
                                     size_t row, const ReasonOptions& options, Seed seed,
                                     const Workers& workers);

// English, a paragraph or a few; ends with a line feed.
std::string customer_text(const CustomerExplanation& e, const ShapMethod& method,
                          const std::vector<std::string>& classes);

// The same as JSON, ends with a line feed (docs/outputs.md).
std::string customer_json(const CustomerExplanation& e, const ShapMethod& method,
                          const std::vector<std::string>& classes);

}  // namespace perennial
