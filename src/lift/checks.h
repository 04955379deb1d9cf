// Are the groups of a campaign as they were drawn?
#pragma once

#include <vector>

#include "lift/measure.h"

namespace perennial {

// Sample-ratio mismatch among all customers and among those with an outcome, missing outcomes by
// arm, contamination. REQUIRES: customers is not empty.
LiftChecks check_lift(size_t strata, const std::vector<LiftCustomer>& customers);

}  // namespace perennial
