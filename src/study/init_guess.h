// What `perennial init` makes of tables it has never seen: ids, long tables, money, target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "table/table.h"

namespace perennial {

struct ColumnFacts {
  std::string name;
  int index = 0;
  bool text = false, date = false;
  bool number = false;   // also text that the audit's repair makes numbers
  bool whole = false;    // numbers without a fraction
  int64_t present = 0;   // cells that are not missing
  int64_t distinct = 0;  // different values among them
};

struct TableGuess {
  const Table* table = nullptr;
  std::string file, name;  // as the study will name them
  std::vector<ColumnFacts> columns;
  std::string id;                    // "": no column fits those of the other tables
  int64_t customers = 0;             // different ids
  bool one_row = true;               // one row a customer
  std::string pivot_by;              // long form: column that tells the rows of a customer apart
  bool pivot_unique = true;          // one row for each customer and period
  std::string time;                  // a log of events: the column that tells when
  std::vector<std::string> periods;  // its values, in the order of the file (first ten)
  std::vector<std::string> pivot_values;                     // number columns
  std::vector<std::string> money;                            // value role
  std::vector<std::pair<std::string, std::string>> ignored;  // column, reason
  std::string unusable;  // why the table is left out; "" for one that is used

  const ColumnFacts* facts(const std::string& column) const;
};

// How well a column would do as target; higher is better.
struct TargetCandidate {
  size_t table = 0;
  std::string column;
  double score = 0;
  bool several = false;  // three to five values, and no name that says outcome
};

std::vector<ColumnFacts> column_facts(const Table& table);

// Finds ids and the roles of columns. `tables[i]` was read from files[i]. Throws Error{kData} when
// no column names the customers.
std::vector<TableGuess> guess_tables(const std::vector<Table>& tables,
                                     const std::vector<std::string>& files);

// Two-valued columns of one-row tables, best first; where there are none, columns of three to five
// values.
std::vector<TargetCandidate> target_candidates(const std::vector<TableGuess>& tables);

// A table that holds some of another's customers and nobody else: closed deals beside leads. Having
// a row there may be the outcome.
struct PartTable {
  size_t whole = 0, part = 0;  // tables
  std::string column;          // of the part: filled in each of its rows
  int64_t customers = 0;       // of the whole that have a row in the part
};
std::optional<PartTable> part_table(const std::vector<TableGuess>& tables);

// Of the logs of events the one that a question is most likely about: purchases before visits, then
// the longest. nullptr: there is none.
const TableGuess* telling_events(const std::vector<TableGuess>& tables);

// Columns that cannot become features, now that the target is known: other ids, free text.
void guess_ignored(std::vector<TableGuess>& tables, const std::string& target);

// The name tells that the column or table is about money coming in: "revenue", "выручка", …
bool is_revenue_name(const std::string& name);

// Different values with their number of rows, most rows first (ties by text); missing left out.
std::vector<std::pair<std::string, int64_t>> value_counts(const Column& column);

// Letters, digits and _ of ASCII: Cyrillic letters are transliterated, others dropped; "" if none
// are left.
std::string ascii_name(const std::string& name);

}  // namespace perennial
