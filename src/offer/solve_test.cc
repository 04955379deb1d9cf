// The solver against brute force, and against the bound of the linear program.
#include "offer/solve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/seed.h"
#include "offer/test_problems.h"

namespace perennial {
namespace {

// Tries every plan; independent of the solver's own options and limits.
double best_by_trying(const OfferProblem& p) {
  const size_t sets = 1U << p.offers;
  double best = 0;
  std::vector<uint32_t> plan(p.customers, 0);
  const auto worth = [&]() {
    std::vector<double> each(p.offers, 0), channel(p.channel_capacity.size(), 0);
    double profit = 0, cost = 0;
    for (size_t i = 0; i < p.customers; ++i) {
      double left = 1;
      for (size_t j = 0; j < p.offers; ++j) {
        if ((plan[i] >> j & 1) == 0) continue;
        each[j] += 1;
        channel[p.channel[j]] += 1;
        cost += p.cost[i * p.offers + j];
        left *= 1 - p.gain[i * p.offers + j] / p.stake[i];
      }
      profit += p.stake[i] * (1 - left);
    }
    for (size_t j = 0; j < p.offers; ++j) {
      if (each[j] > p.capacity[j]) return -kNoLimit;
      if (each[j] > 0) cost += p.fixed_cost[j];
    }
    for (size_t c = 0; c < channel.size(); ++c) {
      if (channel[c] > p.channel_capacity[c]) return -kNoLimit;
    }
    return cost > p.budget ? -kNoLimit : profit - cost;
  };
  const std::function<void(size_t)> fill = [&](size_t i) {
    if (i == p.customers) {
      best = std::max(best, worth());
      return;
    }
    for (uint32_t set = 0; set < sets; ++set) {
      bool allowed = __builtin_popcount(set) <= p.most[i];
      for (size_t j = 0; j < p.offers; ++j) {
        if ((set >> j & 1) != 0 && std::isnan(p.gain[i * p.offers + j])) allowed = false;
      }
      if (!allowed) continue;
      plan[i] = set;
      fill(i + 1);
    }
    plan[i] = 0;
  };
  fill(0);
  return best;
}

void expect_kept(const OfferProblem& p, const OfferSolution& s) {
  std::vector<double> each(p.offers, 0), channel(p.channel_capacity.size(), 0);
  double cost = 0;
  for (size_t i = 0; i < p.customers; ++i) {
    ASSERT_LE(__builtin_popcount(s.chosen[i]), p.most[i]);
    for (size_t j = 0; j < p.offers; ++j) {
      if ((s.chosen[i] >> j & 1) == 0) continue;
      ASSERT_FALSE(std::isnan(p.gain[i * p.offers + j]));
      each[j] += 1;
      channel[p.channel[j]] += 1;
      cost += p.cost[i * p.offers + j];
    }
  }
  for (size_t j = 0; j < p.offers; ++j) {
    EXPECT_LE(each[j], p.capacity[j]);
    cost += each[j] > 0 ? p.fixed_cost[j] : 0;
  }
  for (size_t c = 0; c < channel.size(); ++c) EXPECT_LE(channel[c], p.channel_capacity[c]);
  EXPECT_LE(cost, p.budget * (1 + 1e-12) + 1e-12);
  EXPECT_NEAR(cost, s.cost, 1e-9 * (1 + cost));
}

TEST(Solve, FindsWhatTryingEveryPlanFinds) {
  const Workers workers(1);
  for (uint64_t k = 0; k < 200; ++k) {
    Rng rng(Seed{41}.child(k));
    const OfferProblem p = small_problem(rng);
    const OfferSolution s = solve_offers(p, workers);
    SCOPED_TRACE(k);
    expect_kept(p, s);
    EXPECT_NEAR(s.profit, best_by_trying(p), 1e-9);
    EXPECT_GE(s.bound, s.profit - 1e-9);
    EXPECT_TRUE(s.proven);
  }
}

TEST(Solve, ComesWithinAThousandthOfTheBound) {
  const Workers workers(2);
  for (const size_t customers : {5'000U, 90'000U}) {
    const OfferProblem p = large_problem(customers, 6, 1, Seed{7});
    const OfferSolution s = solve_offers(p, workers);
    expect_kept(p, s);
    EXPECT_GT(s.profit, 0);
    EXPECT_LE(gap_of(s), 0.001) << customers;
    EXPECT_GT(s.budget_price, 0);
  }
}

TEST(Solve, SeveralOffersACustomer) {
  const OfferProblem p = large_problem(5'000, 6, 3, Seed{8});
  const OfferSolution s = solve_offers(p, Workers(2));
  expect_kept(p, s);
  EXPECT_LE(gap_of(s), 0.001);
  int most = 0;
  for (const uint32_t mask : s.chosen) most = std::max(most, __builtin_popcount(mask));
  EXPECT_GT(most, 1);
}

TEST(Solve, SameForAnyNumberOfThreads) {
  const OfferProblem p = large_problem(90'000, 4, 1, Seed{9});
  const OfferSolution one = solve_offers(p, Workers(1)), four = solve_offers(p, Workers(4));
  EXPECT_EQ(one.chosen, four.chosen);
  EXPECT_EQ(one.profit, four.profit);
  EXPECT_EQ(one.bound, four.bound);
}

// Twenty equal customers, each worth 3 for a cost of 2, and money for seven and a half of them.
TEST(Solve, EqualCustomers) {
  OfferProblem p{.customers = 20, .offers = 1, .budget = 15};
  p.gain.assign(20, 3);
  p.cost.assign(20, 2);
  p.stake.assign(20, 3);
  p.most.assign(20, 1);
  p.fixed_cost = {0};
  p.capacity = {kNoLimit};
  p.channel = {0};
  p.channel_capacity = {kNoLimit};
  const OfferSolution s = solve_offers(p, Workers(1));
  EXPECT_DOUBLE_EQ(s.profit, 7);
  EXPECT_NEAR(s.bound, 7.5, 1e-6);
  EXPECT_NEAR(s.budget_price, 0.5, 1e-6);  // half of what a contact brings, by hand
  p.budget = 0;
  EXPECT_EQ(solve_offers(p, Workers(1)).profit, 0);
  p.budget = kNoLimit;
  p.fixed_cost = {25};  // all twenty bring 20
  EXPECT_EQ(solve_offers(p, Workers(1)).profit, 0);
  p.fixed_cost = {5};
  EXPECT_DOUBLE_EQ(solve_offers(p, Workers(1)).profit, 15);
}

}  // namespace
}  // namespace perennial
