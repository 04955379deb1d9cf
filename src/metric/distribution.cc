// Normal and t distributions.
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/beta.h"
#include "metric/metric.h"

namespace perennial {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLastBit = 1e-16;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <size_t N>
double polynomial(const double (&coefficients)[N], double x) {
  double sum = 0;
  for (const double c : coefficients) sum = sum * x + c;
  return sum;
}

// I_x(a, b) where y = 1 - x is given too, because it may be too small to be found from x.
double incomplete_beta(double a, double b, double x, double y) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double front =
      std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x, kLastBit) / a;
  return 1 - front * beta_fraction(b, a, y, kLastBit) / b;
}

// P(T > t) for t >= 0.
double t_upper_tail(double t, double df) {
  if (std::isinf(t)) return 0;
  const double square = t * t;
  return 0.5 * incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square));
}

}  // namespace

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// Wichura 1988, algorithm AS 241 (PPND16): about 16 digits.
double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return kNaN;
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  constexpr double kA[] = {2.5090809287301226727e3, 3.3430575583588128105e4,
                           6.7265770927008700853e4, 4.5921953931549871457e4,
                           1.3731693765509461125e4, 1.9715909503065514427e3,
                           1.3314166789178437745e2, 3.3871328727963666080e0};
  constexpr double kB[] = {5.2264952788528545610e3, 2.8729085735721942674e4,
                           3.9307895800092710610e4, 2.1213794301586595867e4,
                           5.3941960214247511077e3, 6.8718700749205790830e2,
                           4.2313330701600911252e1, 1.0};
  constexpr double kC[] = {7.74545014278341407640e-4, 2.27238449892691845833e-2,
                           2.41780725177450611770e-1, 1.27045825245236838258e0,
                           3.64784832476320460504e0,  5.76949722146069140550e0,
                           4.63033784615654529590e0,  1.42343711074968357734e0};
  constexpr double kD[] = {1.05075007164441684324e-9, 5.47593808499534494600e-4,
                           1.51986665636164571966e-2, 1.48103976427480074590e-1,
                           6.89767334985100004550e-1, 1.67638483018380384940e0,
                           2.05319162663775882187e0,  1.0};
  constexpr double kE[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5,
                           1.24266094738807843860e-3, 2.65321895265761230930e-2,
                           2.96560571828504891230e-1, 1.78482653991729133580e0,
                           5.46378491116411436990e0,  6.65790464350110377720e0};
  constexpr double kF[] = {2.04426310338993978564e-15, 1.42151175831644588870e-7,
                           1.84631831751005468180e-5,  7.86869131145613259100e-4,
                           1.48753612908506148525e-2,  1.36929880922735805310e-1,
                           5.99832206555887937690e-1,  1.0};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  double r = std::sqrt(-std::log(q < 0 ? p : 1 - p));
  double z = 0;
  if (r <= 5) {
    r -= 1.6;
    z = polynomial(kC, r) / polynomial(kD, r);
  } else {
    r -= 5;
    z = polynomial(kE, r) / polynomial(kF, r);
  }
  return q < 0 ? -z : z;
}

double t_cdf(double t, double df) {
  if (std::isnan(t) || !(df > 0)) return kNaN;
  if (std::isinf(df)) return normal_cdf(t);
  const double tail = t_upper_tail(std::abs(t), df);
  return t > 0 ? 1 - tail : tail;
}

double t_quantile(double p, double df) {
  if (!(p >= 0 && p <= 1) || !(df > 0)) return kNaN;
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  if (std::isinf(df)) return normal_quantile(p);
  if (p == 0.5) return 0;
  const double tail = p < 0.5 ? p : 1 - p;
  double low = 0, high = 1;
  while (t_upper_tail(high, df) > tail && high < 1e300) {
    low = high;
    high *= 2;
  }
  // Halving is slow but cannot fail, and it is called a handful of times a run.
  for (int i = 0; i < 200 && high - low > 1e-16 * high; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (t_upper_tail(middle, df) > tail ? low : high) = middle;
  }
  const double t = low + (high - low) / 2;
  return p < 0.5 ? -t : t;
}

}  // namespace perennial
