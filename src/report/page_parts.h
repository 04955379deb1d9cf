// Parts of the page's data that have files of their own. See page_data.h.
#pragma once

#include "base/json.h"
#include "report/record.h"

namespace perennial {

// Six significant digits: more than a chart or a table shows, and shorter. Not finite: null.
Json shown_number(double value);

// The same of every number in it.
Json shown_numbers(const Json& json);

Json explanation_page(const Explanation& explanation);
// definitions: of columns made of events, by name.
Json exploration_page(const Exploration& exploration,
                      const std::vector<std::pair<std::string, std::string>>& definitions);

}  // namespace perennial
