#include "metric/beta.h"

#include <cmath>

namespace perennial {

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double beta_fraction(double a, double b, double x, double tolerance) {
  constexpr double kTiny = 1e-300;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double result = d;
  const auto step = [&](double numerator) {
    d = 1 + numerator * d;
    d = 1 / (std::abs(d) < kTiny ? kTiny : d);
    c = 1 + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    result *= c * d;
    return std::abs(c * d - 1);
  };
  for (int i = 1; i < 100000; ++i) {
    const double m = i;
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    const double change = step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
    if (change < tolerance) break;
  }
  return result;
}

}  // namespace perennial
