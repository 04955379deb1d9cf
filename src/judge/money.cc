#include "judge/money.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"

namespace perennial {
namespace {

constexpr size_t kMostCurvePoints = 100;
// A thousand rounds over a million rows would take seconds.
constexpr double kMostDrawnValues = 4e8;
constexpr double kFewestRounds = 200;

const Column& value_column(const FeatureTable& table, const std::string& name) {
  const auto found = std::ranges::find_if(table.values, [&](const Column& c) {
    return c.name == name || c.name == regular_name(name);
  });
  if (found != table.values.end()) return *found;
  std::vector<std::string> names;
  for (const Column& c : table.values) names.push_back(c.name);
  throw Error(ErrorCode::kStudy, "key \"kept_value\"",
              fmt::format("there is no value column {}{}", quoted(name), did_you_mean(name, names)),
              names.empty() ? "Give a number, or name the column in its table's `value`"
                            : "Value columns: " + join(names, ", "));
}

// What ranks the customers.
std::vector<double> ranking(std::span<const double> probability, std::span<const double> worth,
                            bool by_value) {
  std::vector<double> score(probability.begin(), probability.end());
  for (size_t i = 0; by_value && i < score.size(); ++i) score[i] *= worth[i];
  return score;
}

// Sum over customers with its interval.
Figure total(const std::vector<double>& gains) {
  const auto n = static_cast<double>(gains.size());
  const Figure mean = mean_interval(gains);
  return {.value = n * mean.value, .low = n * mean.low, .high = n * mean.high};
}

// Evenly thinned, ends and the best kept.
std::vector<ProfitPoint> thinned(const std::vector<ProfitPoint>& curve) {
  const size_t best = best_profit(curve), last = curve.size() - 1;
  std::vector<ProfitPoint> out;
  for (size_t i = 0; i <= last; ++i) {
    const bool kept = last <= kMostCurvePoints ||
                      i * kMostCurvePoints / last != (i + 1) * kMostCurvePoints / last || i == 0;
    if (kept || i == best || i == last) out.push_back(curve[i]);
  }
  return out;
}

// Nobody and everybody are meant of new customers too, whatever they score; finite, to be written.
double cut_of(const std::vector<ProfitPoint>& curve, size_t place, bool by_value) {
  using Limits = std::numeric_limits<double>;
  if (place == 0) return by_value ? Limits::max() : std::nextafter(1.0, 2.0);
  if (place + 1 == curve.size()) return by_value ? Limits::lowest() : 0;
  return cut_at(curve, place);
}

int rounds_for(int rounds, size_t rows) {
  const double fitting = kMostDrawnValues / std::max(1.0, static_cast<double>(rows));
  return static_cast<int>(std::min<double>(rounds, std::max(kFewestRounds, fitting)));
}

}  // namespace

std::vector<double> worth_of(const FeatureTable& table, const MoneyTerms& terms) {
  if (terms.kept_value_column.empty()) {
    return std::vector<double>(table.rows(), terms.success_rate * terms.kept_value);
  }
  const Column& value = value_column(table, terms.kept_value_column);
  std::vector<double> out;
  for (const double v : value.numbers) out.push_back(std::isnan(v) ? 0 : terms.success_rate * v);
  return out;
}

int64_t without_value(const FeatureTable& table, const MoneyTerms& terms) {
  if (terms.kept_value_column.empty()) return 0;
  const auto& values = value_column(table, terms.kept_value_column).numbers;
  return std::ranges::count_if(values, [](double v) { return std::isnan(v); });
}

ContactPlan plan_contacts(const FeatureTable& training, std::span<const double> probability,
                          const MoneyTerms& terms, double f1_threshold) {
  ContactPlan plan{.terms = terms, .cut = f1_threshold, .by_value = false};
  const std::vector<double> worth = worth_of(training, terms);
  if (terms.threshold == "f1") return plan;
  plan.by_value = !terms.kept_value_column.empty();
  const std::vector<double> score = ranking(probability, worth, plan.by_value);
  const auto curve = profit_curve(training.y, score, worth, terms.contact_cost);
  plan.cut = cut_of(
      curve,
      terms.threshold == "share" ? nearest_share(curve, terms.contact_share) : best_profit(curve),
      plan.by_value);
  return plan;
}

bool contacted(const ContactPlan& plan, double probability, double worth) {
  return (plan.by_value ? probability * worth : probability) >= plan.cut;
}

MoneyVerdict judge_money(const FeatureTable& opened, std::span<const double> probability,
                         const ContactPlan& plan, int rounds, Seed seed, const Workers* workers) {
  const double cost = plan.terms.contact_cost;
  const std::vector<double> worth = worth_of(opened, plan.terms);
  MoneyVerdict out{.plan = plan, .customers = static_cast<int64_t>(opened.rows())};
  std::vector<double> planned, everybody, more;
  for (size_t i = 0; i < opened.rows(); ++i) {
    const bool positive = opened.y[i] == 1, called = contacted(plan, probability[i], worth[i]);
    const double gain = (positive ? worth[i] : 0) - cost;
    out.positives += positive;
    out.contacted += called;
    out.found += called && positive;
    planned.push_back(called ? gain : 0);
    everybody.push_back(gain);
    more.push_back(called ? 0 : -gain);
  }
  out.cost = cost * static_cast<double>(out.contacted);
  out.cost_of_everybody = cost * static_cast<double>(out.customers);
  out.profit = total(planned);
  out.profit_of_everybody = total(everybody);
  out.over_everybody = total(more);
  const std::vector<double> score =
      ranking(probability, worth, !plan.terms.kept_value_column.empty());
  const auto curve = profit_curve(opened.y, score, worth, cost);
  out.best_profit = curve[best_profit(curve)].profit;
  out.best_share =
      best_share(opened.y, score, worth, cost, rounds_for(rounds, opened.rows()), seed, workers);
  out.curve = thinned(curve);
  return out;
}

}  // namespace perennial
