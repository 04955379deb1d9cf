#include "report/offers.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "report/story.h"

namespace perennial {
namespace {

Json figure_json(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json refused_json(const OfferPlan& plan) {
  const Eligibility& e = plan.eligibility;
  return {{"no_consent", e.count(Refusal::kNoConsent)},
          {"on_list", e.count(Refusal::kOnList)},
          {"contacted_enough", e.count(Refusal::kContactedEnough)},
          {"no_value", e.count(Refusal::kNoValue)}};
}

Json offer_json(const Offer& offer, const OfferFigures& f) {
  Json out = {{"name", offer.name},
              {"title", offer.title.empty() ? offer.name : offer.title},
              {"channel", channel_of(offer)},
              {"effect", {offer.effect.low, offer.effect.mid, offer.effect.high}},
              {"effect_is", offer.points ? "points" : "relative"},
              {"eligible", f.eligible},
              {"not_for", f.outside},
              {"chosen", f.chosen},
              {"control", f.control},
              {"cost", f.cost},
              {"profit", figure_json(f.profit)}};
  if (offer.capacity) {
    out["capacity"] = *offer.capacity;
    out["one_more_place"] = f.capacity_price;
  }
  return out;
}

Json control_json(const OfferPlan& plan) {
  const ControlTerms& terms = plan.terms.control;
  Json out = {{"customers", plan.control},
              {"share", plan.control_share},
              {"base_rate", plan.base_rate},
              {"assumed_effect", plan.assumed_effect},
              {"smallest_effect", plan.smallest_effect},
              {"alpha", terms.alpha},
              {"power", terms.power}};
  if (!terms.share) {
    out["looked_for"] = plan.looked_for;
    out["too_small"] = plan.control_too_small;
  }
  out["strata"] = Json::array();
  for (const CampaignStratum& s : plan.strata) {
    out["strata"].push_back({{"segment", s.segment},
                             {"offer", s.offer},
                             {"chosen", s.chosen},
                             {"control", s.control},
                             {"share", s.share},
                             {"smallest_effect", s.smallest_effect}});
  }
  return out;
}

Json scenario_json(const OfferScenario& s, int64_t chosen) {
  return {{"factor", s.factor},
          {"chosen", s.chosen},
          {"cost", s.cost},
          {"profit", s.profit},
          {"same", s.same},
          {"of", chosen},
          {"this_plan_profit", s.present_profit}};
}

std::string amount(const OfferPlan& plan, double value) {
  if (!std::isfinite(value)) return "?";
  std::string out = fixed(value, 2);
  if (std::abs(value) >= 1000 || value == std::round(value)) {
    const auto whole = static_cast<int64_t>(std::llround(value));
    out = (whole < 0 ? "-" : "") + grouped(std::abs(whole));
  }
  return plan.terms.unit.empty() ? out : out + " " + plan.terms.unit;
}

std::string refused_sentence(const OfferPlan& plan) {
  std::vector<std::string> parts;
  for (const Refusal why :
       {Refusal::kNoConsent, Refusal::kOnList, Refusal::kContactedEnough, Refusal::kNoValue}) {
    const int64_t n = plan.eligibility.count(why);
    if (n > 0) parts.push_back(fmt::format("{} {}", grouped(n), to_string(why)));
  }
  if (parts.empty()) return "";
  return " Never contacted: " + join(parts, ", ") + ".";
}

std::string plan_sentence(const OfferPlan& plan) {
  std::vector<std::string> parts;
  for (size_t j = 0; j < plan.offers.size(); ++j) {
    parts.push_back(fmt::format("{} to {}", plan.terms.offers[j].name,
                                grouped(plan.offers[j].chosen - plan.offers[j].control)));
  }
  const std::string budget =
      plan.terms.budget ? fmt::format(" of {}", amount(plan, *plan.terms.budget)) : "";
  return fmt::format(
      "Send {}. That costs {}{} and is expected to earn {} ({} to {}) after costs.{}",
      join(parts, ", "), amount(plan, plan.cost), budget, amount(plan, plan.profit.value),
      amount(plan, plan.profit.low), amount(plan, plan.profit.high), refused_sentence(plan));
}

std::string points(double share) { return fixed(100 * share, 1) + " points"; }

std::string control_sentence(const OfferPlan& plan) {
  if (plan.control == 0) {
    return "Nobody is held out, so that what the offers do cannot be measured.";
  }
  std::string out = fmt::format("Held out at random: {} of the {} chosen.", grouped(plan.control),
                                counted(plan.chosen, "customer"));
  if (plan.smallest_effect < 1) {
    out += fmt::format(" That shows a change of {} or more in {} of 100 campaigns",
                       points(plan.smallest_effect), fixed(100 * plan.terms.control.power, 0));
    out += plan.control_too_small ? fmt::format("; the {} looked for would take more customers.",
                                                points(plan.looked_for))
                                  : ".";
  } else {
    out += " They are too few to show any change.";
  }
  return out;
}

std::string bound_sentence(const OfferPlan& plan) {
  std::string out = plan.proven ? "No plan earns more"
                                : fmt::format("No plan can earn more than {} % above this one",
                                              fixed(100 * plan.gap, 4));
  if (plan.terms.budget) {
    out += fmt::format("; one more unit of budget would bring {} after its cost",
                       fixed(plan.budget_price, 2));
  }
  for (const OfferScenario& s : plan.scenarios) {
    out += fmt::format("; if offers did {} as much it would earn {} (best then {})",
                       s.factor < 1 ? "half" : "twice", amount(plan, s.present_profit),
                       amount(plan, s.profit));
  }
  return out + ".";
}

}  // namespace

Json offers_json(const RunRecord& record) {
  const OfferPlan& plan = *record.offers;
  Json out = {{"aim", plan.terms.aim}, {"unit", plan.terms.unit}};
  out["budget"] = plan.terms.budget ? Json(*plan.terms.budget) : Json(nullptr);
  out["chosen"] = plan.chosen;
  out["sent"] = plan.chosen - plan.control;
  out["cost"] = plan.cost;
  out["profit"] = figure_json(plan.profit);
  out["with_control"] = {{"cost", plan.planned_cost}, {"profit", figure_json(plan.planned_profit)}};
  out["bound"] = plan.bound;
  out["gap"] = plan.gap;
  out["proven"] = plan.proven;
  out["one_more_unit_of_budget"] = plan.budget_price;
  out["channels"] = Json::object();
  for (const auto& [channel, price] : plan.channel_price) {
    const auto capacity = plan.terms.channel_capacity.find(channel);
    if (capacity == plan.terms.channel_capacity.end()) continue;
    out["channels"][channel] = {{"capacity", capacity->second}, {"one_more_place", price}};
  }
  out["refused"] = refused_json(plan);
  out["offers"] = Json::array();
  for (size_t j = 0; j < plan.offers.size(); ++j) {
    out["offers"].push_back(offer_json(plan.terms.offers[j], plan.offers[j]));
  }
  out["control"] = control_json(plan);
  out["scenarios"] = Json::array();
  for (const OfferScenario& s : plan.scenarios) {
    out["scenarios"].push_back(scenario_json(s, plan.chosen));
  }
  return out;
}

Json offers_page(const RunRecord& record) {
  Json out = offers_json(record);
  out["previews"] = Json::array();
  for (const MessagePreview& m : record.message_previews) {
    out["previews"].push_back({{"offer", m.offer},
                               {"channel", m.channel},
                               {"language", m.language},
                               {"message", m.message},
                               {"customers", m.customers},
                               {"fallbacks", m.fallbacks}});
  }
  return out;
}

std::vector<std::string> offer_sentences(const RunRecord& record) {
  if (!record.offers) return {};
  const OfferPlan& plan = *record.offers;
  std::vector<std::string> out;
  if (!record.verdict.better_than_baseline) {
    out.emplace_back(
        "There is no evidence that the model ranks customers better than chance, so no money "
        "should be put on what follows.");
  }
  if (plan.chosen == 0) {
    out.push_back((plan.terms.budget ? fmt::format("Within the budget of {} no offer",
                                                   amount(plan, *plan.terms.budget))
                                     : "No offer") +
                  " is expected to earn more than it costs." + refused_sentence(plan));
    return out;
  }
  out.push_back(plan_sentence(plan));
  out.push_back(bound_sentence(plan));
  out.push_back(control_sentence(plan));
  return out;
}

}  // namespace perennial
