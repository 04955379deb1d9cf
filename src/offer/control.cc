#include "offer/control.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "metric/metric.h"

namespace perennial {
namespace {

// Is the change `effect` seen with the power asked for?
bool shows(const PowerTerms& t, double effect, double treated, double control) {
  const double other = t.lowers ? t.base - effect : t.base + effect;
  const double pooled = (treated * other + control * t.base) / (treated + control);
  const double noise = std::sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control));
  const double spread = std::sqrt(other * (1 - other) / treated + t.base * (1 - t.base) / control);
  return effect >= normal_quantile(1 - t.alpha / 2) * noise + normal_quantile(t.power) * spread;
}

}  // namespace

double smallest_effect(const PowerTerms& terms, double treated, double control) {
  const double room = terms.lowers ? terms.base : 1 - terms.base;
  if (treated < 1 || control < 1 || !shows(terms, room, treated, control)) return 1;
  double low = 0, high = room;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (shows(terms, middle, treated, control) ? high : low) = middle;
  }
  return high;
}

std::optional<int64_t> control_size(const PowerTerms& terms, double effect, int64_t n) {
  const double room = terms.lowers ? terms.base : 1 - terms.base;
  const double change = std::min(effect, room);
  const auto enough = [&](int64_t held) {
    return shows(terms, change, static_cast<double>(n - held), static_cast<double>(held));
  };
  int64_t low = 0, high = n / 2;
  if (high < 1 || change <= 0 || !enough(high)) return std::nullopt;
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

std::vector<uint8_t> draw_control(std::span<const std::string> ids,
                                  std::span<const int32_t> stratum, std::span<const int64_t> held,
                                  Seed seed) {
  PERENNIAL_CHECK(ids.size() == stratum.size());
  std::vector<std::vector<std::pair<uint64_t, size_t>>> members(held.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (stratum[i] < 0) continue;
    members[static_cast<size_t>(stratum[i])].emplace_back(hash_mix(seed.value, hash_bytes(ids[i])),
                                                          i);
  }
  std::vector<uint8_t> out(ids.size(), 0);
  for (size_t s = 0; s < held.size(); ++s) {
    std::ranges::sort(members[s], [&](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : ids[a.second] < ids[b.second];
    });
    for (size_t k = 0; k < static_cast<size_t>(held[s]); ++k) out[members[s][k].second] = 1;
  }
  return out;
}

}  // namespace perennial
