// Intervals of the area under the ROC curve.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/metric.h"
#include "metric/multiclass.h"
#include "metric/order.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// DeLong's structural components: for each positive the share of negatives that it beats, for each
// negative the share of positives that beat it; ties count half. In order of rows.
struct Components {
  std::vector<double> of_positives, of_negatives;
  double auc = kNaN;
};

Components components(Labels y, Scores p) {
  PERENNIAL_CHECK(y.size() == p.size());
  const std::vector<uint32_t> order = order_by_falling_score(p);
  const auto positives = static_cast<int64_t>(std::ranges::count(y, 1));
  const auto negatives = static_cast<int64_t>(y.size()) - positives;
  std::vector<double> by_row(y.size());
  int64_t positives_above = 0, negatives_above = 0, twice_right = 0;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    int64_t tied_positives = 0;
    for (end = begin; end < order.size() && p[order[end]] == p[order[begin]]; ++end) {
      tied_positives += y[order[end]] == 1 ? 1 : 0;
    }
    // Not-a-number scores are equal to nothing, themselves included: each is a group of its own.
    if (end == begin) tied_positives += y[order[end++]] == 1 ? 1 : 0;
    const int64_t tied_negatives = static_cast<int64_t>(end - begin) - tied_positives;
    const int64_t beaten = 2 * (negatives - negatives_above) - tied_negatives;
    const int64_t beating = 2 * positives_above + tied_positives;
    for (size_t i = begin; i < end; ++i) {
      by_row[order[i]] = y[order[i]] == 1
                             ? static_cast<double>(beaten) / (2 * static_cast<double>(negatives))
                             : static_cast<double>(beating) / (2 * static_cast<double>(positives));
    }
    twice_right += tied_positives * beaten;
    positives_above += tied_positives;
    negatives_above += tied_negatives;
  }
  Components result;
  if (positives == 0 || negatives == 0) return result;
  for (size_t i = 0; i < y.size(); ++i) {
    (y[i] == 1 ? result.of_positives : result.of_negatives).push_back(by_row[i]);
  }
  result.auc = static_cast<double>(twice_right) /
               (2 * static_cast<double>(positives) * static_cast<double>(negatives));
  return result;
}

// Variance of a mean: the sample variance over n.
double variance_of_mean(const std::vector<double>& v, double mean) {
  if (v.size() < 2) return kNaN;
  double sum = 0;
  for (const double x : v) sum += (x - mean) * (x - mean);
  const auto n = static_cast<double>(v.size());
  return sum / (n - 1) / n;
}

// Newcombe 2006 (Statistics in Medicine 25:559), method 5: the areas whose own standard error (by
// Hanley and McNeil's formula, averaged group sizes) puts the observed one just 1.96 away. Holds
// where DeLong's variance is zero or undefined.
double newcombe_limit(double auc, double positives, double negatives, double towards) {
  const double z = normal_quantile(0.975);
  const double star = (positives + negatives) / 2 - 1;
  const auto too_far = [&](double t) {
    const double variance =
        t * (1 - t) / (positives * negatives) * (1 + star * (1 - t) / (2 - t) + star * t / (1 + t));
    return std::abs(t - auc) > z * std::sqrt(variance);
  };
  double inside = auc, outside = towards;
  for (int i = 0; i < 100; ++i) {
    const double middle = (inside + outside) / 2;
    (too_far(middle) ? outside : inside) = middle;
  }
  return (inside + outside) / 2;
}

}  // namespace

Figure roc_auc_delong(Labels y, Scores p) {
  const Components c = components(y, p);
  if (std::isnan(c.auc)) return {.value = kNaN, .low = kNaN, .high = kNaN};
  const double variance =
      variance_of_mean(c.of_positives, c.auc) + variance_of_mean(c.of_negatives, c.auc);
  const double away = c.auc * (1 - c.auc);
  if (std::isnan(variance) || away <= 0) {
    const auto positives = static_cast<double>(c.of_positives.size());
    const auto negatives = static_cast<double>(c.of_negatives.size());
    return {.value = c.auc,
            .low = c.auc <= 0 ? 0 : newcombe_limit(c.auc, positives, negatives, 0),
            .high = c.auc >= 1 ? 1 : newcombe_limit(c.auc, positives, negatives, 1)};
  }
  const double logit = std::log(c.auc / (1 - c.auc));
  const double reach = normal_quantile(0.975) * std::sqrt(variance) / away;
  const auto back = [](double v) { return 1 / (1 + std::exp(-v)); };
  return {.value = c.auc,
          .low = std::min(c.auc, back(logit - reach)),
          .high = std::max(c.auc, back(logit + reach))};
}

