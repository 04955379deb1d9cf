#include "lift/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "base/error.h"
#include "base/text.h"
#include "lift/checks.h"
#include "lift/story.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Customers of a group whose outcome is known, in strata that have both arms.
struct GroupRows {
  std::vector<uint32_t> rows;
  Arms arms;
  int64_t not_compared = 0;
  double planned = 0;  // customers of the group, known or not
};

using InGroup = std::function<bool(uint32_t stratum)>;

GroupRows rows_of(const std::vector<LiftCustomer>& customers, size_t strata, const InGroup& in) {
  std::vector<uint8_t> wanted(strata);
  for (uint32_t s = 0; s < strata; ++s) wanted[s] = in(s);
  std::vector<int64_t> known(2 * strata, 0);
  for (const LiftCustomer& c : customers) {
    if (c.success >= 0) ++known[2 * c.stratum + (c.offered ? 1 : 0)];
  }
  GroupRows out;
  std::vector<uint32_t> number(strata, 0);
  for (uint32_t s = 0; s < strata; ++s) {
    const bool both = known[2 * s] > 0 && known[2 * s + 1] > 0;
    if (wanted[s] && !both) out.not_compared += known[2 * s] + known[2 * s + 1];
    if (wanted[s] && both) number[s] = out.arms.strata++;
    wanted[s] = wanted[s] ? (both ? 2 : 1) : 0;
  }
  for (uint32_t i = 0; i < customers.size(); ++i) {
    const LiftCustomer& c = customers[i];
    out.planned += wanted[c.stratum] > 0 ? 1 : 0;
    if (wanted[c.stratum] < 2 || c.success < 0) continue;
    out.rows.push_back(i);
    out.arms.stratum.push_back(number[c.stratum]);
    out.arms.offered.push_back(c.offered ? 1 : 0);
  }
  return out;
}

std::vector<double> pick(const std::vector<LiftCustomer>& customers, const GroupRows& group,
                         const std::function<double(const LiftCustomer&)>& of) {
  std::vector<double> out;
  out.reserve(group.rows.size());
  for (const uint32_t row : group.rows) out.push_back(of(customers[row]));
  return out;
}

ArmFigures arm_figures(const std::vector<LiftCustomer>& customers, const InGroup& in,
                       bool offered) {
  ArmFigures out;
  for (const LiftCustomer& c : customers) {
    if (c.offered != offered || !in(c.stratum)) continue;
    ++out.customers;
    out.known += c.success >= 0 ? 1 : 0;
    out.successes += c.success == 1 ? 1 : 0;
  }
  out.rate = wilson(out.successes, out.known);
  return out;
}

// The forecast moves the middle and narrows the reach; the shape, which matters when successes are
// few, stays that of the proportions.
struct LiftShape {
  std::vector<Counts> counts;
  double value = 0, narrower = 1;

  Figure at(double z) const {
    const Figure plain = proportion_difference(counts, z);
    return {value, value - narrower * (plain.value - plain.low),
            value + narrower * (plain.high - plain.value)};
  }
  // How far z can grow until the interval reaches nought.
  double crossing() const {
    if (!std::isfinite(value) || value == 0) return 0;
    double low = 0, high = 1;
    const auto excludes = [&](double z) {
      const Figure f = at(z);
      return f.low > 0 || f.high < 0;
    };
    while (high < 64 && excludes(high)) high *= 2;
    for (int i = 0; i < 60; ++i) {
      const double middle = (low + high) / 2;
      (excludes(middle) ? low : high) = middle;
    }
    return low;
  }
};

// Of a ratio of two independent means, minus one: normal on the log scale (Katz et al. 1978).
Figure ratio_minus_one(const Estimate& a, const Estimate& b, double z) {
  if (!(a.value > 0) || !(b.value > 0)) return {kNaN, kNaN, kNaN};
  const double ratio = a.value / b.value;
  const double reach =
      z * std::sqrt(a.variance / (a.value * a.value) + b.variance / (b.value * b.value));
  return {ratio - 1, ratio * std::exp(-reach) - 1, ratio * std::exp(reach) - 1};
}

class Measurement {
 public:
  Measurement(const std::vector<LiftStratum>& strata, const std::vector<LiftCustomer>& customers,
              const LiftOptions& options)
      : strata_(strata), customers_(customers), options_(options) {}

