// Prices of what is scarce, by the Lagrangian dual of the choice of offers.
#pragma once

#include <vector>

#include "offer/options.h"

namespace perennial {

struct DualResult {
  std::vector<double> price;  // a unit of each limit, >= 0
  double bound = 0;           // of the profit without fixed costs
  double scale = 0;           // mean best profit of customers who have an option
  int64_t passes = 0;
};

DualResult solve_dual(const OfferProblem& problem, const OfferLimits& limits,
                      const Workers& workers);

}  // namespace perennial
