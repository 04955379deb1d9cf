#include "learn/neural_network/kernels.h"

#include <cmath>

#include "learn/logistic/vector_math.h"

namespace perennial::neural {
namespace {

typedef float Lanes __attribute__((vector_size(32)));
typedef float LooseLanes __attribute__((vector_size(32), aligned(4), may_alias));

constexpr size_t kTileRows = 4;

// Rows x Vectors * kLanes elements of c; `a` and `b` point at their first row and column.
template <size_t Rows, size_t Vectors>
PERENNIAL_INLINE void tile(const float* a, size_t row_step, size_t step, const float* b,
                           const float* bias, size_t k, size_t n, float* c) {
  Lanes sum[Rows][Vectors];
  for (size_t r = 0; r < Rows; ++r) {
    for (size_t v = 0; v < Vectors; ++v) {
      sum[r][v] =
          bias == nullptr ? Lanes{} : *reinterpret_cast<const LooseLanes*>(bias + v * kLanes);
    }
  }
  for (size_t i = 0; i < k; ++i) {
    Lanes row[Vectors];
    for (size_t v = 0; v < Vectors; ++v) {
      row[v] = *reinterpret_cast<const LooseLanes*>(b + i * n + v * kLanes);
    }
    for (size_t r = 0; r < Rows; ++r) {
      const float factor = a[r * row_step + i * step];
      for (size_t v = 0; v < Vectors; ++v) sum[r][v] += row[v] * factor;
    }
  }
  for (size_t r = 0; r < Rows; ++r) {
    for (size_t v = 0; v < Vectors; ++v) {
      *reinterpret_cast<LooseLanes*>(c + r * n + v * kLanes) = sum[r][v];
    }
  }
}

template <size_t Rows>
PERENNIAL_INLINE void rows_of_tiles(const float* a, size_t row_step, size_t step, const float* b,
                                    const float* bias, size_t k, size_t n, float* c) {
  size_t j = 0;
  for (; j + 2 * kLanes <= n; j += 2 * kLanes) {
    tile<Rows, 2>(a, row_step, step, b + j, bias == nullptr ? nullptr : bias + j, k, n, c + j);
  }
  if (j < n) {
    tile<Rows, 1>(a, row_step, step, b + j, bias == nullptr ? nullptr : bias + j, k, n, c + j);
  }
}

}  // namespace

PERENNIAL_CLONES void multiply(const float* a, size_t row_step, size_t step, const float* b,
                               const float* bias, size_t m, size_t k, size_t n, float* c) {
  size_t r = 0;
  for (; r + kTileRows <= m; r += kTileRows) {
    rows_of_tiles<kTileRows>(a + r * row_step, row_step, step, b, bias, k, n, c + r * n);
  }
  for (; r < m; ++r) {
    rows_of_tiles<1>(a + r * row_step, row_step, step, b, bias, k, n, c + r * n);
  }
}

PERENNIAL_CLONES void adam(const float* gradient, size_t size, AdamStep step, float* parameter,
                           float* mean, float* square) {
  constexpr float kMean = 0.9F, kSquare = 0.999F, kLeast = 1e-8F;
  const float rate = step.rate, keep = 1 - step.shrink;
  for (size_t i = 0; i < size; ++i) {
    const float g = gradient[i];
    const float m = kMean * mean[i] + (1 - kMean) * g;
    const float s = kSquare * square[i] + (1 - kSquare) * (g * g);
    mean[i] = m;
    square[i] = s;
    parameter[i] = parameter[i] * keep - rate * m / (std::sqrt(s) + kLeast);
  }
}

}  // namespace perennial::neural