  LiftGroup group(std::string offer, std::string segment, const InGroup& in) const {
    LiftGroup out{.offer = std::move(offer), .segment = std::move(segment)};
    out.offered = arm_figures(customers_, in, true);
    out.control = arm_figures(customers_, in, false);
    out.smallest_effect = smallest_effect(in);
    const GroupRows rows = rows_of(customers_, strata_.size(), in);
    out.not_compared = rows.not_compared;
    if (rows.rows.empty()) {
      out.answer = LiftAnswer::kNoControl;
      return out;
    }
    const double n = static_cast<double>(rows.rows.size());
    const double z = options_.early ? early_factor(n, rows.planned, options_.alpha)
                                    : normal_quantile(1 - options_.alpha / 2);
    add_lift(rows, z, out);
    add_money(rows, out);
    add_receipt(rows, out);
    return out;
  }

 private:
  // Mean over the group's customers; strata that do not say count as the others.
  double smallest_effect(const InGroup& in) const {
    double sum = 0, n = 0;
    for (const LiftCustomer& c : customers_) {
      if (!in(c.stratum) || !(strata_[c.stratum].smallest_effect > 0)) continue;
      sum += strata_[c.stratum].smallest_effect;
      n += 1;
    }
    return n > 0 ? sum / n : 0;
  }

  void add_lift(const GroupRows& rows, double z, LiftGroup& out) const {
    const std::vector<double> y = pick(
        customers_, rows, [](const LiftCustomer& c) { return static_cast<double>(c.success); });
    const std::vector<double> adjusted = adjusted_outcome(
        rows.arms, y, pick(customers_, rows, [](const LiftCustomer& c) { return c.expected; }));
    const Estimate plain = stratified_difference(rows.arms, y);
    const Estimate better = stratified_difference(rows.arms, adjusted);
    LiftShape shape{.counts = counts_of(rows.arms, y), .value = plain.value, .narrower = 1};
    // A forecast that does not help is not used: its noise would only be carried in.
    if (plain.variance > 0 && better.variance < plain.variance) {
      shape.value = better.value;
      shape.narrower = std::sqrt(better.variance / plain.variance);
      out.variance_saved = 1 - better.variance / plain.variance;
    }
    out.plain_lift = proportion_difference(shape.counts, z);
    out.lift = shape.at(z);
    const double crossing = shape.crossing();
    const auto n = static_cast<double>(rows.rows.size());
    out.p_value = options_.early ? early_p_value(crossing, n, rows.planned, options_.alpha)
                                 : std::min(1.0, 2 * normal_cdf(-crossing));
    out.adjusted_p = out.p_value;
    const auto mean = [&](size_t arm, bool failures) {
      Estimate e = stratified_mean(rows.arms, y, arm);
      if (failures) e.value = 1 - e.value;
      return e;
    };
    out.relative = ratio_minus_one(mean(1, false), mean(0, false), z);
    const Figure failing = ratio_minus_one(mean(1, true), mean(0, true), z);
    out.turned = {-failing.value, -failing.high, -failing.low};
  }

  void add_money(const GroupRows& rows, LiftGroup& out) const {
    const std::vector<double> money =
        pick(customers_, rows, [](const LiftCustomer& c) { return c.money; });
    if (!std::all_of(money.begin(), money.end(), [](double m) { return std::isfinite(m); })) {
      return;
    }
    const std::vector<double> cost =
        pick(customers_, rows, [](const LiftCustomer& c) { return c.offered ? c.cost : 0.0; });
    const std::vector<double> forecast =
        pick(customers_, rows, [](const LiftCustomer& c) { return c.expected_money; });
    const std::vector<double> adjusted = adjusted_outcome(rows.arms, money, forecast);
    std::vector<double> profit(money.size());
    for (size_t i = 0; i < profit.size(); ++i) profit[i] = adjusted[i] - cost[i];
    const auto n = static_cast<double>(rows.rows.size());
    const double z = options_.early ? early_factor(n, rows.planned, options_.alpha) : 0;
    out.profit = interval_of(stratified_difference(rows.arms, profit), options_.alpha, z);
    const auto all = static_cast<double>(out.offered.customers);
    out.total_profit = {out.profit->value * all, out.profit->low * all, out.profit->high * all};
    if (std::any_of(cost.begin(), cost.end(), [](double c) { return c > 0; })) {
      out.return_on_cost =
          interval_of(ratio_of_differences(rows.arms, adjusted, cost), options_.alpha, z);
    }
  }

