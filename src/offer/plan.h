// From scores and a catalogue to who gets what, who is held out, and what that is expected to earn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "metric/metric.h"
#include "offer/campaign.h"
#include "offer/catalogue.h"
#include "offer/eligible.h"

namespace perennial {

// A customer for whom something was chosen.
struct PlannedCustomer {
  uint32_t row = 0;   // in the feature table
  uint32_t mask = 0;  // bit j: offer j of the catalogue
  int32_t stratum = 0;
  bool control = false;  // held out
  Figure profit;         // expected; low and high: ends of its 95 % range
  double cost = 0;
};

struct OfferFigures {
  int64_t eligible = 0, outside = 0;  // customers it is for, and whom it is not for
  int64_t chosen = 0, control = 0;    // held out of those chosen
  double cost = 0;                    // of those who get it, fixed cost included
  Figure profit;                      // of customers who get it; several offers share by their cost
  double capacity_price = 0;          // what one more place would bring
};

// The plan if the offers did less, or more, than assumed.
struct OfferScenario {
  double factor = 1;   // of the assumed effects
  int64_t chosen = 0;  // customers, if the plan were made for it
  double cost = 0, profit = 0;
  int64_t same = 0;           // customers of the present plan who would get the same
  double present_profit = 0;  // what the present plan would earn
};

struct OfferPlan {
  OfferTerms terms;
  std::vector<double> value;  // one a customer
  Eligibility eligibility;
  std::vector<PlannedCustomer> customers;  // rising by row
  std::vector<CampaignStratum> strata;     // ordered by segment, then offers
  std::vector<OfferFigures> offers;        // as in the catalogue
  int64_t chosen = 0, control = 0;
  // Of everybody chosen, as the solver counts them; then of those who get their offer.
  double planned_cost = 0, cost = 0;
  Figure planned_profit, profit;
  double bound = 0, gap = 0;  // of the planned profit
  bool proven = false;
  double budget_price = 0;  // what one more unit of budget would bring
  std::map<std::string, double> channel_price;
  std::vector<OfferScenario> scenarios;  // half and twice the assumed effect
  // How the control group was sized.
  double control_share = 0;
  double base_rate = 0;       // mean risk of those chosen
  double assumed_effect = 0;  // mean change of the rate that the plan assumes, in points
  double looked_for = 0;      // the effect that the size was computed for; 0: a share was given
  bool control_too_small = false;  // even the largest share allowed would not show it
  double smallest_effect = 1;      // that the whole campaign shows; 1: none
  std::vector<std::string> notes;  // sentences
};

// Errors (kStudy) as the parts'. The same for any number of threads.
OfferPlan plan_offers(const OfferTerms& terms, const OfferInput& input, const std::string& where,
                      Seed seed, const Workers& workers);

// Fails as plan_offers would for what a study alone can get wrong, before anything is learned:
// columns, conditions, templates, missing fields without a fallback.
void check_offers(const OfferTerms& terms, const OfferInput& input, const std::string& where);

// "mail", "mail+gift": the offers of a set, in the order of the catalogue.
std::string offer_names(const OfferTerms& terms, uint32_t mask);

}  // namespace perennial
