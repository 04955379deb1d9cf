// Parts of a date as columns of their own: what repeats every year, week or day, and so means the
// same in data of a later year.
#pragma once

#include <string>
#include <vector>

#include "table/table.h"

namespace perennial {

// "month" 01..12, "quarter" 1..4, "weekday" 1 (Monday)..7, "hour" 00..23.
const std::vector<std::string>& calendar_parts();

// Appends a text column `<column>_<part>` for each part; missing where the date is. Error (kStudy):
// no such column (unless `may_lack`, then nothing is appended), it holds no dates, or the table has
// a column of the new name. REQUIRES: parts are those above.
void add_calendar(Table& table, const std::string& column, const std::vector<std::string>& parts,
                  bool may_lack);

}  // namespace perennial
