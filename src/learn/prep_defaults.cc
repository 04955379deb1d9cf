#include "learn/prep_defaults.h"

#include "base/error.h"
#include "prep/prep.h"

namespace perennial {

std::vector<ParamSpec> prep_defaults(const std::vector<std::string>& scales,
                                     const std::string& impute) {
  PERENNIAL_CHECK(!scales.empty());
  std::vector<ParamSpec> specs = prep_params();
  for (ParamSpec& spec : specs) {
    if (spec.name == "scale") {
      spec.default_value = scales.front();
      if (scales.size() > 1) spec.grid.assign(scales.begin(), scales.end());
    }
    if (spec.name == "encode") spec.default_value = std::string("one_hot");
    if (spec.name == "impute") spec.default_value = impute;
    if (spec.name == "drop") spec.default_value = std::string("if_binary");
  }
  return specs;
}

}  // namespace perennial
