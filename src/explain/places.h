// Quantiles of many numbers without sorting them all.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace perennial {

// What would stand at the wanted places (rising, below the size) were the values sorted.
std::vector<double> sorted_places(std::vector<double> values, std::span<const size_t> wanted);

}  // namespace perennial
