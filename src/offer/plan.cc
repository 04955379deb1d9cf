#include "offer/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "offer/control.h"
#include "offer/messages.h"
#include "offer/value.h"

namespace perennial {
namespace {

std::string segment_of(const OfferInput& input, size_t row) {
  if (input.segment.empty() || input.segment[row] < 0) return "";
  return input.segment_names[static_cast<size_t>(input.segment[row])];
}

double mean_change(const OfferTerms& terms, const OfferInput& input, const OfferPlan& plan) {
  double sum = 0;
  for (const PlannedCustomer& c : plan.customers) {
    double left = 1;
    const double risk = input.risk[c.row], room = terms.aim == "avoid" ? risk : 1 - risk;
    for (size_t j = 0; j < terms.offers.size() && room > 0; ++j) {
      if ((c.mask >> j & 1) == 0) continue;
      left *= 1 - change_of(terms, terms.offers[j], terms.offers[j].effect.mid, risk) / room;
    }
    sum += room * (1 - left);
  }
  return plan.customers.empty() ? 0 : sum / static_cast<double>(plan.customers.size());
}

void add_customers(const OfferTerms& terms, const OfferInput& input, const OfferProblem& problem,
                   const OfferSolution& solution, OfferPlan& plan) {
  for (size_t i = 0; i < solution.chosen.size(); ++i) {
    const uint32_t mask = solution.chosen[i];
    if (mask == 0) continue;
    const double cost = cost_of(problem, i, mask);
    plan.customers.push_back({.row = static_cast<uint32_t>(i),
                              .mask = mask,
                              .profit = profit_range(terms, input, plan.value, i, mask, cost),
                              .cost = cost});
  }
  plan.chosen = static_cast<int64_t>(plan.customers.size());
}

// Segment x offers, in the order of their names; returns the mean risk of each.
std::vector<double> add_strata(const OfferTerms& terms, const OfferInput& input, OfferPlan& plan) {
  std::map<std::pair<std::string, std::string>, std::vector<size_t>> members;
  for (size_t k = 0; k < plan.customers.size(); ++k) {
    const PlannedCustomer& c = plan.customers[k];
    members[{segment_of(input, c.row), offer_names(terms, c.mask)}].push_back(k);
  }
  std::vector<double> risk;
  for (const auto& [key, list] : members) {
    double sum = 0;
    for (const size_t k : list) {
      plan.customers[k].stratum = static_cast<int32_t>(plan.strata.size());
      sum += input.risk[plan.customers[k].row];
    }
    risk.push_back(sum / static_cast<double>(list.size()));
    plan.strata.push_back(
        {.segment = key.first, .offer = key.second, .chosen = static_cast<int64_t>(list.size())});
  }
  return risk;
}

PowerTerms power_of(const OfferTerms& terms, double base) {
  return {.base = base,
          .lowers = terms.aim == "avoid",
          .alpha = terms.control.alpha,
          .power = terms.control.power};
}

// Of `n` customers; at most the share that the study allows, and at least one of two.
int64_t held_of(double share, int64_t n) {
  if (n < 2 || share == 0) return 0;
  const auto wanted = static_cast<int64_t>(std::llround(share * static_cast<double>(n)));
  return std::clamp<int64_t>(wanted, 1, n / 2);
}

// The share that shows `effect` among n customers; more than `most` is not taken.
double share_for(const OfferTerms& terms, double base, double effect, int64_t n, bool& small) {
  const auto size = control_size(power_of(terms, base), effect, n);
  const double share = size ? static_cast<double>(*size) / static_cast<double>(n) : 1;
  if (share > terms.control.most) small = true;
  return std::min(share, terms.control.most);
}

void size_control(const OfferTerms& terms, const OfferInput& input, OfferPlan& plan) {
  const std::vector<double> risk = add_strata(terms, input, plan);
  double sum = 0;
  for (const PlannedCustomer& c : plan.customers) sum += input.risk[c.row];
  if (plan.chosen > 0) plan.base_rate = sum / static_cast<double>(plan.chosen);
  plan.assumed_effect = mean_change(terms, input, plan);
  double share = terms.control.share.value_or(0);
  if (!terms.control.share) {
    plan.looked_for = terms.control.smallest_effect.value_or(plan.assumed_effect);
    share = share_for(terms, plan.base_rate, plan.looked_for, plan.chosen, plan.control_too_small);
  }
  const bool each = !terms.control.share && terms.control.level == "stratum";
  if (each) plan.control_too_small = false;
  for (size_t s = 0; s < plan.strata.size(); ++s) {
    CampaignStratum& stratum = plan.strata[s];
    if (each) {
      share = share_for(terms, risk[s], plan.looked_for, stratum.chosen, plan.control_too_small);
    }
    stratum.control = held_of(share, stratum.chosen);
    stratum.share = static_cast<double>(stratum.control) / static_cast<double>(stratum.chosen);
    stratum.smallest_effect = smallest_effect(power_of(terms, risk[s]),
                                              static_cast<double>(stratum.chosen - stratum.control),
                                              static_cast<double>(stratum.control));
    plan.control += stratum.control;
  }
  if (plan.chosen == 0) return;
  plan.control_share = static_cast<double>(plan.control) / static_cast<double>(plan.chosen);
  plan.smallest_effect = smallest_effect(power_of(terms, plan.base_rate),
                                         static_cast<double>(plan.chosen - plan.control),
                                         static_cast<double>(plan.control));
}

void hold_out(const OfferInput& input, Seed seed, OfferPlan& plan) {
  std::vector<std::string> ids;
  std::vector<int32_t> stratum;
  std::vector<int64_t> held;
  for (const PlannedCustomer& c : plan.customers) {
    ids.push_back(input.table.ids[c.row]);
    stratum.push_back(c.stratum);
  }
  for (const CampaignStratum& s : plan.strata) held.push_back(s.control);
  const std::vector<uint8_t> drawn = draw_control(ids, stratum, held, seed);
  for (size_t k = 0; k < drawn.size(); ++k) plan.customers[k].control = drawn[k] != 0;
}

void add(Figure& to, const Figure& what, double share) {
  to.value += share * what.value;
  to.low += share * what.low;
  to.high += share * what.high;
}

// Sums over those who get their offer. All low ends together: the cautious side.
void sum_up(const OfferTerms& terms, const OfferProblem& problem, const OfferSolution& solution,
            OfferPlan& plan) {
  plan.offers.resize(terms.offers.size());
  for (size_t j = 0; j < plan.offers.size(); ++j) {
    plan.offers[j].eligible = plan.eligibility.eligible[j];
    plan.offers[j].outside = plan.eligibility.outside[j];
    plan.offers[j].capacity_price = solution.capacity_price[j];
  }
  for (const PlannedCustomer& c : plan.customers) {
    add(plan.planned_profit, c.profit, 1);
    if (!c.control) {
      add(plan.profit, c.profit, 1);
      plan.cost += c.cost;
    }
    const int offers = std::popcount(c.mask);
    for (size_t j = 0; j < plan.offers.size(); ++j) {
      if ((c.mask >> j & 1) == 0) continue;
      OfferFigures& f = plan.offers[j];
      ++f.chosen;
      f.control += c.control;
      if (c.control) continue;
      f.cost += problem.cost[c.row * problem.offers + j];
      add(f.profit, c.profit, 1.0 / offers);
    }
  }
  for (size_t j = 0; j < plan.offers.size(); ++j) {
    const double fixed = plan.offers[j].chosen > 0 ? problem.fixed_cost[j] : 0;
    plan.offers[j].cost += fixed;
    plan.cost += fixed;
    for (Figure* f : {&plan.offers[j].profit, &plan.profit, &plan.planned_profit}) {
      *f = {.value = f->value - fixed, .low = f->low - fixed, .high = f->high - fixed};
    }
  }
  plan.planned_cost = solution.cost;
  plan.bound = solution.bound;
  plan.gap = gap_of(solution);
  plan.proven = solution.proven;
  plan.budget_price = solution.budget_price;
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    plan.channel_price[channel_of(terms.offers[j])] = solution.channel_price[problem.channel[j]];
  }
}

double fixed_of(const OfferProblem& problem, const std::vector<uint32_t>& chosen) {
  uint32_t used = 0;
  for (const uint32_t mask : chosen) used |= mask;
  double sum = 0;
  for (size_t j = 0; j < problem.offers; ++j) {
    if ((used >> j & 1) != 0) sum += problem.fixed_cost[j];
  }
  return sum;
}

OfferScenario scenario(const OfferTerms& terms, const OfferInput& input, const std::string& where,
                       const OfferPlan& plan, const std::vector<uint32_t>& present, double factor,
                       const Workers& workers) {
  const OfferProblem problem =
      problem_of(terms, input, plan.eligibility, plan.value, where, factor);
  const OfferSolution other = solve_offers(problem, workers);
  OfferScenario out{.factor = factor, .cost = other.cost, .profit = other.profit};
  for (size_t i = 0; i < present.size(); ++i) {
    out.chosen += other.chosen[i] != 0;
    out.same += present[i] != 0 && other.chosen[i] == present[i];
    out.present_profit += profit_of(problem, i, present[i]);
  }
  out.present_profit -= fixed_of(problem, present);
  return out;
}

// A field of a message: a column, or a word that the plan knows.
bool known_word(const std::string& field) {
  return field == "id" || field == "segment" || field == "offer";
}

void check_message(const OfferColumns& columns, const std::string& text, const std::string& where,
                   const std::vector<Refusal>& refusal) {
  for (const MessagePart& part : parse_message(text, where)) {
    if (part.field.empty() || known_word(part.field)) continue;
    const Column& column = columns.at(part.field, where);
    if (part.fallback) continue;
    int64_t missing = 0;
    for (size_t i = 0; i < refusal.size(); ++i) {
      missing += refusal[i] == Refusal::kNone && column.value_text(i).empty();
    }
    if (missing == 0) continue;
    throw Error(ErrorCode::kStudy, where,
                fmt::format("{} without {}, and the message does not say what stands there instead",
                            counted(missing, "customer"), quoted(part.field)),
                fmt::format("Write {{{0}|some text}}", part.field));
  }
}

void check_messages(const OfferTerms& terms, const OfferInput& input, const std::string& where,
                    const Eligibility& eligibility) {
  const OfferColumns columns(input);
  for (const Offer& offer : terms.offers) {
    const std::string place = offer_place(where, offer);
    if (!offer.message.empty()) {
      check_message(columns, offer.message, place + ", key \"message\"", eligibility.refusal);
    }
    for (const auto& [language, text] : offer.messages) {
      check_message(columns, text, fmt::format("{}, key \"messages.{}\"", place, language),
                    eligibility.refusal);
    }
  }
  if (!terms.language_column.empty()) {
    columns.at(terms.language_column, where + ".offers], key \"language\"");
  }
}

// Offers whose condition holds for none of those who may be contacted, and why; and conditions that
// name texts which nobody has, though they hold for some.
std::vector<std::string> doubtful_conditions(const OfferTerms& terms, const OfferInput& input,
                                             const Eligibility& eligibility,
                                             const std::string& where) {
  std::vector<std::string> out;
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    const Offer& offer = terms.offers[j];
    if (offer.where.empty()) continue;
    const Condition condition = parse_condition(offer.where, offer_place(where, offer));
    const std::vector<std::string> unknown = OfferColumns(input).unknown_texts(condition);
    if (eligibility.eligible[j] > 0) {
      if (unknown.empty()) continue;
      out.push_back(
          fmt::format("The condition of the offer {} names what nobody has: there is no {}",
                      quoted(offer.name), join(unknown, ", no ")));
      continue;
    }
    out.push_back(
        fmt::format("The offer {} is for nobody: {} holds for no customer who may be "
                    "contacted.{}",
                    quoted(offer.name), quoted(offer.where),
                    unknown.empty() ? "" : " There is no " + join(unknown, ", no ")));
  }
  return out;
}

}  // namespace

