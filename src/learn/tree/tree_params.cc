#include "learn/tree/tree_params.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace perennial {
namespace {

const std::vector<ParamSpec>& shared_params() {
  static const std::vector<ParamSpec> kShared = {
      {.name = "criterion",
       .type = ParamType::kChoice,
       .description = "What a split reduces: Gini impurity or entropy.",
       .choices = {"gini", "entropy"}},
      {.name = "max_depth",
       .type = ParamType::kInt,
       .description = "Most questions from the root to a leaf; 0: no limit.",
       .min = 0,
       .max = 1e6},
      {.name = "min_samples_split",
       .type = ParamType::kInt,
       .description = "A node of fewer training rows is not split.",
       .min = 2,
       .max = 1e9},
      {.name = "min_samples_leaf",
       .type = ParamType::kInt,
       .description = "Fewest training rows in a leaf.",
       .min = 1,
       .max = 1e9},
      {.name = "class_weight",
       .type = ParamType::kChoice,
       .description = "balanced: rare classes weigh as much as frequent ones.",
       .choices = {"none", "balanced"}},
  };
  return kShared;
}

}  // namespace

ParamSpec tree_param(std::string_view name, ParamValue default_value, std::vector<ParamValue> grid,
                     std::optional<SearchRange> search) {
  const std::vector<ParamSpec>& shared = shared_params();
  const auto found =
      std::ranges::find_if(shared, [&](const ParamSpec& spec) { return spec.name == name; });
  PERENNIAL_CHECK(found != shared.end());
  ParamSpec spec = *found;
  spec.default_value = std::move(default_value);
  spec.grid = std::move(grid);
  spec.search = std::move(search);
  return spec;
}

}  // namespace perennial
