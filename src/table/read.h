// Files -> Table. Understands CSV in its many dialects and Parquet; says what it decided.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/workers.h"
#include "table/table.h"

namespace perennial {

// What the study says about a file; what it does not say is found out.
struct ReadOptions {
  std::vector<std::string> files;       // relative to `folder`; several are appended by name
  std::optional<char> separator;        // , ; \t |
  std::optional<char> decimal;          // . or ,
  std::optional<char> quote;            // " or ', or 0 for none; found out: " unless ' wraps cells
  std::optional<std::string> encoding;  // utf-8 utf-16le utf-16be windows-1251 latin-1
  std::optional<bool> header;
  std::vector<std::string> names;            // column names where the file has none
  std::vector<std::string> missing;          // more markers for a missing value
  std::map<std::string, std::string> types;  // column -> type, see below
  // date column -> parts of it (calendar.h) that become columns of their own
  std::map<std::string, std::vector<std::string>> calendar;
  bool keep_markers = false;    // true: only an empty cell is missing
  bool types_may_lack = false;  // types may name columns that the file does not have
  bool operator==(const ReadOptions&) const = default;
};

// Missing markers known without being told: empty, NA, N/A, #N/A, n/a, NaN, nan, null, NULL, None,
// $null$, a lone space (any cell of blanks); blanks around a marker do not matter.
// A column is numbers when every cell that is not missing is a number with a decimal point; dates
// when every one is a date in one reading (ISO; others: date_columns.h); else text. Numbers may
// have blanks around them (counted as stray).
// - Decimal commas: a column whose cells are all numbers, some with a comma, stays text with
//   readings.decimal_comma counted, unless options.decimal says ',' (then it is numbers): turning
//   it into numbers is a repair, which the study can switch off.
// - Where every comma is followed by three digits ("1,234") it may separate thousands: the column
//   stays text, nothing is counted as a decimal comma, and a note says how the study settles it.
//   With options.decimal the other mark, blanks and apostrophes may separate thousands.
// - 007 and integers of more than 15 digits make a column text (readings.leading_zeros).
// - Fewer than one cell in twenty that is no number: text, with readings.not_numbers.
// options.types overrides: "number" and "date" make a cell that is none an error, "date dmy", "date
// mdy" and "date ymd" also say the order of the parts, "text" keeps cells as written. Header: found
// out by words over numbers; where the study says otherwise than what is seen, it is obeyed and a
// note says so. `names` stand for a missing header, or replace the one in the file. Lines without
// any character are skipped, and a note counts them. Several files: columns are matched by name;
// the order in the first file is kept. Errors (kIo, kData, kStudy) name file, line, column: missing
// file, binary file, rows with too many or too few cells, an open quote, duplicate column names, no
// rows, bad encoding, a gzip or zstd stream that ends early, a separator in the study that cannot
// be.
Table read_table(const std::string& table_name, const fs::path& folder, const ReadOptions& options,
                 const Workers& workers);

// The same on bytes in memory, packed or not (tests, fuzzers), but no Parquet. `file` is the name
// for messages; options.files is not looked at.
Table read_csv_bytes(const std::string& table_name, const std::string& file, std::string bytes,
                     const ReadOptions& options, const Workers& workers);

}  // namespace perennial
