// Who gets which offers, so that the sum of expected profits is highest under a budget and
// capacities: a multiple-choice knapsack with a few constraints.
//
// The prices of the constraints come from the Lagrangian dual (Fisher 1981), smoothed by a soft
// maximum over each customer's options (Nesterov 2005) and minimised by projected Newton steps
// while the smoothing shrinks. As each customer's options form a simplex, the dual's minimum is the
// bound of the linear program (Geoffrion 1974). At those prices customers take their best option,
// the surest first, as long as it fits; then better options that still fit are taken; in small
// cases a branch and bound over the customers whose choice the bound leaves open ends it.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/workers.h"

namespace perennial {

inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

struct OfferProblem {
  size_t customers = 0, offers = 0;  // offers <= 30
  std::vector<double> gain;          // customers x offers, row-major; NaN: not for this customer
  std::vector<double> cost;          // the same shape, >= 0: counts against the budget
  // What a customer can bring at most: gains of several offers compound towards it, 1 - (1 - a)(1 -
  // b). >= every gain of the customer. Used only where most > 1.
  std::vector<double> stake;
  std::vector<uint8_t> most;  // offers at most, one a customer
  double budget = kNoLimit;
  std::vector<double> fixed_cost;  // one an offer; at most 5 of them above 0
  std::vector<double> capacity;    // customers at most, one an offer
  std::vector<size_t> channel;     // of each offer
  std::vector<double> channel_capacity;
};

struct OfferSolution {
  std::vector<uint32_t> chosen;  // one a customer: bit j is offer j
  double profit = 0;             // sum of gain - cost, minus fixed costs
  double cost = 0;               // fixed costs included
  double bound = 0;              // of the linear program: no plan earns more
  bool proven = false;           // no plan earns more than this one, up to rounding
  // What one more unit would bring: of the budget, of an offer's and a channel's capacity.
  double budget_price = 0;
  std::vector<double> capacity_price, channel_price;
  int64_t passes = 0;  // over all customers
};

// (bound - profit) / bound; 0 where the bound is 0.
double gap_of(const OfferSolution& solution);

// Profit of a set of offers for a customer, fixed costs aside; its part of `cost` likewise.
double profit_of(const OfferProblem& problem, size_t customer, uint32_t mask);
double cost_of(const OfferProblem& problem, size_t customer, uint32_t mask);

// The same for any number of threads. REQUIRES: sizes that agree, finite gains or NaN, costs >= 0.
OfferSolution solve_offers(const OfferProblem& problem, const Workers& workers);

}  // namespace perennial
