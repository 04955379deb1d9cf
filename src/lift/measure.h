// A campaign with its outcomes -> did it work, by offer and by segment, and what it earned.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lift/difference.h"
#include "metric/metric.h"

namespace perennial {

// Customers of one segment for whom one offer was chosen: the control group was drawn among them.
struct LiftStratum {
  std::string segment, offer;
  double smallest_effect = 0;  // difference worth seeing, in points of the rate (0.02); 0: not said
};

// A customer who was chosen for an offer.
struct LiftCustomer {
  uint32_t stratum = 0;
  bool offered = false;        // drawn to get it; false: held out as control
  double propensity = 0.5;     // of being offered
  int success = -1;            // the wanted outcome came (1) or not (0); -1: not known
  int received = -1;           // really got the offer, where the outcomes say so; -1: they do not
  double expected = kUnknown;  // probability of the wanted outcome, from the model, before the draw
  double money = kUnknown;     // what the customer brought, the offer's cost not yet taken off
  double expected_money = kUnknown;
  double cost = 0;  // of the offer for this customer; spent on the offered alone

  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

struct LiftOptions {
  double alpha = 0.05;
  double power = 0.8;
  bool early = false;  // intervals that hold however often one looks
};

struct ArmFigures {
  int64_t customers = 0, known = 0, successes = 0;
  Figure rate;  // successes / known, Wilson
};

enum class LiftAnswer {
  kWorked,     // the wanted outcome came more often than among the controls
  kHarmed,     // it came less often
  kDidNot,     // if there is an effect, it is smaller than the smallest that was worth seeing
  kNotYet,     // cannot be told yet
  kNotDrawn,   // the groups are not as they were drawn: no comparison is fair
  kNoControl,  // one of the arms is empty
};
const char* to_string(LiftAnswer answer);  // "worked", "harmed", "did_not", …

// One comparison: everybody (offer and segment ""), an offer, a segment, or one of both.
struct LiftGroup {
  std::string offer, segment;
  ArmFigures offered, control;
  int64_t not_compared = 0;   // known outcomes in strata where one arm is missing
  Figure lift;                // of the rate, in points: the model's forecast taken into account
  Figure plain_lift;          // the same from the rates alone
  double variance_saved = 0;  // by the forecast: 0.3 stands for 30 % fewer customers needed
  Figure relative;            // lift / rate of the controls
  // Of those at risk among the controls (who fail), the share that the offer turns.
  Figure turned;
  double p_value = 1, adjusted_p = 1;  // adjusted: Holm over all groups but everybody
  double looked_at = 1;                // Holm's factor: how many groups the p-value answers for
  // Where money is known: extra money a customer after cost; of all who got it; and for each unit
  // of cost, before cost (more than 1 pays).
  std::optional<Figure> profit, total_profit, return_on_cost;
  // Where the outcomes say who really got it: the effect on those (lift / difference of receipt).
  std::optional<Figure> lift_of_received;
  double smallest_effect = 0;
  LiftAnswer answer = LiftAnswer::kNotYet;
  int64_t more = 0;      // kNotYet: customers more, offered and control in the same shares
  std::string sentence;  // the answer in plain words
};

// Were the groups drawn as planned? A chi-square test of the counts against the propensities, over
// strata.
struct SampleRatio {
  double chi_square = 0;
  int freedom = 0;
  double p_value = 1;
  bool broken = false;  // p < 0.001
};

struct LiftChecks {
  SampleRatio drawn;                                // of all customers in the campaign file
  SampleRatio answered;                             // of those whose outcome is known
  double missing_offered = 0, missing_control = 0;  // shares without an outcome
  double missing_p = 1;                             // that both are alike
  int64_t control_received = 0, offered_not_received = 0;
  std::vector<std::string> warnings;  // sentences
};

struct LiftResult {
  LiftOptions options;
  LiftChecks checks;
  LiftGroup all;
  std::vector<LiftGroup> offers, segments, cells;  // by name; cells only where they say more
  int64_t compared_groups = 0;                     // in Holm's correction
};

// More than this share of outcomes missing: the campaign is not over.
inline constexpr double kMostMissing = 0.05;

// Errors (kData): nobody was chosen; no outcome is known; more than kMostMissing of the outcomes
// are missing without options.early.
LiftResult measure_lift(const std::vector<LiftStratum>& strata,
                        const std::vector<LiftCustomer>& customers, const LiftOptions& options);

// Customers (both arms together) that a comparison needs to see a difference of `effect` in a rate
// of `rate` among the controls, with this share offered: the two-proportion z formula. `saved`:
// variance_saved.
double customers_needed(double rate, double effect, double share_offered, double alpha,
                        double power, double saved = 0);

}  // namespace perennial
