// The data of report.html as JSON: aggregates only (no row of a customer, no time of a run), so
// that the page stays small and the same study gives the same bytes. Read by web/src/data.ts.
#pragma once

#include <string>

#include "base/json.h"
#include "report/record.h"

namespace perennial {

// "en", "ru" or "pt": what the study says or, for "auto" and "", what the names of the columns and
// classes look like (Cyrillic letters: Russian; Portuguese letters and words: Portuguese).
std::string page_language(const RunRecord& record);

Json page_data(const RunRecord& record);

// JSON that may stand inside <script type="application/json">: no "<", ">", "&", U+2028 or U+2029
// as themselves, whatever the names and values hold.
std::string script_json(const Json& json);

}  // namespace perennial
