// Columns of which one is the sum, product or quotient of two others, but for runs of rows: cells
// that were moved against the rest.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "audit/check.h"
#include "base/text.h"

namespace perennial {
namespace {

struct Relation {
  const ColumnView *a = nullptr, *b = nullptr, *c = nullptr;
  char sign = '*';  // a sign b = c
};

double value_of(char sign, double a, double b) { return sign == '*' ? a * b : a + b; }

// Where the relation says something: nothing missing, and no number that makes it trivial.
bool tells(const Relation& r, size_t row) {
  const double a = r.a->column->numbers[row], b = r.b->column->numbers[row],
               c = r.c->column->numbers[row];
  if (std::isnan(a) || std::isnan(b) || std::isnan(c) || a == 0 || b == 0) return false;
  return r.sign == '+' || (a != 1 && b != 1);
}

// Equal but for rounding to two decimals, which must be small beside the number.
bool holds(const Relation& r, size_t row) {
  const double c = r.c->column->numbers[row];
  const double made = value_of(r.sign, r.a->column->numbers[row], r.b->column->numbers[row]);
  return std::fabs(made - c) <= std::min(0.0051, 0.01 * std::fabs(c)) + 1e-9 * std::fabs(c);
}

// On some rows, evenly spread, is it worth a look? A relation of most rows fails eight times in a
// row less than once in a thousand.
bool may_hold(const Relation& r, size_t rows) {
  int hits = 0, misses = 0;
  const size_t step = rows / 509 + 1;
  for (size_t row = 0; row < rows && hits < 40; row += step) {
    if (!tells(r, row)) continue;
    (holds(r, row) ? hits : misses) += 1;
    if (misses >= 8 && hits * 2 < misses) return false;
  }
  return hits >= 10;
}

struct Breaks {
  int64_t told = 0, broken = 0, longest = 0;
  std::vector<uint32_t> examples;
};

Breaks breaks_of(const Relation& r, size_t rows) {
  Breaks result;
  int64_t run = 0;
  for (size_t row = 0; row < rows; ++row) {
    if (!tells(r, row)) continue;
    ++result.told;
    if (holds(r, row)) {
      run = 0;
      continue;
    }
    ++result.broken;
    result.longest = std::max(result.longest, ++run);
    if (result.examples.size() < 3) result.examples.push_back(static_cast<uint32_t>(row));
  }
  return result;
}

std::vector<const ColumnView*> measured(const TableView& view) {
  std::vector<const ColumnView*> found;
  for (const ColumnView& column : view.columns) {
    if (column.column->type != ColumnType::kNumber || column.is_id || column.is_target) continue;
    std::vector<double> seen;  // flags and small scales add up by chance
    const auto& numbers = column.column->numbers;
    constexpr size_t kEnough = 20'000;  // rows, evenly spread
    for (size_t row = 0; row < numbers.size(); row += numbers.size() / kEnough + 1) {
      const double v = numbers[row];
      if (std::isnan(v) || std::find(seen.begin(), seen.end(), v) != seen.end()) continue;
      seen.push_back(v);
      if (seen.size() > 20) break;
    }
    if (seen.size() > 20) found.push_back(&column);
  }
  return found;
}

void report(const Relation& r, const Breaks& breaks, std::vector<Finding>& out) {
  Finding finding = finding_on(*r.c, "broken-relation", Severity::kWarning);
  finding.rows = breaks.broken;
  finding.examples = examples_at(*r.c, breaks.examples);
  finding.message = fmt::format(
      "{} {} {} is {} in {} of the {} rows that can tell, and not in {}, up to {} of them one "
      "after "
      "another: one of the three seems to have been moved there, and to stand beside the data of "
      "other rows.",
      in_quotes(r.a->name()), r.sign == '*' ? "×" : "+", in_quotes(r.b->name()),
      in_quotes(r.c->name()), grouped(breaks.told - breaks.broken), grouped(breaks.told),
      grouped(breaks.broken), grouped(breaks.longest));
  finding.confidence = 0.8;
  out.push_back(std::move(finding));
}

}  // namespace

void check_relations(const TableView& view, std::vector<Finding>& out) {
  constexpr size_t kMostColumns = 60;
  const std::vector<const ColumnView*> columns = measured(view);
  const size_t rows = view.table->rows();
  if (rows < 100 || columns.size() < 3 || columns.size() > kMostColumns) return;
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t j = i + 1; j < columns.size(); ++j) {
      for (const ColumnView* c : columns) {
        if (c == columns[i] || c == columns[j]) continue;
        for (const char sign : {'*', '+'}) {
          const Relation r{.a = columns[i], .b = columns[j], .c = c, .sign = sign};
          if (!may_hold(r, rows)) continue;
          const Breaks breaks = breaks_of(r, rows);
          // Broken cells that lie scattered are typing errors or another rule, not a shift.
          const bool mostly = breaks.broken * 2 < breaks.told;
          if (mostly && breaks.broken >= 10 && breaks.longest >= 8) report(r, breaks, out);
        }
      }
    }
  }
}

}  // namespace perennial
