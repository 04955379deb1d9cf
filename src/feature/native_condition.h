// Conditions on columns in memory: for every row what the condition's SQL says of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "table/column.h"
#include "table/condition.h"

namespace perennial {

// The values behind an SQL expression that `ColumnsOf` gave; nullptr where they are not at hand.
using ValuesOf = std::function<const Column*(const SqlColumn&)>;

// Would an SQL engine read number_text(value) as the same double? Decimals are whole numbers
// divided by a power of ten there, which rounds once only while both are exact doubles.
bool exact_in_sql(double value);

// 1 for each of the `rows` that the condition holds for. nullopt where that cannot be said with
// certainty to be what the SQL says. REQUIRES: to_sql accepts the condition with these columns.
std::optional<std::vector<uint8_t>> rows_where(const Condition& condition,
                                               const ColumnsOf& columns_of,
                                               const ValuesOf& values_of, size_t rows);

// The same where no SQL has to agree: numbers compare as the doubles they are. REQUIRES: values_of
// knows every column.
std::vector<uint8_t> rows_that_hold(const Condition& condition, const ColumnsOf& columns_of,
                                    const ValuesOf& values_of, size_t rows);

}  // namespace perennial
