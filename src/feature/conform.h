// Tables as the plan reads them: its columns, in its types.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "feature/plan.h"

namespace perennial {

struct Conformed {
  std::vector<std::vector<const Column*>> columns;  // by table of the plan, in the schema's order
  std::vector<const Table*> tables;                 // nullptr where there is none
  std::deque<Column> owned;                         // converted or empty columns
  std::vector<std::string> notes;
};

// strict (training): a missing table or column is an Error{kData}. Otherwise it is noted and its
// values are missing; only the entity table and its id must be there.
Conformed conform(const FeaturePlan& plan, const std::vector<const Table*>& tables, bool strict);

}  // namespace perennial