  void add_receipt(const GroupRows& rows, LiftGroup& out) const {
    const std::vector<double> received = pick(customers_, rows, [](const LiftCustomer& c) {
      return c.received < 0 ? kNaN : static_cast<double>(c.received);
    });
    if (!std::all_of(received.begin(), received.end(), [](double r) { return std::isfinite(r); })) {
      return;
    }
    const std::vector<double> y = pick(
        customers_, rows, [](const LiftCustomer& c) { return static_cast<double>(c.success); });
    const auto n = static_cast<double>(rows.rows.size());
    const double z = options_.early ? early_factor(n, rows.planned, options_.alpha) : 0;
    out.lift_of_received =
        interval_of(ratio_of_differences(rows.arms, y, received), options_.alpha, z);
  }

  const std::vector<LiftStratum>& strata_;
  const std::vector<LiftCustomer>& customers_;
  const LiftOptions& options_;
};

// Holm 1979: the smallest p-value counts as many times as there are groups, the next one time less,
// and so on; never below the one before.
void adjust(std::vector<LiftGroup*>& groups) {
  std::stable_sort(groups.begin(), groups.end(),
                   [](const LiftGroup* a, const LiftGroup* b) { return a->p_value < b->p_value; });
  double before = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto left = static_cast<double>(groups.size() - i);
    groups[i]->looked_at = left;
    before = std::max(before, std::min(1.0, left * groups[i]->p_value));
    groups[i]->adjusted_p = before;
  }
}

// Customers more until the interval, where it now stands and as wide as the correction for many
// groups asks, would exclude nought or the smallest effect; or as many as show that effect with the
// campaign's power, whichever is more.
int64_t customers_more(const LiftGroup& g, const LiftOptions& options) {
  const auto n = static_cast<double>(g.offered.known + g.control.known);
  const double alpha = options.alpha / g.looked_at;
  const double wider = normal_quantile(1 - alpha / 2) / normal_quantile(1 - options.alpha / 2);
  const double half = wider * (g.lift.high - g.lift.low) / 2;
  const double effect = g.smallest_effect > 0 ? g.smallest_effect : std::abs(g.lift.value);
  if (!(effect > 0) || !(half > 0)) return 0;
  const double aim =
      g.smallest_effect > 0 ? std::max(std::abs(g.lift.value), effect - g.lift.value) : effect;
  double needed = n * (half / aim) * (half / aim);
  const double share = static_cast<double>(g.offered.known) / n;
  needed = std::max(needed, customers_needed(g.control.rate.value, effect, share, alpha,
                                             options.power, g.variance_saved));
  // Beyond this nobody would wait; the sentence says so.
  constexpr double kMost = 1e12;
  return static_cast<int64_t>(std::ceil(std::min(kMost, std::max(1.0, needed - n))));
}

void answer(LiftGroup& g, const LiftOptions& options, bool as_drawn) {
  if (g.answer == LiftAnswer::kNoControl) {
  } else if (!as_drawn) {
    g.answer = LiftAnswer::kNotDrawn;
  } else if (g.adjusted_p < options.alpha && g.lift.value != 0) {
    g.answer = g.lift.value > 0 ? LiftAnswer::kWorked : LiftAnswer::kHarmed;
  } else if (g.smallest_effect > 0 && g.lift.high < g.smallest_effect) {
    g.answer = LiftAnswer::kDidNot;
  } else {
    g.answer = LiftAnswer::kNotYet;
    g.more = customers_more(g, options);
  }
  g.sentence = lift_sentence(g, options);
}

