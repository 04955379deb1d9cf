#include "search/ensemble.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "learn/all_learners.h"
#include "learn/mix.h"
#include "search/plan.h"
#include "search/stack.h"

namespace perennial {
namespace {

constexpr size_t kMostCandidates = 12;
constexpr size_t kMostOfLearner = 5;
constexpr size_t kMostSteps = 15;
constexpr size_t kStepsWithoutGain = 4;
constexpr double kShareOfLogLoss = 0.5;
constexpr size_t kMostRows = 20000;  // that weights are learned on

using Mix = std::vector<double>;  // probabilities, rows x classes

Mix rows_of(const Mix& p, std::span<const uint32_t> rows, size_t classes) {
  Mix out(rows.size() * classes);
  for (size_t i = 0; i < out.size(); ++i) out[i] = p[classes * rows[i / classes] + i % classes];
  return out;
}

// Weights of the candidates, and intercepts where they are stacked.
struct Weights {
  std::vector<double> weights, intercept;
};

Mix mixed(const std::vector<Mix>& p, const Weights& w) {
  Mix out(p.front().size(), 0.0);
  for (size_t c = 0; c < p.size(); ++c) {
    if (w.weights[c] != 0) add_to_mix(p[c], w.weights[c], !w.intercept.empty(), out);
  }
  finish_mix(w.intercept, out);
  return out;
}

// NaN is less than anything.
bool is_more(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return a > b;
}

// More than one standard error, corrected for folds that share training rows.
bool beyond_noise(const PairedTest& gain, size_t folds) {
  const double error = (gain.high - gain.mean) / t_quantile(0.975, static_cast<double>(folds - 1));
  return gain.mean > 0 && gain.mean > error;
}

// How an ensemble does whose weights for each fold are learned on the others.
struct CrossFit {
  const TrainingRows& rows;
  const MetricInfo& metric;
  const std::vector<FoldRows>& folds;
  const std::vector<size_t>& candidates;
  std::vector<Mix> p;  // out of fold, one a candidate

  // A few numbers need no more than some ten thousand rows: of more, every second, third, ... one.
  template <typename Weigh>
  Weights learned(const Weigh& weigh, std::span<const uint32_t> from) const {
    std::vector<uint32_t> some;
    const size_t step = from.size() / kMostRows + 1;
    for (size_t i = 0; i < from.size(); i += step) some.push_back(from[i]);
    std::vector<int32_t> y;
    for (const uint32_t row : some) y.push_back(rows.table.y[row]);
    std::vector<Mix> parts;
    for (const Mix& each : p) parts.push_back(rows_of(each, some, rows.table.classes.size()));
    return weigh(std::span<const int32_t>(y), parts);
  }

