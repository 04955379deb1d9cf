// What the study says about offers: plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace perennial {

// Low and high are the ends of the range in which the effect is believed to lie (about 95 %).
struct EffectRange {
  double low = 0, mid = 0, high = 0;
  bool operator==(const EffectRange&) const = default;
};

struct Offer {
  std::string name;     // in the study; never holds '+', which joins the names of several offers
  std::string title;    // for people; "": the name
  std::string message;  // template (messages.h); "": none
  std::vector<std::pair<std::string, std::string>> messages;  // language -> template, first wins
  std::string format = "text";                                // text | html
  std::string channel;                                        // "": the offer's name
  double cost = 0;                                            // of one contact
  double cost_share = 0;      // and this share of `cost_share_of`, counted in full
  std::string cost_share_of;  // column with numbers; "": the customer's value
  double fixed_cost = 0;      // once, when anybody gets the offer
  std::string where;          // whom it is for; "": everybody
  // Relative: share of the risk that the offer takes away (aim avoid), or by which it raises the
  // chance (aim reach). Points: the same as a difference of probabilities.
  EffectRange effect;
  bool points = false;
  std::optional<int64_t> capacity;  // customers at most
  int line = 0;                     // of its section in the study
};

struct ControlTerms {
  std::optional<double> share;            // of those chosen; nullopt: by a power calculation
  std::optional<double> smallest_effect;  // worth seeing, in points; nullopt: what the plan assumes
  double power = 0.8, alpha = 0.05;
  double most = 0.2;               // share that the calculation may ask for
  std::string level = "campaign";  // where the effect must be seen: campaign | stratum
};

struct OfferTerms {
  std::string aim = "avoid";  // the positive class is to be avoided, or to be reached
  std::optional<double> budget;
  int max_per_customer = 1;
  std::string consent_column, consent_yes;  // "": nothing is said about consent
  std::string do_not_contact;               // file with ids; "": none
  std::string contacts_column;              // how often the customer was contacted already
  double contacts_most = 0;                 // contacts at most, those of the plan included
  std::string value_column;                 // "": `value` for everybody, or the only value column
  std::optional<double> value;
  double value_error = 0;  // half-width of a 95 % range of the value, as a share of it
  std::string unit;        // of money, for people
  std::string language_column;
  std::map<std::string, int64_t> channel_capacity;
  ControlTerms control;
  std::vector<Offer> offers;
  int line = 0;  // of its section in the study
};

inline constexpr size_t kMostOffers = 30;
inline constexpr int kMostPerCustomer = 3;
inline constexpr size_t kMostFixedCosts = 5;

inline const std::string& channel_of(const Offer& offer) {
  return offer.channel.empty() ? offer.name : offer.channel;
}

}  // namespace perennial
