// Traces of how a table was made: decimals, targets encoded over all rows, groups that share a
// class.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "audit/row_hash.h"
#include "audit/tail.h"
#include "base/text.h"

namespace perennial {
namespace {

// Decimals needed to write the number, 5 for more than four.
uint32_t decimals_of(double number) {
  double scaled = std::fabs(number);
  for (uint32_t d = 0; d < 5; ++d, scaled *= 10) {
    if (std::fabs(scaled - std::round(scaled)) < 1e-9 * std::max(1.0, scaled)) return d;
  }
  return 5;
}

struct Group {
  double rows = 0, positives = 0;
  double value = kMissing;                             // of a number, where the group has one alone
  std::array<double, 2> of_class{kMissing, kMissing};  // the same within each class
};

// Group of each row by a text column's codes; -1 without a value.
std::vector<int32_t> groups_by(const Column& column) { return column.codes; }

// Group of each row by a number column's values, numbered in their order.
std::vector<int32_t> groups_by_number(const Column& column, size_t& count) {
  std::vector<std::pair<double, uint32_t>> order;
  for (size_t row = 0; row < column.size(); ++row) {
    if (!column.missing(row)) order.emplace_back(column.numbers[row], static_cast<uint32_t>(row));
  }
  std::sort(order.begin(), order.end());
  std::vector<int32_t> group(column.size(), -1);
  count = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || order[i].first != order[i - 1].first) ++count;
    group[order[i].second] = static_cast<int32_t>(count) - 1;
  }
  return group;
}

// How many different values a column of whole numbers can have at most; 0 where some are not whole.
double most_values(const std::vector<double>& numbers) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double v : numbers) {
    if (std::isnan(v)) continue;
    if (v != std::floor(v)) return 0;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  return high < low ? 0 : high - low + 1;
}

bool near(double a, double b) { return std::fabs(a - b) <= 1e-6 * std::max(1.0, std::fabs(a)); }

// Is the column the rate of positives among the rows that share its value?
bool is_rate_of_itself(const Column& column, const std::vector<int32_t>& y) {
  for (const double v : column.numbers) {
    if (v < 0 || v > 1) return false;
  }
  KeyGroups values(column.size() / 2);
  std::vector<Group> groups;
  for (size_t row = 0; row < y.size(); ++row) {
    const double v = column.numbers[row];
    if (std::isnan(v)) continue;
    const size_t at = values.add(std::bit_cast<uint64_t>(v == 0 ? 0.0 : v));
    if (at == groups.size()) groups.push_back({.value = v});
    if (groups.size() * 2 > column.size()) return false;
    if (y[row] < 0) continue;
    groups[at].rows += 1;
    groups[at].positives += y[row];
  }
  if (groups.size() < 8) return false;
  size_t mixed = 0, hits = 0;
  for (const Group& g : groups) {
    if (g.rows < 2 || g.positives == 0 || g.positives == g.rows) continue;
    ++mixed;
    hits += std::fabs(g.value - g.positives / g.rows) < 0.006;
  }
  return mixed >= 8 && static_cast<double>(hits) >= 0.9 * static_cast<double>(mixed);
}

enum class Encoding { kNone, kMean, kLeaveOneOut };

