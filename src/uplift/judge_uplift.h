// What an uplift model is worth, on rows that nothing was learned from.
#pragma once

#include <string>
#include <vector>

#include "metric/metric.h"
#include "uplift/fit.h"
#include "uplift/uplift.h"

namespace perennial {

// Outcomes of an arm, and what it changes on average.
struct ArmEffect {
  std::string arm;
  int64_t customers = 0, positives = 0;
  Figure rate;    // positives / customers, Wilson
  Figure effect;  // rate minus that of the control, Newcombe; 0 for the control
};
// Plain counts: what a person computes by hand. Right for offers dealt at random.
std::vector<ArmEffect> average_effects(const UpliftRows& rows,
                                       const std::vector<std::string>& arms);

// Treating the share `share` of the customers, the largest predicted uplift first, brings `gain`
// more positives a customer (of all) than treating nobody; the random model, which treats as many
// without looking, brings `random`.
struct UpliftPoint {
  double share = 0;
  Figure gain;
  double random = 0;
};

// The Qini curve (Radcliffe 2007) of one arm, with the gain from the doubly robust scores as in
// Yadlowsky, Fleming, Shah, Brunskill and Wager 2021: so each customer counts, and chances that
// differ are allowed for.
struct UpliftCurve {
  std::string arm;
  std::vector<UpliftPoint> points;  // shares 0, 0.05, … 1
  // Area between the curve and the random model's line: 0 when the order says nothing. Its
  // interval takes the order as estimated from these rows' scores (projection of a U-statistic).
  Figure qini;
  double p_value = 1;  // one-sided: the order is no better than chance
};

// Rate of the positive class if everybody were treated as a rule says.
struct PolicyValue {
  std::string name;            // "by_uplift", "nobody", "everybody", "best_single"
  std::string arm;             // of everybody and best_single
  Figure value;                // doubly robust
  Figure ipw;                  // by weighting alone, without outcome models
  Figure by_uplift_over;       // by_uplift minus this rule, paired
  std::vector<double> shares;  // of the customers whom the rule gives each arm
};

// Where the uplift is: customers with one value of a feature, or in one range.
struct UpliftSlice {
  std::string label;
  int64_t customers = 0;
  double predicted = 0;  // mean
  Figure measured;       // mean of the doubly robust differences
};
struct UpliftReason {
  std::string arm, feature;
  double share = 0;  // of the variance of the predicted uplift that this feature's slices explain
  std::vector<UpliftSlice> slices;
};

struct UpliftVerdict {
  int64_t rows = 0;
  std::vector<ArmEffect> effects;  // of these rows
  std::vector<UpliftCurve> curves;
  std::vector<PolicyValue> policies;
  std::vector<UpliftReason> reasons;
  // Whether offers by uplift beat no offers, and whether the order beats chance: one-sided tests at
  // 2.5 % together (Holm).
  bool policy_works = false, order_works = false;
  std::string evidence;  // "no evidence of uplift", "uplift, alike for all", "uplift that differs"
  std::string sentence;  // the same in plain words
};

// For each row the arm of the largest uplift, 0 where none is above 0; of equals the first.
std::vector<int32_t> best_arms(const PerArm& uplift, size_t arms);

// `uplift`: predicted for the rows. `nuisance`: of models that did not see them. best_single is the
// arm with the largest `average`, which comes from the training rows too.
UpliftVerdict judge_uplift(const UpliftRows& rows, const std::vector<std::string>& arms,
                           const PerArm& uplift, const Nuisance& nuisance,
                           const std::vector<double>& average);

// The pieces, for tests and comparisons. `scores`: robust_scores of the rows.
UpliftCurve uplift_curve(const PerArm& scores, const PerArm& uplift, size_t arm, size_t arms);
PolicyValue policy_value(std::string name, const UpliftRows& rows, const PerArm& scores,
                         const PerArm& propensity, const std::vector<int32_t>& choice,
                         const std::vector<int32_t>& by_uplift, size_t arms);

}  // namespace perennial
