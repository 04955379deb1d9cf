// What a customer can be given, and what it uses of what is scarce.
#pragma once

#include <vector>

#include "offer/solve.h"

namespace perennial {

struct OfferOption {
  uint32_t mask = 0;
  double profit = 0, cost = 0;
};

// The constraints of a problem: the limits that some plan could break.
struct OfferLimits {
  uint32_t open = 0;         // offers that may be used
  double budget = kNoLimit;  // what fixed costs leave of it
  // Rows of the constraints; -1: none. Budget first, then offers, then channels.
  int budget_row = -1;
  std::vector<int> offer_row, channel_row;
  std::vector<double> capacity;  // one a row, > 0
  size_t rows() const { return capacity.size(); }
};
// Offers of `mask` may be used; their fixed costs are paid out of the budget (REQUIRES: it holds
// them).
OfferLimits limits_of(const OfferProblem& problem, uint32_t mask);

// Options that earn something and fit by themselves, in order of the mask's making; "nothing" is
// not among them. Clears `out`.
void options_of(const OfferProblem& problem, const OfferLimits& limits, size_t customer,
                std::vector<OfferOption>& out);

// Calls use(row, amount) for every limit that the option counts against.
template <typename Use>
void uses_of(const OfferProblem& problem, const OfferLimits& limits, const OfferOption& option,
             const Use& use) {
  if (limits.budget_row >= 0 && option.cost > 0) {
    use(static_cast<size_t>(limits.budget_row), option.cost);
  }
  for (uint32_t left = option.mask; left != 0; left &= left - 1) {
    const auto j = static_cast<size_t>(__builtin_ctz(left));
    if (limits.offer_row[j] >= 0) use(static_cast<size_t>(limits.offer_row[j]), 1.0);
    const int channel = limits.channel_row[problem.channel[j]];
    if (channel >= 0) use(static_cast<size_t>(channel), 1.0);
  }
}

// What is left to a customer at prices a unit of each limit.
double score_of(const OfferProblem& problem, const OfferLimits& limits, const OfferOption& option,
                const std::vector<double>& price);

}  // namespace perennial