// Does the column follow from the category and the target? kMean: one number a category, and among
// categories of one size the number follows the count of positives. kLeaveOneOut: one number for
// each class of a category, different between the classes.
Encoding encoding_of(const Column& category, const Column& column, const std::vector<int32_t>& y) {
  const std::vector<int32_t> group = groups_by(category);
  std::vector<Group> groups(category.dictionary.size());
  bool mean = true;
  for (size_t row = 0; row < y.size(); ++row) {
    if (group[row] < 0 || y[row] < 0 || column.missing(row)) continue;
    Group& g = groups[static_cast<size_t>(group[row])];
    const double v = column.numbers[row];
    double& of_class = g.of_class[static_cast<size_t>(y[row])];
    if (g.rows == 0) g.value = v;
    mean = mean && near(g.value, v);
    if (std::isnan(of_class)) of_class = v;
    if (!near(of_class, v)) return Encoding::kNone;  // most often within a few rows
    g.rows += 1;
    g.positives += y[row];
  }
  if (!mean) {
    size_t both = 0, differ = 0;
    for (const Group& g : groups) {
      if (g.positives == 0 || g.positives == g.rows || g.rows < 3) continue;
      ++both;
      differ += !near(g.of_class[0], g.of_class[1]);
    }
    return both >= 5 && differ * 10 >= both * 9 ? Encoding::kLeaveOneOut : Encoding::kNone;
  }
  // Pairs of categories of one size: equal counts of positives with equal numbers, others not.
  std::map<double, std::map<double, double>> by_size;  // rows -> positives -> number
  size_t told = 0, right = 0;
  for (const Group& g : groups) {
    if (g.rows < 2) continue;
    auto& same = by_size[g.rows];
    const auto [found, fresh] = same.try_emplace(g.positives, g.value);
    if (fresh) continue;
    ++told;
    right += near(found->second, g.value);
  }
  std::vector<double> all;
  for (const auto& [rows, same] : by_size) {
    double before = kMissing;
    for (const auto& [positives, number] : same) {
      if (!std::isnan(before)) {
        ++told;
        right += !near(before, number);
      }
      before = number;
      all.push_back(number);
    }
  }
  std::sort(all.begin(), all.end());
  const auto distinct = std::unique(all.begin(), all.end()) - all.begin();
  const bool follows = told >= 10 && right * 10 >= told * 9 && distinct >= 8;
  return follows ? Encoding::kMean : Encoding::kNone;
}

void report_encoding(const EntityView& view, size_t column, const std::string& how,
                     EntityAudit& audit) {
  Finding finding = feature_finding(view, column, "encoded-target");
  finding.rows = static_cast<int64_t>(view.ids.size());
  finding.message = fmt::format(
      "This column seems to be made of the target itself: {}, over all rows. A model would read "
      "each customer's own outcome from it. Leave it out; target encoding is done inside the "
      "folds.",
      how);
  finding.confidence = 0.9;
  audit.findings.push_back(std::move(finding));
}

}  // namespace

void check_decimals(const EntityView& view, const EntityFacts& facts, const Workers& workers,
                    EntityAudit& audit) {
  if (!facts.telling) return;
  constexpr size_t kRows = 4096;
  std::vector<double> auc(view.features.size(), 0.5);
  workers.run(view.features.size(), [&](size_t c) {
    const Column& column = *view.features[c];
    if (column.type != ColumnType::kNumber) return;
    // Zero and the number that most cells share mean something; decimals are for measured ones.
    const double mode = mode_of(column.numbers).number;
    std::array<Counts, 6> counts{};
    const size_t step = view.y.size() / kRows + 1;
    for (size_t row = 0; row < view.y.size(); row += step) {
      const double v = column.numbers[row];
      if (view.y[row] < 0 || std::isnan(v) || v == 0 || v == mode) continue;
      counts[decimals_of(v)][static_cast<size_t>(view.y[row])] += 1;
    }
    std::sort(counts.begin(), counts.end(), [](const Counts& a, const Counts& b) {
      return a[1] * (b[0] + b[1]) < b[1] * (a[0] + a[1]);
    });
    double below = 0, positives = 0, wins = 0;
    for (const Counts& n : counts) {
      wins += n[1] * (below + n[0] / 2);
      below += n[0];
      positives += n[1];
    }
    if (below >= 50 && positives >= 50) auc[c] = wins / (below * positives);
  });
  for (size_t c = 0; c < auc.size(); ++c) {
    if (auc[c] < 0.7) continue;
    Finding finding = feature_finding(view, c, "decimals-tell-target");
    finding.rows = static_cast<int64_t>(facts.classes[0] + facts.classes[1]);
    finding.message = fmt::format(
        "How many decimals the numbers have predicts the target with ROC-AUC {}: the classes seem "
        "to come from different sources, or rows were made up.",
        fixed(auc[c], 2));
    finding.facts = {{"auc", auc[c]}};
    finding.confidence = 0.8;
    audit.findings.push_back(std::move(finding));
  }
}

