#include "search/compare.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "learn/all_learners.h"
#include "metric/order.h"

namespace perennial {
namespace {

constexpr double kTieLevel = 0.05;

// Holm's step-down adjustment, in place.
void adjust_by_holm(std::vector<LearnerComparison>& all) {
  std::vector<size_t> order(all.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return all[a].test.p_value < all[b].test.p_value; });
  double highest = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    const double p = all[order[k]].test.p_value * static_cast<double>(order.size() - k);
    highest = std::max(highest, std::min(1.0, p));
    all[order[k]].adjusted_p = highest;
    all[order[k]].tie = !(highest < kTieLevel);
  }
}

}  // namespace

void rank_trials(std::vector<Trial>& trials, bool higher_is_better) {
  for (Trial& t : trials) {
    std::vector<double> scores;  // on the folds that were tried
    for (const double s : t.fold_scores) {
      if (t.complete || !std::isnan(s)) scores.push_back(s);
    }
    const auto n = static_cast<double>(scores.size());
    t.cv_mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
    double squares = 0;
    for (const double s : scores) squares += (s - t.cv_mean) * (s - t.cv_mean);
    t.cv_sd = n > 1 ? std::sqrt(squares / (n - 1)) : 0.0;
  }
  const auto key = [](const Trial& t) { return to_text(t.params) + to_text(t.prep_params); };
  std::stable_sort(trials.begin(), trials.end(), [&](const Trial& a, const Trial& b) {
    // Who was stopped early has no place among those that went on.
    if (a.complete != b.complete) return a.complete;
    // A metric that cannot be computed comes last.
    if (std::isnan(a.cv_mean) != std::isnan(b.cv_mean)) return std::isnan(b.cv_mean);
    if (a.cv_mean != b.cv_mean && !std::isnan(a.cv_mean)) {
      return higher_is_better ? a.cv_mean > b.cv_mean : a.cv_mean < b.cv_mean;
    }
    if (a.learner != b.learner) return learner_rank(a.learner) < learner_rank(b.learner);
    return key(a) < key(b);
  });
}

std::vector<size_t> best_of_each(const std::vector<Trial>& trials) {
  std::vector<size_t> best;
  std::set<std::string> seen = {"naive"};
  for (size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].complete && seen.insert(trials[i].learner).second) best.push_back(i);
  }
  return best;
}

std::vector<LearnerComparison> compare_bests(const std::vector<Trial>& trials,
                                             const std::vector<size_t>& best,
                                             bool higher_is_better) {
  std::vector<LearnerComparison> out;
  for (size_t i = 0; i < best.size(); ++i) {
    for (size_t j = i + 1; j < best.size(); ++j) {
      const Trial &a = trials[best[i]], &b = trials[best[j]];
      std::vector<double> differences;
      for (size_t f = 0; f < a.fold_scores.size(); ++f) {
        const double d = a.fold_scores[f] - b.fold_scores[f];
        differences.push_back(higher_is_better ? d : -d);
      }
      const double folds = static_cast<double>(differences.size());
      out.push_back({.better = a.learner,
                     .worse = b.learner,
                     .test = corrected_paired_t(differences, 1.0 / (folds - 1))});
    }
  }
  adjust_by_holm(out);
  return out;
}

double best_f1_threshold(std::span<const int32_t> y, std::span<const double> p) {
  const std::vector<ScoreGroup> groups = score_groups(y, p);
  const auto positives = static_cast<double>(std::count(y.begin(), y.end(), 1));
  double hits = 0, called = 0, best = -1, threshold = 0.5;
  for (size_t g = 0; g < groups.size(); ++g) {
    hits += static_cast<double>(groups[g].positives);
    called += static_cast<double>(groups[g].positives + groups[g].negatives);
    const double here = groups[g].score;
    const double next = g + 1 < groups.size() ? groups[g + 1].score : 0.0;
    const double f1 = 2 * hits / (called + positives);
    if (f1 > best) {
      best = f1;
      // Between neighbouring doubles there is no middle.
      const double middle = 0.5 * (here + next);
      threshold = middle > next ? middle : here;
    }
  }
  return threshold;
}

}  // namespace perennial
