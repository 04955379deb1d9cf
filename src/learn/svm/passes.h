// The inner loops of the solver and of the kernels, four doubles at a time. Plain arithmetic in a
// fixed order: the same bits with and without AVX2.
#pragma once

#include <cstddef>
#include <limits>

namespace perennial::svm {

constexpr double kNever = -std::numeric_limits<double>::infinity();

struct Pick {
  size_t row = 0;
  double value = kNever;  // kNever: none
};

// slope -= step * (row_i - row_j); then the largest slope + grow. n: a multiple of 8.
Pick update_and_pick(const float* row_i, const float* row_j, double step, const double* grow,
                     size_t n, double* slope);

struct PartnerPick {
  size_t row = 0;
  double gain = 0;      // (first slope - its slope)^2 / curvature; 0: none
  double gap = kNever;  // largest first slope - slope among the rows that may shrink
};

// The partner of row i, of slope `top` and diagonal `own`: the largest gain. shrink: 0, or kNever
// for rows that cannot shrink. Curvatures below `least` count as `least`.
PartnerPick pick_partner(const float* row_i, const double* diagonal, const double* slope,
                         const double* shrink, double top, double own, double least, size_t n);

// out -= factor * row.
void subtract_row(const float* row, double factor, size_t n, double* out);

// sum of beta * row, n a multiple of 8, in a fixed order.
double row_sum(const double* beta, const float* row, size_t n);

// out[j] = sum_k u[k] * columns[k * stride + j] for j < n (a multiple of 8), k in order.
void products(const double* u, size_t k, const double* columns, size_t stride, size_t n,
              double* out);

// Products of u with n rows -> kernel values; squared: the rows' squared lengths.
void rbf_values(const double* product, double squared_u, const double* squared, double gamma,
                size_t n, float* out);
void poly_values(const double* product, double gamma, double coef0, int degree, size_t n,
                 float* out);
void sigmoid_values(const double* product, double gamma, double coef0, size_t n, float* out);

}  // namespace perennial::svm
