#include "run/measure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "run/run.h"
#include "study/toml_tree.h"

namespace perennial {
namespace {

std::string percent(double share) {
  return std::isfinite(share) ? fixed(100 * share, 1) + " %" : "-";
}

std::string signed_fixed(double value, int decimals) {
  return (value < 0 ? "" : "+") + fixed(value, decimals);
}

std::string lift_text(const Figure& f) {
  if (!std::isfinite(f.value)) return "-";
  return fmt::format("{} ({} to {})", signed_fixed(100 * f.value, 1), signed_fixed(100 * f.low, 1),
                     signed_fixed(100 * f.high, 1));
}

std::string money_text(const Figure& f) {
  if (!std::isfinite(f.value)) return "-";
  const int decimals = std::abs(f.value) >= 1000 ? 0 : 2;
  return fmt::format("{} ({} to {})", signed_fixed(f.value, decimals),
                     signed_fixed(f.low, decimals), signed_fixed(f.high, decimals));
}

std::string short_answer(LiftAnswer answer) {
  switch (answer) {
    case LiftAnswer::kWorked:
      return "it worked";
    case LiftAnswer::kHarmed:
      return "it did harm";
    case LiftAnswer::kDidNot:
      return "it did not work";
    case LiftAnswer::kNotYet:
      return "cannot be told yet";
    case LiftAnswer::kNotDrawn:
      return "not as drawn";
    case LiftAnswer::kNoControl:
      break;
  }
  return "nothing to compare";
}

std::string name_of(const LiftGroup& g) {
  if (g.offer.empty() && g.segment.empty()) return "everybody";
  if (g.segment.empty()) return "offer " + g.offer;
  if (g.offer.empty()) return "segment " + g.segment;
  return g.offer + " / " + g.segment;
}

using Line = std::vector<std::string>;

Line line_of(const LiftGroup& g) {
  return {name_of(g),
          percent(g.offered.rate.value) + " of " + grouped(g.offered.known),
          percent(g.control.rate.value) + " of " + grouped(g.control.known),
          lift_text(g.lift),
          g.profit ? money_text(*g.profit) : "-",
          short_answer(g.answer) + (g.answer == LiftAnswer::kNotYet && g.more > 0
                                        ? fmt::format(", {} more", grouped(g.more))
                                        : "")};
}

std::string table_text(const std::vector<Line>& lines) {
  std::vector<int> width(lines[0].size(), 0);
  for (const Line& line : lines) {
    for (size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], display_width(line[c]));
  }
  std::string out;
  for (const Line& line : lines) {
    std::string row;
    for (size_t c = 0; c < line.size(); ++c) {
      const int gap = width[c] - display_width(line[c]) + 2;
      row += line[c] + (c + 1 < line.size() ? std::string(static_cast<size_t>(gap), ' ') : "");
    }
    out += "  " + row + "\n";
  }
  return out;
}

std::string wanted(const Campaign& campaign, const MeasureOptions& options) {
  return fmt::format("{} {} {}", options.outcome.value_or(campaign.target),
                     campaign.aim == "avoid" ? "is not" : "is",
                     quoted(options.positive.value_or(campaign.positive)));
}

Json json_of(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json json_of(const ArmFigures& a) {
  return {{"customers", a.customers},
          {"known", a.known},
          {"successes", a.successes},
          {"rate", json_of(a.rate)}};
}

Json json_of(const LiftGroup& g) {
  Json out = {{"offer", g.offer},
              {"segment", g.segment},
              {"offered", json_of(g.offered)},
              {"control", json_of(g.control)},
              {"not_compared", g.not_compared},
              {"lift", json_of(g.lift)},
              {"plain_lift", json_of(g.plain_lift)},
              {"variance_saved", g.variance_saved},
              {"relative", json_of(g.relative)},
              {"turned", json_of(g.turned)},
              {"p_value", g.p_value},
              {"adjusted_p", g.adjusted_p}};
  if (g.profit) out["profit"] = json_of(*g.profit);
  if (g.total_profit) out["total_profit"] = json_of(*g.total_profit);
  if (g.return_on_cost) out["return_on_cost"] = json_of(*g.return_on_cost);
  if (g.lift_of_received) out["lift_of_received"] = json_of(*g.lift_of_received);
  out["smallest_effect"] = g.smallest_effect;
  out["answer"] = to_string(g.answer);
  out["more_customers"] = g.more;
  out["sentence"] = g.sentence;
  return out;
}

Json json_of(const std::vector<LiftGroup>& groups) {
  Json out = Json::array();
  for (const LiftGroup& g : groups) out.push_back(json_of(g));
  return out;
}

Json json_of(const SampleRatio& s) {
  return {{"chi_square", s.chi_square},
          {"freedom", s.freedom},
          {"p_value", s.p_value},
          {"broken", s.broken}};
}

Json json_of(const LiftChecks& c) {
  return {{"sample_ratio", json_of(c.drawn)},
          {"sample_ratio_of_known", json_of(c.answered)},
          {"missing_offered", c.missing_offered},
          {"missing_control", c.missing_control},
          {"missing_p_value", c.missing_p},
          {"control_received", c.control_received},
          {"offered_not_received", c.offered_not_received}};
}

// The effect in the words of the catalogue: points of the rate, or a share of the risk that is
// taken away (aim avoid) or of the chance that is added (aim reach).
const Figure& effect_of(const Campaign& campaign, const LiftGroup& g) {
  for (const CampaignOffer& offer : campaign.offers) {
    if (offer.name == g.offer && offer.points) return g.lift;
  }
  return campaign.aim == "avoid" ? g.turned : g.relative;
}

// A measured answer of one offer alone; the effects of several together belong to none of them.
bool to_be_pasted(const LiftGroup& g) {
  const bool told = g.answer == LiftAnswer::kWorked || g.answer == LiftAnswer::kHarmed ||
                    g.answer == LiftAnswer::kDidNot;
  return told && !g.offer.empty() && g.offer.find('+') == std::string::npos;
}

}  // namespace

std::string catalogue_lines(const Campaign& campaign, const LiftResult& lift) {
  std::string out;
  for (const LiftGroup& g : lift.offers) {
    const Figure& effect = effect_of(campaign, g);
    if (!to_be_pasted(g) || !std::isfinite(effect.low) || !std::isfinite(effect.high)) continue;
    const auto number = [](double v) { return number_text(std::round(1e4 * v) / 1e4); };
    out += fmt::format("[question.{}.offer.{}]\neffect = [{}, {}, {}]   # measured on {}\n",
                       toml_key(campaign.question), toml_key(g.offer),
                       number(std::max(-1.0, effect.low)), number(effect.value),
                       number(effect.high), counted(g.offered.known + g.control.known, "customer"));
  }
  return out;
}

std::string measure_text(const Campaign& campaign, const MeasureOptions& options,
                         const LiftResult& lift) {
  const LiftGroup& all = lift.all;
  std::string out = fmt::format(
      "Campaign of {}: the wanted outcome is that {}\n{} were to get an offer, {} were held out as "
      "controls; outcomes of {} are known.\n\n{}\n",
      quoted(campaign.question), wanted(campaign, options),
      counted(all.offered.customers, "customer"), grouped(all.control.customers),
      percent(static_cast<double>(all.offered.known + all.control.known) /
              static_cast<double>(all.offered.customers + all.control.customers)),
      all.sentence);
  if (all.total_profit && all.answer != LiftAnswer::kNotDrawn) {
    out += fmt::format("Profit from all offers, after their cost: {}.\n",
                       money_text(*all.total_profit));
  }
  std::vector<Line> lines = {
      {"", "offered", "control", "lift, points", "profit a customer", "answer"}, line_of(all)};
  for (const std::vector<LiftGroup>* list : {&lift.offers, &lift.segments, &lift.cells}) {
    if (list->size() < 2) continue;
    for (const LiftGroup& g : *list) lines.push_back(line_of(g));
  }
  out += "\n" + table_text(lines);
  if (lift.compared_groups > 1) {
    out += fmt::format(
        "  Answers of the {} groups below everybody are corrected for how many were looked at "
        "(Holm).\n",
        lift.compared_groups);
  }
  if (lift.options.early) {
    out += "  Intervals hold however often you look before the end.\n";
  }
  for (const std::string& warning : lift.checks.warnings) out += "\nWarning: " + warning + "\n";
  const std::string lines_to_paste = catalogue_lines(campaign, lift);
  if (!lines_to_paste.empty()) {
    out += "\nFor the study, in place of the effects that were assumed:\n\n" + lines_to_paste;
  }
  return out;
}

std::string measure_json(const Campaign& campaign, const MeasureOptions& options,
                         const LiftResult& lift) {
  Json out = {{"format", 1},
              {"study", campaign.study},
              {"question", campaign.question},
              {"outcome", options.outcome.value_or(campaign.target)},
              {"positive", options.positive.value_or(campaign.positive)},
              {"aim", campaign.aim},
              {"alpha", lift.options.alpha},
              {"early", lift.options.early},
              {"correction", "holm"},
              {"compared_groups", lift.compared_groups},
              {"checks", json_of(lift.checks)},
              {"all", json_of(lift.all)},
              {"offers", json_of(lift.offers)},
              {"segments", json_of(lift.segments)},
              {"cells", json_of(lift.cells)},
              {"catalogue", catalogue_lines(campaign, lift)},
              {"warnings", lift.checks.warnings},
              {"version", kVersion}};
  return json_text(out);
}

}  // namespace perennial
