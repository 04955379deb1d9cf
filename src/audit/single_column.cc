// Columns that alone tell the target, wholly or for many customers: often recorded after the
// outcome, or because of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/lanes.h"
#include "base/seed.h"
#include "base/text.h"

namespace perennial {
namespace {

// --- One class never occurs ----------------------------------------------------------------------

// Customers selected by one column among whom class `absent` never occurs.
struct OneSided {
  std::string where;
  std::string converse;  // what holds for every customer of the absent class
  int64_t rows = 0;
  int absent = 0;
  std::vector<uint32_t> examples;
  size_t column = 0;       // of the view
  uint64_t signature = 0;  // equal for equal sets of customers
};

void add_customer(OneSided& one, size_t row) {
  if (one.examples.size() < 3) one.examples.push_back(static_cast<uint32_t>(row));
  one.signature += hash_mix(row, 0x9e3779b97f4a7c15ULL);
}

// At least 50 customers and 2 % of all; at least 50 of the absent class expected; and the base rate
// gives less than one in 10^9 for none.
bool is_striking(int64_t rows, int absent, const EntityFacts& facts) {
  const double share = facts.share(absent);
  const auto k = static_cast<double>(rows);
  return rows >= 50 && k >= 0.02 * (facts.classes[0] + facts.classes[1]) && k * share >= 50 &&
         k * std::log1p(-share) < std::log(1e-9);
}

// Share of class `absent` among the `count` customers nearest to a range (ties with the last of
// them included), without those up to the distance `beyond`; that distance is moved to the last's.
std::optional<double> share_nearest(const std::vector<std::pair<double, int32_t>>& inside,
                                    size_t count, int absent, double& beyond) {
  std::vector<double> distances;
  for (const auto& [distance, y] : inside) {
    if (distance > beyond) distances.push_back(distance);
  }
  if (distances.empty()) return std::nullopt;
  const auto last =
      distances.begin() + static_cast<std::ptrdiff_t>(std::min(distances.size(), count) - 1);
  std::nth_element(distances.begin(), last, distances.end());
  double of_class = 0, all = 0;
  for (const auto& [distance, y] : inside) {
    if (distance <= beyond || distance > *last) continue;
    all += 1;
    of_class += y == absent;
  }
  beyond = *last;
  return of_class / all;
}

// A trend that runs out says little: the more pages a visit has, the fewer customers leave, until
// none does. Certainty is striking only where it sets in at once: where the share among as many
// customers next to the range, continued by twice the fall from the customers before those, makes
// none in the range unlikely (less than one in 10^6).
bool sets_in_at_once(const std::vector<std::pair<double, int32_t>>& inside, int64_t rows,
                     int absent) {
  double beyond = -1;
  const auto count = static_cast<size_t>(rows);
  const double near = share_nearest(inside, count, absent, beyond).value_or(0);
  const double before = share_nearest(inside, count, absent, beyond).value_or(near);
  const double fall = before > near ? near / before : 1;
  const double expected = near * fall * fall;
  return expected >= 1 || static_cast<double>(rows) * std::log1p(-expected) < std::log(1e-6);
}

// The highest of a class's numbers and of their negatives.
struct Reach {
  std::array<std::array<double, 2>, 2> of{};
  double at(int c, int sign) const { return of[static_cast<size_t>(c)][sign > 0 ? 0 : 1]; }
};

// Free of branches that the target would make guesswork: a place for each class (the first for
// rows without one), in lanes that do not wait for each other. NaN compares false.
Reach reach_of(const Column& column, const std::vector<int32_t>& y) {
  constexpr size_t kLanes = 4;
  std::array<std::array<double, 3>, kLanes> high, low;
  for (size_t lane = 0; lane < kLanes; ++lane) {
    high[lane].fill(-HUGE_VAL);
    low[lane].fill(HUGE_VAL);
  }
  in_lanes<kLanes>(y.size(), [&](size_t lane, size_t row) {
    const double v = column.numbers[row];
    const auto c = static_cast<size_t>(int64_t{y[row]} + 1);
    high[lane][c] = v > high[lane][c] ? v : high[lane][c];
    low[lane][c] = v < low[lane][c] ? v : low[lane][c];
  });
  Reach reach;
  for (size_t c = 0; c < 2; ++c) {
    double highest = -HUGE_VAL, lowest = HUGE_VAL;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      highest = std::max(highest, high[lane][c + 1]);
      lowest = std::min(lowest, low[lane][c + 1]);
    }
    reach.of[c] = {highest, -lowest};
  }
  return reach;
}

// Of many rows a sample is counted first: where less than one in a hundred is selected, it is not
// one in fifty of all.
bool far_from_striking(size_t rows, const auto& selected) {
  constexpr size_t kSample = 4096;
  if (rows < 8 * kSample) return false;
  size_t found = 0;
  for (size_t i = 0; i < kSample; ++i) found += selected(i * rows / kSample) ? 1 : 0;
  return found * 100 < kSample;
}

// The range above (sign 1) or below (sign -1) every customer of class `absent`.
std::optional<OneSided> one_sided_range(const Column& column, const std::vector<int32_t>& y,
                                        const Reach& reach, const EntityFacts& facts, int absent,
                                        int sign) {
  const auto& numbers = column.numbers;
  const double edge = reach.at(absent, sign);
  if (!std::isfinite(edge) || !(reach.at(1 - absent, sign) > edge)) return std::nullopt;
  OneSided result{.absent = absent};
  const auto beyond = [&](size_t row) { return y[row] >= 0 && sign * numbers[row] > edge; };
  if (far_from_striking(y.size(), beyond)) return std::nullopt;
  for (size_t row = 0; row < y.size(); ++row) result.rows += beyond(row);
  if (!is_striking(result.rows, absent, facts)) return std::nullopt;
  for (size_t row = 0; row < y.size(); ++row) {
    if (beyond(row)) add_customer(result, row);
  }
  std::vector<std::pair<double, int32_t>> inside;
  for (size_t row = 0; row < y.size(); ++row) {
    const double v = sign * numbers[row];
    if (y[row] >= 0 && v <= edge) inside.emplace_back(edge - v, y[row]);
  }
  if (!sets_in_at_once(inside, result.rows, absent)) return std::nullopt;
  const std::string number =
      column.type == ColumnType::kDate ? date_text(sign * edge) : number_text(sign * edge);
  const std::string name = condition_name(column.name);
  result.where = fmt::format("{} {} {}", name, sign > 0 ? ">" : "<", number);
  result.converse = fmt::format("{} {} {}", name, sign > 0 ? "<=" : ">=", number);
  return result;
}

// One class throughout among the rows of one text, or among those without a value.
std::vector<OneSided> one_sided_values(const Column& column, bool complete,
                                       const std::vector<int32_t>& y, const EntityFacts& facts) {
  if (!column.is_text() && complete) return {};
  const size_t missing = column.is_text() ? column.dictionary.size() : 0;
  std::vector<Counts> counts(missing + 1, Counts{0, 0});
  const auto value_of = [&](size_t row) {
    return column.missing(row) ? missing : static_cast<size_t>(column.codes[row]);
  };
  const auto counts_here = [&](size_t row) {
    return y[row] >= 0 && (column.is_text() || column.missing(row));
  };
  for (size_t row = 0; row < y.size(); ++row) {
    if (counts_here(row)) counts[value_of(row)][static_cast<size_t>(y[row])] += 1;
  }
  std::vector<OneSided> found;
  for (size_t v = 0; v <= missing; ++v) {
    for (const int absent : {0, 1}) {
      const auto rows = static_cast<int64_t>(counts[v][0] + counts[v][1]);
      if (counts[v][static_cast<size_t>(absent)] > 0 || !is_striking(rows, absent, facts)) {
        continue;
      }
      const std::string name = condition_name(column.name);
      OneSided one{.rows = rows, .absent = absent};
      one.where = v == missing ? name + " is missing"
                               : fmt::format("{} = '{}'", name, column.dictionary[v]);
      one.converse = v == missing ? name + " is not missing"
                                  : fmt::format("{} != '{}'", name, column.dictionary[v]);
      for (size_t row = 0; row < y.size(); ++row) {
        if (counts_here(row) && value_of(row) == v) add_customer(one, row);
      }
      found.push_back(std::move(one));
    }
  }
  return found;
}

// Numbers that many cells share, from an even sample: what a spike in a column can be. Those that
// both classes have in the sample are left out already.
std::vector<double> frequent_numbers(const std::vector<double>& numbers,
                                     const std::vector<int32_t>& y) {
  constexpr size_t kSample = 2048, kOften = kSample / 100;
  std::vector<std::pair<double, int32_t>> sample;
  for (size_t i = 0; i < numbers.size(); i += numbers.size() / kSample + 1) {
    if (!std::isnan(numbers[i])) sample.emplace_back(numbers[i], y[i]);
  }
  std::sort(sample.begin(), sample.end());
  std::vector<double> found;
  for (size_t i = 0; i < sample.size();) {
    size_t end = i;
    std::array<bool, 2> has{};
    for (; end < sample.size() && sample[end].first == sample[i].first; ++end) {
      if (sample[end].second >= 0) has.at(sample[end].second == 1 ? 1 : 0) = true;
    }
    const bool often = end - i >= std::min(kOften, sample.size() / 100);
    if (often && !(has[0] && has[1])) found.push_back(sample[i].first);
    i = end;
  }
  return found;
}

// One class throughout among the rows of one number, where its neighbours on both sides are mixed:
// a filled-in value that knows the class. Numbers at an end of the column are ranges.
std::vector<OneSided> one_sided_spikes(const Column& column, const std::vector<int32_t>& y,
                                       const EntityFacts& facts) {
  std::vector<OneSided> found;
  const auto& numbers = column.numbers;
  for (const double spike : frequent_numbers(numbers, y)) {
    Counts counts{0, 0};
    for (size_t row = 0; row < y.size(); ++row) {
      if (y[row] >= 0 && numbers[row] == spike) counts[static_cast<size_t>(y[row])] += 1;
    }
    for (const int absent : {0, 1}) {
      const auto rows = static_cast<int64_t>(counts[0] + counts[1]);
      if (counts[static_cast<size_t>(absent)] > 0 || !is_striking(rows, absent, facts)) continue;
      bool mixed = true;
      for (const int sign : {1, -1}) {
        std::vector<std::pair<double, int32_t>> beside;
        for (size_t row = 0; row < y.size(); ++row) {
          const double distance = sign * (numbers[row] - spike);
          if (y[row] >= 0 && distance > 0) beside.emplace_back(distance, y[row]);
        }
        double beyond = -1;
        const auto share = share_nearest(beside, static_cast<size_t>(rows), absent, beyond);
        mixed =
            mixed && share && *share > 0 &&
            (*share >= 1 || static_cast<double>(rows) * std::log1p(-*share / 2) < std::log(1e-6));
      }
      if (!mixed) continue;
      const std::string name = condition_name(column.name), number = number_text(spike);
      OneSided one{.where = fmt::format("{} = {}", name, number),
                   .converse = fmt::format("{} != {}", name, number),
                   .rows = rows,
                   .absent = absent};
      for (size_t row = 0; row < y.size(); ++row) {
        if (y[row] >= 0 && numbers[row] == spike) add_customer(one, row);
      }
      found.push_back(std::move(one));
    }
  }
  return found;
}

std::vector<OneSided> one_sided(const Column& column, bool complete, const std::vector<int32_t>& y,
                                const EntityFacts& facts) {
  std::vector<OneSided> found = one_sided_values(column, complete, y, facts);
  if (column.is_text()) return found;
  for (OneSided& one : one_sided_spikes(column, y, facts)) found.push_back(std::move(one));
  const Reach reach = reach_of(column, y);
  for (const int absent : {0, 1}) {
    for (const int sign : {1, -1}) {
      if (auto range = one_sided_range(column, y, reach, facts, absent, sign)) {
        found.push_back(std::move(*range));
      }
    }
  }
  return found;
}

// What a quick model's ROC-AUC is with all features, and without those that single out the same
// customers; 0 where it was not asked.
struct Without {
  double with = 0, without = 0;
  std::vector<size_t> columns;  // left out, in order
};

// Models are quick but not free: the most striking sets of customers are looked at.
std::vector<Without> scores_without(const EntityView& view, const EntityFacts& facts,
                                    const std::vector<OneSided>& all, const Workers& workers) {
  constexpr size_t kMostSets = 4, kRows = 8000;
  std::map<uint64_t, std::vector<size_t>> sets;  // signature -> columns
  for (const OneSided& one : all) {
    auto& columns = sets[one.signature];
    if (columns.empty() || columns.back() != one.column) columns.push_back(one.column);
  }
  std::vector<std::pair<int64_t, uint64_t>> order;
  for (const OneSided& one : all) order.emplace_back(-one.rows, one.signature);
  std::sort(order.begin(), order.end());
  order.erase(std::unique(order.begin(), order.end()), order.end());
  if (order.size() > kMostSets) order.resize(kMostSets);
  std::vector<double> auc(all.empty() ? 0 : order.size() + 1);  // the first: with all features
  workers.run(auc.size(), [&](size_t i) {
    std::vector<size_t> features;
    for (size_t c = 0; c < view.features.size(); ++c) {
      const bool out = i > 0 && std::ranges::count(sets[order[i - 1].second], c) > 0;
      if (!out) features.push_back(c);
    }
    auc[i] = additive_auc(view, facts, features, kRows, workers);
  });
  std::vector<Without> result(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    result[i].columns = sets.at(all[i].signature);
    for (size_t k = 0; k < order.size(); ++k) {
      if (order[k].second != all[i].signature) continue;
      result[i].with = auc[0];
      result[i].without = auc[k + 1];
    }
  }
  return result;
}

// "The same customers have completion > 0. Without these two columns …"
std::string told_together(const EntityView& view, const std::vector<OneSided>& all,
                          const OneSided& one, const Without& without) {
  std::vector<std::string> others;
  for (const OneSided& other : all) {
    const bool same = other.signature == one.signature && other.column != one.column;
    if (same) others.push_back(other.where);
  }
  std::string out;
  if (!others.empty()) {
    out += fmt::format(" They are the same customers as those with {}.", join(others, " and "));
  }
  if (without.with == 0) return out;
  std::vector<std::string> names;
  for (const size_t c : without.columns) names.push_back(view.features[c]->name);
  out += fmt::format(
      " A quick model has ROC-AUC {} with all columns and {} without {} (cross-validated).",
      fixed(without.with, 2), fixed(without.without, 2), join(names, " and "));
  return out;
}

Finding one_sided_finding(const EntityView& view, const EntityFacts& facts,
                          const std::vector<OneSided>& all, size_t index, const Without& without) {
  const OneSided& one = all[index];
  Finding finding = feature_finding(view, one.column, "one-sided-column");
  finding.rows = one.rows;
  const std::string expected = fixed(static_cast<double>(one.rows) * facts.share(one.absent), 0);
  const std::string positive = in_quotes(view.positive);
  const auto absent_rows = static_cast<int64_t>(facts.classes[static_cast<size_t>(one.absent)]);
  const char* sentence =
      one.absent == 1 ? "None of the {} with {} is {}, where about {} were expected; all {} that "
                        "are have {}."
                      : "All {} with {} are {}, where about {} others were expected; all {} that "
                        "are not have {}.";
  finding.message = fmt::format(fmt::runtime(sentence), counted(one.rows, "customer"), one.where,
                                positive, expected, grouped(absent_rows), one.converse);
  finding.facts = {
      {"form", one.absent == 1 ? "none" : "all"},
      {"where", one.where},
      {"expected", std::lround(static_cast<double>(one.rows) * facts.share(one.absent))},
      {"positive", view.positive}};
  if (without.with > 0) {
    finding.facts["with_auc"] = without.with;
    finding.facts["without_auc"] = without.without;
  }
  finding.message += told_together(view, all, one, without);
  finding.message += kAfterwards;
  finding.examples = feature_examples(view, one.column, one.examples);
  finding.confidence = 0.85;
  return finding;
}

}  // namespace

