// What the preparation learns from one column of numbers.
#pragma once

#include <string>
#include <vector>

namespace perennial {

// value -> (value - shift) / scale, after a missing value was replaced by fill.
struct NumberFit {
  double shift = 0, scale = 1, fill = 0;
};

// present: the finite training values (rescaled here where they are huge or tiny); missing: how
// many more rows have none. scale: standard | min_max | robust | none; impute: median | mean |
// none. As scikit-learn's SimpleImputer followed by StandardScaler, MinMaxScaler or RobustScaler:
// shift and scale are
// those of the column after imputation (of the present values when impute is none). A constant
// column gets scale 1. All results are finite, for values of any magnitude.
NumberFit fit_numbers(std::vector<double>& present, size_t missing, const std::string& scale,
                      const std::string& impute);

}  // namespace perennial
