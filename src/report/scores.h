// scores.csv in pieces, for files of many lines.
#pragma once

#include <string>
#include <vector>

#include "base/workers.h"
#include "report/record.h"

namespace perennial {

// scores_csv in pieces that follow each other: the head, then some thousand lines each.
std::vector<std::string> scores_csv_parts(const RunRecord& record,
                                          const Workers* workers = nullptr);

}  // namespace perennial
