#include "audit/audit.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "audit/check.h"
#include "audit/entity_check.h"
#include "base/text.h"

namespace perennial {
namespace {

// All checks on tables, in the order in which their findings are listed within a column. A new
// check is a function in check.h and a line here.
constexpr std::array kTableChecks{
    TableCheck{.kind = "reading-choice",
               .description = "A file could plausibly be read in two ways; says which was taken.",
               .table = check_reading_choices},
    TableCheck{.kind = "irregular-names",
               .description = "Column names with capitals, blanks or signs; made regular.",
               .table = check_names},
    TableCheck{.kind = "duplicate-rows",
               .description = "Rows equal in every column of a table.",
               .table = check_duplicate_rows},
    TableCheck{.kind = "duplicate-ids",
               .description = "An id that stands in several rows of a table with one row each.",
               .table = check_duplicate_ids},
    TableCheck{.kind = "broken-relation",
               .description = "A column that is the sum or product of two others, but not in runs "
                              "of rows: moved cells.",
               .table = check_relations},
    TableCheck{.kind = "missing-ids",
               .description = "Ids of one table that are absent from another.",
               .tables = check_missing_ids},
    TableCheck{.kind = "vocabulary",
               .description = "The same values spelled differently in two tables.",
               .tables = check_vocabulary},
    TableCheck{.kind = "missing-markers",
               .description = "Cells that stand for a missing value, such as NA or a lone space.",
               .column = check_missing_markers},
    TableCheck{.kind = "stray-spaces",
               .description = "Blanks at the ends of values.",
               .column = check_stray_spaces},
    TableCheck{.kind = "case-variants",
               .description = "Values that differ only in case, inner blanks, hyphens or ё and е.",
               .column = check_case_variants},
    TableCheck{.kind = "near-duplicate-values",
               .description = "A rare value that looks like a misspelling of a frequent one.",
               .column = check_near_duplicates},
    TableCheck{.kind = "synonyms",
               .description = "Values that may mean the same: an abbreviation, a shortened name.",
               .column = check_synonyms},
    TableCheck{.kind = "decimal-commas",
               .description = "Numbers written with a decimal comma, read as text.",
               .column = check_decimal_commas},
    TableCheck{.kind = "numbers-with-signs",
               .description = "Numbers with a sign of money or per cent, or with thousands marks, "
                              "read as text.",
               .column = check_marked_numbers},
    TableCheck{.kind = "numbers-as-text",
               .description = "A column of numbers that a few other cells turn into text.",
               .column = check_numbers_as_text},
    TableCheck{.kind = "dates-as-text",
               .description = "Dates that stayed text: the day or the month may come first, or "
                              "other cells stand among them.",
               .column = check_dates_as_text},
    TableCheck{.kind = "extreme-numbers",
               .description = "A few numbers far beyond a gap that the column's own tail does not "
                              "explain.",
               .column = check_extremes,
               .of_numbers = true},
    TableCheck{.kind = "negative-numbers",
               .description = "A few negative numbers in a column that is otherwise not negative.",
               .column = check_negatives,
               .of_numbers = true},
    TableCheck{.kind = "isolated-zeros",
               .description = "A few zeros far below all other numbers of a column.",
               .column = check_isolated_zeros,
               .of_numbers = true},
    TableCheck{.kind = "sentinel-numbers",
               .description = "A number such as 999 or -1 that seems to stand for something else.",
               .column = check_sentinels,
               .of_numbers = true},
    TableCheck{.kind = "filled-values",
               .description = "Many cells that hold the mean of the others: filled-in values.",
               .column = check_filled_values,
               .of_numbers = true},
    TableCheck{.kind = "constant-column",
               .description = "A column with one value, or with none at all.",
               .column = check_constant},
    TableCheck{.kind = "near-unique-text",
               .description = "Text in which most values occur once: names, addresses, comments.",
               .column = check_near_unique},
    TableCheck{.kind = "id-like-column",
               .description = "A column that looks like an id but has not that role.",
               .column = check_id_like},
};

struct Task {
  size_t table = 0;
  size_t column = 0;
  bool whole_table = false;
};

// The safe repair that makes numbers of a text column, or null.
const Repair* parsing_among(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    for (const Repair& repair : finding.repair) {
      if (finding.safe && repair.kind == Repair::Kind::kParseNumber) return &repair;
    }
  }
  return nullptr;
}

// What is read as numbers is looked at as numbers: "9999,0" is as far off as 9999. And it is
// neither names nor remarks, though each text occurs once.
void check_as_numbers(const ColumnView& view, std::vector<Finding>& out) {
  const Repair* found = parsing_among(out);
  if (!view.column->is_text() || found == nullptr) return;
  const Repair parsing = *found;
  std::erase_if(out, [](const Finding& f) { return f.kind == "near-unique-text"; });
  std::vector<double> by_code;
  for (const std::string& text : view.column->dictionary) {
    by_code.push_back(repaired_number(std::string(trim(text)), parsing).value_or(kMissing));
  }
  Column column{.name = view.column->name, .type = ColumnType::kNumber};
  ColumnView numbers = view;
  numbers.column = &column;
  numbers.present = 0;
  for (const int32_t code : view.column->codes) {
    column.numbers.push_back(code < 0 ? kMissing : by_code[static_cast<size_t>(code)]);
    numbers.present += std::isnan(column.numbers.back()) ? 0 : 1;
  }
  for (const TableCheck& check : kTableChecks) {
    if (check.of_numbers) check.column(numbers, out);
  }
}

void run_task(const Task& task, const std::vector<TableView>& views, std::vector<Finding>& out) {
  const TableView& view = views[task.table];
  for (const TableCheck& check : kTableChecks) {
    if (task.whole_table && check.table != nullptr) check.table(view, out);
    if (!task.whole_table && check.column != nullptr) check.column(view.columns[task.column], out);
  }
  if (!task.whole_table) check_as_numbers(view.columns[task.column], out);
}

// Position of a finding's table and column in the study, for the order of the list.
std::pair<size_t, int> place_of(const Finding& finding, const std::vector<TableView>& views) {
  for (size_t t = 0; t < views.size(); ++t) {
    if (views[t].table->name == finding.table) {
      return {t, finding.column.empty() ? -1 : views[t].table->index_of(finding.column)};
    }
  }
  return {views.size(), -1};
}

}  // namespace

