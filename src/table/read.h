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
  std::vector<std::string> files;           // relative to `folder`; several are appended by name
  std::optional<char> separator;            // , ; \t |
  std::optional<char> decimal;              // . or ,
  std::optional<char> quote;                // default "
  std::optional<std::string> encoding;      // utf-8 utf-16le utf-16be windows-1251 latin-1
  std::optional<bool> header;
  std::vector<std::string> names;           // column names where the file has none
  std::vector<std::string> missing;         // more markers for a missing value
  std::map<std::string, std::string> types;  // column -> "number" | "text" | "date"
  bool keep_markers = false;                // true: only an empty cell is missing
};

// Missing markers known without being told: empty, NA, N/A, #N/A, n/a, NaN, null, NULL, None,
// $null$, a lone space.
// Decimal commas: a column whose cells are all numbers with a comma stays text with
// readings.decimal_comma counted, unless options.decimal says ',' (then it is numbers): turning it
// into numbers is a repair, which the study can switch off.
// Errors (kIo, kData) name file, line, column: missing file, binary file, rows with too many or too
// few fields, an open quote, duplicate column names, no rows, no columns, bad encoding, a gzip or
// zstd stream that ends early, a header where the study says none and the other way round.
Table read_table(const std::string& table_name, const fs::path& folder, const ReadOptions& options,
                 const Workers& workers);

// The same on bytes in memory (tests, fuzzers). `file` is the name for messages.
Table read_csv_bytes(const std::string& table_name, const std::string& file, std::string bytes,
                     const ReadOptions& options, const Workers& workers);

}  // namespace perennial
