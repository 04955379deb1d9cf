// The candidates of a search: a pure function of the options and the seed.
#include "search/plan.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

std::vector<std::string> axis_names(const Learner& learner) {
  std::vector<std::string> names;
  for (const ParamSpec& s : learner.params()) names.push_back(s.name);
  for (const ParamSpec& s : pipeline_params(learner)) names.push_back(s.name);
  return names;
}

}  // namespace

std::vector<Axis> axes_of(const Learner& learner, const LearnerSpace& space) {
  std::vector<Axis> axes;
  for (const bool of_prep : {false, true}) {
    for (const ParamSpec& spec : of_prep ? pipeline_params(learner) : learner.params()) {
      Axis axis{.spec = spec, .of_prep = of_prep, .named = false, .values = spec.grid};
      if (axis.values.empty()) axis.values = {spec.default_value};
      const auto named = space.values.find(spec.name);
      if (named != space.values.end() && !named->second.empty()) {
        axis.named = true;
        axis.values.clear();
        for (const ParamValue& v : named->second) {
          axis.values.push_back(checked(spec, v, "learner " + space.learner));
          if (spec.name == balance_param().name) {
            check_balance(std::get<std::string>(axis.values.back()), learner);
          }
        }
      }
      axes.push_back(std::move(axis));
    }
  }
  const std::vector<std::string> names = axis_names(learner);
  for (const auto& [name, values] : space.values) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw Error(ErrorCode::kStudy, "learner " + space.learner,
                  "there is no parameter " + quoted(name) + did_you_mean(name, names),
                  "Choose among " + join(names, ", "));
    }
  }
  return axes;
}

void set(Trial& trial, const Axis& axis, const ParamValue& value) {
  (axis.of_prep ? trial.prep_params : trial.params).set(axis.spec.name, value);
}

std::string settings_text(const Trial& trial) {
  return trial.learner + to_text(trial.params) + to_text(trial.prep_params);
}

namespace {

void add_grid(const LearnerSpace& space, std::vector<Trial>& out) {
  const std::vector<Axis> axes = axes_of(learner_named(space.learner), space);
  std::vector<size_t> at(axes.size(), 0);
  for (;;) {
    Trial trial{.learner = space.learner};
    for (size_t a = 0; a < axes.size(); ++a) set(trial, axes[a], axes[a].values[at[a]]);
    out.push_back(std::move(trial));
    size_t a = axes.size();
    while (a > 0 && ++at[a - 1] == axes[a - 1].values.size()) at[--a] = 0;
    if (a == 0) return;
  }
}

// One of the values; a real on the log scale anywhere between the least and the greatest of them.
ParamValue drawn(const Axis& axis, Rng& rng) {
  const std::vector<ParamValue>& v = axis.values;
  if (!axis.named) return axis.spec.default_value;
  if (v.size() > 1 && axis.spec.type == ParamType::kReal && axis.spec.log_scale) {
    const auto [low, high] = std::minmax_element(v.begin(), v.end());
    const double a = std::get<double>(*low), b = std::get<double>(*high);
    if (a > 0)
      return std::clamp(std::exp(std::lerp(std::log(a), std::log(b), rng.uniform())), a, b);
  }
  return v[rng.below(v.size())];
}

// Learners take turns, so that each gets its share of the trials; a repeated draw is drawn again.
void add_random(const SearchOptions& options, Seed seed, std::vector<Trial>& out) {
  std::vector<std::vector<Axis>> axes;
  std::vector<Rng> rngs;
  for (const LearnerSpace& space : options.spaces) {
    axes.push_back(axes_of(learner_named(space.learner), space));
    rngs.emplace_back(seed.child("trials").child(space.learner));
  }
  std::set<std::string> seen;
  const int64_t wanted = options.trials > 0 ? options.trials : kRandomTrials;
  const int64_t most_draws = 20 * wanted + 100;
  int64_t found = 0;
  for (int64_t draw = 0; draw < most_draws && found < wanted; ++draw) {
    const size_t s = static_cast<size_t>(draw) % options.spaces.size();
    Trial trial{.learner = options.spaces[s].learner};
    for (const Axis& axis : axes[s]) set(trial, axis, drawn(axis, rngs[s]));
    if (!seen.insert(settings_text(trial)).second) continue;
    out.push_back(std::move(trial));
    ++found;
  }
}

}  // namespace

std::vector<Trial> plan_trials(const SearchOptions& options, Seed seed) {
  std::vector<Trial> out;
  if (options.method == "random" && !options.spaces.empty()) {
    add_random(options, seed, out);
  } else {
    for (const LearnerSpace& space : options.spaces) add_grid(space, out);
  }
  // The naive rule is always on the board.
  const bool named = std::any_of(options.spaces.begin(), options.spaces.end(),
                                 [](const LearnerSpace& s) { return s.learner == "naive"; });
  if (!named) add_grid({.learner = "naive", .values = {}}, out);
  return out;
}

}  // namespace perennial
