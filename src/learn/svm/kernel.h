// Kernels and their matrices.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learn/svm/smo.h"

namespace perennial {

struct KernelSpec {
  enum class Kind : uint8_t { kLinear, kRbf, kPoly, kSigmoid };
  Kind kind = Kind::kRbf;
  double gamma = 1, coef0 = 0;  // rbf: exp(-gamma |u - v|^2); poly: (gamma u'v + coef0)^degree;
  int degree = 3;               // sigmoid: tanh(gamma u'v + coef0)
  bool operator==(const KernelSpec&) const = default;
};

// Rows of numbers, by row and by column, with their squared lengths.
struct RowBlock {
  size_t rows = 0, cols = 0, stride = 0;  // stride: rows, padded
  std::vector<double> values;             // row-major
  std::vector<double> columns;            // cols x stride, zeros behind the rows
  std::vector<double> squared;            // stride
  RowBlock() = default;
  RowBlock(std::vector<double> row_major, size_t row_count, size_t col_count);
  const double* row(size_t i) const { return values.data() + i * cols; }
};

// Products of row i of `a` with the rows of `b`: out[j], b.stride of them. A column of zeros
// anywhere changes no bit.
void row_products(const RowBlock& a, size_t i, const RowBlock& b, double* out);
// All of them: a.rows x b.stride. One matrix serves every kernel and every C of a fold.
std::vector<double> product_matrix(const RowBlock& a, const RowBlock& b);

// Products of one row of squared length squared_u -> kernel values, zeros behind b.rows.
void kernel_values(const KernelSpec& spec, const double* product, double squared_u,
                   const RowBlock& b, float* out);
// K(rows of a, rows of b): a.rows x b.stride.
std::vector<float> kernel_matrix(const KernelSpec& spec, const RowBlock& a, const RowBlock& b,
                                 std::span<const double> products);

// The whole matrix in memory where it fits `budget_bytes`, else rows computed on demand with the
// latest kept. `products`: of product_matrix(x, x), or empty. x must outlive the result.
std::unique_ptr<KernelRows> make_kernel(const KernelSpec& spec, const RowBlock& x,
                                        std::span<const double> products, size_t budget_bytes);

}  // namespace perennial
