#include "offer/solve.h"

#include <bit>
#include <cmath>

#include "base/error.h"
#include "offer/assign.h"
#include "offer/dual.h"

namespace perennial {
namespace {

// Beyond this no branch and bound: the bound is nearer than a thousandth of a per cent there.
constexpr size_t kMostBranched = 50'000;

void check_sizes(const OfferProblem& p) {
  PERENNIAL_CHECK(p.offers <= 30);
  PERENNIAL_CHECK(p.gain.size() == p.customers * p.offers && p.cost.size() == p.gain.size());
  PERENNIAL_CHECK(p.stake.size() == p.customers && p.most.size() == p.customers);
  PERENNIAL_CHECK(p.fixed_cost.size() == p.offers && p.capacity.size() == p.offers);
  PERENNIAL_CHECK(p.channel.size() == p.offers);
  for (const size_t channel : p.channel) PERENNIAL_CHECK(channel < p.channel_capacity.size());
}

double fixed_of(const OfferProblem& problem, uint32_t mask) {
  double sum = 0;
  for (size_t j = 0; j < problem.offers; ++j) {
    if ((mask >> j & 1) != 0) sum += problem.fixed_cost[j];
  }
  return sum;
}

OfferSolution solve_open(const OfferProblem& problem, uint32_t open, const Workers& workers) {
  const OfferLimits limits = limits_of(problem, open);
  const DualResult dual = solve_dual(problem, limits, workers);
  OfferSolution out{.chosen = assign_offers(problem, limits, dual, workers), .passes = dual.passes};
  if (problem.customers <= kMostBranched) {
    out.proven = branch_offers(problem, limits, dual, out.chosen);
  }
  uint32_t used = 0;
  for (size_t i = 0; i < problem.customers; ++i) {
    out.profit += profit_of(problem, i, out.chosen[i]);
    out.cost += cost_of(problem, i, out.chosen[i]);
    used |= out.chosen[i];
  }
  // An offer that nobody gets costs nothing; the bound pays for all that may be used.
  out.profit -= fixed_of(problem, used);
  out.cost += fixed_of(problem, used);
  out.bound = std::max(0.0, dual.bound - fixed_of(problem, open));
  const auto price = [&](int row) { return row < 0 ? 0 : dual.price[static_cast<size_t>(row)]; };
  out.budget_price = price(limits.budget_row);
  for (const int row : limits.offer_row) out.capacity_price.push_back(price(row));
  for (const int row : limits.channel_row) out.channel_price.push_back(price(row));
  return out;
}

}  // namespace

double gap_of(const OfferSolution& solution) {
  return solution.bound > 0 ? std::max(0.0, (solution.bound - solution.profit) / solution.bound)
                            : 0;
}

OfferSolution solve_offers(const OfferProblem& problem, const Workers& workers) {
  check_sizes(problem);
  uint32_t always = 0;
  std::vector<size_t> fixed;
  for (size_t j = 0; j < problem.offers; ++j) {
    if (problem.fixed_cost[j] > 0) {
      fixed.push_back(j);
    } else {
      always |= 1U << j;
    }
  }
  PERENNIAL_CHECK(fixed.size() <= 5);
  // Each set of offers with a fixed cost is a problem of its own; the best plan of all wins.
  OfferSolution best;
  double bound = 0;
  bool proven = true, any = false;
  int64_t passes = 0;
  for (uint32_t set = 0; set < 1U << fixed.size(); ++set) {
    uint32_t open = always;
    for (size_t k = 0; k < fixed.size(); ++k) {
      if ((set >> k & 1) != 0) open |= 1U << fixed[k];
    }
    if (fixed_of(problem, open) > problem.budget) continue;
    OfferSolution found = solve_open(problem, open, workers);
    bound = std::max(bound, found.bound);
    proven = proven && found.proven;
    passes += found.passes;
    if (!any || found.profit > best.profit) best = std::move(found);
    any = true;
  }
  best.bound = bound;
  best.proven = proven;
  best.passes = passes;
  return best;
}

}  // namespace perennial
