#include "explain/explain.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace perennial {
namespace {

// NaN last.
double order_key(double drop) { return std::isnan(drop) ? HUGE_VAL : -drop; }

}  // namespace

Explanation explain(const OpenedRows& opened, const Pipeline& pipeline,
                    const ExplainOptions& options, Seed seed, const Workers& workers) {
  Explanation out;
  out.classes = opened.table().classes;
  out.importance = permutation_importance(opened, pipeline, options.importance,
                                          seed.child("importance"), workers);
  out.sealed_rows = std::min(opened.table().rows(), options.importance.most_rows);
  out.repeats = options.importance.repeats;
  std::stable_sort(out.importance.begin(), out.importance.end(),
                   [](const FeatureImportance& a, const FeatureImportance& b) {
                     return std::tuple(order_key(a.auc_drop.value), -a.shap, a.feature) <
                            std::tuple(order_key(b.auc_drop.value), -b.shap, b.feature);
                   });
  return out;
}

}  // namespace perennial
