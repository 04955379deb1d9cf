// The floats of a network, eight at a time. Every sum runs in one order whatever the processor, and
// products are rounded before they are added, so that all machines give the same bits.
#pragma once

#include <cstddef>

namespace perennial::neural {

constexpr size_t kLanes = 8;
// Width of a row of floats: units filled up with zeros.
constexpr size_t padded(size_t units) { return (units + kLanes - 1) / kLanes * kLanes; }

// c (m x n) = a (m x k) b (k x n) + bias, or without bias where it is null. Element (r, i) of a is
// a[r * row_step + i * step], so a may be transposed. b and c are row-major.
// REQUIRES: n is a multiple of kLanes.
void multiply(const float* a, size_t row_step, size_t step, const float* b, const float* bias,
              size_t m, size_t k, size_t n, float* c);

// One step of Adam (Kingma and Ba 2015, the efficient form at the end of their section 2) on
// `size` parameters. rate: the step size with its bias correction; shrink: weight decay.
struct AdamStep {
  float rate, shrink;
};
void adam(const float* gradient, size_t size, AdamStep step, float* parameter, float* mean,
          float* square);

}  // namespace perennial::neural