std::string offer_names(const OfferTerms& terms, uint32_t mask) {
  std::string out;
  for (size_t j = 0; j < terms.offers.size(); ++j) {
    if ((mask >> j & 1) != 0) out += (out.empty() ? "" : "+") + terms.offers[j].name;
  }
  return out;
}

OfferPlan plan_offers(const OfferTerms& terms, const OfferInput& input, const std::string& where,
                      Seed seed, const Workers& workers) {
  PERENNIAL_CHECK(input.risk.size() == input.table.rows());
  PERENNIAL_CHECK(terms.offers.size() <= kMostOffers && !terms.offers.empty());
  OfferPlan plan{.terms = terms, .value = values_of(terms, input, where)};
  plan.eligibility = eligible_for(terms, input, plan.value, where);
  std::vector<uint32_t> present;
  {
    const OfferProblem problem = problem_of(terms, input, plan.eligibility, plan.value, where, 1);
    OfferSolution solution = solve_offers(problem, workers);
    add_customers(terms, input, problem, solution, plan);
    size_control(terms, input, plan);
    hold_out(input, seed.child("control"), plan);
    sum_up(terms, problem, solution, plan);
    present = std::move(solution.chosen);
  }
  for (const double factor : {0.5, 2.0}) {
    plan.scenarios.push_back(scenario(terms, input, where, plan, present, factor, workers));
  }
  if (terms.consent_column.empty()) {
    plan.notes.emplace_back(
        "The study does not say who allows messages, so everybody may be contacted: say consent = "
        "{ column = \"…\", yes = \"…\" }");
  }
  for (std::string& note : doubtful_conditions(terms, input, plan.eligibility, where)) {
    plan.notes.push_back(std::move(note));
  }
  if (plan.eligibility.listed_unknown > 0) {
    plan.notes.push_back(
        fmt::format("{} of the do-not-contact list are no customers of this "
                    "question",
                    counted(plan.eligibility.listed_unknown, "id")));
  }
  return plan;
}

void check_offers(const OfferTerms& terms, const OfferInput& input, const std::string& where) {
  const std::vector<double> value = values_of(terms, input, where);
  const Eligibility eligibility = eligible_for(terms, input, value, where);
  problem_of(terms, input, eligibility, value, where, 1);
  check_messages(terms, input, where, eligibility);
}

}  // namespace perennial
