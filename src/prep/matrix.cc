#include "prep/matrix.h"

#include <algorithm>

namespace perennial {

std::vector<double> Matrix::row_major() const {
  std::vector<double> out(rows * cols);
  // Blocks of rows keep the written lines in the cache while the columns stream past.
  constexpr size_t kBlock = 256;
  for (size_t begin = 0; begin < rows; begin += kBlock) {
    const size_t end = std::min(rows, begin + kBlock);
    for (size_t j = 0; j < cols; ++j) {
      const double* from = values.data() + j * rows;
      for (size_t i = begin; i < end; ++i) out[i * cols + j] = from[i];
    }
  }
  return out;
}

}  // namespace perennial
