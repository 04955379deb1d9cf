// Who gets which offer and what that is expected to earn, in words and as JSON.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "report/record.h"

namespace perennial {

// REQUIRES: record.offers.
Json offers_json(const RunRecord& record);
// The same with the messages to look at, for the page.
Json offers_page(const RunRecord& record);
// Empty where the study has no offers.
std::vector<std::string> offer_sentences(const RunRecord& record);

}  // namespace perennial
