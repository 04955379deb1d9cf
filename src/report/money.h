// What contacting customers costs and earns, in words and as JSON.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "report/record.h"

namespace perennial {

// REQUIRES: record.verdict.money.
Json money_json(const RunRecord& record);
// Empty where the study says nothing about money.
std::vector<std::string> money_sentences(const RunRecord& record);

}  // namespace perennial
