// A column whose cells were sorted while those of the other columns stayed: each then stands beside
// the data of another customer.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/text.h"

namespace perennial {
namespace {

// Steps up and down between rows that follow each other in the file and are of one class.
struct Steps {
  int64_t up = 0, down = 0;
  // A column in random order steps down as often as up.
  bool sorted() const { return std::max(up, down) >= 30 && std::min(up, down) * 25 <= up + down; }
};

Steps steps_of(const std::vector<double>& numbers, const std::vector<uint32_t>& order,
               const std::vector<int32_t>& y) {
  Steps steps;
  for (size_t i = 1; i < order.size(); ++i) {
    const uint32_t before = order[i - 1], here = order[i];
    if (y[before] != y[here]) continue;
    steps.up += numbers[here] > numbers[before];
    steps.down += numbers[here] < numbers[before];
  }
  return steps;
}

// Of many rows a sample of steps is looked at first: where more than a tenth goes against the rest,
// it is not a twenty-fifth of the whole.
bool far_from_sorted(const std::vector<double>& numbers, const std::vector<uint32_t>& order,
                     const std::vector<int32_t>& y) {
  constexpr size_t kSample = 4096;
  if (order.size() < 8 * kSample) return false;
  Steps steps;
  for (size_t k = 0; k < kSample; ++k) {
    const size_t i = 1 + k * (order.size() - 1) / kSample;
    const uint32_t before = order[i - 1], here = order[i];
    if (y[before] != y[here]) continue;
    steps.up += numbers[here] > numbers[before];
    steps.down += numbers[here] < numbers[before];
  }
  return std::min(steps.up, steps.down) * 10 > steps.up + steps.down &&
         steps.up + steps.down >= 500;
}

// Average ranks within each class, centred; missing cells get 0.
std::vector<double> ranks_within(const std::vector<double>& numbers,
                                 const std::vector<int32_t>& y) {
  std::vector<double> ranks(numbers.size(), 0);
  for (const int32_t c : {0, 1}) {
    std::vector<uint32_t> rows;
    for (size_t row = 0; row < y.size(); ++row) {
      if (y[row] == c && !std::isnan(numbers[row])) rows.push_back(static_cast<uint32_t>(row));
    }
    std::sort(rows.begin(), rows.end(),
              [&](uint32_t a, uint32_t b) { return numbers[a] < numbers[b]; });
    const double middle = (static_cast<double>(rows.size()) - 1) / 2;
    for (size_t i = 0; i < rows.size();) {
      size_t end = i;
      while (end < rows.size() && numbers[rows[end]] == numbers[rows[i]]) ++end;
      const double rank = (static_cast<double>(i) + static_cast<double>(end) - 1) / 2 - middle;
      for (; i < end; ++i) ranks[rows[i]] = rank;
    }
  }
  return ranks;
}

// Spearman's correlation within classes, in standard errors.
double correlation_z(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) * std::sqrt(static_cast<double>(a.size())) : 0;
}

// True when no other numeric column goes with this one; false too when there are hardly any.
bool unrelated(const EntityView& view, size_t column) {
  const auto own = ranks_within(view.features[column]->numbers, view.y);
  int others = 0;
  for (size_t c = 0; c < view.features.size(); ++c) {
    if (c == column || view.features[c]->is_text()) continue;
    ++others;
    if (std::fabs(correlation_z(own, ranks_within(view.features[c]->numbers, view.y))) > 4.5) {
      return false;
    }
  }
  return others >= 3;
}

}  // namespace

void check_sorted_columns(const EntityView& view, const EntityFacts& facts, const Workers& workers,
                          EntityAudit& audit) {
  const std::vector<uint32_t>& order = facts.in_file;
  if (view.ids.size() < 500 || order.empty()) return;
  std::vector<char> suspect(view.features.size(), 0);
  workers.run(view.features.size(), [&](size_t c) {
    const Column& column = *view.features[c];
    // A file in order of a date is nothing to wonder at.
    if (column.type != ColumnType::kNumber) return;
    if (far_from_sorted(column.numbers, order, view.y)) return;
    suspect[c] = steps_of(column.numbers, order, view.y).sorted() && unrelated(view, c);
  });
  for (size_t c = 0; c < suspect.size(); ++c) {
    if (suspect[c] == 0) continue;
    const Steps steps = steps_of(view.features[c]->numbers, order, view.y);
    Finding finding;
    finding.kind = "column-sorted-alone";
    finding.severity = Severity::kWarning;
    finding.table = c < view.feature_tables.size() ? view.feature_tables[c] : view.table;
    finding.column = view.features[c]->name;
    finding.rows = static_cast<int64_t>(order.size());
    finding.message = fmt::format(
        "This column is sorted along the file within each class ({} steps up, {} down) and goes "
        "with no other column: its cells may have been moved against the rest, so that they stand "
        "beside the data of other customers.",
        grouped(steps.up), grouped(steps.down));
    for (const uint32_t row : {order.front(), order.back()}) {
      Example example = view.example(row);
      example.value = view.features[c]->value_text(row);
      finding.examples.push_back(std::move(example));
    }
    finding.confidence = 0.7;
    audit.findings.push_back(std::move(finding));
  }
}

}  // namespace perennial
