#include "explain/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace perennial {
namespace {

FeatureValue value_at(const Column& column, size_t row) {
  FeatureValue out{.is_text = column.is_text(), .missing = column.missing(row), .text = {}};
  if (out.missing) return out;
  if (out.is_text) {
    out.text = column.dictionary[static_cast<size_t>(column.codes[row])];
  } else {
    out.number = column.numbers[row];
    out.is_date = column.type == ColumnType::kDate;
  }
  return out;
}

// Sets row `row` of the column.
void put(Column& column, size_t row, const FeatureValue& value) {
  if (!column.is_text()) {
    column.numbers[row] = value.missing ? kMissing : value.number;
    return;
  }
  auto found = std::find(column.dictionary.begin(), column.dictionary.end(), value.text);
  if (found == column.dictionary.end()) {
    column.dictionary.push_back(value.text);
    found = column.dictionary.end() - 1;
  }
  column.codes[row] = static_cast<int32_t>(found - column.dictionary.begin());
}

struct Candidate {
  Change change;
  size_t feature = 0;
  double size = 0;  // how far: share of the customers between the two values; a category: 1/2
  double probability = 0;
};

// Every observed value that a feature could have instead: the 5 % .. 95 % quantiles, or the usual
// categories. A missing value is not changed.
std::vector<Candidate> candidates(const ExplainReference& reference, const FeatureTable& one) {
  std::vector<Candidate> out;
  for (size_t f = 0; f < reference.features.size(); ++f) {
    const FeatureReference& known = reference.features[f];
    const FeatureValue now = value_at(one.features[f], 0);
    if (now.missing) continue;
    const auto add = [&](FeatureValue to, double size) {
      out.push_back({.change = {.feature = one.features[f].name, .from = now, .to = std::move(to)},
                     .feature = f,
                     .size = size});
    };
    const std::vector<double>& q = known.quantiles;
    const auto below = [&](double v) {
      return static_cast<double>(std::lower_bound(q.begin(), q.end(), v) - q.begin());
    };
    for (const double v : q) {
      if (v == now.number) continue;
      const double steps = std::max(1.0, std::abs(below(v) - below(now.number)));
      add({.number = v, .is_date = now.is_date, .text = {}}, steps / 20);
    }
    for (const std::string& c : known.categories) {
      if (c != now.text) add({.is_text = true, .text = c}, 0.5);
    }
  }
  return out;
}

// The row `one` with each candidate in turn -> probability of class k.
void answer(const Pipeline& pipeline, const FeatureTable& one, size_t k,
            std::vector<Candidate>& list) {
  if (list.empty()) return;
  FeatureTable many = one.take(std::vector<uint32_t>(list.size(), 0));
  for (size_t c = 0; c < list.size(); ++c) {
    put(many.features[list[c].feature], c, list[c].change.to);
  }
  const std::vector<double> p = pipeline.predict(many);
  const size_t classes = p.size() / list.size();
  for (size_t c = 0; c < list.size(); ++c) list[c].probability = p[c * classes + k];
}

// Single changes that cross the threshold, the smallest of each feature; where there are none, the
// strongest change of each of two features together.
std::vector<WhatIf> what_if(const Pipeline& pipeline, const ExplainReference& reference,
                            const FeatureTable& one, size_t k, bool above, double threshold,
                            size_t most) {
  const auto crosses = [&](double p) { return (p >= threshold) != above; };
  std::vector<Candidate> list = candidates(reference, one);
  answer(pipeline, one, k, list);
  std::vector<WhatIf> out;
  std::stable_sort(list.begin(), list.end(),
                   [](const Candidate& a, const Candidate& b) { return a.size < b.size; });
  std::vector<bool> used(reference.features.size(), false);
  for (const Candidate& c : list) {
    if (used[c.feature] || !crosses(c.probability) || out.size() == most) continue;
    used[c.feature] = true;
    out.push_back({.changes = {c.change}, .probability = c.probability, .crosses = true});
  }
  if (!out.empty() || list.empty()) return out;
  const auto stronger = [&](const Candidate& a, const Candidate& b) {
    return above ? a.probability < b.probability : a.probability > b.probability;
  };
  const Candidate best = *std::min_element(list.begin(), list.end(), stronger);
  FeatureTable changed = one;
  put(changed.features[best.feature], 0, best.change.to);
  std::vector<Candidate> second = candidates(reference, changed);
  std::erase_if(second, [&](const Candidate& c) { return c.feature == best.feature; });
  answer(pipeline, changed, k, second);
  if (second.empty()) return {};
  const Candidate then = *std::min_element(second.begin(), second.end(), stronger);
  return {{.changes = {best.change, then.change},
           .probability = then.probability,
           .crosses = crosses(then.probability)}};
}

std::string percent(double p) { return fmt::format("{} %", fixed(100 * p, 1)); }

std::string value_words(const FeatureValue& v) {
  if (v.missing) return "missing";
  if (v.is_text) return quoted(v.text);
  return short_value(v.number, v.is_date);
}

Json value_json(const FeatureValue& v) {
  if (v.missing) return nullptr;
  if (v.is_date) return short_value(v.number, true);
  return v.is_text ? Json(v.text) : Json(v.number);
}

}  // namespace

