// Finding out how a text is written: separator, quote, header line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/cell.h"
#include "table/csv.h"
#include "table/read.h"

namespace perennial {

struct SniffedDialect {
  CsvDialect dialect;
  size_t start = 0;  // bytes of a leading "sep=;" line, not part of the table
  std::vector<std::string> notes;
};

// Separator among , ; tab | by how evenly it cuts the first lines outside quotes; between several
// even ones, by how many cells it leaves that still hold another separator and are no numbers.
// Throws Error{kStudy} on options that cannot be, and where the study's separator gives one column
// and another one several in every line.
SniffedDialect sniff_dialect(const std::string& file, std::string_view text,
                             const ReadOptions& options, const MissingMarkers& missing);

struct SniffedHeader {
  bool header = true;
  std::vector<std::string> notes;
};

// Whether the first row names the columns. What is seen: a header has words where the column below
// has numbers or dates. What the study says is obeyed, and noted where it contradicts what is seen.
SniffedHeader sniff_header(std::string_view text, const CsvDialect& dialect,
                           const ReadOptions& options, const MissingMarkers& missing);

// ; -> ";" and tab -> "tab", for messages.
std::string separator_name(char separator);

}  // namespace perennial
