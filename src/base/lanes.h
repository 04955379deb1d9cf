// Loops in which no step waits for the one before it.
#pragma once

#include <cstddef>

namespace perennial {

// take(lane, i) for i in [0, n): every kLanes-th i goes to the same lane. Each lane keeps a sum,
// say, of its own, so that the processor works on all of them side by side; put together in the
// order of the lanes the result is always the same.
template <size_t kLanes>
void in_lanes(size_t n, const auto& take) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) take(lane, i + lane);
  }
  for (size_t lane = 0; i < n; ++i, ++lane) take(lane, i);
}

}  // namespace perennial
