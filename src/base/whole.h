// Whole numbers among doubles.
#pragma once

#include <cmath>
#include <cstdint>

namespace perennial {

// Finite and without a fraction. Quicker than std::floor, which is a call where the processor is
// not known to have SSE4.1.
inline bool is_whole(double value) {
  constexpr double kNoFractions = 0x1p53;  // from here on doubles are a whole number apart
  if (!(std::fabs(value) < kNoFractions)) return std::isfinite(value);
  return static_cast<double>(static_cast<int64_t>(value)) == value;
}

}  // namespace perennial
