#include "search/ensemble.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "learn/all_learners.h"
#include "search/plan.h"

namespace perennial {
namespace {

constexpr size_t kMostCandidates = 12;
constexpr size_t kMostOfLearner = 5;
constexpr size_t kMostSteps = 15;
constexpr size_t kStepsWithoutGain = 4;

using Mix = std::vector<double>;  // probabilities, rows x classes

Mix rows_of(const Mix& p, std::span<const uint32_t> rows, size_t classes) {
  Mix out(rows.size() * classes);
  for (size_t i = 0; i < out.size(); ++i) out[i] = p[classes * rows[i / classes] + i % classes];
  return out;
}

Mix mean_of(const std::vector<Mix>& p, std::span<const double> weights) {
  Mix out(p.front().size(), 0.0);
  for (size_t c = 0; c < p.size(); ++c) {
    if (weights[c] == 0) continue;
    for (size_t i = 0; i < out.size(); ++i) out[i] += weights[c] * p[c][i];
  }
  return out;
}

// NaN is worse than anything.
bool is_better(double a, double b, bool higher) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return higher ? a > b : a < b;
}

// More than one standard error, corrected for folds that share training rows.
bool beyond_noise(const PairedTest& gain, size_t folds) {
  const double error = (gain.high - gain.mean) / t_quantile(0.975, static_cast<double>(folds - 1));
  return gain.mean > 0 && gain.mean > error;
}

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

std::vector<double> greedy_weights(const MetricInfo& metric, std::span<const int32_t> y,
                                   const std::vector<std::vector<double>>& probability, int classes,
                                   const Workers& workers) {
  Mix sum(probability.front().size(), 0.0);
  std::vector<size_t> picked;
  double best = std::nan("");
  size_t best_length = 1;
  while (picked.size() < kMostSteps && picked.size() < best_length + kStepsWithoutGain) {
    std::vector<double> scores(probability.size());
    const auto members = static_cast<double>(picked.size() + 1);
    workers.run(probability.size(), [&](size_t c) {
      Mix mix(sum.size());
      for (size_t i = 0; i < mix.size(); ++i) mix[i] = (sum[i] + probability[c][i]) / members;
      scores[c] = metric.score(y, mix, classes);
    });
    size_t at = 0;
    for (size_t c = 1; c < scores.size(); ++c) {
      if (is_better(scores[c], scores[at], metric.higher_is_better)) at = c;
    }
    picked.push_back(at);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += probability[at][i];
    if (!is_better(scores[at], best, metric.higher_is_better)) continue;
    best = scores[at];
    best_length = picked.size();
  }
  std::vector<double> weights(probability.size(), 0.0);
  for (size_t k = 0; k < best_length; ++k) weights[picked[k]] += 1;
  for (double& w : weights) w /= static_cast<double>(best_length);
  return weights;
}

Ensemble make_ensemble(const TrainingRows& rows, const std::vector<Trial>& trials,
                       const SearchOptions& options, Evaluator& evaluator, const Workers& workers,
                       std::vector<double>& out_of_fold) {
  Ensemble out;
  const std::vector<size_t> candidates = ensemble_candidates(trials);
  if (candidates.size() < 2) return out;
  const MetricInfo& metric = metric_named(options.metric);
  const size_t classes = rows.table.classes.size();
  const auto k = static_cast<int>(classes);
  std::vector<Mix> p;
  for (const size_t i : candidates) p.push_back(evaluator.out_of_fold(trials[i]));

  const std::vector<FoldRows>& folds = evaluator.folds();
  out_of_fold.assign(p.front().size(), 0.0);
  std::vector<double> gains;
  for (size_t f = 0; f < folds.size(); ++f) {
    std::vector<Mix> others, here;
    for (const Mix& each : p) {
      others.push_back(rows_of(each, folds[f].train, classes));
      here.push_back(rows_of(each, folds[f].held_out, classes));
    }
    const Mix mix = mean_of(here, greedy_weights(metric, folds[f].train_y, others, k, workers));
    place(mix, folds[f].held_out, classes, out_of_fold);
    out.fold_scores.push_back(metric.score(folds[f].held_out_y, mix, k));
    const double gain = out.fold_scores[f] - trials.front().fold_scores[f];
    gains.push_back(metric.higher_is_better ? gain : -gain);
  }
  const std::vector<double> weights = greedy_weights(metric, rows.table.y, p, k, workers);
  for (size_t c = 0; c < weights.size(); ++c) {
    if (weights[c] > 0) out.members.push_back({.trial = candidates[c], .weight = weights[c]});
  }
  out.gain = corrected_paired_t(gains, 1.0 / static_cast<double>(folds.size() - 1));
  out.chosen = out.members.size() > 1 && beyond_noise(out.gain, folds.size());
  return out;
}

}  // namespace perennial
