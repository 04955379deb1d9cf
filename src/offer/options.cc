#include "offer/options.h"

#include <cmath>

namespace perennial {
namespace {

// Sets of offers grow one by one: an offer that earns nothing alone earns nothing beside others,
// because gains compound.
struct Sets {
  const OfferProblem& problem;
  const OfferLimits& limits;
  size_t customer;
  std::vector<OfferOption>& out;

  void grow(size_t first, int room, uint32_t mask, double left, double cost) const {
    const size_t base = customer * problem.offers;
    for (size_t j = first; j < problem.offers; ++j) {
      if ((limits.open >> j & 1) == 0) continue;
      const double gain = problem.gain[base + j], price = problem.cost[base + j];
      if (!(gain - price > 0)) continue;  // NaN: not for this customer
      const double stake = problem.stake[customer];
      const double remains = left * (1 - gain / stake), paid = cost + price;
      const OfferOption option{mask | 1U << j, stake * (1 - remains) - paid, paid};
      if (option.profit > 0 && fits(option)) out.push_back(option);
      if (room > 1) grow(j + 1, room - 1, option.mask, remains, paid);
    }
  }

  bool fits(const OfferOption& option) const {
    if (option.cost > limits.budget) return false;
    bool fine = true;
    for (size_t c = 0; c < problem.channel_capacity.size(); ++c) {
      double used = 0;
      for (size_t j = 0; j < problem.offers; ++j) {
        if ((option.mask >> j & 1) != 0 && problem.channel[j] == c) used += 1;
      }
      if (used > problem.channel_capacity[c]) fine = false;
    }
    return fine;
  }
};

}  // namespace

OfferLimits limits_of(const OfferProblem& problem, uint32_t mask) {
  OfferLimits limits{.open = mask, .budget = problem.budget};
  limits.offer_row.assign(problem.offers, -1);
  limits.channel_row.assign(problem.channel_capacity.size(), -1);
  double highest = 0, most = 0;
  for (size_t j = 0; j < problem.offers; ++j) {
    if ((mask >> j & 1) != 0) limits.budget -= problem.fixed_cost[j];
    const bool closed = problem.capacity[j] < 1 || problem.channel_capacity[problem.channel[j]] < 1;
    if (closed) limits.open &= ~(1U << j);
  }
  for (const double cost : problem.cost) highest = std::max(highest, std::isnan(cost) ? 0 : cost);
  for (const uint8_t k : problem.most) most += k;
  if (limits.budget > 0 && limits.budget < most * highest) {
    limits.budget_row = static_cast<int>(limits.rows());
    limits.capacity.push_back(limits.budget);
  }
  for (size_t j = 0; j < problem.offers; ++j) {
    if ((limits.open >> j & 1) == 0 || problem.capacity[j] >= double(problem.customers)) continue;
    limits.offer_row[j] = static_cast<int>(limits.rows());
    limits.capacity.push_back(std::floor(problem.capacity[j]));
  }
  for (size_t c = 0; c < problem.channel_capacity.size(); ++c) {
    const double capacity = problem.channel_capacity[c];
    if (capacity < 1 || capacity >= most) continue;
    limits.channel_row[c] = static_cast<int>(limits.rows());
    limits.capacity.push_back(std::floor(capacity));
  }
  return limits;
}

void options_of(const OfferProblem& problem, const OfferLimits& limits, size_t customer,
                std::vector<OfferOption>& out) {
  out.clear();
  const int most = problem.most[customer];
  if (most == 0) return;
  if (most > 1) {
    Sets{problem, limits, customer, out}.grow(0, most, 0, 1, 0);
    return;
  }
  const size_t base = customer * problem.offers;
  for (size_t j = 0; j < problem.offers; ++j) {
    const double cost = problem.cost[base + j], profit = problem.gain[base + j] - cost;
    if (!(profit > 0) || cost > limits.budget || (limits.open >> j & 1) == 0) continue;
    out.push_back({1U << j, profit, cost});
  }
}

double score_of(const OfferProblem& problem, const OfferLimits& limits, const OfferOption& option,
                const std::vector<double>& price) {
  double score = option.profit;
  uses_of(problem, limits, option,
          [&](size_t row, double amount) { score -= price[row] * amount; });
  return score;
}

double profit_of(const OfferProblem& problem, size_t customer, uint32_t mask) {
  if (mask == 0) return 0;
  const size_t base = customer * problem.offers;
  if ((mask & (mask - 1)) == 0) {
    const auto j = static_cast<size_t>(__builtin_ctz(mask));
    return problem.gain[base + j] - problem.cost[base + j];
  }
  const double stake = problem.stake[customer];
  double left = 1;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    left *= 1 - problem.gain[base + static_cast<size_t>(__builtin_ctz(rest))] / stake;
  }
  return stake * (1 - left) - cost_of(problem, customer, mask);
}

double cost_of(const OfferProblem& problem, size_t customer, uint32_t mask) {
  double cost = 0;
  for (uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    cost += problem.cost[customer * problem.offers + static_cast<size_t>(__builtin_ctz(rest))];
  }
  return cost;
}

}  // namespace perennial
