// A table as it was read: columns, and for every row the file and line it came from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "table/column.h"

namespace perennial {

// Where a value stands, for people: "market_file.csv", line 12 (1-based, header included), "0,98".
struct Example {
  std::string file;
  int64_t line = 0;  // 0: no line (Parquet, or the fact is about the whole file)
  std::string value;
};

// What the reader noticed in a column while parsing. Counts are of cells; examples: the first few.
struct ColumnReading {
  int64_t decimal_comma = 0;  // cells such as 0,98 (column text until a repair makes it numbers)
  int64_t not_numbers = 0;    // cells that stop a column, numeric in all others, from being one
  int64_t leading_zeros = 0;  // 007, or integers of more than 15 digits: the column is kept as text
  int64_t stray_spaces = 0;   // cells with blanks at an end; kept as they are, a repair trims them
  std::string date_order;     // "dmy", "mdy" or "ymd": text that was read as dates (text_date.h)
  int64_t text_dates = 0;     // cells that are dates in a column that was kept as text,
  int64_t not_dates = 0;      // its other cells,
  bool date_question = false;  // and whether all are dates, but with the day or the month first
  std::map<std::string, int64_t> missing_markers;  // marker -> cells ("" for an empty cell)
  std::vector<Example> decimal_comma_examples, not_number_examples, stray_space_examples,
      missing_examples, leading_zero_examples, date_examples;
};

// What was decided about a file, and why where another reading was plausible too.
struct FileReading {
  std::string file;    // name as given in the study
  std::string sha256;  // of the bytes on disk
  uint64_t bytes = 0;
  std::string format;       // "csv" or "parquet"
  std::string compression;  // "", "gzip", "zstd"
  std::string encoding;     // "utf-8", "utf-16le", "utf-16be", "windows-1251", "latin-1"
  bool bom = false;
  char separator = ',';
  char decimal = '.';
  bool header = true;
  std::string line_end;  // "lf", "crlf", "cr", "mixed"
  int64_t rows = 0;
  std::vector<std::string> notes;  // sentences: "read as windows-1251, because …; say encoding = …"
};

// Id of a table without an id column: each row is a customer, called by its number among the rows.
inline constexpr const char* kRowNumber = "#row";

class Table {
 public:
  std::string name;  // in the study
  std::vector<Column> columns;
  std::vector<ColumnReading> readings;  // one a column
  std::vector<FileReading> files;
  std::vector<uint32_t> row_file;  // index into files; empty when there is only one file
  std::vector<uint32_t> row_line;  // 1-based line of the row's first byte; empty for Parquet

  size_t rows() const { return columns.empty() ? 0 : columns[0].size(); }
  // nullptr when there is none. The exact name wins; otherwise the regular form of it.
  const Column* find(std::string_view column) const;
  int index_of(std::string_view column) const;  // -1 when there is none
  std::vector<std::string> column_names() const;
  Example example(size_t row, std::string value) const;
};

// Appends the column kRowNumber with 1, 2, … unless the table has a column of that name.
void add_row_numbers(Table& table);

}  // namespace perennial
