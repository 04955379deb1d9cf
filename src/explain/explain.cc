#include "explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "base/text.h"

namespace perennial {
namespace {

// Models that must be asked thousands of times are asked of fewer rows.
constexpr double kSampledRows = 16;
constexpr size_t kSampledReferences = 16;
constexpr size_t kSampledCurveRows = 40;
constexpr int kSampledRepeats = 3;
constexpr size_t kSampledImportanceRows = 1000;

// NaN last.
double order_key(double drop) { return std::isnan(drop) ? HUGE_VAL : -drop; }

// Mean size of the SHAP values over as many sealed rows as the budget allows.
size_t fill_shap(std::vector<FeatureImportance>& features, const FeatureTable& rows,
                 const Explainer& explainer, double budget, Seed seed, const Workers& workers) {
  const double affordable =
      explainer.method().exact ? std::clamp(budget / explainer.cost(), 20.0, 1000.0) : kSampledRows;
  std::vector<uint32_t> chosen(rows.rows());
  std::iota(chosen.begin(), chosen.end(), uint32_t{0});
  Rng rng(seed.child("rows"));
  rng.shuffle(chosen);
  chosen.resize(std::min(chosen.size(), static_cast<size_t>(affordable)));
  if (chosen.empty()) return 0;
  const Contributions c =
      explainer.explain(rows.take(chosen), seed.child("orders"), workers, kSampledReferences);
  double total = 0;
  for (size_t f = 0; f < features.size(); ++f) {
    double sum = 0;
    for (size_t i = 0; i < c.rows; ++i) {
      for (size_t s = 0; s < c.scores; ++s) sum += std::abs(c.at(i, s, f));
    }
    features[f].shap = sum / static_cast<double>(c.rows * c.scores);
    total += features[f].shap;
  }
  for (FeatureImportance& f : features) f.shap_share = total > 0 ? f.shap / total : 0;
  return c.rows;
}

// Of the first features of the list; of several classes a curve each.
void add_curves(Explanation& out, const FeatureTable& rows, const Pipeline& pipeline,
                const ExplainOptions& options, Seed seed, const Workers& workers) {
  std::vector<std::pair<size_t, size_t>> wanted;  // feature, class
  for (size_t r = 0; r < out.importance.size() && r < options.curves; ++r) {
    size_t f = 0;
    while (rows.features[f].name != out.importance[r].feature) ++f;
    for (size_t k = rows.classes.size() == 2 ? 1 : 0; k < rows.classes.size(); ++k) {
      wanted.emplace_back(f, k);
    }
  }
  out.dependence.resize(wanted.size());
  workers.run(wanted.size(), [&](size_t i) {
    const auto& [f, k] = wanted[i];
    out.dependence[i] =
        dependence_of(rows, f, k, pipeline, options.dependence, seed.child(rows.features[f].name));
  });
}

std::string percent(double p) { return fmt::format("{} %", fixed(100 * p, 0)); }

std::string effect_words(const FeatureImportance& f, const std::string& answer) {
  const std::string low = percent(f.low_probability), high = percent(f.high_probability);
  if (f.direction == Direction::kCategories) {
    return fmt::format("the probability of {} is {} were everybody {} and {} were everybody {}",
                       quoted(answer), high, quoted(f.high_category), low, quoted(f.low_category));
  }
  if (f.direction == Direction::kNone) return "the mean probability hardly moves with it";
  const std::string from = short_value(f.low_value, f.is_date),
                    to = short_value(f.high_value, f.is_date);
  if (f.direction == Direction::kMixed) {
    return fmt::format(
        "the probability of {} turns between {} and {}, it does not only rise or fall",
        quoted(answer), from, to);
  }
  return fmt::format("from {} to {} it {} the probability of {} from {} to {}", from, to,
                     to_string(f.direction), quoted(answer), low, high);
}

}  // namespace

std::vector<std::string> sentences_of(const Explanation& e) {
  std::vector<std::string> out, unstable;
  int64_t faint = 0;
  for (const FeatureImportance& f : e.importance) {
    if (f.certainty == Certainty::kFaint) ++faint;
    if (f.certainty == Certainty::kUnstable) unstable.push_back(f.feature);
    if (f.certainty != Certainty::kClear || out.size() == 5) continue;
    out.push_back(
        fmt::format("{}: {}; dealt out at random it costs {} of ROC-AUC (95 % interval {} to {}).",
                    f.feature, effect_words(f, e.classes.back()), fixed(f.auc_drop.value, 3),
                    fixed(f.auc_drop.low, 3), fixed(f.auc_drop.high, 3)));
  }
  if (out.empty()) {
    out.push_back(
        "No single feature is clearly needed: what one tells, others tell too, or the "
        "test rows are too few to see it.");
  }
  if (!unstable.empty()) {
    if (unstable.size() > 5) {
      unstable.resize(5);
      unstable.push_back("…");
    }
    out.push_back(fmt::format("Unstable, their effect changes sign between folds: {}.",
                              join(unstable, ", ")));
  }
  if (faint > 0) {
    out.push_back(fmt::format("{} might not matter at all: the interval of the loss holds 0.",
                              counted(faint, "feature")));
  }
  return out;
}

Explanation explain(const OpenedRows& opened, const TrainingRows& training,
                    const Pipeline& pipeline, const ExplainReference& reference,
                    const ExplainOptions& asked, Seed seed, const Workers& workers) {
  const Explainer explainer(pipeline, reference);
  ExplainOptions options = asked;
  if (!explainer.method().exact) {
    options.importance.repeats = std::min(options.importance.repeats, kSampledRepeats);
    options.importance.most_rows = std::min(options.importance.most_rows, kSampledImportanceRows);
    options.effects.most_rows = std::min(options.effects.most_rows, kSampledCurveRows);
    options.dependence.most_rows = std::min(options.dependence.most_rows, kSampledCurveRows);
    options.dependence.most_effect_rows =
        std::min(options.dependence.most_effect_rows, 10 * kSampledCurveRows);
  }
  Explanation out;
  out.classes = opened.table().classes;
  out.importance = permutation_importance(opened, pipeline, options.importance,
                                          seed.child("importance"), workers);
  out.sealed_rows = std::min(opened.table().rows(), options.importance.most_rows);
  out.repeats = options.importance.repeats;
  out.shap = explainer.method();
  out.explained_rows = fill_shap(out.importance, opened.table(), explainer, options.shap_budget,
                                 seed.child("shap"), workers);
  out.folds = fill_effects(out.importance, training, pipeline, options.category_order,
                           options.effects, seed.child("effects"), workers);
  out.curve_rows = std::min(training.table.rows(), options.effects.most_rows);
  std::stable_sort(out.importance.begin(), out.importance.end(),
                   [](const FeatureImportance& a, const FeatureImportance& b) {
                     return std::tuple(order_key(a.auc_drop.value), -a.shap, a.feature) <
                            std::tuple(order_key(b.auc_drop.value), -b.shap, b.feature);
                   });
  add_curves(out, training.table, pipeline, options, seed.child("dependence"), workers);
  out.sentences = sentences_of(out);
  return out;
}

}  // namespace perennial
