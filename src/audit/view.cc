#include <fmt/format.h>

#include <algorithm>

#include "audit/check.h"
#include "audit/spelling.h"
#include "base/text.h"

namespace perennial {
namespace {

// Above this many values a text column is not a vocabulary: comparing spellings says nothing.
constexpr size_t kMaxVocabulary = 2000;

void count_codes(ColumnView& view) {
  const Column& column = *view.column;
  view.counts.assign(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++view.counts[static_cast<size_t>(code)];
  }
  for (size_t code = 0; code < view.counts.size(); ++code) {
    if (view.counts[code] == 0) continue;
    view.used.push_back(static_cast<int32_t>(code));
    view.present += view.counts[code];
  }
}

void find_vocabulary(ColumnView& view) {
  const auto distinct = static_cast<int64_t>(view.used.size());
  const bool near_unique = distinct > 50 && distinct * 2 > view.present;
  if (view.is_id || near_unique || view.used.size() > kMaxVocabulary) return;
  view.is_vocabulary = true;
  for (size_t i = 0; i < view.used.size(); ++i) {
    view.canonical.push_back(canonical_spelling(view.text(i)));
  }
}

bool same_column(const Table& table, const std::string& role, size_t index) {
  return !role.empty() && table.index_of(role) == static_cast<int>(index);
}

}  // namespace

TableView view_of(const AuditTable& roles) {
  const Table& table = *roles.table;
  TableView result{.table = &table, .roles = &roles};
  result.columns.resize(table.columns.size());
  for (size_t c = 0; c < table.columns.size(); ++c) {
    ColumnView& view = result.columns[c];
    view.table = &table;
    view.roles = &roles;
    view.column = &table.columns[c];
    if (c < table.readings.size()) view.reading = &table.readings[c];
    const auto among = [&](const std::vector<std::string>& names) {
      return std::any_of(names.begin(), names.end(),
                         [&](const std::string& name) { return same_column(table, name, c); });
    };
    view.is_id = same_column(table, roles.id, c);
    view.is_period = same_column(table, roles.pivot_by, c);
    view.is_target = same_column(table, roles.target, c);
    view.is_value = among(roles.values);
    view.is_ignored = among(roles.ignored);
    if (view.column->is_text()) {
      count_codes(view);
      find_vocabulary(view);
    } else {
      const auto& numbers = view.column->numbers;
      view.present = std::count_if(numbers.begin(), numbers.end(),
                                   [](double number) { return !std::isnan(number); });
    }
  }
  return result;
}

Finding finding_on(const ColumnView& view, std::string kind, Severity severity) {
  Finding finding;
  finding.kind = std::move(kind);
  finding.severity = severity;
  finding.table = view.table->name;
  finding.column = view.name();
  return finding;
}

std::vector<Example> examples_of(const ColumnView& view, const std::vector<int32_t>& codes,
                                 size_t limit) {
  std::vector<bool> wanted(view.column->dictionary.size(), false);
  for (const int32_t code : codes) wanted[static_cast<size_t>(code)] = true;
  std::vector<uint32_t> rows;
  for (size_t row = 0; row < view.column->codes.size() && rows.size() < limit; ++row) {
    const int32_t code = view.column->codes[row];
    if (code >= 0 && wanted[static_cast<size_t>(code)]) rows.push_back(static_cast<uint32_t>(row));
  }
  return examples_at(view, rows, limit);
}

std::vector<Example> examples_at(const ColumnView& view, const std::vector<uint32_t>& rows,
                                 size_t limit) {
  std::vector<Example> examples;
  for (size_t i = 0; i < rows.size() && i < limit; ++i) {
    examples.push_back(view.table->example(rows[i], view.column->value_text(rows[i])));
  }
  return examples;
}

std::string in_quotes(std::string_view value) { return fmt::format("«{}»", value); }

std::string condition_name(std::string_view column) {
  // Words with a meaning of their own in conditions cannot stand bare.
  static constexpr std::string_view kWords[] = {"and", "or",  "not",     "in",
                                                "is",  "any", "missing", "every"};
  const std::string lower = to_lower(column);
  bool bare = !column.empty() && !(column[0] >= '0' && column[0] <= '9') &&
              std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords);
  // A name is bare when making it regular changes nothing but the case of letters and the "_"s.
  std::string without;
  for (const char c : lower) {
    if (c != '_') without += c;
  }
  std::string regular;
  for (const char c : regular_name(column)) {
    if (c != '_') regular += c;
  }
  bare = bare && without == regular;
  return bare ? std::string(column) : fmt::format("`{}`", column);
}

std::string percent(double share) {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  return fixed(100 * share, 1) + " %";
}

}  // namespace perennial
