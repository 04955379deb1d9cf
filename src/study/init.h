// perennial init: tables -> the first version of a study, commented.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "base/workers.h"
#include "table/table.h"

namespace perennial {

struct InitOptions {
  std::vector<std::string> files;       // as the study will name them
  std::optional<std::string> target;    // column
  std::optional<std::string> positive;  // class; else the rarer one, said so in a comment
};

// Finds the id the tables share, tables in long form (id, period, value), the value column (money),
// candidates for the target; proposes the cohort and what to do with impossible numbers, with the
// numbers seen, in comments. `tables[i]` was read from files[i].
std::string propose_study(const std::vector<Table>& tables, const InitOptions& options,
                          const Workers& workers);

}  // namespace perennial
