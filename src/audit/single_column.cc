// Columns that alone tell the target, wholly or for many customers: often recorded after the
// outcome, or because of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/seed.h"
#include "base/text.h"

namespace perennial {
namespace {

using Counts = std::array<double, 2>;  // rows of class 0 and 1

// --- One column decides nearly all ---------------------------------------------------------------

constexpr size_t kBins = 64;

// Bin of every cell: quantiles of up to 4,096 evenly spread cells for numbers, values for text;
// missing cells have the last bin.
struct Binned {
  std::vector<uint32_t> bin;
  size_t bins = 0;
};

std::vector<double> cuts_of(const std::vector<double>& numbers) {
  std::vector<double> sample;
  const size_t step = numbers.size() / 4096 + 1;
  for (size_t i = 0; i < numbers.size(); i += step) {
    if (!std::isnan(numbers[i])) sample.push_back(numbers[i]);
  }
  std::sort(sample.begin(), sample.end());
  std::vector<double> cuts;
  for (size_t b = 1; b < kBins && !sample.empty(); ++b) {
    const double cut = sample[b * sample.size() / kBins];
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
  }
  return cuts;
}

Binned binned(const Column& column) {
  Binned result;
  result.bin.resize(column.size());
  if (column.is_text()) {
    result.bins = column.dictionary.size() + 1;
    for (size_t row = 0; row < column.size(); ++row) {
      const int32_t code = column.codes[row];
      result.bin[row] = static_cast<uint32_t>(code < 0 ? column.dictionary.size() : code);
    }
    return result;
  }
  std::vector<double> cuts = cuts_of(column.numbers);
  // Below the first cut, at a cut, between two: a number that many cells share has a bin of its
  // own.
  result.bins = 2 * cuts.size() + 2;
  const size_t all = cuts.size();
  cuts.resize(kBins, HUGE_VAL);  // of one length, so that the search has no branches
  for (size_t row = 0; row < column.size(); ++row) {
    const double number = column.numbers[row];
    size_t above = 0;  // cuts up to the number
    for (size_t step = kBins / 2; step > 0; step /= 2) {
      above += cuts[above + step - 1] <= number ? step : 0;
    }
    above = std::min(above, all);
    const bool at_cut = above > 0 && cuts[above - 1] == number;
    result.bin[row] =
        static_cast<uint32_t>(std::isnan(number) ? result.bins - 1 : 2 * above - (at_cut ? 1 : 0));
  }
  return result;
}

// ROC-AUC of bins by their rates in the other folds, averaged over folds by pairs.
double out_of_fold_auc(const Binned& cells, const std::vector<uint32_t>& fold, size_t folds,
                       const std::vector<int32_t>& y) {
  std::vector<Counts> counts(cells.bins * folds, Counts{0, 0});
  Counts all{0, 0};
  for (size_t row = 0; row < y.size(); ++row) {
    if (y[row] < 0) continue;
    counts[cells.bin[row] * folds + fold[row]][static_cast<size_t>(y[row])] += 1;
    all[static_cast<size_t>(y[row])] += 1;
  }
  const double base = all[1] / std::max(1.0, all[0] + all[1]);
  double wins = 0, pairs = 0;
  std::vector<std::pair<double, size_t>> order;
  for (size_t f = 0; f < folds; ++f) {
    order.clear();
    for (size_t bin = 0; bin < cells.bins; ++bin) {
      const Counts& here = counts[bin * folds + f];
      if (here[0] + here[1] == 0) continue;
      Counts others{0, 0};
      for (size_t g = 0; g < folds; ++g) {
        if (g == f) continue;
        others[0] += counts[bin * folds + g][0];
        others[1] += counts[bin * folds + g][1];
      }
      order.emplace_back((others[1] + 2 * base) / (others[0] + others[1] + 2), bin);
    }
    std::sort(order.begin(), order.end());
    double below = 0, positives = 0;
    for (size_t i = 0; i < order.size();) {
      Counts tied{0, 0};
      const double score = order[i].first;
      for (; i < order.size() && order[i].first == score; ++i) {
        tied[0] += counts[order[i].second * folds + f][0];
        tied[1] += counts[order[i].second * folds + f][1];
      }
      wins += tied[1] * (below + tied[0] / 2);
      below += tied[0];
      positives += tied[1];
    }
    pairs += below * positives;
  }
  return pairs > 0 ? wins / pairs : 0.5;
}

bool too_many_values(const Column& column) {
  return column.is_text() && column.dictionary.size() > 50 &&
         column.dictionary.size() * 2 > column.size();
}

// --- One class never occurs ----------------------------------------------------------------------

// Customers selected by one column among whom class `absent` never occurs.
struct OneSided {
  std::string where;
  std::string converse;  // what holds for every customer of the absent class
  int64_t rows = 0;
  int absent = 0;
  double expected = 0;  // of the absent class, by the base rate
  std::vector<uint32_t> examples;
};

struct Classes {
  Counts counts{0, 0};
  double share(int c) const { return counts[static_cast<size_t>(c)] / (counts[0] + counts[1]); }
  double total() const { return counts[0] + counts[1]; }
};

// At least 50 customers and 2 % of all; at least 50 of the absent class expected; and the base rate
// gives less than one in 10^9 for none.
bool is_striking(int64_t rows, int absent, const Classes& classes) {
  const double share = classes.share(absent);
  const auto k = static_cast<double>(rows);
  return rows >= 50 && k >= 0.02 * classes.total() && k * share >= 50 &&
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

// The range above (sign 1) or below (sign -1) every customer of class `absent`.
std::optional<OneSided> one_sided_range(const Column& column, const std::vector<int32_t>& y,
                                        const Classes& classes, int absent, int sign) {
  const auto& numbers = column.numbers;
  double edge = -HUGE_VAL;  // the loops are free of branches that the target would make guesswork
  for (size_t row = 0; row < y.size(); ++row) {
    const double v = sign * numbers[row];
    edge = std::max(edge, y[row] == absent && v > edge ? v : -HUGE_VAL);  // false for NaN
  }
  if (!std::isfinite(edge)) return std::nullopt;
  OneSided result{.absent = absent};
  const auto beyond = [&](size_t row) { return y[row] >= 0 && sign * numbers[row] > edge; };
  for (size_t row = 0; row < y.size(); ++row) result.rows += beyond(row);
  if (!is_striking(result.rows, absent, classes)) return std::nullopt;
  for (size_t row = 0; row < y.size() && result.examples.size() < 3; ++row) {
    if (beyond(row)) result.examples.push_back(static_cast<uint32_t>(row));
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

std::vector<OneSided> one_sided_values(const Column& column, const std::vector<int32_t>& y,
                                       const Classes& classes) {
  const size_t missing = column.is_text() ? column.dictionary.size() : 0;
  std::vector<Counts> counts(missing + 1, Counts{0, 0});
  const auto value_of = [&](size_t row) {
    return column.missing(row) ? missing : static_cast<size_t>(column.codes[row]);
  };
  for (size_t row = 0; row < y.size(); ++row) {
    if (y[row] < 0 || (!column.is_text() && !column.missing(row))) continue;
    counts[value_of(row)][static_cast<size_t>(y[row])] += 1;
  }
  std::vector<OneSided> found;
  for (size_t v = 0; v <= missing; ++v) {
    for (const int absent : {0, 1}) {
      const auto rows = static_cast<int64_t>(counts[v][0] + counts[v][1]);
      if (counts[v][static_cast<size_t>(absent)] > 0 || !is_striking(rows, absent, classes)) {
        continue;
      }
      const std::string name = condition_name(column.name);
      OneSided one{.rows = rows, .absent = absent};
      one.where = v == missing ? name + " is missing"
                               : fmt::format("{} = '{}'", name, column.dictionary[v]);
      one.converse = v == missing ? name + " is not missing"
                                  : fmt::format("{} != '{}'", name, column.dictionary[v]);
      for (size_t row = 0; row < y.size() && one.examples.size() < 3; ++row) {
        const bool here = column.is_text() || column.missing(row);
        if (y[row] >= 0 && here && value_of(row) == v) {
          one.examples.push_back(static_cast<uint32_t>(row));
        }
      }
      found.push_back(std::move(one));
    }
  }
  return found;
}

std::vector<OneSided> one_sided(const Column& column, const std::vector<int32_t>& y,
                                const Classes& classes) {
  std::vector<OneSided> found = one_sided_values(column, y, classes);
  if (column.is_text()) return found;
  for (const int absent : {0, 1}) {
    for (const int sign : {1, -1}) {
      if (auto range = one_sided_range(column, y, classes, absent, sign)) {
        found.push_back(std::move(*range));
      }
    }
  }
  return found;
}

Classes classes_of(const std::vector<int32_t>& y) {
  Classes classes;
  for (const int32_t c : y) {
    if (c == 0 || c == 1) classes.counts[static_cast<size_t>(c)] += 1;
  }
  return classes;
}

Finding finding_for(const EntityView& view, size_t column, const char* kind) {
  Finding finding;
  finding.kind = kind;
  finding.severity = Severity::kWarning;
  finding.table = column < view.feature_tables.size() ? view.feature_tables[column] : view.table;
  finding.column = view.features[column]->name;
  return finding;
}

constexpr const char* kAfterwards =
    " Such a column is often recorded after the outcome or because of it: leave it out unless it "
    "is "
    "known before.";

Finding one_sided_finding(const EntityView& view, size_t column, const OneSided& one,
                          const Classes& classes) {
  Finding finding = finding_for(view, column, "one-sided-column");
  finding.rows = one.rows;
  const std::string expected = fixed(static_cast<double>(one.rows) * classes.share(one.absent), 0);
  const std::string positive = in_quotes(view.positive);
  const auto absent_rows = static_cast<int64_t>(classes.counts[static_cast<size_t>(one.absent)]);
  finding.message =
      one.absent == 1
          ? fmt::format(
                "None of the {} with {} is {}, where about {} were expected; all {} that "
                "are have {}.",
                counted(one.rows, "customer"), one.where, positive, expected, grouped(absent_rows),
                one.converse)
          : fmt::format(
                "All {} with {} are {}, where about {} others were expected; all {} that "
                "are not have {}.",
                counted(one.rows, "customer"), one.where, positive, expected, grouped(absent_rows),
                one.converse);
  finding.message += kAfterwards;
  for (const uint32_t row : one.examples) {
    Example example = row < view.origin.size() ? view.origin[row] : Example{};
    example.value = view.features[column]->value_text(row);
    finding.examples.push_back(std::move(example));
  }
  finding.confidence = 0.85;
  return finding;
}

}  // namespace

void check_decisive_columns(const EntityView& view, const Workers& workers, EntityAudit& audit) {
  const Classes classes = classes_of(view.y);
  if (classes.counts[0] < 20 || classes.counts[1] < 20) return;
  const auto folds = static_cast<size_t>(std::max(2, view.folds));
  std::vector<uint32_t> fold(view.ids.size());
  workers.run_blocks(view.ids.size(), 8192, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      fold[row] = static_cast<uint32_t>(hash_bytes(view.ids[row]) % folds);
    }
  });
  std::vector<double> auc(view.features.size(), 0.5);
  workers.run(view.features.size(), [&](size_t c) {
    if (too_many_values(*view.features[c])) return;
    auc[c] = out_of_fold_auc(binned(*view.features[c]), fold, folds, view.y);
  });
  for (size_t c = 0; c < auc.size(); ++c) {
    if (auc[c] <= 0.95) continue;
    Finding finding = finding_for(view, c, "near-decisive-column");
    finding.rows = static_cast<int64_t>(classes.total());
    finding.message =
        fmt::format("This column alone predicts the target with ROC-AUC {} (cross-validated).{}",
                    fixed(auc[c], 3), kAfterwards);
    finding.confidence = 0.9;
    audit.findings.push_back(std::move(finding));
  }
}

void check_one_sided_columns(const EntityView& view, const Workers& workers, EntityAudit& audit) {
  const Classes classes = classes_of(view.y);
  if (classes.counts[0] < 20 || classes.counts[1] < 20) return;
  std::vector<std::vector<OneSided>> found(view.features.size());
  workers.run(view.features.size(),
              [&](size_t c) { found[c] = one_sided(*view.features[c], view.y, classes); });
  for (size_t c = 0; c < found.size(); ++c) {
    for (const OneSided& one : found[c]) {
      audit.findings.push_back(one_sided_finding(view, c, one, classes));
    }
  }
}

}  // namespace perennial
