// Explanation -> what the section "Why" of the page shows.
#include <algorithm>
#include <cmath>

#include "report/page_parts.h"

namespace perennial {
namespace {

constexpr size_t kMostCurves = 6, kMostIndividual = 20, kMostFeatures = 200;

Json shown_numbers(const std::vector<double>& values) {
  Json out = Json::array();
  for (const double value : values) out.push_back(shown_number(value));
  return out;
}

// Text features name their categories, numbers and dates the ends of their bulk.
Json end_json(const FeatureImportance& f, double number, const std::string& category) {
  if (f.direction == Direction::kCategories) return category;
  return f.is_date ? Json(short_value(number, true)) : shown_number(number);
}

Json importance_json(const FeatureImportance& f) {
  Json out = {{"feature", f.feature},
              {"table", f.table},
              {"date", f.is_date},
              {"drop", shown_number(f.auc_drop.value)},
              {"low", shown_number(f.auc_drop.low)},
              {"high", shown_number(f.auc_drop.high)}};
  // Direction and certainty are known where the answer was computed at both ends.
  if (f.low_probability > 0 || f.high_probability > 0) {
    out["certainty"] = to_string(f.certainty);
    out["direction"] = to_string(f.direction);
    out["lowValue"] = end_json(f, f.low_value, f.low_category);
    out["highValue"] = end_json(f, f.high_value, f.high_category);
    out["lowProbability"] = shown_number(f.low_probability);
    out["highProbability"] = shown_number(f.high_probability);
  }
  return out;
}

Json curve_json(const Dependence& d) {
  Json individual = Json::array();
  for (size_t i = 0; i < d.individual.size() && i < kMostIndividual; ++i) {
    individual.push_back(shown_numbers(d.individual[i]));
  }
  return {{"feature", d.feature},
          {"answer", d.answer},
          {"text", d.is_text},
          {"date", d.is_date},
          {"at", d.is_text ? Json(d.category) : shown_numbers(d.value)},
          {"partial", shown_numbers(d.partial)},
          {"individual", individual},
          {"edges", shown_numbers(d.density_edge)},
          {"density", shown_numbers(d.density)}};
}

}  // namespace

Json explanation_page(const Explanation& e) {
  Json importance = Json::array(), dependence = Json::array();
  for (size_t i = 0; i < e.importance.size() && i < kMostFeatures; ++i) {
    importance.push_back(importance_json(e.importance[i]));
  }
  for (size_t i = 0; i < e.dependence.size() && i < kMostCurves; ++i) {
    dependence.push_back(curve_json(e.dependence[i]));
  }
  return {{"importance", importance},
          {"dependence", dependence},
          {"method", e.shap.method},
          {"exact", e.shap.exact},
          {"explainedRows", e.explained_rows}};
}

}  // namespace perennial