std::vector<std::string> names_of(const std::vector<LiftStratum>& strata,
                                  std::string LiftStratum::*member) {
  std::vector<std::string> names;
  for (const LiftStratum& s : strata) names.push_back(s.*member);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void check_known(const std::vector<LiftCustomer>& customers, const LiftOptions& options) {
  if (customers.empty()) {
    throw Error(ErrorCode::kData, "the campaign",
                "nobody was chosen for an offer, so there is nothing to measure",
                "Look at the offers of the run that made it");
  }
  const auto known = std::count_if(customers.begin(), customers.end(),
                                   [](const LiftCustomer& c) { return c.success >= 0; });
  if (known == 0) {
    throw Error(ErrorCode::kData, "the outcomes", "no customer of the campaign has an outcome",
                "Check that the ids are written as in the campaign file");
  }
  const auto n = static_cast<double>(customers.size());
  const double missing = 1 - static_cast<double>(known) / n;
  if (missing > kMostMissing && !options.early) {
    throw Error(
        ErrorCode::kData, "the outcomes",
        fmt::format("{} % of the {} in the campaign have no outcome yet, and an interval that "
                    "is looked at before the end promises too much",
                    fixed(100 * missing, 1), counted(static_cast<int64_t>(n), "customer")),
        "Wait for the rest; or say --early for intervals that hold however often you look; or say "
        "--absent no if a customer who is not in the file did not have the outcome");
  }
}

}  // namespace

const char* to_string(LiftAnswer answer) {
  switch (answer) {
    case LiftAnswer::kWorked:
      return "worked";
    case LiftAnswer::kHarmed:
      return "harmed";
    case LiftAnswer::kDidNot:
      return "did_not";
    case LiftAnswer::kNotYet:
      return "not_yet";
    case LiftAnswer::kNotDrawn:
      return "not_as_drawn";
    case LiftAnswer::kNoControl:
      break;
  }
  return "no_comparison";
}

double customers_needed(double rate, double effect, double share_offered, double alpha,
                        double power, double saved) {
  if (!(share_offered > 0 && share_offered < 1) || effect == 0) return 0;
  const double p0 = std::clamp(rate, 0.0, 1.0), p1 = std::clamp(rate + effect, 0.0, 1.0);
  const double z = normal_quantile(1 - alpha / 2) + normal_quantile(power);
  const double spread = p1 * (1 - p1) / share_offered + p0 * (1 - p0) / (1 - share_offered);
  return z * z * spread * (1 - saved) / (effect * effect);
}

LiftResult measure_lift(const std::vector<LiftStratum>& strata,
                        const std::vector<LiftCustomer>& customers, const LiftOptions& options) {
  check_known(customers, options);
  LiftResult out{.options = options, .checks = check_lift(strata.size(), customers)};
  const Measurement measurement(strata, customers, options);
  out.all = measurement.group("", "", [](uint32_t) { return true; });
  const std::vector<std::string> offers = names_of(strata, &LiftStratum::offer);
  const std::vector<std::string> segments = names_of(strata, &LiftStratum::segment);
  for (const std::string& offer : offers) {
    out.offers.push_back(
        measurement.group(offer, "", [&](uint32_t s) { return strata[s].offer == offer; }));
  }
  for (const std::string& segment : segments) {
    out.segments.push_back(
        measurement.group("", segment, [&](uint32_t s) { return strata[s].segment == segment; }));
  }
  if (offers.size() > 1 && segments.size() > 1) {
    for (uint32_t s = 0; s < strata.size(); ++s) {
      out.cells.push_back(measurement.group(strata[s].offer, strata[s].segment,
                                            [s](uint32_t other) { return other == s; }));
    }
  }
  // A list of one says what `all` says already, so it does not count as one more look.
  std::vector<LiftGroup*> looked_at;
  for (std::vector<LiftGroup>* list : {&out.offers, &out.segments, &out.cells}) {
    for (LiftGroup& g : *list) {
      if (list->size() > 1 && g.answer != LiftAnswer::kNoControl) looked_at.push_back(&g);
    }
  }
  adjust(looked_at);
  out.compared_groups = static_cast<int64_t>(looked_at.size());
  const bool as_drawn = !out.checks.drawn.broken && !out.checks.answered.broken;
  answer(out.all, options, as_drawn);
  for (std::vector<LiftGroup>* list : {&out.offers, &out.segments, &out.cells}) {
    for (LiftGroup& g : *list) answer(g, options, as_drawn);
  }
  return out;
}

}  // namespace perennial
