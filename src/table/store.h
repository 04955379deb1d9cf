// The embedded database: tables go in, SQL comes out as columns. The only door to DuckDB.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "table/table.h"

namespace perennial {

class Store {
 public:
  // In memory; spills to a temporary folder beyond memory_limit_bytes (0: DuckDB's default).
  explicit Store(int threads = 1, uint64_t memory_limit_bytes = 0);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  // Makes `table` queryable under `sql_name` with its columns under their own names (see
  // sql_names), and one more: "#row" (0-based, bigint), the order in the file. Text is VARCHAR,
  // numbers are DOUBLE, dates are DOUBLE (days). Missing is NULL. A second table of one name
  // replaces the first. REQUIRES: `table` stays as it is while the store is used: values are read
  // where they stand, so this costs next to nothing.
  void add(const std::string& sql_name, const Table& table);
  // The same for some columns under the given names, which must differ (sql_names makes them so).
  // `order`: the rows in the order in which the engine gets them (each once; nullptr: the file's),
  // for it works faster where rows of one group stand together.
  void add(const std::string& sql_name, const std::vector<const Column*>& columns,
           const std::vector<std::string>& names, const std::vector<uint32_t>* order = nullptr);

  // Runs one statement. Result columns: VARCHAR -> kText, BOOLEAN/integers/decimals/double ->
  // kNumber, DATE/TIMESTAMP -> kDate. Throws Error{kInternal} with the statement on an SQL error
  // (the SQL is ours; user conditions are checked before). Rows come in any order, and dictionaries
  // in any order, unless the statement says ORDER BY.
  std::vector<Column> query(const std::string& sql);
  void execute(const std::string& sql);

  // Rows of a Parquet file as columns, in the file's order (kData on a file that is not one). Types
  // other than numbers, text, dates and times become text as SQL prints them.
  std::vector<Column> read_parquet(const std::string& path);

  // "quoted" identifier and 'quoted' literal.
  static std::string identifier(std::string_view name);
  static std::string literal(std::string_view text);
  // Names as the store knows columns: SQL ignores the case of ASCII letters, so a name that only
  // its case tells from an earlier one gets " #2" behind it; an empty name becomes "column".
  static std::vector<std::string> sql_names(const std::vector<std::string>& names);
  // Version of the library found at run time, e.g. "v1.5.6".
  static std::string version();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace perennial