void check_decisive_columns(const EntityView& view, const EntityFacts& facts, const Workers&,
                            EntityAudit& audit) {
  for (size_t c = 0; c < facts.auc.size(); ++c) {
    if (facts.auc[c] <= 0.95 || is_found(audit, view, c, "table-for-one-class")) continue;
    Finding finding = feature_finding(view, c, "near-decisive-column");
    finding.rows = static_cast<int64_t>(facts.classes[0] + facts.classes[1]);
    finding.message =
        fmt::format("This column alone predicts the target with ROC-AUC {} (cross-validated).{}",
                    fixed(facts.auc[c], 3), kAfterwards);
    finding.facts = {{"auc", facts.auc[c]}};
    finding.confidence = 0.9;
    audit.findings.push_back(std::move(finding));
  }
}

void check_one_sided_columns(const EntityView& view, const EntityFacts& facts,
                             const Workers& workers, EntityAudit& audit) {
  if (!facts.telling) return;
  std::vector<std::vector<OneSided>> found(view.features.size());
  workers.run(view.features.size(), [&](size_t c) {
    if (is_found(audit, view, c, "table-for-one-class")) return;
    found[c] = one_sided(*view.features[c], facts.complete[c], view.y, facts);
    for (OneSided& one : found[c]) one.column = c;
  });
  std::vector<OneSided> all;
  for (auto& of_column : found) std::move(of_column.begin(), of_column.end(), back_inserter(all));
  const std::vector<Without> without = scores_without(view, facts, all, workers);
  for (size_t i = 0; i < all.size(); ++i) {
    audit.findings.push_back(one_sided_finding(view, facts, all, i, without[i]));
  }
}

}  // namespace perennial
