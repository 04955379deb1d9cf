#include "offer/value.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace perennial {
namespace {

bool avoids(const OfferTerms& terms) { return terms.aim == "avoid"; }

double known(double value) { return value > 0 ? value : 0; }  // NaN and below: 0

// Costs of one offer for everybody; NaN where they cannot be said.
std::vector<double> costs_of(const Offer& offer, const OfferInput& input,
                             const std::vector<double>& value, const std::string& where) {
  std::vector<double> out(input.table.rows(), offer.cost);
  if (offer.cost_share == 0) return out;
  const std::vector<double>& base =
      offer.cost_share_of.empty()
          ? value
          : OfferColumns(input)
                .numbers_at(offer.cost_share_of,
                            offer_place(where, offer) + ", key \"cost_share_of\"")
                .numbers;
  for (size_t i = 0; i < out.size(); ++i) out[i] += offer.cost_share * std::max(0.0, base[i]);
  for (size_t i = 0; i < out.size(); ++i) {
    if (std::isnan(base[i])) out[i] = base[i];
  }
  return out;
}

void set_limits(const OfferTerms& terms, OfferProblem& p) {
  std::vector<std::string> channels;
  for (const Offer& offer : terms.offers) {
    const auto found = std::ranges::find(channels, channel_of(offer));
    p.channel.push_back(static_cast<size_t>(found - channels.begin()));
    if (found == channels.end()) channels.push_back(channel_of(offer));
    p.fixed_cost.push_back(offer.fixed_cost);
    p.capacity.push_back(offer.capacity ? static_cast<double>(*offer.capacity) : kNoLimit);
  }
  for (const std::string& channel : channels) {
    const auto found = terms.channel_capacity.find(channel);
    p.channel_capacity.push_back(
        found == terms.channel_capacity.end() ? kNoLimit : static_cast<double>(found->second));
  }
  p.budget = terms.budget.value_or(kNoLimit);
}

// Share of the stake that a set of offers brings, compounded.
double share_of(const OfferTerms& terms, uint32_t mask, double risk, double EffectRange::*which) {
  const double room = avoids(terms) ? risk : 1 - risk;
  if (room <= 0) return 0;
  double left = 1;
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    if ((mask >> j & 1) == 0) continue;
    left *= 1 - change_of(terms, terms.offers[j], terms.offers[j].effect.*which, risk) / room;
  }
  return 1 - left;
}

}  // namespace

double change_of(const OfferTerms& terms, const Offer& offer, double effect, double risk) {
  const double change = offer.points ? effect : effect * risk;
  return std::min(change, avoids(terms) ? risk : 1 - risk);
}

double stake_of(const OfferTerms& terms, double risk, double value) {
  return (avoids(terms) ? risk : 1 - risk) * known(value);
}

OfferProblem problem_of(const OfferTerms& terms, const OfferInput& input,
                        const Eligibility& eligibility, const std::vector<double>& value,
                        const std::string& where, double factor) {
  const size_t rows = input.table.rows(), offers = terms.offers.size();
  OfferProblem p{.customers = rows, .offers = offers, .most = eligibility.most};
  set_limits(terms, p);
  p.gain.assign(rows * offers, std::numeric_limits<double>::quiet_NaN());
  p.cost.assign(rows * offers, 0);
  for (size_t i = 0; i < rows; ++i) p.stake.push_back(stake_of(terms, input.risk[i], value[i]));
  for (size_t j = 0; j < offers; ++j) {
    const Offer& offer = terms.offers[j];
    const std::vector<double> cost = costs_of(offer, input, value, where);
    for (size_t i = 0; i < rows; ++i) {
      if (!eligibility.allowed[i * offers + j] || std::isnan(cost[i])) continue;
      p.cost[i * offers + j] = cost[i];
      p.gain[i * offers + j] =
          known(value[i]) * change_of(terms, offer, factor * offer.effect.mid, input.risk[i]);
    }
  }
  return p;
}

Figure profit_range(const OfferTerms& terms, const OfferInput& input,
                    const std::vector<double>& value, size_t customer, uint32_t mask, double cost) {
  const double risk = input.risk[customer];
  const double stake = stake_of(terms, risk, value[customer]);
  const double mid = share_of(terms, mask, risk, &EffectRange::mid);
  const double low = share_of(terms, mask, risk, &EffectRange::low);
  const double high = share_of(terms, mask, risk, &EffectRange::high);
  bool by_risk = false;  // a change in points does not grow with the risk
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    by_risk = by_risk || ((mask >> j & 1) != 0 && !terms.offers[j].points);
  }
  const auto away = [&](double effect, double of_risk) {
    const double e = mid != 0 ? (effect - mid) / mid : 0, r = by_risk ? of_risk - 1 : 0;
    return std::sqrt(e * e + r * r + terms.value_error * terms.value_error);
  };
  const double gain = stake * mid;
  return {.value = gain - cost,
          .low = gain * (1 - away(low, input.risk_low)) - cost,
          .high = gain * (1 + away(high, input.risk_high)) - cost};
}

}  // namespace perennial
