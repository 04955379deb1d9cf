// The preparation's parameters as a learner wants them.
#pragma once

#include <string>
#include <vector>

#include "base/params.h"

namespace perennial {

// prep_params() with `scales` as the grid of "scale" (the first is the default), one-hot encoding,
// one column for a feature of two categories, and `impute` as the default of "impute" ("none" for
// learners that take missing numbers). REQUIRES: scales is not empty.
std::vector<ParamSpec> prep_defaults(const std::vector<std::string>& scales,
                                     const std::string& impute = "median");

}  // namespace perennial
