// Made-up choices of offers, for tests and the bench.
#pragma once

#include <algorithm>
#include <limits>

#include "base/seed.h"
#include "offer/solve.h"

namespace perennial {

inline OfferProblem blank_problem(size_t customers, size_t offers, size_t channels) {
  OfferProblem p{.customers = customers, .offers = offers};
  p.gain.assign(customers * offers, std::numeric_limits<double>::quiet_NaN());
  p.cost.assign(customers * offers, 0);
  p.stake.assign(customers, 0);
  p.most.assign(customers, 1);
  p.fixed_cost.assign(offers, 0);
  p.capacity.assign(offers, kNoLimit);
  for (size_t j = 0; j < offers; ++j) p.channel.push_back(j % channels);
  p.channel_capacity.assign(channels, kNoLimit);
  return p;
}

// Two to five customers, one to three offers, every kind of limit now and then.
inline OfferProblem small_problem(Rng& rng) {
  OfferProblem p = blank_problem(2 + rng.below(4), 1 + rng.below(3), 1 + rng.below(2));
  for (size_t i = 0; i < p.customers; ++i) {
    p.stake[i] = 1 + 9 * rng.uniform();
    p.most[i] = static_cast<uint8_t>(rng.below(3));
    for (size_t j = 0; j < p.offers; ++j) {
      if (rng.bernoulli(0.2)) continue;
      p.gain[i * p.offers + j] = p.stake[i] * (0.6 * rng.uniform() - 0.05);
      p.cost[i * p.offers + j] = rng.bernoulli(0.1) ? 0 : rng.uniform();
    }
  }
  if (rng.bernoulli(0.8)) p.budget = 0.3 * static_cast<double>(p.customers) * rng.uniform();
  for (size_t j = 0; j < p.offers; ++j) {
    if (rng.bernoulli(0.3)) p.capacity[j] = static_cast<double>(rng.below(3));
    if (rng.bernoulli(0.2)) p.fixed_cost[j] = rng.uniform();
  }
  for (double& capacity : p.channel_capacity) {
    if (rng.bernoulli(0.3)) capacity = static_cast<double>(rng.below(4));
  }
  return p;
}

// Risks, values, effects and costs as of a shop; budget and capacities that bind.
inline OfferProblem large_problem(size_t customers, size_t offers, uint8_t most, Seed seed) {
  OfferProblem p = blank_problem(customers, offers, 3);
  Rng rng(seed);
  std::vector<double> effect, price;
  for (size_t j = 0; j < offers; ++j) {
    effect.push_back(0.05 + 0.3 * rng.uniform());
    price.push_back(0.02 + effect[j] * rng.uniform());
  }
  for (size_t i = 0; i < customers; ++i) {
    const double risk = rng.uniform() * rng.uniform(), value = 1 + 9 * rng.uniform();
    p.stake[i] = risk * value;
    p.most[i] = most;
    for (size_t j = 0; j < offers; ++j) {
      if (rng.bernoulli(0.3)) continue;
      p.gain[i * offers + j] = p.stake[i] * std::min(1.0, effect[j] * (0.5 + rng.uniform()));
      p.cost[i * offers + j] = price[j] * (0.8 + 0.4 * rng.uniform());
    }
  }
  const auto n = static_cast<double>(customers);
  p.budget = 0.03 * n;
  for (double& capacity : p.capacity) capacity = std::floor(0.06 * n);
  p.channel_capacity = {std::floor(0.15 * n), std::floor(0.2 * n), kNoLimit};
  return p;
}

}  // namespace perennial
