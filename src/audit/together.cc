// What several columns tell together: a quick additive model, and columns that decide as a set.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/text.h"

namespace perennial {
namespace {

// An additive logistic model by boosting one column's bins after another (after Buehlmann and Yu
// 2003, componentwise boosting, here cyclic with Newton steps): scores of rows not in `training`.
class Additive {
 public:
  Additive(std::vector<Binned> cells, std::vector<int32_t> y)
      : cells_(std::move(cells)), y_(std::move(y)) {}

  // Adds to `wins` and `pairs` of the pairs of rows of that fold.
  void judge_fold(const std::vector<uint32_t>& fold, uint32_t held_out, double& wins,
                  double& pairs) const {
    const std::vector<double> score = fit(fold, held_out);
    std::vector<std::pair<double, int32_t>> order;
    for (size_t i = 0; i < y_.size(); ++i) {
      if (fold[i] == held_out) order.emplace_back(score[i], y_[i]);
    }
    std::sort(order.begin(), order.end());
    double below = 0, positives = 0;
    for (size_t i = 0; i < order.size();) {
      Counts tied{0, 0};
      const double here = order[i].first;
      for (; i < order.size() && order[i].first == here; ++i) {
        tied[static_cast<size_t>(order[i].second)] += 1;
      }
      wins += tied[1] * (below + tied[0] / 2);
      below += tied[0];
      positives += tied[1];
    }
    pairs += below * positives;
  }

 private:
  std::vector<double> fit(const std::vector<uint32_t>& fold, uint32_t held_out) const {
    constexpr int kRounds = 8;
    constexpr double kStep = 0.5, kRidge = 5;
    std::vector<double> score(y_.size(), 0), gradient, weight;
    for (int round = 0; round < kRounds; ++round) {
      for (const Binned& column : cells_) {
        gradient.assign(column.bins, 0);
        weight.assign(column.bins, 0);
        for (size_t i = 0; i < y_.size(); ++i) {
          if (fold[i] == held_out) continue;
          const double p = 1 / (1 + std::exp(-score[i]));
          gradient[column.bin[i]] += y_[i] - p;
          weight[column.bin[i]] += p * (1 - p);
        }
        for (size_t b = 0; b < column.bins; ++b) {
          gradient[b] *= kStep / (weight[b] + kRidge * 0.25);
        }
        for (size_t i = 0; i < y_.size(); ++i) score[i] += gradient[column.bin[i]];
      }
    }
    return score;
  }

  std::vector<Binned> cells_;
  std::vector<int32_t> y_;
};

}  // namespace

std::vector<uint32_t> spread_rows(const EntityView& view, size_t most) {
  std::vector<uint32_t> known;
  for (size_t row = 0; row < view.y.size(); ++row) {
    if (view.y[row] >= 0) known.push_back(static_cast<uint32_t>(row));
  }
  if (known.size() <= most) return known;
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < most; ++i) rows.push_back(known[i * known.size() / most]);
  return rows;
}

double additive_auc(const EntityView& view, const EntityFacts& facts,
                    const std::vector<size_t>& features, size_t most_rows, const Workers& workers) {
  if (!facts.telling || features.empty()) return 0.5;
  const std::vector<uint32_t> rows = spread_rows(view, most_rows);
  std::vector<Binned> cells;
  for (const size_t c : features) {
    if (!too_many_values(*view.features[c])) cells.push_back(binned(view.features[c]->take(rows)));
  }
  std::vector<int32_t> y;
  std::vector<uint32_t> fold;
  for (const uint32_t row : rows) {
    y.push_back(view.y[row]);
    fold.push_back(facts.fold[row] % 3);
  }
  const Additive model(std::move(cells), std::move(y));
  std::vector<double> wins(std::min<size_t>(3, facts.folds)), pairs(wins.size());
  workers.run(wins.size(), [&](size_t f) {
    model.judge_fold(fold, static_cast<uint32_t>(f), wins[f], pairs[f]);
  });
  double won = 0, all = 0;
  for (size_t f = 0; f < wins.size(); ++f) {
    won += wins[f];
    all += pairs[f];
  }
  return all > 0 ? won / all : 0.5;
}

// Columns of which none decides alone: the model is asked only where two are strong, and then for
// the fewest that keep what all of them tell.
void check_decisive_together(const EntityView& view, const EntityFacts& facts,
                             const Workers& workers, EntityAudit& audit) {
  constexpr double kStrong = 0.65, kDecisive = 0.97;
  constexpr size_t kMost = 4, kRows = 4000;
  std::vector<size_t> strong;
  for (size_t c = 0; c < facts.auc.size(); ++c) {
    if (facts.auc[c] > 0.95) return;  // named already
    if (facts.auc[c] > kStrong) strong.push_back(c);
  }
  if (strong.size() < 2) return;
  std::stable_sort(strong.begin(), strong.end(),
                   [&](size_t a, size_t b) { return facts.auc[a] > facts.auc[b]; });
  if (strong.size() > 8) strong.resize(8);
  const double all = additive_auc(view, facts, strong, kRows, workers);
  if (all < kDecisive) return;
  // Leave out what is not needed, the weakest first.
  for (size_t i = strong.size(); i-- > 0 && strong.size() > 2;) {
    std::vector<size_t> fewer = strong;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (additive_auc(view, facts, fewer, kRows, workers) >= std::max(kDecisive, all - 0.005)) {
      strong = fewer;
    }
  }
  if (strong.size() > kMost) return;  // many columns together may well tell much
  std::vector<std::string> names;
  for (const size_t c : strong) names.push_back(view.features[c]->name);
  Finding finding = feature_finding(view, strong[0], "decisive-together");
  finding.rows = static_cast<int64_t>(facts.classes[0] + facts.classes[1]);
  finding.message = fmt::format(
      "The columns {} together decide the target nearly alone (ROC-AUC {} by a quick model, "
      "cross-validated): the target may be computed from them.{}",
      join(names, " and "), fixed(additive_auc(view, facts, strong, kRows, workers), 3),
      kAfterwards);
  finding.confidence = 0.8;
  audit.findings.push_back(std::move(finding));
}

}  // namespace perennial
