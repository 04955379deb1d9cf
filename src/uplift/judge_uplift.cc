#include "uplift/judge_uplift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "lift/difference.h"
#include "uplift/reasons.h"

namespace perennial {
namespace {

constexpr double kAlpha = 0.025;  // of the one-sided tests

double z95() { return normal_quantile(0.975); }

// Normal interval of a mean from the rows' parts of it.
Figure mean_figure(double value, const std::vector<double>& parts) {
  const auto n = static_cast<double>(parts.size());
  double mean = 0, squares = 0;
  for (const double p : parts) mean += p / n;
  for (const double p : parts) squares += (p - mean) * (p - mean);
  const double reach = parts.size() > 1 ? z95() * std::sqrt(squares / (n - 1) / n) : 0;
  return {value, value - reach, value + reach};
}

double one_sided_p(const Figure& f) {
  const double error = (f.high - f.low) / 2 / z95();
  if (!(error > 0)) return f.value > 0 ? 0 : 1;
  return normal_cdf(-f.value / error);
}

// Rows by falling uplift, with the groups of equal uplift.
struct Order {
  std::vector<uint32_t> row;
  std::vector<size_t> group_end;  // one past the end, in `row`
};

Order order_of(const std::vector<double>& uplift) {
  Order out;
  out.row.resize(uplift.size());
  std::iota(out.row.begin(), out.row.end(), 0U);
  std::stable_sort(out.row.begin(), out.row.end(),
                   [&](uint32_t a, uint32_t b) { return uplift[a] > uplift[b]; });
  for (size_t i = 1; i <= out.row.size(); ++i) {
    if (i == out.row.size() || uplift[out.row[i]] != uplift[out.row[i - 1]]) {
      out.group_end.push_back(i);
    }
  }
  return out;
}

// Customers of equal uplift come in any order: each counts as the mean of them all.
std::vector<double> levelled(const Order& order, const std::vector<double>& difference) {
  std::vector<double> out;
  out.reserve(order.row.size());
  size_t begin = 0;
  for (const size_t end : order.group_end) {
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += difference[order.row[i]];
    out.insert(out.end(), end - begin, sum / static_cast<double>(end - begin));
    begin = end;
  }
  return out;
}

// Area over the random line: mean of d_i (share of others with less uplift - 1/2), equals counting
// half. A U-statistic; its projection gives each row's part.
Figure qini_of(const Order& order, const std::vector<double>& difference) {
  const size_t n = order.row.size();
  const auto total = static_cast<double>(n);
  std::vector<double> part(n);
  double value = 0, above = 0;  // above: sum of the differences of rows with more uplift
  size_t begin = 0;
  for (const size_t end : order.group_end) {
    double own = 0;
    for (size_t i = begin; i < end; ++i) own += difference[order.row[i]];
    const double less =
        (static_cast<double>(n - end) + 0.5 * static_cast<double>(end - begin)) / total;
    for (size_t i = begin; i < end; ++i) {
      const double d = difference[order.row[i]];
      value += d * (less - 0.5) / total;
      part[i] = d * (less - 0.5) + (above + 0.5 * own) / total;
    }
    above += own;
    begin = end;
  }
  return mean_figure(value, part);
}

// Gain of treating the first `count` rows. Which customers those are is estimated too: rows at the
// border stand for that with the mean difference around it.
Figure gain_at(const std::vector<double>& level, const Order& order,
               const std::vector<double>& difference, size_t count) {
  const size_t n = level.size();
  const auto total = static_cast<double>(n);
  const size_t reach = std::max<size_t>(1, n / 20);
  const size_t from = count > reach ? count - reach : 0, to = std::min(n, count + reach);
  double border = 0, value = 0;
  for (size_t i = from; i < to; ++i) border += level[i] / static_cast<double>(to - from);
  for (size_t i = 0; i < count; ++i) value += level[i] / total;
  if (count == n) border = 0;
  const double share = static_cast<double>(count) / total;
  std::vector<double> part(n);
  for (size_t i = 0; i < n; ++i) {
    part[i] = (i < count ? difference[order.row[i]] - border : 0) + border * share;
  }
  return mean_figure(value, part);
}

std::vector<int32_t> same_for_all(size_t n, size_t arm) {
  return std::vector<int32_t>(n, static_cast<int32_t>(arm));
}

// Holm's steps over the policy and the orders; the first that fails ends it.
void settle_evidence(UpliftVerdict& v, const std::vector<std::string>& arms) {
  const auto nobody = std::find_if(v.policies.begin(), v.policies.end(),
                                   [](const PolicyValue& p) { return p.name == "nobody"; });
  std::vector<std::pair<double, bool>> tests = {{one_sided_p(nobody->by_uplift_over), true}};
  for (const UpliftCurve& c : v.curves) tests.emplace_back(c.p_value, false);
  std::sort(tests.begin(), tests.end());
  for (size_t i = 0; i < tests.size(); ++i) {
    if (!(tests[i].first * static_cast<double>(tests.size() - i) < kAlpha)) break;
    (tests[i].second ? v.policy_works : v.order_works) = true;
  }
  const Figure& gain = nobody->by_uplift_over;
  const std::string told =
      fmt::format("{} points more than no offer (95 % interval {} to {})",
                  fixed(100 * gain.value, 1), fixed(100 * gain.low, 1), fixed(100 * gain.high, 1));
  const char* many = arms.size() > 2 ? "each customer's best offer" : "the offer where it helps";
  if (v.policy_works && v.order_works) {
    v.evidence = "uplift that differs";
    v.sentence =
        fmt::format("Giving {} brings {}, and who gains more can be foretold.", many, told);
  } else if (v.policy_works) {
    v.evidence = "uplift, alike for all";
    v.sentence = fmt::format(
        "Giving {} brings {}, but nothing shows that who gains more can be foretold.", many, told);
  } else if (v.order_works) {
    v.evidence = "uplift that differs";
    v.sentence =
        "Who gains more from the offer can be foretold, but nothing shows that offers by "
        "uplift bring more than no offer.";
  } else {
    v.evidence = "no evidence of uplift";
    v.sentence = "No evidence of uplift: nothing shows that the offers change the outcome.";
  }
}

}  // namespace

std::vector<ArmEffect> average_effects(const UpliftRows& rows,
                                       const std::vector<std::string>& arms) {
  std::vector<ArmEffect> out;
  for (const std::string& arm : arms) out.push_back({.arm = arm});
  for (size_t i = 0; i < rows.arm.size(); ++i) {
    ArmEffect& e = out[static_cast<size_t>(rows.arm[i])];
    ++e.customers;
    e.positives += rows.table.y[i];
  }
  const auto counts = [](const ArmEffect& e) {
    return Counts{static_cast<double>(e.customers), static_cast<double>(e.positives)};
  };
  for (ArmEffect& e : out) {
    e.rate = wilson(e.positives, e.customers);
    if (&e != &out[0]) e.effect = proportion_difference({counts(out[0]), counts(e)}, z95());
  }
  return out;
}

std::vector<int32_t> best_arms(const PerArm& uplift, size_t arms) {
  std::vector<int32_t> out;
  for (size_t i = 0; i < uplift.size(); i += arms) {
    size_t best = 0;
    for (size_t a = 1; a < arms; ++a) {
      if (uplift[i + a] > (best == 0 ? 0 : uplift[i + best])) best = a;
    }
    out.push_back(static_cast<int32_t>(best));
  }
  return out;
}

UpliftCurve uplift_curve(const PerArm& scores, const PerArm& uplift, size_t arm, size_t arms) {
  const size_t n = scores.size() / arms;
  std::vector<double> difference(n), own(n);
  for (size_t i = 0; i < n; ++i) {
    difference[i] = scores[i * arms + arm] - scores[i * arms];
    own[i] = uplift[i * arms + arm];
  }
  const Order order = order_of(own);
  const std::vector<double> level = levelled(order, difference);
  UpliftCurve out;
  out.qini = qini_of(order, difference);
  out.p_value = one_sided_p(out.qini);
  const double average = std::accumulate(level.begin(), level.end(), 0.0) / static_cast<double>(n);
  constexpr size_t kSteps = 20;
  for (size_t step = 0; step <= kSteps; ++step) {
    const size_t count = (n * step + kSteps / 2) / kSteps;
    UpliftPoint point{.share = static_cast<double>(count) / static_cast<double>(n)};
    if (count > 0) point.gain = gain_at(level, order, difference, count);
    point.random = point.share * average;
    out.points.push_back(point);
  }
  return out;
}

PolicyValue policy_value(std::string name, const UpliftRows& rows, const PerArm& scores,
                         const PerArm& propensity, const std::vector<int32_t>& choice,
                         const std::vector<int32_t>& by_uplift, size_t arms) {
  const size_t n = rows.arm.size();
  PolicyValue out{.name = std::move(name)};
  out.shares.assign(arms, 0);
  std::vector<double> value(n), over(n), top(n), below(n);
  double sum = 0, weight = 0;
  for (size_t i = 0; i < n; ++i) {
    const auto c = static_cast<size_t>(choice[i]), u = static_cast<size_t>(by_uplift[i]);
    out.shares[c] += 1 / static_cast<double>(n);
    value[i] = scores[i * arms + c];
    over[i] = scores[i * arms + u] - value[i];
    below[i] = rows.arm[i] == choice[i] ? 1 / propensity[i * arms + c] : 0;
    top[i] = below[i] * rows.table.y[i];
    sum += top[i];
    weight += below[i];
  }
  const auto mean = [n](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(n);
  };
  out.value = mean_figure(mean(value), value);
  out.by_uplift_over = mean_figure(mean(over), over);
  // Weights brought to mean 1; the ratio's interval by the delta method.
  const double ratio = weight > 0 ? sum / weight : 0;
  for (size_t i = 0; i < n; ++i) {
    top[i] = weight > 0 ? (top[i] - ratio * below[i]) * static_cast<double>(n) / weight : 0;
  }
  out.ipw = mean_figure(ratio, top);
  return out;
}

UpliftVerdict judge_uplift(const UpliftRows& rows, const std::vector<std::string>& arms,
                           const PerArm& uplift, const Nuisance& nuisance,
                           const std::vector<double>& average) {
  const size_t n = rows.arm.size(), k = arms.size();
  PERENNIAL_CHECK(n > 0 && uplift.size() == n * k && average.size() == k);
  UpliftVerdict v{.rows = static_cast<int64_t>(n), .effects = average_effects(rows, arms)};
  const PerArm scores = robust_scores(rows, nuisance, k);
  for (size_t a = 1; a < k; ++a) {
    v.curves.push_back(uplift_curve(scores, uplift, a, k));
    v.curves.back().arm = arms[a];
  }
  const std::vector<int32_t> chosen = best_arms(uplift, k);
  const auto add = [&](const char* name, const std::vector<int32_t>& choice, size_t arm) {
    v.policies.push_back(policy_value(name, rows, scores, nuisance.propensity, choice, chosen, k));
    v.policies.back().arm = arms[arm];
  };
  add("by_uplift", chosen, 0);
  v.policies.back().arm.clear();
  add("nobody", same_for_all(n, 0), 0);
  for (size_t a = 1; a < k; ++a) add("everybody", same_for_all(n, a), a);
  const auto best =
      static_cast<size_t>(std::max_element(average.begin(), average.end()) - average.begin());
  add("best_single", same_for_all(n, best), best);
  v.reasons = uplift_reasons(rows.table, arms, uplift, scores);
  settle_evidence(v, arms);
  return v;
}

}  // namespace perennial
