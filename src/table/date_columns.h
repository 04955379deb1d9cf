// Text columns that hold dates become dates.
#pragma once

#include "base/workers.h"
#include "table/read.h"
#include "table/table.h"

namespace perennial {

// A text column whose values are all dates, written in one way (text_date.h), becomes dates where
// only one reading of them is left:
// - the name of a month, or a year of four digits in front: read as it stands;
// - otherwise by the column itself: a number above 12 is no month; in short dates the part that
//   takes far more different values is the day and not the year;
// - then by convention: points stand between day, month and year;
// - then by the other columns of the table that are written with the same mark.
// Where both readings remain, the column stays text, and readings.date_question asks. A column that
// is mostly dates stays text with readings.text_dates counted. Dates with a time zone become UTC.
// A note says how dates were read and why. options.types: "date" makes a column that cannot be read
// an error, "date dmy", "date mdy" and "date ymd" say the order (then the values may be written in
// several ways), and "text" leaves it alone.
// Throws Error{kData} with file, line and column.
void read_text_dates(Table& table, const ReadOptions& options, const Workers& workers);

}  // namespace perennial
