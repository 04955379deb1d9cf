// Cells -> typed columns: numbers, dates or text, decided over all cells of a column.
#pragma once

#include <string>
#include <vector>

#include "base/workers.h"
#include "table/cell.h"
#include "table/csv.h"
#include "table/read.h"
#include "table/table.h"

namespace perennial {

// One file's rows; `place[i]` is where the table's column i stands in it.
struct TypingFile {
  const CsvRows* rows = nullptr;
  std::vector<size_t> place;
};

struct TypedColumns {
  std::vector<Column> columns;
  std::vector<ColumnReading> readings;
  std::vector<std::string> notes;
  bool decimal_comma = false;  // some column has decimal commas and none has decimal points
};

// A column is a number when all its cells are (missing ones apart), a date when all are ISO dates,
// else text (other dates are read from text afterwards, see date_columns.h); see read.h for decimal
// commas and for what stays text. `options.types` overrides. Throws Error{kData} with file, line
// and column on a cell that does not fit the type the study says, Error{kStudy} on a type or column
// that does not exist.
TypedColumns type_columns(const std::vector<std::string>& names,
                          const std::vector<TypingFile>& files, const ReadOptions& options,
                          const MissingMarkers& missing, const Workers& workers);

}  // namespace perennial
