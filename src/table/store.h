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

  // Makes `table` queryable under `sql_name` with its columns under their own names, and two more:
  // "#row" (0-based, bigint) for the order in the file. Text is VARCHAR, numbers are DOUBLE, dates
  // are DOUBLE (days). Missing is NULL.
  void add(const std::string& sql_name, const Table& table);

  // Runs one statement. Result columns: VARCHAR -> kText, BOOLEAN/integers/decimals/double ->
  // kNumber, DATE/TIMESTAMP -> kDate. Throws Error{kInternal} with the statement on an SQL error
  // (the SQL is ours; user conditions are checked before).
  std::vector<Column> query(const std::string& sql);
  void execute(const std::string& sql);

  // Rows of a Parquet file as columns (kData on a file that is not one).
  std::vector<Column> read_parquet(const std::string& path);

  // "quoted" identifier and 'quoted' literal.
  static std::string identifier(std::string_view name);
  static std::string literal(std::string_view text);
  // Version of the library found at run time, e.g. "v1.5.6".
  static std::string version();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace perennial
