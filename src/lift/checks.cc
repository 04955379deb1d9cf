#include "lift/checks.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "explore/tails.h"

namespace perennial {
namespace {

// Below this chance the counts are taken for not drawn as planned (Fabijan et al. 2019 use the same
// kind of limit: a check that is made on every campaign must rarely cry wolf).
constexpr double kBroken = 0.001;

double tail(double chi_square, int freedom) {
  return freedom > 0 ? std::exp(log_chi2_tail(chi_square, freedom)) : 1;
}

// Offered customers against the sum of their propensities, stratum by stratum.
SampleRatio sample_ratio(size_t strata, const std::vector<LiftCustomer>& customers,
                         bool known_only) {
  std::vector<double> offered(strata, 0), expected(strata, 0), variance(strata, 0);
  for (const LiftCustomer& c : customers) {
    if (known_only && c.success < 0) continue;
    offered[c.stratum] += c.offered ? 1 : 0;
    expected[c.stratum] += c.propensity;
    variance[c.stratum] += c.propensity * (1 - c.propensity);
  }
  SampleRatio out;
  for (size_t s = 0; s < strata; ++s) {
    // Where fewer than five are expected in an arm, the chi-square distribution does not hold.
    if (!(variance[s] >= 2.5)) continue;
    const double away = offered[s] - expected[s];
    out.chi_square += away * away / variance[s];
    ++out.freedom;
  }
  out.p_value = tail(out.chi_square, out.freedom);
  out.broken = out.p_value < kBroken;
  return out;
}

struct Missing {
  double n = 0, missing = 0;
  double share() const { return n > 0 ? missing / n : 0; }
};

// Pearson's test of a table of two by two.
double same_share_p(const Missing& a, const Missing& b) {
  const double n = a.n + b.n, missing = a.missing + b.missing;
  if (a.n == 0 || b.n == 0 || missing == 0 || missing == n) return 1;
  const double p = missing / n;
  const double away = a.share() - b.share();
  return tail(away * away / (p * (1 - p) * (1 / a.n + 1 / b.n)), 1);
}

void warn(LiftChecks& checks) {
  const auto percent = [](double share) { return fixed(100 * share, 1) + " %"; };
  if (checks.drawn.broken) {
    checks.warnings.push_back(fmt::format(
        "The groups in the campaign file are not as they were drawn: offered and control differ "
        "from their planned shares by more than chance allows (p = {:.2g}). Something changed who "
        "is in them; no comparison is fair until that is found.",
        checks.drawn.p_value));
  } else if (checks.answered.broken) {
    checks.warnings.push_back(fmt::format(
        "Among customers with an outcome the groups are not as they were drawn (p = {:.2g}): "
        "outcomes are lost more often in one of them, so no comparison is fair.",
        checks.answered.p_value));
  }
  if (checks.missing_p < kBroken) {
    checks.warnings.push_back(
        fmt::format("Outcomes are missing for {} of those who were to get an offer and {} of the "
                    "controls: that is more than chance, and whoever is missing may differ.",
                    percent(checks.missing_offered), percent(checks.missing_control)));
  }
  if (checks.control_received > 0) {
    checks.warnings.push_back(
        fmt::format("{} got the offer all the same: the lift between the groups as drawn is "
                    "smaller than that of the offer.",
                    counted(checks.control_received, "control", "controls")));
  }
  if (checks.offered_not_received > 0) {
    checks.warnings.push_back(fmt::format(
        "{} who should have got the offer did not. Groups are compared as they were drawn.",
        counted(checks.offered_not_received, "customer")));
  }
}

}  // namespace

LiftChecks check_lift(size_t strata, const std::vector<LiftCustomer>& customers) {
  LiftChecks out{.drawn = sample_ratio(strata, customers, false),
                 .answered = sample_ratio(strata, customers, true)};
  Missing arms[2];
  for (const LiftCustomer& c : customers) {
    Missing& arm = arms[c.offered ? 1 : 0];
    arm.n += 1;
    arm.missing += c.success < 0 ? 1 : 0;
    if (!c.offered && c.received == 1) ++out.control_received;
    if (c.offered && c.received == 0) ++out.offered_not_received;
  }
  out.missing_offered = arms[1].share();
  out.missing_control = arms[0].share();
  out.missing_p = same_share_p(arms[1], arms[0]);
  warn(out);
  return out;
}

}  // namespace perennial