  // weigh: what the rows of some folds teach. simpler: fold scores of what it is held against;
  // beyond: chosen only where it gains more than noise.
  template <typename Weigh>
  Ensemble made(const Weigh& weigh, bool beyond, const std::vector<double>& simpler,
                Mix& out_of_fold) const {
    Ensemble out;
    const size_t classes = rows.table.classes.size();
    out_of_fold.assign(p.front().size(), 0.0);
    std::vector<double> gains;
    for (size_t f = 0; f < folds.size(); ++f) {
      std::vector<Mix> here;
      for (const Mix& each : p) here.push_back(rows_of(each, folds[f].held_out, classes));
      const Mix mix = mixed(here, learned(weigh, folds[f].train));
      place(mix, folds[f].held_out, classes, out_of_fold);
      out.fold_scores.push_back(metric.score(folds[f].held_out_y, mix, static_cast<int>(classes)));
      const double gain = out.fold_scores[f] - simpler[f];
      gains.push_back(metric.higher_is_better ? gain : -gain);
    }
    std::vector<uint32_t> all(rows.table.rows());
    std::iota(all.begin(), all.end(), 0U);
    Weights whole = learned(weigh, all);
    for (size_t c = 0; c < candidates.size(); ++c) {
      if (whole.weights[c] <= 0) continue;
      out.members.push_back({.trial = candidates[c], .weight = whole.weights[c]});
    }
    out.intercept = std::move(whole.intercept);
    out.gain = corrected_paired_t(gains, 1.0 / static_cast<double>(folds.size() - 1));
    const bool better = beyond ? beyond_noise(out.gain, folds.size()) : out.gain.mean > 0;
    out.chosen = out.members.size() > 1 && better;
    return out;
  }
};

}  // namespace

std::vector<size_t> ensemble_candidates(const std::vector<Trial>& trials) {
  std::vector<size_t> out;
  std::set<std::string> seen;
  std::map<std::string, size_t> of_learner;
  for (size_t i = 0; i < trials.size() && out.size() < kMostCandidates; ++i) {
    Trial t = trials[i];
    if (!t.complete || t.learner == "naive" || std::isnan(t.cv_mean)) continue;
    if (!learner_named(t.learner).capabilities().probabilities) continue;
    if (of_learner[t.learner] == kMostOfLearner) continue;
    if (t.learner == "boosted_trees") t.params.set("n_estimators", int64_t{0});
    if (!seen.insert(settings_text(t)).second) continue;
    ++of_learner[t.learner];
    out.push_back(i);
  }
  return out;
}

double ensemble_goal(const MetricInfo& metric, std::span<const int32_t> y,
                     const std::vector<double>& probability, int classes) {
  const double score = metric.score(y, probability, classes);
  const double goal = metric.higher_is_better ? score : -score;
  if (metric.name == "log_loss" || metric.name == "brier") return goal;
  return goal - kShareOfLogLoss * metric_named("log_loss").score(y, probability, classes);
}

std::vector<double> greedy_weights(const MetricInfo& metric, std::span<const int32_t> y,
                                   const std::vector<std::vector<double>>& probability, int classes,
                                   bool logs, const Workers& workers) {
  const std::vector<double> intercept(logs ? static_cast<size_t>(classes) : 0, 0.0);
  std::vector<Mix> parts;
  for (const Mix& p : probability) add_to_mix(p, 1, logs, parts.emplace_back());
  Mix sum(probability.front().size(), 0.0);
  std::vector<size_t> picked;
  double best = std::nan("");
  size_t best_length = 1;
  while (picked.size() < kMostSteps && picked.size() < best_length + kStepsWithoutGain) {
    std::vector<double> goals(parts.size());
    const auto members = static_cast<double>(picked.size() + 1);
    workers.run(parts.size(), [&](size_t c) {
      Mix mix(sum.size());
      for (size_t i = 0; i < mix.size(); ++i) mix[i] = (sum[i] + parts[c][i]) / members;
      finish_mix(intercept, mix);
      goals[c] = ensemble_goal(metric, y, mix, classes);
    });
    size_t at = 0;
    for (size_t c = 1; c < goals.size(); ++c) {
      if (is_more(goals[c], goals[at])) at = c;
    }
    picked.push_back(at);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += parts[at][i];
    if (!is_more(goals[at], best)) continue;
    best = goals[at];
    best_length = picked.size();
  }
  std::vector<double> weights(probability.size(), 0.0);
  for (size_t k = 0; k < best_length; ++k) weights[picked[k]] += 1;
  for (double& w : weights) w /= static_cast<double>(best_length);
  return weights;
}

std::vector<double> chosen_apart(const std::vector<Trial>& trials, bool higher_is_better) {
  const size_t folds = trials.front().fold_scores.size();
  std::vector<double> out(folds, std::nan(""));
  for (size_t f = 0; f < folds; ++f) {
    double best = std::nan("");
    for (const Trial& t : trials) {
      if (!t.complete) continue;
      double others = 0;
      for (size_t k = 0; k < folds; ++k) others += k == f ? 0 : t.fold_scores[k];
      if (!is_more(higher_is_better ? others : -others, best)) continue;
      best = higher_is_better ? others : -others;
      out[f] = t.fold_scores[f];
    }
  }
  return out;
}

Mixes make_mixes(const TrainingRows& rows, const SearchOptions& options, Evaluator& evaluator,
                 const Workers& workers, SearchResult& out) {
  Mixes mixes;
  if (!options.ensemble && !options.stacking) return mixes;
  const std::vector<size_t> candidates = ensemble_candidates(out.trials);
  if (candidates.size() < 2) return mixes;
  const MetricInfo& metric = metric_named(options.metric);
  const auto classes = static_cast<int>(rows.table.classes.size());
  CrossFit cross_fit{.rows = rows,
                     .metric = metric,
                     .folds = evaluator.folds(),
                     .candidates = candidates,
                     .p = {}};
  for (const size_t i : candidates) {
    cross_fit.p.push_back(evaluator.out_of_fold(out.trials[i], out.trials));
  }
  const std::vector<double> alone = chosen_apart(out.trials, metric.higher_is_better);
  double best_goal = std::nan("");
  // Of probabilities, or of their logarithms where that does better on folds chosen apart.
  for (const bool logs : {false, true}) {
    if (!options.ensemble) break;
    Mix of_it;
    Ensemble one = cross_fit.made(
        [&](std::span<const int32_t> y, const std::vector<Mix>& p) -> Weights {
          return {.weights = greedy_weights(metric, y, p, classes, logs, workers),
                  .intercept = std::vector<double>(logs ? static_cast<size_t>(classes) : 0, 0.0)};
        },
        false, alone, of_it);
    const double goal = ensemble_goal(metric, rows.table.y, of_it, classes);
    if (logs && !is_more(goal, best_goal)) continue;
    best_goal = goal;
    out.ensemble = std::move(one);
    mixes.mean = std::move(of_it);
  }
  const std::vector<double>& simpler = out.ensemble.chosen ? out.ensemble.fold_scores : alone;
  if (options.stacking) {
    out.stack = cross_fit.made(
        [&](std::span<const int32_t> y, const std::vector<Mix>& p) -> Weights {
          Stack stack = fit_stack(y, p, classes);
          return {.weights = std::move(stack.weights), .intercept = std::move(stack.intercept)};
        },
        true, simpler, mixes.stack);
  }
  return mixes;
}

}  // namespace perennial
