// Two tables that use the same values, spelled differently: `предыдцщий_месяц` in one, where the
// other says `предыдущий_месяц`.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "audit/check.h"
#include "audit/spelling.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kMaxValues = 50;

using Rows = std::map<std::string, int64_t>;  // trimmed text -> rows

Rows values_of(const ColumnView& view) {
  Rows rows;
  for (size_t i = 0; i < view.used.size(); ++i) {
    const std::string text(trim(view.text(i)));
    if (!text.empty()) rows[text] += view.rows_of(i);
  }
  return rows;
}

std::vector<std::string> only_in(const Rows& a, const Rows& b) {
  std::vector<std::string> values;
  for (const auto& [text, rows] : a) {
    if (!b.contains(text)) values.push_back(text);
  }
  return values;
}

// Columns that should hold the same values: both are the period of their table, or they have the
// same name.
bool same_role(const ColumnView& a, const ColumnView& b) {
  if (!a.is_vocabulary || !b.is_vocabulary) return false;
  if (a.used.size() > kMaxValues || b.used.size() > kMaxValues) return false;
  if (a.is_ignored || b.is_ignored) return false;
  return (a.is_period && b.is_period) || regular_name(a.name()) == regular_name(b.name());
}

// How often the words of a spelling stand in values of either table: a misspelled word stands
// nowhere else, a right one often does, also inside other words.
int64_t support(const std::string& value, const Rows& a, const Rows& b) {
  const std::u32string wanted = canonical_spelling(value);
  int64_t found = 0;
  for (const Rows* rows : {&a, &b}) {
    for (const auto& [text, count] : *rows) {
      if (canonical_spelling(text).find(wanted) != std::u32string::npos) ++found;
    }
  }
  return found;
}

bool alike(const std::string& a, const std::string& b) {
  const std::u32string x = canonical_spelling(a), y = canonical_spelling(b);
  return x == y || likeness(x, y) == Likeness::kTypo;
}

// The only value among `candidates` that is alike; "" when there is none or more than one.
std::string only_partner(const std::string& value, const std::vector<std::string>& candidates) {
  std::string partner;
  for (const std::string& candidate : candidates) {
    if (!alike(value, candidate)) continue;
    if (!partner.empty()) return "";
    partner = candidate;
  }
  return partner;
}

std::vector<int32_t> codes_of(const ColumnView& view, const std::string& value) {
  std::vector<int32_t> codes;
  for (size_t i = 0; i < view.used.size(); ++i) {
    if (trim(view.text(i)) == value) codes.push_back(view.used[i]);
  }
  return codes;
}

Finding vocabulary_finding(const ColumnView& wrong, const std::string& from, int64_t from_rows,
                           const ColumnView& right, const std::string& to, int64_t to_rows) {
  Finding finding = finding_on(wrong, "vocabulary", Severity::kWarning);
  finding.rows = from_rows;
  finding.message = fmt::format(
      "{} ({} of {}) is {} ({}) in table {}: one value, spelled in two "
      "ways.",
      in_quotes(from), counted(from_rows, "row"), grouped(wrong.present), in_quotes(to),
      counted(to_rows, "row"), in_quotes(right.table->name));
  finding.facts = {{"from", from}, {"to", to}, {"other", right.table->name}};
  finding.examples = examples_of(wrong, codes_of(wrong, from));
  finding.repair = {{.kind = Repair::Kind::kReplaceValues,
                     .table = wrong.table->name,
                     .column = wrong.name(),
                     .map = {{from, to}}}};
  finding.safe = true;
  finding.confidence = 0.95;
  return finding;
}

void compare(const ColumnView& a, const ColumnView& b, std::vector<Finding>& out) {
  const Rows in_a = values_of(a), in_b = values_of(b);
  const std::vector<std::string> left = only_in(in_a, in_b), right = only_in(in_b, in_a);
  // Columns of one name with nothing in common are not one vocabulary, unless both are periods.
  if (left.size() == in_a.size() && !(a.is_period && b.is_period)) return;
  for (const std::string& value : left) {
    const std::string partner = only_partner(value, right);
    if (partner.empty() || only_partner(partner, left) != value) continue;
    const int64_t for_value = support(value, in_a, in_b),
                  for_partner = support(partner, in_a, in_b);
    const bool keep_value =
        for_value != for_partner ? for_value > for_partner : in_a.at(value) >= in_b.at(partner);
    if (keep_value) {
      out.push_back(vocabulary_finding(b, partner, in_b.at(partner), a, value, in_a.at(value)));
    } else {
      out.push_back(vocabulary_finding(a, value, in_a.at(value), b, partner, in_b.at(partner)));
    }
  }
}

}  // namespace

void check_vocabulary(const std::vector<TableView>& tables, std::vector<Finding>& out) {
  for (size_t t = 0; t < tables.size(); ++t) {
    for (size_t u = t + 1; u < tables.size(); ++u) {
      for (const ColumnView& a : tables[t].columns) {
        for (const ColumnView& b : tables[u].columns) {
          if (same_role(a, b)) compare(a, b, out);
        }
      }
    }
  }
}

}  // namespace perennial
