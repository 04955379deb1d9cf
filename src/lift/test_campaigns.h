// Campaigns with a known truth, for tests.
#pragma once

#include <cmath>
#include <vector>

#include "base/seed.h"
#include "lift/measure.h"

namespace perennial {

// Six strata (three segments, two offers) with control shares from 20 % to 50 %. A customer fails
// with probability p (the model's score, Beta-like between 0.1 and 0.9, mean 0.5); the offer turns
// the share `turned[offer]` of those who would fail, so it changes the rate by 0.5 * turned.
struct SimulatedCampaign {
  size_t customers = 1200;
  double turned[2] = {0, 0};
  double mean_value = 40, cost = 2;

  static std::vector<LiftStratum> strata() {
    std::vector<LiftStratum> out;
    for (const char* segment : {"high", "middle", "low"}) {
      for (const char* offer : {"gift", "sale"}) out.push_back({segment, offer, 0.1});
    }
    return out;
  }
  // Of the rate, averaged over everybody: strata have sizes of 1 : 2 : 3, both offers alike.
  double truth() const { return 0.5 * (turned[0] + turned[1]) / 2; }
  double true_profit() const { return mean_value * truth() - cost; }

  std::vector<LiftCustomer> draw(Seed seed) const {
    Rng rng(seed);
    std::vector<LiftCustomer> out;
    const double control[6] = {0.2, 0.3, 0.35, 0.4, 0.45, 0.5};
    for (size_t s = 0; s < 6; ++s) {
      const size_t n = customers * (1 + s / 2) / 12;
      for (size_t i = 0; i < n; ++i) {
        const double fails = 0.1 + 0.4 * (rng.uniform() + rng.uniform());
        const double value = mean_value * -std::log1p(-rng.uniform());
        LiftCustomer c{.stratum = static_cast<uint32_t>(s),
                       .offered = !rng.bernoulli(control[s]),
                       .propensity = 1 - control[s],
                       .expected = 1 - fails,
                       .expected_money = value * (1 - fails),
                       .cost = cost};
        const double really = fails * (c.offered ? 1 - turned[s % 2] : 1);
        c.success = rng.bernoulli(really) ? 0 : 1;
        c.money = value * c.success;
        out.push_back(c);
      }
    }
    return out;
  }
};

}  // namespace perennial
