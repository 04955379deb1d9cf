// Numbers a learner sees. Column-major: column j is values[j * rows .. (j + 1) * rows).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace perennial {

struct Matrix {
  size_t rows = 0, cols = 0;
  std::vector<double> values;  // NaN only where the preparation keeps missing values
  std::vector<std::string> names;  // one a column: "выручка", "категория=книги", "минут is missing"
  std::vector<int32_t> source;  // index of the feature each column came from

  std::span<const double> column(size_t j) const { return {values.data() + j * rows, rows}; }
  std::span<double> column(size_t j) { return {values.data() + j * rows, rows}; }
  double at(size_t i, size_t j) const { return values[j * rows + i]; }
  // rows x cols, row-major copy.
  std::vector<double> row_major() const;
};

}  // namespace perennial
