// report.html of a question of uplift: one plain page without scripts, in English, Russian or
// Portuguese; it opens from disk and asks no network.
#pragma once

#include <string>

#include "run/uplift_text.h"

namespace perennial {

std::string uplift_page(const RunRecord& record, const UpliftRecord& uplift);

}  // namespace perennial
