// JSON with the order of insertion kept, so that files read as they were written.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace perennial {

using Json = nlohmann::ordered_json;

// Pretty text with a final newline; doubles in a short form that reads back exactly; NaN and
// infinities as null; bytes that are not UTF-8 as U+FFFD.
std::string json_text(const Json& json);

}  // namespace perennial
