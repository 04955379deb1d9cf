#include "learn/svm/passes.h"

#include <cstdint>

#include "learn/logistic/vector_math.h"

namespace perennial::svm {
namespace {

using logistic::choose;
using logistic::exp_negative;
using logistic::fill;
using logistic::IntLanes;
using logistic::lane_sum;
using logistic::Lanes;
using logistic::load;
using logistic::store;

typedef float FloatLanes __attribute__((vector_size(16), aligned(4), may_alias));

PERENNIAL_INLINE void load(const float* from, Lanes& to) {
  // One by one: GCC makes one instruction of this, but many of __builtin_convertvector.
  to = Lanes{static_cast<double>(from[0]), static_cast<double>(from[1]),
             static_cast<double>(from[2]), static_cast<double>(from[3])};
}

PERENNIAL_INLINE void store(const Lanes& from, float* to) {
  *reinterpret_cast<FloatLanes*>(to) = __builtin_convertvector(from, FloatLanes);
}

PERENNIAL_INLINE void choose_int(const IntLanes& mask, const IntLanes& a, const IntLanes& b,
                                 IntLanes& to) {
  to = (mask & a) | (~mask & b);
}

// The largest value of both halves; of equal ones the first row.
PERENNIAL_INLINE void best_of(const Lanes (&value)[2], const IntLanes (&at)[2], Pick& best) {
  for (int h = 0; h < 2; ++h) {
    for (int l = 0; l < 4; ++l) {
      const auto row = static_cast<size_t>(at[h][l]);
      if (value[h][l] > best.value || (value[h][l] == best.value && row < best.row)) {
        best = {row, value[h][l]};
      }
    }
  }
}

}  // namespace

PERENNIAL_CLONES Pick update_and_pick(const float* row_i, const float* row_j, double step,
                                      const double* grow, size_t n, double* slope) {
  Lanes best[2], a, b, s, g;
  fill(kNever, best[0]);
  fill(kNever, best[1]);
  IntLanes at[2] = {{0, 1, 2, 3}, {4, 5, 6, 7}}, row[2] = {at[0], at[1]};
  for (size_t t = 0; t < n; t += 8) {
    for (int h = 0; h < 2; ++h) {
      const size_t here = t + 4 * static_cast<size_t>(h);
      load(row_i + here, a);
      load(row_j + here, b);
      load(slope + here, s);
      load(grow + here, g);
      s -= (a - b) * step;
      store(s, slope + here);
      s += g;
      const IntLanes better = s > best[h];
      choose(better, s, best[h], best[h]);
      choose_int(better, row[h], at[h], at[h]);
      row[h] += 8;
    }
  }
  Pick pick;
  best_of(best, at, pick);
  return pick;
}

PERENNIAL_CLONES PartnerPick pick_partner(const float* row_i, const double* diagonal,
                                          const double* slope, const double* shrink, double top,
                                          double own, double least, size_t n) {
  const Lanes zero = {0, 0, 0, 0};
  Lanes floor, gap[2], over[2] = {zero, zero}, under[2], k, d, s, w, curve;
  fill(least, floor);
  IntLanes at[2] = {{0, 1, 2, 3}, {4, 5, 6, 7}}, row[2] = {at[0], at[1]};
  for (int h = 0; h < 2; ++h) {
    fill(kNever, gap[h]);
    fill(1, under[h]);
  }
  for (size_t t = 0; t < n; t += 8) {
    for (int h = 0; h < 2; ++h) {
      const size_t here = t + 4 * static_cast<size_t>(h);
      load(row_i + here, k);
      load(diagonal + here, d);
      load(slope + here, s);
      load(shrink + here, w);
      s = (top - s) + w;
      choose(s > gap[h], s, gap[h], gap[h]);
      choose(s > zero, s, zero, s);
      curve = (own + d) - (k + k);
      choose(curve > floor, curve, floor, curve);
      // a / b > c / d without the division.
      s *= s;
      const IntLanes better = s * under[h] > over[h] * curve;
      choose(better, s, over[h], over[h]);
      choose(better, curve, under[h], under[h]);
      choose_int(better, row[h], at[h], at[h]);
      row[h] += 8;
    }
  }
  const Lanes gain[2] = {over[0] / under[0], over[1] / under[1]};
  Pick best{0, 0}, widest;
  best_of(gain, at, best);
  best_of(gap, at, widest);
  return {best.row, best.value, widest.value};
}

PERENNIAL_CLONES void subtract_row(const float* row, double factor, size_t n, double* out) {
  for (size_t t = 0; t < n; t += 4) {
    Lanes a, b;
    load(row + t, a);
    load(out + t, b);
    store(b - a * factor, out + t);
  }
}

PERENNIAL_CLONES double row_sum(const double* beta, const float* row, size_t n) {
  Lanes even = {0, 0, 0, 0}, odd = even, a, b;
  for (size_t t = 0; t < n; t += 8) {
    load(beta + t, a);
    load(row + t, b);
    even += a * b;
    load(beta + t + 4, a);
    load(row + t + 4, b);
    odd += a * b;
  }
  return lane_sum(even + odd);
}

PERENNIAL_CLONES void products(const double* u, size_t k, const double* columns, size_t stride,
                               size_t n, double* out) {
  size_t j = 0;
  for (; j + 16 <= n; j += 16) {
    Lanes a{}, b{}, c{}, d{}, x;
    for (size_t i = 0; i < k; ++i) {
      const double* at = columns + i * stride + j;
      load(at, x);
      a += x * u[i];
      load(at + 4, x);
      b += x * u[i];
      load(at + 8, x);
      c += x * u[i];
      load(at + 12, x);
      d += x * u[i];
    }
    store(a, out + j);
    store(b, out + j + 4);
    store(c, out + j + 8);
    store(d, out + j + 12);
  }
  for (; j < n; j += 4) {
    Lanes a{}, x;
    for (size_t i = 0; i < k; ++i) {
      load(columns + i * stride + j, x);
      a += x * u[i];
    }
    store(a, out + j);
  }
}

PERENNIAL_CLONES void rbf_values(const double* product, double squared_u, const double* squared,
                                 double gamma, size_t n, float* out) {
  const Lanes zero = {0, 0, 0, 0};
  for (size_t j = 0; j < n; j += 4) {
    Lanes p, v, e;
    load(product + j, p);
    load(squared + j, v);
    v = (v + squared_u) - (p + p);
    choose(v > zero, v, zero, v);
    exp_negative(v * -gamma, e);
    store(e, out + j);
  }
}

PERENNIAL_CLONES void poly_values(const double* product, double gamma, double coef0, int degree,
                                  size_t n, float* out) {
  for (size_t j = 0; j < n; j += 4) {
    Lanes p, v;
    load(product + j, p);
    p = p * gamma + coef0;
    v = p;
    for (int d = 1; d < degree; ++d) v *= p;
    store(v, out + j);
  }
}

PERENNIAL_CLONES void sigmoid_values(const double* product, double gamma, double coef0, size_t n,
                                     float* out) {
  const Lanes zero = {0, 0, 0, 0};
  for (size_t j = 0; j < n; j += 4) {
    Lanes p, v, e;
    load(product + j, p);
    p = p * gamma + coef0;
    const IntLanes positive = p > zero;
    choose(positive, -p, p, v);
    exp_negative(v + v, e);
    v = (1.0 - e) / (1.0 + e);
    choose(positive, v, -v, v);
    store(v, out + j);
  }
}

}  // namespace perennial::svm
