// What the engine answers becomes columns. Inside the table room.
#pragma once

#include <duckdb.h>

#include <optional>
#include <vector>

#include "table/column.h"

namespace perennial {

// std::nullopt for a type that has no place in a Column (lists, structs, blobs, …).
std::optional<ColumnType> column_type(duckdb_type type);

// All rows of a result, in its order; texts get codes in order of first appearance. REQUIRES: every
// column of the result has a column_type. The result's chunks are used up.
std::vector<Column> columns_of(duckdb_result& result);

}  // namespace perennial
