// Segments as JSON, CSV and lines of the terminal.
#pragma once

#include <string>

#include "base/json.h"
#include "report/record.h"

namespace perennial {

// Part of metrics.json, and, with shorter numbers, of the page: no customer in it. REQUIRES:
// segments.computed().
Json segments_json(const Segments& segments);
// For the terminal: a line a segment. "" where there are none.
std::string segments_text(const Segments& segments, int width);

}  // namespace perennial
