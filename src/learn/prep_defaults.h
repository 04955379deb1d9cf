// The preparation's parameters as a learner wants them.
#pragma once

#include <string>
#include <vector>

#include "base/params.h"

namespace perennial {

// prep_params() with `scales` as the grid of "scale" (the first is the default), one-hot encoding
// and one column for a feature of two categories. REQUIRES: scales is not empty.
std::vector<ParamSpec> prep_defaults(const std::vector<std::string>& scales);

}  // namespace perennial
