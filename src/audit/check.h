// Inside the audit room: what a check sees, and how checks are listed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.h"

namespace perennial {

// A column with what several checks need: counts and canonical spellings, made once.
struct ColumnView {
  const Table* table = nullptr;
  const AuditTable* roles = nullptr;
  const Column* column = nullptr;
  const ColumnReading* reading = nullptr;  // nullptr when the table was not read from a file
  bool is_id = false, is_period = false, is_target = false, is_value = false, is_ignored = false;

  int64_t present = 0;                    // cells that are not missing
  std::vector<int64_t> counts;            // text: rows of each code
  std::vector<int32_t> used;              // text: codes that occur, in order of the dictionary
  bool is_vocabulary = false;             // text with few enough values to compare spellings
  std::vector<std::u32string> canonical;  // vocabulary: canonical spelling of used[i]

  const std::string& name() const { return column->name; }
  const std::string& text(size_t used_index) const {
    return column->dictionary[static_cast<size_t>(used[used_index])];
  }
  int64_t rows_of(size_t used_index) const { return counts[static_cast<size_t>(used[used_index])]; }
};

struct TableView {
  const Table* table = nullptr;
  const AuditTable* roles = nullptr;
  std::vector<ColumnView> columns;
  const ColumnView* id = nullptr;  // nullptr when not known
};

// One kind of finding on tables. Exactly one of the three functions is set: it is called for every
// column, for every table, or once for all tables, and appends what it finds.
struct TableCheck {
  const char* kind;
  const char* description;  // one line for the docs
  void (*column)(const ColumnView&, std::vector<Finding>&) = nullptr;
  void (*table)(const TableView&, std::vector<Finding>&) = nullptr;
  void (*tables)(const std::vector<TableView>&, std::vector<Finding>&) = nullptr;
  // A column check that looks at numbers: text that is read as numbers is shown to it as numbers.
  bool of_numbers = false;
};

TableView view_of(const AuditTable& roles);

// A finding with table and column filled in.
Finding finding_on(const ColumnView& view, std::string kind, Severity severity);
// The first `limit` rows that hold one of the given codes, as examples.
std::vector<Example> examples_of(const ColumnView& view, const std::vector<int32_t>& codes,
                                 size_t limit = 3);
// The first `limit` of these rows (numbers of the table) as examples with the column's value.
std::vector<Example> examples_at(const ColumnView& view, const std::vector<uint32_t>& rows,
                                 size_t limit = 3);
// «value», the way values appear in messages.
std::string in_quotes(std::string_view value);
// A column's name as a condition writes it: bare when it can be, in back quotes otherwise.
std::string condition_name(std::string_view column);
// 0.1234 -> "12.3 %"; tiny shares are "< 0.1 %".
std::string percent(double share);

// The checks, one function each (values.cc, vocabulary.cc, numbers.cc, extremes.cc, names.cc,
// ids.cc, columns.cc).
void check_reading_choices(const TableView&, std::vector<Finding>&);
void check_missing_markers(const ColumnView&, std::vector<Finding>&);
void check_stray_spaces(const ColumnView&, std::vector<Finding>&);
void check_case_variants(const ColumnView&, std::vector<Finding>&);
void check_near_duplicates(const ColumnView&, std::vector<Finding>&);
void check_synonyms(const ColumnView&, std::vector<Finding>&);
void check_vocabulary(const std::vector<TableView>&, std::vector<Finding>&);
void check_decimal_commas(const ColumnView&, std::vector<Finding>&);
void check_numbers_as_text(const ColumnView&, std::vector<Finding>&);
void check_marked_numbers(const ColumnView&, std::vector<Finding>&);
void check_dates_as_text(const ColumnView&, std::vector<Finding>&);
void check_extremes(const ColumnView&, std::vector<Finding>&);
void check_negatives(const ColumnView&, std::vector<Finding>&);
void check_isolated_zeros(const ColumnView&, std::vector<Finding>&);
void check_sentinels(const ColumnView&, std::vector<Finding>&);
void check_filled_values(const ColumnView&, std::vector<Finding>&);
void check_names(const TableView&, std::vector<Finding>&);
void check_duplicate_rows(const TableView&, std::vector<Finding>&);
void check_duplicate_ids(const TableView&, std::vector<Finding>&);
void check_relations(const TableView&, std::vector<Finding>&);
void check_missing_ids(const std::vector<TableView>&, std::vector<Finding>&);
void check_constant(const ColumnView&, std::vector<Finding>&);
void check_near_unique(const ColumnView&, std::vector<Finding>&);
void check_id_like(const ColumnView&, std::vector<Finding>&);

}  // namespace perennial