void check_encoded_targets(const EntityView& view, const EntityFacts& facts, const Workers& workers,
                           EntityAudit& audit) {
  if (!facts.telling) return;
  std::vector<std::string> how(view.features.size());
  workers.run(view.features.size(), [&](size_t c) {
    const Column& column = *view.features[c];
    if (column.is_text() || facts.auc[c] < 0.55) return;
    if (is_rate_of_itself(column, view.y)) {
      how[c] = fmt::format("its values are the shares of {} among the rows that have them",
                           in_quotes(view.positive));
      return;
    }
    for (size_t g = 0; g < view.features.size() && how[c].empty(); ++g) {
      const Column& category = *view.features[g];
      if (!category.is_text() || category.dictionary.size() < 5) continue;
      const Encoding encoding = encoding_of(category, column, view.y);
      if (encoding == Encoding::kMean) {
        how[c] = fmt::format("it follows the share of {} in each {}", in_quotes(view.positive),
                             in_quotes(category.name));
      } else if (encoding == Encoding::kLeaveOneOut) {
        how[c] = fmt::format("within each {} its value differs by the row's own class",
                             in_quotes(category.name));
      }
    }
  });
  for (size_t c = 0; c < how.size(); ++c) {
    if (!how[c].empty()) report_encoding(view, c, how[c], audit);
  }
}

// Many small groups whose rows agree far more than chance allows (chi-square over groups), and
// among whose neighbours by value nothing of it is seen: households and accounts, not amounts.
void check_groups(const EntityView& view, const EntityFacts& facts, const Workers& workers,
                  EntityAudit& audit) {
  if (!facts.telling) return;
  std::vector<double> agreement(view.features.size(), 0);
  workers.run(view.features.size(), [&](size_t c) {
    const Column& column = *view.features[c];
    size_t count = column.is_text() ? column.dictionary.size() : 0;
    if (!column.is_text()) {
      if (most_values(column.numbers) * 20 < static_cast<double>(view.y.size())) return;
    }
    const std::vector<int32_t> group =
        column.is_text() ? groups_by(column) : groups_by_number(column, count);
    if (count < 50 || count * 20 < view.y.size() || count * 3 > view.y.size() * 2) return;
    std::vector<Group> groups(count);
    for (size_t row = 0; row < view.y.size(); ++row) {
      if (group[row] < 0 || view.y[row] < 0) continue;
      groups[static_cast<size_t>(group[row])].rows += 1;
      groups[static_cast<size_t>(group[row])].positives += view.y[row];
    }
    const double p = facts.share(1), variance = p * (1 - p);
    double same = 0, pairs = 0, beside = 0, beside_pairs = 0;
    const Group* before = nullptr;
    for (const Group& g : groups) {
      if (g.rows < 1) continue;
      const double d = g.positives - g.rows * p;
      // Sum over ordered pairs of two rows of the group of the product of their deviations.
      same += d * d - (g.positives * (1 - p) * (1 - p) + (g.rows - g.positives) * p * p);
      pairs += g.rows * (g.rows - 1);
      if (before != nullptr && !column.is_text()) {
        beside += d * (before->positives - before->rows * p);
        beside_pairs += g.rows * before->rows;
      }
      before = &g;
    }
    if (pairs < 200) return;
    const double within = same / (pairs * variance);
    const double next = beside_pairs > 0 ? std::max(0.0, beside / (beside_pairs * variance)) : 0;
    // Without agreement `within` has standard error sqrt(2 / pairs).
    const double own = within - next;
    if (own > 0.4 && own > 8 * std::sqrt(2 / pairs)) agreement[c] = own;
  });
  for (size_t c = 0; c < agreement.size(); ++c) {
    if (agreement[c] == 0) continue;
    Finding finding = feature_finding(view, c, "group-shares-target");
    finding.rows = static_cast<int64_t>(view.ids.size());
    finding.message = fmt::format(
        "Rows that share a value here nearly always share the class too (intraclass correlation "
        "{}): they seem to be several rows of one household, account or customer. A model would "
        "remember them; leave the column out, and keep such rows on one side of the split.",
        fixed(agreement[c], 2));
    finding.facts = {{"agreement", agreement[c]}};
    finding.confidence = 0.8;
    audit.findings.push_back(std::move(finding));
  }
}

}  // namespace perennial
