// The control group: customers chosen for an offer who are held out at random, so that what the
// offer did can be measured.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/seed.h"

namespace perennial {

// Difference of two proportions by the two-sided z test with pooled variance (Fleiss, Levin and
// Paik 2003, chapter 4): the smallest change of the rate `base` (down when `lowers`) that groups of
// these sizes show with this power. 1 where no change would show.
struct PowerTerms {
  double base = 0.5;  // rate without the offer
  bool lowers = true;
  double alpha = 0.05, power = 0.8;
};
double smallest_effect(const PowerTerms& terms, double treated, double control);
// The fewest of `n` customers to hold out so that `effect` shows; nullopt: not even half of them
// are enough.
std::optional<int64_t> control_size(const PowerTerms& terms, double effect, int64_t n);

// Who of each stratum is held out: exactly `held[s]` of its customers, those with the lowest hash
// of seed and id. Neither the order of the customers nor other strata change the draw.
// `stratum`: of each customer, -1 for none. 1: held out.
std::vector<uint8_t> draw_control(std::span<const std::string> ids,
                                  std::span<const int32_t> stratum, std::span<const int64_t> held,
                                  Seed seed);

}  // namespace perennial
