#include "metric/large_sample.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "metric/order.h"

namespace perennial {
namespace {

// Normal interval on the logit scale; a point where the value is nought or one.
Figure logit_interval(double value, double variance) {
  if (!(value > 0 && value < 1)) return {.value = value, .low = value, .high = value};
  const double reach = normal_quantile(0.975) * std::sqrt(variance) / (value * (1 - value));
  const double logit = std::log(value / (1 - value));
  return {.value = value,
          .low = std::min(value, 1 / (1 + std::exp(reach - logit))),
          .high = std::max(value, 1 / (1 + std::exp(-logit - reach)))};
}

// Let every row count w times, w near 1. Average precision is S / P with S the sum over groups of
// equal scores of a P(g) / c(g): a positives in the group, P(g) positives and c(g) rows down to it.
// Its derivative by the weight of one row in group h is (dS - AP y) / P, with
//   dS = y P(h) / c(h) + sum over g from h on of a (y / c(g) - P(g) / c(g)^2),
// and the variance is the sum of squared derivatives. Rows of one group and class share theirs.
Figure average_precision_interval(Labels y, Scores p) {
  const std::vector<ScoreGroup> groups = score_groups(y, p);
  double positives = 0, called = 0, sum = 0, by_called = 0, by_square = 0;
  for (const ScoreGroup& g : groups) {
    const auto own = static_cast<double>(g.positives);
    positives += own;
    called += own + static_cast<double>(g.negatives);
    sum += own * (positives / called);
    by_called += own / called;
    by_square += own * positives / (called * called);
  }
  const double value = sum / positives;
  double above = 0, rows = 0, variance = 0;
  for (const ScoreGroup& g : groups) {
    const auto own = static_cast<double>(g.positives), others = static_cast<double>(g.negatives);
    above += own;
    rows += own + others;
    const double positive = (above / rows + by_called - by_square - value) / positives;
    const double negative = -by_square / positives;
    variance += own * positive * positive + others * negative * negative;
    by_called -= own / rows;
    by_square -= own * above / (rows * rows);
  }
  return logit_interval(value, variance);
}

// F1 = 2 a / (2 a + b + c), a true positives, b false positives, c false negatives.
Figure f1_interval(const Confusion& c) {
  const double value = f1(c);
  const auto right = static_cast<double>(c.true_positive);
  const auto wrong = static_cast<double>(c.false_positive + c.false_negative);
  const double all = 2 * right + wrong;
  if (all == 0) return {.value = value, .low = value, .high = value};
  const double of_right = 2 * (1 - value) / all, of_wrong = -value / all;
  return logit_interval(value, right * of_right * of_right + wrong * of_wrong * of_wrong);
}

}  // namespace

bool is_large_sample(Labels y, int bins) {
  constexpr size_t kRows = 5000, kRowsABin = 500;
  constexpr int64_t kOfAClass = 200;
  if (y.size() < std::max(kRows, kRowsABin * static_cast<size_t>(bins))) return false;
  const int64_t positives = std::ranges::count(y, 1);
  return positives >= kOfAClass && static_cast<int64_t>(y.size()) - positives >= kOfAClass;
}

LargeSample large_sample(Labels y, Scores p, double threshold, int bins) {
  PERENNIAL_CHECK(y.size() == p.size() && is_large_sample(y, bins));
  return {.average_precision = average_precision_interval(y, p),
          .f1 = f1_interval(confusion(y, p, threshold))};
}

}  // namespace perennial
