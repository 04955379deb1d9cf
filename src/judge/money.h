// Whom to contact, and what that earned on the rows that nobody had seen.
#pragma once

#include <span>
#include <vector>

#include "feature/feature_table.h"
#include "metric/profit.h"

namespace perennial {

// Settled on training rows, before the seal is broken: whoever scores at least `cut` is contacted.
// The score is the probability of the positive class; `by_value`: times what the customer is worth.
struct ContactPlan {
  MoneyTerms terms;
  double cut = 0.5;
  bool by_value = false;
};

// Sums over the sealed rows, in the currency of the study.
struct MoneyVerdict {
  ContactPlan plan;
  int64_t customers = 0, positives = 0;
  int64_t contacted = 0, found = 0;  // found: of the positive class among the contacted
  double cost = 0, cost_of_everybody = 0;
  // Money made, against contacting nobody; t intervals of the mean over customers, times them.
  Figure profit, profit_of_everybody;
  Figure
      over_everybody;  // what the plan makes more than contacting everybody, customer by customer
  Figure best_share;   // with hindsight: the share of these customers that earns most
  double best_profit = 0;
  std::vector<ProfitPoint> curve;  // by falling score; at most about a hundred points
};

// What each customer brings when contacted and of the positive class: the success rate times the
// value kept. A customer whose value is not known counts as worth nothing. Error (kStudy): the
// column is not among the value columns (nearest named).
std::vector<double> worth_of(const FeatureTable& table, const MoneyTerms& terms);
// Customers whose value is not known.
int64_t without_value(const FeatureTable& table, const MoneyTerms& terms);

// From out-of-fold probabilities of the training rows. f1: `f1_threshold` as it stands.
ContactPlan plan_contacts(const FeatureTable& training, std::span<const double> probability,
                          const MoneyTerms& terms, double f1_threshold);

bool contacted(const ContactPlan& plan, double probability, double worth);

MoneyVerdict judge_money(const FeatureTable& opened, std::span<const double> probability,
                         const ContactPlan& plan, int rounds, Seed seed,
                         const Workers* workers = nullptr);

}  // namespace perennial
