// Inside the room: the numbers of a column in rising order, each with its row.
#pragma once

#include <cstdint>
#include <vector>

#include "table/column.h"

namespace perennial {

struct NumberCell {
  double value;  // finite; -0 is 0
  uint32_t row;
};

// Equal numbers in the order of their rows. A radix sort of the bits: O(n).
std::vector<NumberCell> rising_cells(const std::vector<double>& numbers);

// Counts of code pairs, a * stride + b; a[i] < a_count, b[i] < stride.
std::vector<uint32_t> count_codes(const std::vector<uint8_t>& a, size_t a_count,
                                  const std::vector<uint8_t>& b, size_t stride);
std::vector<uint32_t> count_codes(const std::vector<uint8_t>& a, size_t a_count,
                                  const std::vector<uint16_t>& b, size_t stride);

}  // namespace perennial
