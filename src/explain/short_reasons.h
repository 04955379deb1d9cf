// Why each of many customers got the score, in a few words: the column `reasons` of scores.csv.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "explain/shap.h"

namespace perennial {

struct ShortReasonOptions {
  size_t most = 3;  // reasons a customer; 0: none at all
  // Rough work that all of them may take: steps of exact values (Explainer::cost() a customer), or
  // answers of the model where they are sampled (about a microsecond to twenty each).
  double exact_budget = 6e9, sampled_budget = 2.5e5;
  size_t most_rows = 200000;      // texts take memory
  size_t sampled_references = 5;  // reference rows of sampled values
};

struct ShortReasons {
  std::vector<std::string> text;  // one a row of the table; "" where nothing was looked up
  size_t explained = 0;           // rows that were: the surest ones, where not all are
  ShapMethod method;
};

// Contributions of some rows of a table.
struct KeptContributions {
  std::vector<uint32_t> rows;  // rising
  Contributions values;        // row i: of rows[i]
  // Row `row` of the table among `rows`. REQUIRES: it is there.
  size_t place(uint32_t row) const;
};

// `answers`: rows x classes, the pipeline's. Of two classes the positive one is explained, of
// several the one that is likeliest. "minutes 5 (+17.2); plan basic (-4)": the feature, its value,
// and the points of probability by which it moves the score on the way from the average customer's
// to this one's, largest first (explain/reasons.h). Customers are explained in the order of falling
// probability of that class. The same for any number of threads. keep, where given: rows whose
// contributions are wanted for something else; they are computed once for both, and even where no
// texts are asked for.
ShortReasons short_reasons(const Explainer& explainer, const FeatureTable& table,
                           std::span<const double> answers, const ShortReasonOptions& options,
                           Seed seed, const Workers& workers, KeptContributions* keep = nullptr);

}  // namespace perennial
