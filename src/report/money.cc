#include "report/money.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "report/story.h"

namespace perennial {
namespace {

std::string between(const Figure& f) {
  return fmt::format("95 % interval {} to {}", amount_text(f.low), amount_text(f.high));
}

Json figure_json(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

std::string worth_text(const MoneyTerms& t) {
  return t.kept_value_column.empty() ? amount_text(t.kept_value)
                                     : fmt::format("what {} says", quoted(t.kept_value_column));
}

std::string terms_sentence(const RunRecord& record, const MoneyTerms& t) {
  const std::string turned =
      t.success_rate == 1
          ? fmt::format("every contacted customer with {} = {} brings {}", quoted(record.target),
                        quoted(record.positive), worth_text(t))
          : fmt::format("{} of the contacted customers with {} = {} bring {} each",
                        percent(t.success_rate), quoted(record.target), quoted(record.positive),
                        worth_text(t));
  return fmt::format("The study says: a contact costs {}; {}.", amount_text(t.contact_cost),
                     turned);
}

std::string chosen_by(const MoneyVerdict& m) {
  const MoneyTerms& t = m.plan.terms;
  if (t.threshold == "money") return "the cut that earned most on the training customers";
  if (t.threshold == "share") {
    return fmt::format("the cut that contacts {} of the training customers",
                       percent(t.contact_share));
  }
  return "the threshold of the best F1";
}

std::string plan_sentence(const MoneyVerdict& m) {
  const std::string how = fmt::format(
      "By {}, of {} the model never saw: advertise to {} and not to the other {}.", chosen_by(m),
      counted(m.customers, "customer"), grouped(m.contacted), grouped(m.customers - m.contacted));
  return how + fmt::format(
                   " That costs {} instead of {}, {} less, and reaches {} of the {} customers to "
                   "find.",
                   amount_text(m.cost), amount_text(m.cost_of_everybody),
                   amount_text(m.cost_of_everybody - m.cost), grouped(m.found),
                   grouped(m.positives));
}

std::string result_sentence(const MoneyVerdict& m) {
  std::string out = fmt::format(
      "Left over after the contacts: {} ({}); contacting everybody leaves {}, nobody 0.",
      amount_text(m.profit.value), between(m.profit), amount_text(m.profit_of_everybody.value));
  const Figure& d = m.over_everybody;
  if (d.low > 0) {
    out += fmt::format(" Against contacting everybody this saves {} ({}).", amount_text(d.value),
                       between(d));
  } else if (d.high < 0) {
    out += fmt::format(" That is {} less than contacting everybody ({}).", amount_text(-d.value),
                       between({.value = -d.value, .low = -d.high, .high = -d.low}));
  } else {
    out += fmt::format(" The difference to contacting everybody, {}, is inside the noise ({}).",
                       amount_text(d.value), between(d));
  }
  if (m.profit.low <= 0) out += " It is not certain that it pays at all.";
  return out;
}

std::string best_sentence(const MoneyVerdict& m) {
  if (m.best_share.value == 0) {
    return "With hindsight it would have paid to contact none of them.";
  }
  return fmt::format(
      "With hindsight the best share to contact was {} of them (95 % interval {} to {}), which "
      "would have left {}.",
      percent(m.best_share.value), percent(m.best_share.low), percent(m.best_share.high),
      amount_text(m.best_profit));
}

}  // namespace

Json money_json(const RunRecord& record) {
  const MoneyVerdict& m = *record.verdict.money;
  const MoneyTerms& t = m.plan.terms;
  Json out = {{"contact_cost", t.contact_cost}, {"success_rate", t.success_rate}};
  if (t.kept_value_column.empty()) {
    out["kept_value"] = t.kept_value;
  } else {
    out["kept_value"] = t.kept_value_column;
  }
  out["threshold"] = t.threshold;
  if (t.threshold == "share") out["contact_share"] = t.contact_share;
  out["cut"] = m.plan.cut;
  out["cut_on"] = m.plan.by_value ? "probability x worth" : "probability";
  out["customers"] = m.customers;
  out["positives"] = m.positives;
  out["contacted"] = m.contacted;
  out["not_contacted"] = m.customers - m.contacted;
  out["found"] = m.found;
  out["cost"] = m.cost;
  out["cost_of_everybody"] = m.cost_of_everybody;
  out["cost_saved"] = m.cost_of_everybody - m.cost;
  out["profit"] = figure_json(m.profit);
  out["profit_of_everybody"] = figure_json(m.profit_of_everybody);
  out["over_everybody"] = figure_json(m.over_everybody);
  out["best_share"] = figure_json(m.best_share);
  out["best_profit"] = m.best_profit;
  out["curve"] = Json::array();
  for (const ProfitPoint& p : m.curve) {
    const double share = static_cast<double>(p.contacted) / static_cast<double>(m.customers);
    out["curve"].push_back(
        {{"share", share}, {"contacted", p.contacted}, {"found", p.found}, {"profit", p.profit}});
  }
  return out;
}

std::vector<std::string> money_sentences(const RunRecord& record) {
  if (!record.verdict.money) return {};
  const MoneyVerdict& m = *record.verdict.money;
  std::vector<std::string> out = {terms_sentence(record, m.plan.terms), plan_sentence(m),
                                  result_sentence(m), best_sentence(m)};
  if (!record.verdict.better_than_baseline) {
    out.insert(out.begin(),
               "There is no evidence that the model ranks customers better than "
               "chance, so no money should be put on what follows.");
  }
  return out;
}

}  // namespace perennial
