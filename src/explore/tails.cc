#include "explore/tails.h"

#include <cmath>
#include <limits>
#include <vector>

#include "metric/beta.h"
#include "metric/metric.h"

namespace perennial {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double log1m_exp(double log_p) {  // log(1 - exp(log_p)), log_p <= 0
  if (log_p >= 0) return -kInfinity;
  return log_p > -0.693 ? std::log(-std::expm1(log_p)) : std::log1p(-std::exp(log_p));
}

double log_gamma_series(double a, double x) {  // log P(a, x)
  double term = 1 / a, sum = term;
  for (double n = a + 1; term > sum * 1e-17; n += 1) {
    term *= x / n;
    sum += term;
  }
  return std::log(sum) - x + a * std::log(x) - log_gamma(a);
}

double log_gamma_fraction(double a, double x) {  // log Q(a, x)
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a, c = 1 / kTiny, d = 1 / b, h = d;
  for (int i = 1; i < 100000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (std::fabs(d) < kTiny) d = kTiny;
    c = b + an / c;
    if (std::fabs(c) < kTiny) c = kTiny;
    d = 1 / d;
    h *= d * c;
    if (std::fabs(d * c - 1) < 1e-15) break;
  }
  return std::log(h) - x + a * std::log(x) - log_gamma(a);
}

double log_beta_lower(double a, double b, double x) {  // log I_x(a, b) below the mean
  return std::log(beta_fraction(a, b, x, 1e-15)) + log_gamma(a + b) - log_gamma(a) - log_gamma(b) +
         a * std::log(x) + b * std::log1p(-x) - std::log(a);
}

// log P(Z >= z) for z > 5 by the continued fraction of Mills' ratio, and that ratio.
double log_normal_tail(double z, double& mills) {
  double fraction = z;
  for (int k = 60; k >= 1; --k) fraction = z + k / fraction;
  mills = 1 / fraction;
  return -z * z / 2 - 0.5 * std::log(2 * M_PI) + std::log(mills);
}

double poisson_deviance_sum(double mu) {
  double sum = 0, log_term = -mu;  // log P(X = 0)
  const auto last = static_cast<int>(mu + 12 * std::sqrt(mu) + 30);
  for (int x = 1; x <= last; ++x) {
    log_term += std::log(mu / x);
    sum += 2 * x * std::log(x / mu) * std::exp(log_term);
  }
  return sum;
}

// By log2(mu) in steps of 1/16 from 2^-16 to 2^6.
const std::vector<double>& deviance_table() {
  static const std::vector<double> kTable = [] {
    std::vector<double> table;
    for (int i = 0; i <= 22 * 16; ++i)
      table.push_back(poisson_deviance_sum(std::exp2(i / 16.0 - 16)));
    return table;
  }();
  return kTable;
}

}  // namespace

double log_chi2_tail(double x, double df) {
  if (!(x > 0)) return 0;
  if (std::isinf(x)) return -kInfinity;
  const double a = df / 2;
  return x / 2 < a + 1 ? log1m_exp(log_gamma_series(a, x / 2)) : log_gamma_fraction(a, x / 2);
}

LogTails log_beta_tails(double a, double b, double x) {
  LogTails tails;
  if (x < (a + 1) / (a + b + 2)) {
    tails.lower = std::fmin(0, log_beta_lower(a, b, x));
    tails.upper = log1m_exp(tails.lower);
  } else {
    tails.upper = std::fmin(0, log_beta_lower(b, a, 1 - x));
    tails.lower = log1m_exp(tails.upper);
  }
  return tails;
}

double z_of_log_p(double log_p) {
  if (log_p >= 0) return -kInfinity;
  if (std::isinf(log_p)) return kInfinity;
  if (log_p > -0.5) return normal_quantile(-std::expm1(log_p));
  if (log_p > -30) return -normal_quantile(std::exp(log_p));
  double z = std::sqrt(-2 * log_p);
  for (int i = 0; i < 50; ++i) {
    double mills = 0;
    const double off = log_normal_tail(z, mills) - log_p;
    z += off * mills;  // the slope of the logarithm is -1 / mills
    if (std::fabs(off * mills) < 1e-13 * z) break;
  }
  return z;
}

double mean_poisson_deviance(double mu) {
  if (!(mu > 0)) return 0;
  if (mu >= 64) return 1 + 1 / (6 * mu);
  const double at = (std::log2(mu) + 16) * 16;
  if (at < 0) return -2 * mu * std::log(mu);
  const auto& table = deviance_table();
  const auto i = static_cast<size_t>(at);
  if (i + 1 >= table.size()) return table.back();
  const double share = at - static_cast<double>(i);
  return table[i] * (1 - share) + table[i + 1] * share;
}

}  // namespace perennial
