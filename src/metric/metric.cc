#include "metric/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "metric/order.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double rank_key(double score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

double share(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<uint32_t> order_by_falling_score(Scores p) {
  struct Keyed {
    double key;
    uint32_t row;
  };
  std::vector<Keyed> keyed(p.size());
  for (size_t i = 0; i < p.size(); ++i) keyed[i] = {rank_key(p[i]), static_cast<uint32_t>(i)};
  std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key > b.key : a.row < b.row;
  });
  std::vector<uint32_t> order(p.size());
  for (size_t i = 0; i < p.size(); ++i) order[i] = keyed[i].row;
  return order;
}

std::vector<ScoreGroup> score_groups(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  struct Keyed {
    double key;
    int32_t positive;
  };
  std::vector<Keyed> keyed(p.size());
  for (size_t i = 0; i < p.size(); ++i) keyed[i] = {rank_key(p[i]), y[i] == 1 ? 1 : 0};
  std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) { return a.key > b.key; });
  std::vector<ScoreGroup> groups;
  for (const Keyed& row : keyed) {
    if (groups.empty() || groups.back().score != row.key) groups.push_back({.score = row.key});
    groups.back().positives += row.positive;
    groups.back().negatives += 1 - row.positive;
  }
  return groups;
}

double roc_auc(Labels y, Scores p) {
  // Twice the number of (positive, negative) pairs in the right order: whole numbers, so that the
  // figure does not depend on the order of rows.
  int64_t twice_right = 0, positives = 0, negatives = 0;
  for (const ScoreGroup& group : score_groups(y, p)) {
    twice_right += group.negatives * (2 * positives + group.positives);
    positives += group.positives;
    negatives += group.negatives;
  }
  if (positives == 0 || negatives == 0) return kNaN;
  return static_cast<double>(twice_right) /
         (2 * static_cast<double>(positives) * static_cast<double>(negatives));
}

double average_precision(Labels y, Scores p) {
  int64_t positives = 0, called = 0;
  double sum = 0;
  for (const ScoreGroup& group : score_groups(y, p)) {
    positives += group.positives;
    called += group.positives + group.negatives;
    if (group.positives > 0) sum += static_cast<double>(group.positives) * share(positives, called);
  }
  return positives == 0 ? kNaN : sum / static_cast<double>(positives);
}

double log_loss(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  if (y.empty()) return kNaN;
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += row_log_loss(y[i], p[i]);
  return sum / static_cast<double>(y.size());
}

double brier(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  if (y.empty()) return kNaN;
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) sum += row_brier(y[i], p[i]);
  return sum / static_cast<double>(y.size());
}

double row_log_loss(int32_t y, double p) {
  const double clipped = std::clamp(p, 1e-15, 1 - 1e-15);
  return y == 1 ? -std::log(clipped) : -std::log1p(-clipped);
}

double row_brier(int32_t y, double p) {
  const double error = p - (y == 1 ? 1 : 0);
  return error * error;
}

Confusion confusion(Labels y, Scores p, double threshold) {
  PERENNIAL_CHECK(y.size() == p.size());
  Confusion c;
  for (size_t i = 0; i < y.size(); ++i) {
    const bool called = p[i] >= threshold;
    int64_t& cell = y[i] == 1 ? (called ? c.true_positive : c.false_negative)
                              : (called ? c.false_positive : c.true_negative);
    ++cell;
  }
  return c;
}

double accuracy(const Confusion& c) {
  const int64_t right = c.true_positive + c.true_negative;
  return share(right, right + c.false_positive + c.false_negative);
}

double precision(const Confusion& c) {
  const int64_t called = c.true_positive + c.false_positive;
  return called == 0 ? 0 : share(c.true_positive, called);
}

double recall(const Confusion& c) {
  const int64_t positives = c.true_positive + c.false_negative;
  return positives == 0 ? 0 : share(c.true_positive, positives);
}

double f1(const Confusion& c) {
  const int64_t sum = 2 * c.true_positive + c.false_positive + c.false_negative;
  return sum == 0 ? 0 : share(2 * c.true_positive, sum);
}

}  // namespace perennial