std::vector<Finding> audit_tables(const std::vector<AuditTable>& tables, const Workers& workers) {
  std::vector<TableView> views(tables.size());
  workers.run(tables.size(), [&](size_t t) { views[t] = view_of(tables[t]); });
  std::vector<Task> tasks;
  for (size_t t = 0; t < views.size(); ++t) {
    views[t].id = nullptr;
    for (size_t c = 0; c < views[t].columns.size(); ++c) {
      if (views[t].columns[c].is_id) views[t].id = &views[t].columns[c];
      tasks.push_back({.table = t, .column = c});
    }
    tasks.push_back({.table = t, .whole_table = true});
  }
  // The last task compares tables with each other.
  std::vector<std::vector<Finding>> found(tasks.size() + 1);
  workers.run(found.size(), [&](size_t i) {
    if (i < tasks.size()) return run_task(tasks[i], views, found[i]);
    for (const TableCheck& check : kTableChecks) {
      if (check.tables != nullptr) check.tables(views, found[i]);
    }
  });
  std::vector<Finding> all;
  for (auto& part : found) std::move(part.begin(), part.end(), std::back_inserter(all));
  std::stable_sort(all.begin(), all.end(), [&](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return place_of(a, views) < place_of(b, views);
  });
  return all;
}

std::vector<CheckInfo> audit_checks() {
  std::vector<CheckInfo> all;
  for (const TableCheck& check : kTableChecks) all.push_back({check.kind, check.description});
  for (const EntityCheck& check : entity_checks()) all.push_back({check.kind, check.description});
  return all;
}

}  // namespace perennial