CustomerExplanation explain_customer(const Explainer& explainer, const Pipeline& pipeline,
                                     const ExplainReference& reference, const FeatureTable& table,
                                     size_t row, const ReasonOptions& options, Seed seed,
                                     const Workers& workers) {
  const FeatureTable one = table.take({static_cast<uint32_t>(row)});
  const std::vector<double> p = pipeline.predict(one);
  const size_t predicted =
      p.size() == 2 ? (p[1] >= options.threshold ? 1 : 0)
                    : static_cast<size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  const size_t k = p.size() == 2 ? 1 : predicted;
  CustomerExplanation out{.id = one.ids[0],
                          .answer = table.classes[k],
                          .probability = p[k],
                          .predicted = table.classes[predicted],
                          .threshold = options.threshold};
  const Contributions c = explainer.explain(one, seed, workers);
  const size_t score = c.scores == 1 ? 0 : k;
  std::vector<size_t> order(c.features);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::abs(c.at(0, score, a)) > std::abs(c.at(0, score, b));
  });
  std::vector<double> scores = c.base;
  out.average = explainer.probability(scores)[k];
  double now = out.average;
  for (const size_t f : order) {
    if (c.at(0, score, f) == 0 || out.reasons.size() == options.most_reasons) break;
    for (size_t s = 0; s < c.scores; ++s) scores[s] += c.at(0, s, f);
    const double next = explainer.probability(scores)[k];
    out.reasons.push_back({.feature = one.features[f].name,
                           .value = value_at(one.features[f], 0),
                           .typical = reference.features[f].typical,
                           .contribution = c.at(0, score, f),
                           .error = c.error.empty() ? 0 : c.error[score * c.features + f],
                           .from = now,
                           .to = next});
    now = next;
  }
  out.rest = out.probability - now;
  const bool above = p.size() == 2 ? predicted == 1 : true;
  // Of several classes: until the predicted one is no longer more likely than the second.
  double border = options.threshold;
  if (p.size() > 2) {
    std::vector<double> sorted = p;
    std::sort(sorted.begin(), sorted.end());
    border = sorted[sorted.size() - 2];
  }
  out.what_if = what_if(pipeline, reference, one, k, above, border, options.most_what_if);
  return out;
}

std::string customer_text(const CustomerExplanation& e, const ShapMethod& method,
                          const std::vector<std::string>& classes) {
  std::string out = fmt::format("{}: {} for {}; the model says {}.\n", e.id, percent(e.probability),
                                quoted(e.answer), quoted(e.predicted));
  out += fmt::format("It starts from {}, its answer for the average customer.\n\n",
                     percent(e.average));
  for (const Reason& r : e.reasons) {
    out += fmt::format("  {} {}", r.feature, value_words(r.value));
    std::vector<std::string> usual;
    for (size_t k = 0; k < r.typical.size() && k < classes.size(); ++k) {
      usual.push_back(fmt::format("{} for {}", value_words(r.typical[k]), quoted(classes[k])));
    }
    if (!usual.empty()) out += fmt::format(" (usual: {})", join(usual, ", "));
    const std::string from = percent(r.from), to = percent(r.to);
    out += from == to ? fmt::format(": leaves it at {}\n", to)
                      : fmt::format(": {} it from {} to {}\n", r.to > r.from ? "raises" : "lowers",
                                    from, to);
  }
  if (fixed(100 * std::abs(e.rest), 1) != "0.0") {
    out += fmt::format("  all other features: {} it to {}\n", e.rest > 0 ? "raise" : "lower",
                       percent(e.probability));
  }
  out += "\n";
  if (e.what_if.empty()) out += "No single change within what was observed changes the answer.\n";
  for (const WhatIf& w : e.what_if) {
    std::vector<std::string> parts;
    for (const Change& c : w.changes) {
      parts.push_back(
          fmt::format("{} {} instead of {}", c.feature, value_words(c.to), value_words(c.from)));
    }
    out += fmt::format("With {}: {}{}.\n", join(parts, " and "), percent(w.probability),
                       w.crosses ? ", and the answer changes" : ", and the answer stays");
  }
  out += fmt::format(
      "\nThis is how the model reckons ({}), not what causes what: a change made on purpose "
      "may work otherwise.\n",
      method.exact ? "exact SHAP values" : "sampled SHAP values, with some random error");
  return out;
}

std::string customer_json(const CustomerExplanation& e, const ShapMethod& method,
                          const std::vector<std::string>& classes) {
  Json out = {{"id", e.id},
              {"class", e.answer},
              {"probability", e.probability},
              {"average", e.average},
              {"predicted", e.predicted},
              {"threshold", e.threshold},
              {"method", method.method},
              {"space", method.space},
              {"exact", method.exact},
              {"reasons", Json::array()},
              {"rest", e.rest},
              {"what_if", Json::array()}};
  for (const Reason& r : e.reasons) {
    Json typical = Json::object();
    for (size_t k = 0; k < classes.size() && k < r.typical.size(); ++k) {
      typical[classes[k]] = value_json(r.typical[k]);
    }
    out["reasons"].push_back({{"feature", r.feature},
                              {"value", value_json(r.value)},
                              {"typical", typical},
                              {"contribution", r.contribution},
                              {"standard_error", r.error},
                              {"from", r.from},
                              {"to", r.to}});
  }
  for (const WhatIf& w : e.what_if) {
    Json changes = Json::array();
    for (const Change& c : w.changes) {
      changes.push_back(
          {{"feature", c.feature}, {"from", value_json(c.from)}, {"to", value_json(c.to)}});
    }
    out["what_if"].push_back(
        {{"changes", changes}, {"probability", w.probability}, {"crosses", w.crosses}});
  }
  return json_text(out);
}

}  // namespace perennial
