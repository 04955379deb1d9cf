// From prices to a plan that keeps every limit.
#pragma once

#include <vector>

#include "offer/dual.h"

namespace perennial {

// A plan and what it uses.
class OfferUse {
 public:
  OfferUse(const OfferProblem& problem, const OfferLimits& limits)
      : problem_(&problem), limits_(&limits), used_(limits.rows(), 0) {}

  // Would `next` fit in the place of `now`?
  bool fits(const OfferOption& now, const OfferOption& next) const;
  void change(const OfferOption& now, const OfferOption& next);
  // The price of what is not used.
  double slack_price(const std::vector<double>& price) const;

 private:
  const OfferProblem* problem_;
  const OfferLimits* limits_;
  std::vector<double> used_;
};

// Customers take their best option at the prices, the surest first, as long as it fits; then what
// is left goes to options that earn more. One mask a customer.
std::vector<uint32_t> assign_offers(const OfferProblem& problem, const OfferLimits& limits,
                                    const DualResult& dual, const Workers& workers);

// Branch and bound over customers whose option the bound leaves open. Betters `chosen` where it
// can; true: no plan earns more, up to rounding. Ends after a fixed number of trials.
bool branch_offers(const OfferProblem& problem, const OfferLimits& limits, const DualResult& dual,
                   std::vector<uint32_t>& chosen);

}  // namespace perennial
