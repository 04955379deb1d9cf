// What is said about a model, as plain data: how much each feature matters, how the answer depends
// on it, why one customer got this score. Numbers only and rules' verdicts as words of a fixed
// list; sentences are made from them later (explain/words.h in English, the page in its language).
//
// "Effect", "raises", "lowers" speak of the model's answer, never of causes in the world.
#pragma once

#include <string>
#include <vector>

#include "metric/metric.h"

namespace perennial {

// What the probability does as the feature rises (numbers) or from category to category (text).
//   raises, lowers   one way nearly everywhere: at least four fifths of all movement
//   mixed            it turns
//   categories       a text feature: see the dependence curve
//   none             the answer does not move (less than a tenth of a point)
enum class Direction { kRaises, kLowers, kMixed, kCategories, kNone };
const char* to_string(Direction direction);  // "raises", "lowers", "mixed", "categories", "none"

// How sure the importance and direction of a feature are, by rules (see rate_certainty):
//   clear        the interval of the drop lies above 0 and every fold's model agrees
//   unstable     the effect changes sign between the folds' models
//   faint        the interval of the drop holds 0: might be nothing
enum class Certainty { kClear, kUnstable, kFaint };
const char* to_string(Certainty certainty);

struct FeatureImportance {
  std::string feature;  // as in the feature table; the columns of one category count as one
  bool is_date = false;
  std::string table;  // the study's table it came from
  // What the sealed rows lose when the feature's values are dealt out anew, with 95 % intervals.
  // Both are above 0 where the feature helps; of several classes: mean of one class against the
  // rest.
  Figure auc_drop, log_loss_rise;
  // Mean size of the feature's SHAP values over the rows explained, in the space of Explanation,
  // and its share of the sum over all features (0 .. 1).
  double shap = 0, shap_share = 0;
  Direction direction = Direction::kNone;
  double low_value = 0, high_value = 0;  // numbers: 10 % and 90 % of the rows lie below (NaN: text)
  std::string low_category, high_category;  // text: with the lowest and highest probability
  double low_probability = 0, high_probability = 0;  // mean answer were everybody at these two
  // For each fold, the effect of the model that was fitted without it, as a multiple of the final
  // model's: 1 the same, 0 none, below 0 the other way round. Empty: not refitted.
  std::vector<double> fold_effects;
  Certainty certainty = Certainty::kFaint;
};

// Curves are of the probability of the positive class (of several classes: of each in turn).
struct Dependence {
  std::string feature;
  std::string answer;  // the class whose probability this is
  bool is_text = false, is_date = false;
  std::vector<double> value;          // numbers: grid, rising
  std::vector<std::string> category;  // text: most frequent first, "" for missing; instead of value
  std::vector<double> partial;        // mean probability were everybody at that value
  std::vector<std::vector<double>> individual;  // a few customers' own curves on the same grid
  // Accumulated local effects (Apley and Zhu 2020): numbers only. effect[i] at edge[i], centred so
  // that its mean over the rows is 0; share[i]: rows in (edge[i], edge[i+1]], one fewer.
  std::vector<double> ale_edge, ale_effect, ale_share;
  // Density under the curves: share of the rows in each of equal bins over density_edge (numbers;
  // one share fewer than edges), or in each category.
  std::vector<double> density_edge, density;
};

// A number to at most six digits, a date by its day.
std::string short_value(double number, bool is_date);

// One value as it stood in the data.
struct FeatureValue {
  bool is_text = false, missing = false;
  double number = 0;  // dates: days since 1970-01-01
  bool is_date = false;
  std::string text;
};

// One step from the average answer to a customer's: steps add up, the largest first.
struct Reason {
  std::string feature;
  FeatureValue value;
  // What is usual among the training customers of each class (median, most frequent category).
  std::vector<FeatureValue> typical;
  double contribution = 0;  // SHAP value, in Explanation's space
  double error = 0;         // its standard error; 0 where exact
  double from = 0, to = 0;  // probability before and after this step
};

// A change of one or two values after which the model would answer otherwise. The model's view: it
// does not say that bringing the change about would bring the customer about.
struct Change {
  std::string feature;
  FeatureValue from, to;
};
struct WhatIf {
  std::vector<Change> changes;
  double probability = 0;  // after them
  bool crosses = false;    // the predicted class changes
};

struct CustomerExplanation {
  std::string id;
  std::string answer;      // the class explained
  double probability = 0;  // of that class
  double average = 0;      // where the steps start: the model's answer for the average margin
  std::string predicted;
  double threshold = 0.5;
  std::vector<Reason> reasons;  // all features that move the score, largest first
  double rest = 0;              // probability points moved by reasons that were left out
  std::vector<WhatIf> what_if;  // smallest first
};

// How SHAP values were computed and in what they are counted.
struct ShapMethod {
  std::string method;  // "linear", "trees, interventional", "trees, path-dependent", "sampled"
  std::string space;   // "log-odds" or "probability"
  bool exact = false;  // otherwise Reason::error says how far off
  size_t reference_rows = 0;  // customers that "average" is taken over (0: their means or covers)
};

// A global answer, largest first; the page words it.
struct Explanation {
  std::vector<std::string> classes;
  std::vector<FeatureImportance> importance;  // by falling auc_drop, then by shap, then by name
  std::vector<Dependence> dependence;         // of the most important features
  ShapMethod shap;
  size_t sealed_rows = 0, explained_rows = 0, curve_rows = 0;  // rows used for each part
  int repeats = 0, folds = 0;
  std::vector<std::string> sentences;  // English, from the numbers by rules
  bool computed() const { return !importance.empty(); }
};

}  // namespace perennial
