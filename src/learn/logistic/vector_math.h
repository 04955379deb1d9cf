// exp, softplus and sigmoid four at a time, in plain arithmetic (no fused operations), so that
// every processor and compiler gives the same bits. Arguments and results go by reference: vectors
// in registers have no stable calling convention across instruction sets.
#pragma once

#include <cstdint>

#include "base/clones.h"

namespace perennial::logistic {

typedef double Lanes __attribute__((vector_size(32)));
typedef int64_t IntLanes __attribute__((vector_size(32)));
// The same at any address of a double.
typedef double LooseLanes __attribute__((vector_size(32), aligned(8), may_alias));

#define PERENNIAL_INLINE inline __attribute__((always_inline))

PERENNIAL_INLINE void load(const double* from, Lanes& to) {
  to = *reinterpret_cast<const LooseLanes*>(from);
}

PERENNIAL_INLINE void store(const Lanes& from, double* to) {
  *reinterpret_cast<LooseLanes*>(to) = from;
}

PERENNIAL_INLINE void fill(double value, Lanes& to) { to = Lanes{value, value, value, value}; }

// (0 + 1) + (2 + 3): the one order in which lanes are added up.
PERENNIAL_INLINE double lane_sum(const Lanes& v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// where mask ? a : b, lane by lane; mask lanes are all ones or all zeros.
PERENNIAL_INLINE void choose(const IntLanes& mask, const Lanes& a, const Lanes& b, Lanes& to) {
  to = (Lanes)((mask & (IntLanes)a) | (~mask & (IntLanes)b));
}

// e^x for x <= 0; below -708 as at -708 (about 3e-308). Error under 1 unit in the last place.
PERENNIAL_INLINE void exp_negative(const Lanes& argument, Lanes& result) {
  Lanes x, low;
  fill(-708.0, low);
  choose(argument < low, low, argument, x);
  // x = k ln 2 + r. Adding 1.5 * 2^52 rounds to an integer, which then sits in the low bits.
  constexpr double kRounder = 6755399441055744.0;
  const Lanes shifted = x * 1.4426950408889634 + kRounder;
  const Lanes k = shifted - kRounder;
  const Lanes r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  // Taylor to r^13: the rest is below 5e-18 for |r| <= ln 2 / 2.
  Lanes p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = (p * r) * r + r + 1.0;
  // 2^k by its exponent field.
  const IntLanes power = ((IntLanes)shifted + 1023) << 52;
  result = p * (Lanes)power;
}

// log(1 + e) for 0 <= e <= 1, by the series of fdlibm's log (Sun Microsystems 1993):
// log(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))), s = f / (2 + f), near 0 or near ln 2.
PERENNIAL_INLINE void log1p_unit(const Lanes& e, Lanes& result) {
  Lanes bound;
  fill(0.4142135623730951, bound);
  const IntLanes high = e > bound;
  // 1 + e = 2 (1 + f) where e is high; f is exact there up to one rounding.
  Lanes f;
  choose(high, e * 0.5 - 0.5, e, f);
  const Lanes s = f / (f + 2.0);
  const Lanes z = s * s;
  Lanes series = z * 1.479819860511658591e-01 + 1.531383769920937332e-01;
  series = series * z + 1.818357216161805012e-01;
  series = series * z + 2.222219843214978396e-01;
  series = series * z + 2.857142874366239149e-01;
  series = series * z + 3.999999999940941908e-01;
  series = series * z + 6.666666666666735130e-01;
  const Lanes half = f * f * 0.5;
  const Lanes small = f - (half - s * (half + series * z));
  choose(high, small + 0.6931471805599453, small, result);
}

// What one row contributes at wrongness t (minus the margin of its true class):
//   loss       log(1 + e^t)
//   slope      its derivative, sigmoid(t)
//   curvature  its second derivative, slope * (1 - slope), without cancellation
PERENNIAL_INLINE void logistic_terms(const Lanes& t, Lanes& loss, Lanes& slope, Lanes& curvature) {
  const Lanes zero = {0, 0, 0, 0};
  const IntLanes wrong = t >= zero;
  Lanes distance, e, log_part, most;
  choose(wrong, -t, t, distance);
  exp_negative(distance, e);
  log1p_unit(e, log_part);
  choose(wrong, t, zero, most);
  loss = log_part + most;
  const Lanes inverse = 1.0 / (e + 1.0);
  const Lanes other = e * inverse;
  choose(wrong, inverse, other, slope);
  curvature = other * inverse;
}

}  // namespace perennial::logistic
