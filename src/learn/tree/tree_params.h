// Parameters that every learner made of trees has, declared once; what differs is what each takes
// when nothing is said, and what it tries.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/params.h"

namespace perennial {

// criterion, max_depth, min_samples_split, min_samples_leaf or class_weight. REQUIRES: one of
// these.
ParamSpec tree_param(std::string_view name, ParamValue default_value,
                     std::vector<ParamValue> grid = {}, std::optional<SearchRange> search = {});

}  // namespace perennial
