#include "search/space.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "learn/all_learners.h"
#include "search/plan.h"

namespace perennial {
namespace {

using Settings = std::map<std::string, ParamValue>;

ParamValue whole(int64_t v) { return v; }
ParamValue word(const char* v) { return std::string(v); }

// What a parameter's declaration means for a table.
struct Range {
  std::string param;
  SearchRange in;
  bool whole = false;
};

// Rounds that suit a learning rate: enough for the slowest table, and its fractions, which cost
// nothing more.
constexpr double kBoosting = 30;  // rounds x learning rate
std::vector<int64_t> round_series(double learning_rate) {
  const auto most = std::clamp<int64_t>(std::llround(kBoosting / learning_rate), 80, 1600);
  return {most, most / 2, most / 4, most / 8};
}

std::vector<Range> ranges_of(const std::string& name, const TableShape& shape) {
  const auto columns = static_cast<double>(std::max<size_t>(1, shape.columns));
  const Learner& learner = learner_named(name);
  std::vector<Range> out;
  for (const auto& specs : {learner.params(), pipeline_params(learner)}) {
    for (const ParamSpec& spec : specs) {
      if (!spec.search) continue;
      Range r{.param = spec.name, .in = *spec.search, .whole = spec.type == ParamType::kInt};
      if (r.in.of == SearchRange::Of::kColumns) {
        r.in.high = std::max(r.in.low + 1, std::floor(r.in.high * columns));
      } else if (r.in.of == SearchRange::Of::kOneOfColumns) {
        r.in.low /= columns;
        r.in.high /= columns;
      }
      out.push_back(std::move(r));
    }
  }
  return out;
}

// The value in the range at u of [0, 1].
ParamValue value_at(const Range& r, double u) {
  if (!r.in.choices.empty()) {
    const auto n = r.in.choices.size();
    return r.in.choices[std::min(n - 1, static_cast<size_t>(u * static_cast<double>(n)))];
  }
  const double v = r.in.log ? std::exp(std::lerp(std::log(r.in.low), std::log(r.in.high), u))
                            : std::lerp(r.in.low, r.in.high, u);
  if (r.whole) return static_cast<int64_t>(std::llround(v));
  // Three digits say all that is known of such a number, and are easier to read.
  const double step = std::pow(10.0, std::floor(std::log10(std::max(v, 1e-12))) - 2);
  const double rounded =
      step < 1 ? std::round(v / step) / std::round(1 / step) : std::round(v / step) * step;
  return std::clamp(rounded, r.in.low, r.in.high);
}

double place_of(const Range& r, const ParamValue& value) {
  if (!r.in.choices.empty()) {
    const auto found = std::find(r.in.choices.begin(), r.in.choices.end(), value);
    return (static_cast<double>(found - r.in.choices.begin()) + 0.5) /
           static_cast<double>(r.in.choices.size());
  }
  const double v = std::holds_alternative<int64_t>(value)
                       ? static_cast<double>(std::get<int64_t>(value))
                       : std::get<double>(value);
  const double held = std::clamp(v, r.in.low, r.in.high);
  return r.in.log ? std::log(held / r.in.low) / std::log(r.in.high / r.in.low)
                  : (held - r.in.low) / (r.in.high - r.in.low);
}

// The value itself, or the nearest of those that the study allows.
ParamValue allowed(const Axis& axis, const ParamValue& value) {
  if (!axis.named) return value;
  const auto number = [](const ParamValue& v) {
    if (const auto* i = std::get_if<int64_t>(&v)) return static_cast<double>(*i);
    const auto* d = std::get_if<double>(&v);
    return d ? *d : std::nan("");
  };
  const ParamValue* best = &axis.values.front();
  for (const ParamValue& v : axis.values) {
    if (v == value) return value;
    const double near = std::abs(number(v) - number(value));
    if (near < std::abs(number(*best) - number(value))) best = &v;
  }
  return *best;
}

Trial trial_with(const LearnerSpace& space, const Settings& settings) {
  Trial trial{.learner = space.learner};
  for (const Axis& axis : axes_of(learner_named(space.learner), space)) {
    const auto given = settings.find(axis.spec.name);
    set(trial, axis,
        allowed(axis, given == settings.end() ? axis.spec.default_value : given->second));
  }
  return trial;
}

// One trial, or one for each number of rounds.
std::vector<Trial> series(const LearnerSpace& space, Settings settings) {
  if (space.learner != "boosted_trees") return {trial_with(space, settings)};
  std::vector<Trial> out;
  std::set<std::string> seen;
  const double rate = trial_with(space, settings).params.get_real("learning_rate");
  for (const int64_t rounds : round_series(rate)) {
    settings["n_estimators"] = rounds;
    Trial trial = trial_with(space, settings);
    if (seen.insert(settings_text(trial)).second) out.push_back(std::move(trial));
  }
  return out;
}

Settings boosted(double rate, int64_t depth, double child, double rows, double columns,
                 double lambda) {
  return {{"learning_rate", rate}, {"max_depth", whole(depth)},   {"min_child_weight", child},
          {"subsample", rows},     {"colsample_bytree", columns}, {"reg_lambda", lambda}};
}

Settings forest(int64_t leaf, int64_t trees, const char* criterion, int64_t columns = 0) {
  return {{"min_samples_leaf", leaf},
          {"n_estimators", trees},
          {"criterion", word(criterion)},
          {"max_features", columns}};
}

// Settings of each learner, the most promising first.
std::vector<Settings> strong_settings(const std::string& learner, const TableShape& shape) {
  const int64_t trees = shape.rows > 20000 ? 200 : 300;
  const auto third = static_cast<int64_t>(std::max<size_t>(1, shape.columns / 3));
  if (learner == "logistic") {
    return {{{"C", 1.0}, {"penalty", word("l2")}},
            {{"C", 0.03}, {"penalty", word("l2")}},
            {{"C", 0.3}, {"penalty", word("l1")}}};
  }
  if (learner == "boosted_trees") {
    return {boosted(0.05, 3, 2, 0.8, 0.8, 1), boosted(0.05, 5, 1, 0.8, 0.8, 1),
            boosted(0.1, 2, 2, 0.8, 0.8, 1),  boosted(0.04, 4, 5, 0.8, 0.6, 2),
            boosted(0.05, 8, 2, 0.9, 0.6, 1), boosted(0.03, 6, 10, 0.7, 0.5, 5)};
  }
  if (learner == "extra_trees") {
    return {forest(2, trees, "gini"), forest(5, trees, "gini", third)};
  }
  if (learner == "random_forest") {
    return {forest(3, trees, "gini"), forest(8, trees, "entropy"), forest(1, trees, "gini")};
  }
  if (learner == "svm") return {{{"C", 0.5}}, {{"C", 2.0}}};
  if (learner == "knn") {
    return {{{"n_neighbors", whole(31)}}, {{"n_neighbors", whole(15)}, {"p", whole(1)}}};
  }
  if (learner == "naive_bayes") return {{{"var_smoothing", 0.03}}, {{"var_smoothing", 0.3}}};
  if (learner == "neural_network") {
    return {{{"dropout", 0.1}, {"hidden_layers", word("50,50")}}};
  }
  if (learner == "tree") {
    return {{{"max_depth", whole(8)}, {"min_samples_leaf", whole(20)}},
            {{"max_depth", whole(5)}, {"min_samples_leaf", whole(10)}}};
  }
  return {{}};
}

// What the study lists for a parameter that is not searched here ("encode", "numeric"): its values
// are tried as they stand.
std::vector<Axis> listed(const LearnerSpace& space, const TableShape& shape) {
  std::vector<Axis> axes = axes_of(learner_named(space.learner), space);
  std::set<std::string> searched = {"n_estimators"};
  for (const Range& r : ranges_of(space.learner, shape)) searched.insert(r.param);
  std::erase_if(axes, [&](const Axis& a) {
    return !a.named || a.values.size() < 2 || searched.contains(a.spec.name);
  });
  return axes;
}

// The settings, and the first of them once for each other listed value.
std::vector<Settings> first_settings(const LearnerSpace& space, const TableShape& shape) {
  std::vector<Settings> out = strong_settings(space.learner, shape);
  std::vector<Settings> more;
  for (const Axis& axis : listed(space, shape)) {
    for (const ParamValue& value : axis.values) {
      more.push_back(out.front());
      more.back()[axis.spec.name] = value;
    }
  }
  out.insert(out.begin() + 1, more.begin(), more.end());
  return out;
}

// Learners in the order in which their settings come up.
constexpr const char* kOrder[] = {"boosted_trees", "logistic", "extra_trees",
                                  "random_forest", "svm",      "knn",
                                  "naive_bayes",   "tree",     "neural_network"};

// A support vector machine looks at pairs of rows, and beyond some thousands its approximation
// rarely leads.
constexpr size_t kMostSvmRows = 6000;

}  // namespace

TableShape shape_of(const FeatureTable& table) {
  constexpr size_t kMostCategories = 30;
  TableShape out{.rows = table.rows(), .columns = 0, .classes = table.classes.size()};
  for (const Column& column : table.features) {
    if (column.type != ColumnType::kText) {
      ++out.columns;
      continue;
    }
    out.columns += std::clamp<size_t>(column.dictionary.size(), 1, kMostCategories);
  }
  return out;
}

std::vector<std::vector<Trial>> portfolio(const SearchOptions& options, const TableShape& shape) {
  std::vector<std::vector<std::vector<Trial>>> of_learner;
  for (const char* learner : kOrder) {
    for (const LearnerSpace& space : options.spaces) {
      if (space.learner != learner) continue;
      const bool too_many = space.learner == "svm" && shape.rows > kMostSvmRows;
      if (too_many && options.spaces.size() > 1) continue;
      of_learner.emplace_back();
      std::set<std::string> seen;
      for (const Settings& s : first_settings(space, shape)) {
        std::vector<Trial> all = series(space, s);
        std::erase_if(all, [&](const Trial& t) { return !seen.insert(settings_text(t)).second; });
        if (!all.empty()) of_learner.back().push_back(std::move(all));
      }
    }
  }
  std::vector<std::vector<Trial>> out;
  for (size_t turn = 0;; ++turn) {
    const size_t before = out.size();
    for (auto& all : of_learner) {
      if (turn < all.size()) out.push_back(std::move(all[turn]));
    }
    if (out.size() == before) return out;
  }
}

std::vector<Trial> proposal(const Trial& from, const SearchOptions& options,
                            const TableShape& shape, Rng& rng) {
  const auto space = std::find_if(options.spaces.begin(), options.spaces.end(),
                                  [&](const LearnerSpace& s) { return s.learner == from.learner; });
  PERENNIAL_CHECK(space != options.spaces.end());
  Settings settings;
  for (const Params* p : {&from.params, &from.prep_params}) {
    settings.insert(p->values().begin(), p->values().end());
  }
  const bool anywhere = rng.bernoulli(0.25);
  for (const Range& r : ranges_of(from.learner, shape)) {
    const double u = place_of(r, settings.at(r.param));
    if (anywhere || (!r.in.choices.empty() && rng.bernoulli(0.3))) {
      settings[r.param] = value_at(r, rng.uniform());
    } else if (r.in.choices.empty() && rng.bernoulli(0.6)) {
      settings[r.param] = value_at(r, std::clamp(u + 0.2 * rng.normal(), 0.0, 1.0));
    }
  }
  for (const Axis& axis : listed(*space, shape)) {
    if (rng.bernoulli(0.3)) settings[axis.spec.name] = axis.values[rng.below(axis.values.size())];
  }
  return series(*space, settings);
}

double fit_cost(const Trial& trial, const TableShape& shape, size_t rows) {
  const auto n = static_cast<double>(rows);
  const double cells = n * static_cast<double>(std::max<size_t>(1, shape.columns));
  const double groups = shape.classes > 2 ? static_cast<double>(shape.classes) : 1;
  if (trial.learner == "boosted_trees") {
    const double depth = static_cast<double>(trial.params.get_int("max_depth"));
    return static_cast<double>(trial.params.get_int("n_estimators")) * groups *
           (1.5e-4 + 1e-9 * cells * depth);
  }
  if (trial.learner == "random_forest" || trial.learner == "extra_trees") {
    const auto named = static_cast<double>(trial.params.get_int("max_features"));
    const double drawn = named > 0 ? named : std::sqrt(static_cast<double>(shape.columns));
    return static_cast<double>(trial.params.get_int("n_estimators")) * n *
           std::log2(std::max(2.0, n)) * (2 + drawn) * 2e-9;
  }
  if (trial.learner == "neural_network") return 2e-6 * cells * groups + 0.02;
  if (trial.learner == "knn") return 3e-10 * n * cells / 4;
  if (trial.learner == "svm") return 1e-8 * n * std::min(n, 20000.0) * groups;
  if (trial.learner == "logistic") return 5e-8 * cells * groups;
  return 1e-8 * cells * std::log2(std::max(2.0, n));
}

bool shares_exactly(const std::string& learner) {
  return learner == "boosted_trees" || learner == "knn" || learner == "tree";
}

}  // namespace perennial
