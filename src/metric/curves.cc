// Curves and calibration.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/metric.h"
#include "metric/order.h"

namespace perennial {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Step {
  int64_t false_positives = 0, true_positives = 0;
  double threshold = kInfinity;
};

// Running counts by falling threshold, from "nobody" to "everybody".
std::vector<Step> steps(Labels y, Scores p) {
  std::vector<Step> all(1);
  for (const ScoreGroup& group : score_groups(y, p)) {
    all.push_back({.false_positives = all.back().false_positives + group.negatives,
                   .true_positives = all.back().true_positives + group.positives,
                   .threshold = group.score});
  }
  return all;
}

// The middle one of three points is not needed where the curve goes straight on by equal steps.
bool bends(const Step& a, const Step& b, const Step& c) {
  return c.false_positives - b.false_positives != b.false_positives - a.false_positives ||
         c.true_positives - b.true_positives != b.true_positives - a.true_positives;
}

}  // namespace

std::vector<CurvePoint> roc_curve(Labels y, Scores p) {
  const std::vector<Step> all = steps(y, p);
  const auto positives = static_cast<double>(all.back().true_positives);
  const auto negatives = static_cast<double>(all.back().false_positives);
  if (positives == 0 || negatives == 0) return {};
  std::vector<CurvePoint> curve;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && i + 1 < all.size() && !bends(all[i - 1], all[i], all[i + 1])) continue;
    curve.push_back({.x = static_cast<double>(all[i].false_positives) / negatives,
                     .y = static_cast<double>(all[i].true_positives) / positives,
                     .threshold = all[i].threshold});
  }
  return curve;
}

std::vector<CurvePoint> precision_recall_curve(Labels y, Scores p) {
  const std::vector<Step> all = steps(y, p);
  const auto positives = static_cast<double>(all.back().true_positives);
  if (positives == 0) return {};
  std::vector<CurvePoint> curve = {{.x = 0, .y = 1, .threshold = kInfinity}};
  for (size_t i = 1; i < all.size(); ++i) {
    const auto right = static_cast<double>(all[i].true_positives);
    const auto called = static_cast<double>(all[i].true_positives + all[i].false_positives);
    curve.push_back({.x = right / positives, .y = right / called, .threshold = all[i].threshold});
  }
  return curve;
}

std::vector<ReliabilityBin> reliability(Labels y, Scores p, int bins) {
  PERENNIAL_CHECK(y.size() == p.size() && bins > 0);
  std::vector<uint32_t> order = order_by_falling_score(p);
  std::ranges::reverse(order);
  const size_t n = order.size();
  std::vector<ReliabilityBin> result;
  size_t begin = 0;
  for (int k = 1; k <= bins && begin < n; ++k) {
    size_t end = std::max(begin, n * static_cast<size_t>(k) / static_cast<size_t>(bins));
    if (end == begin) continue;
    while (end < n && p[order[end]] == p[order[end - 1]]) ++end;
    double sum = 0;
    int64_t positives = 0;
    for (size_t i = begin; i < end; ++i) {
      sum += p[order[i]];
      positives += y[order[i]] == 1 ? 1 : 0;
    }
    const auto rows = static_cast<int64_t>(end - begin);
    const Figure rate = wilson(positives, rows);
    result.push_back({.mean_probability = sum / static_cast<double>(rows),
                      .rate = rate.value,
                      .low = rate.low,
                      .high = rate.high,
                      .rows = rows});
    begin = end;
  }
  return result;
}

double expected_calibration_error(Labels y, Scores p, int bins) {
  if (y.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const ReliabilityBin& bin : reliability(y, p, bins)) {
    sum += static_cast<double>(bin.rows) * std::abs(bin.rate - bin.mean_probability);
  }
  return sum / static_cast<double>(y.size());
}

}  // namespace perennial