AucDifference roc_auc_difference(Labels y, Scores a, Scores b) {
  const Components first = components(y, a), second = components(y, b);
  AucDifference result;
  result.difference = first.auc - second.auc;
  const auto paired = [&](const std::vector<double>& u, const std::vector<double>& v) {
    std::vector<double> d(u.size());
    for (size_t i = 0; i < u.size(); ++i) d[i] = u[i] - v[i];
    return variance_of_mean(d, result.difference);
  };
  result.standard_error = std::sqrt(paired(first.of_positives, second.of_positives) +
                                    paired(first.of_negatives, second.of_negatives));
  const double reach = normal_quantile(0.975) * result.standard_error;
  result.low = result.difference - reach;
  result.high = result.difference + reach;
  if (std::isnan(result.standard_error)) return result;  // a class with fewer than two rows: p = 1
  if (result.standard_error > 0) {
    result.p_value = 2 * normal_cdf(-std::abs(result.difference) / result.standard_error);
  } else {
    result.p_value = result.difference == 0 ? 1 : 0;
  }
  return result;
}

namespace {

// The pull of each row on a class's area, added to `pull`, so that the squares add up to DeLong's
// variance. A class whose components say nothing (perfect order, a class of one row) has its own
// interval's variance instead, which is returned.
double add_pull(const OneAgainstRest& one, std::vector<double>& pull) {
  const Components c = components(one.y, one.p);
  const auto positives = static_cast<double>(c.of_positives.size());
  const auto negatives = static_cast<double>(c.of_negatives.size());
  if (positives < 2 || negatives < 2 || c.auc <= 0 || c.auc >= 1) {
    const Figure own = roc_auc_delong(one.y, one.p);
    const double error = (own.high - own.low) / (2 * normal_quantile(0.975));
    return error * error;
  }
  size_t positive = 0, negative = 0;
  for (size_t i = 0; i < pull.size(); ++i) {
    const bool is_positive = one.y[i] == 1;
    const double n = is_positive ? positives : negatives;
    const double component = is_positive ? c.of_positives[positive++] : c.of_negatives[negative++];
    pull[i] += (component - c.auc) / std::sqrt(n * (n - 1));
  }
  return 0;
}

}  // namespace

Figure macro_roc_auc_interval(Labels y, Scores p, int classes) {
  std::vector<double> pull(y.size(), 0.0);
  double sum = 0, low = 0, variance = 0;
  int found = 0;
  for (int32_t c = 0; c < classes; ++c) {
    const OneAgainstRest one = one_against_rest(y, p, classes, c);
    const Figure own = roc_auc_delong(one.y, one.p);
    if (std::isnan(own.value)) continue;
    variance += add_pull(one, pull);
    sum += own.value;
    low += own.low;
    ++found;
  }
  if (found == 0) return {.value = kNaN, .low = kNaN, .high = kNaN};
  const double value = sum / found;
  if (value >= 1) return {.value = value, .low = low / found, .high = 1};
  for (const double v : pull) variance += v * v;
  const double reach = normal_quantile(0.975) * std::sqrt(variance) / found;
  if (value <= 0) return {.value = value, .low = 0, .high = std::min(1.0, reach)};
  const double logit = std::log(value / (1 - value)), scaled = reach / (value * (1 - value));
  return {.value = value,
          .low = std::min(value, 1 / (1 + std::exp(scaled - logit))),
          .high = std::max(value, 1 / (1 + std::exp(-logit - scaled)))};
}

}  // namespace perennial
