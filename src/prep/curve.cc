#include "prep/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace perennial {
namespace {

constexpr size_t kQuantiles = 256;
constexpr size_t kDegree = 3;
// scikit-learn's QuantileTransformer ends here: the normal quantiles of 1e-7 less the spacing of 1.
constexpr double kLowest = -5.199337582605575, kHighest = 5.19933758270342;
constexpr double kMostLambda = 8;

// Inverse of the normal distribution: Acklam's approximation, one step of Halley's method.
double normal_quantile(double p) {
  if (p <= 0) return -std::numeric_limits<double>::infinity();
  if (p >= 1) return std::numeric_limits<double>::infinity();
  if (p > 0.5) return -normal_quantile(1 - p);
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  double x = 0;
  if (p < 0.02425) {
    const double q = std::sqrt(-2 * std::log(p));
    x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
        ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  } else {
    const double q = p - 0.5, r = q * q;
    x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
        (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
  }
  const double error = 0.5 * std::erfc(-x / std::sqrt(2.0)) - p;
  const double u = error * std::sqrt(2 * 3.14159265358979323846) * std::exp(x * x / 2);
  return x - u / (1 + x * u / 2);
}

double yeo_johnson(double v, double lambda) {
  if (v >= 0) {
    return std::abs(lambda) < 1e-12 ? std::log1p(v) : std::expm1(lambda * std::log1p(v)) / lambda;
  }
  const double two = 2 - lambda;
  return std::abs(two) < 1e-12 ? -std::log1p(-v) : -std::expm1(two * std::log1p(-v)) / two;
}

struct Moments {
  double mean = 0, variance = 0;
};

Moments moments_of(const std::vector<double>& values, double lambda) {
  double sum = 0, squares = 0;
  for (const double v : values) sum += yeo_johnson(v, lambda);
  const double mean = sum / static_cast<double>(values.size());
  for (const double v : values) {
    const double d = yeo_johnson(v, lambda) - mean;
    squares += d * d;
  }
  return {mean, squares / static_cast<double>(values.size())};
}

// Minus the log likelihood a value, up to a constant; jacobian: mean of sign(v) log(1 + |v|).
double cost(const std::vector<double>& values, double jacobian, double lambda) {
  const double variance = moments_of(values, lambda).variance;
  if (!(variance > 0)) return std::numeric_limits<double>::infinity();
  return 0.5 * std::log(variance) - (lambda - 1) * jacobian;
}

// Golden section: the likelihood has one maximum.
double best_lambda(const std::vector<double>& values) {
  double jacobian = 0;
  for (const double v : values) jacobian += std::copysign(std::log1p(std::abs(v)), v);
  jacobian /= static_cast<double>(values.size());
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = -kMostLambda, high = kMostLambda;
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double at_a = cost(values, jacobian, a), at_b = cost(values, jacobian, b);
  while (high - low > 1e-8) {
    if (at_a <= at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - golden * (high - low);
      at_a = cost(values, jacobian, a);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + golden * (high - low);
      at_b = cost(values, jacobian, b);
    }
  }
  return (low + high) / 2;
}

// Share of the training values below v, ties in their middle.
double rank_of(const std::vector<double>& quantiles, double v) {
  const auto last = static_cast<double>(quantiles.size() - 1);
  if (v <= quantiles.front()) return 0;
  if (v >= quantiles.back()) return 1;
  const auto low = std::lower_bound(quantiles.begin(), quantiles.end(), v);
  const auto high = std::upper_bound(low, quantiles.end(), v);
  const auto place = static_cast<double>(low - quantiles.begin());
  if (low != high) return (place + static_cast<double>(high - quantiles.begin() - 1)) / 2 / last;
  return (place - 1 + (v - *(low - 1)) / (*low - *(low - 1))) / last;
}

// Knots beyond the ends, as far apart as the first and the last two.
double knot_at(const std::vector<double>& knots, ptrdiff_t i) {
  const auto n = static_cast<ptrdiff_t>(knots.size());
  const auto at = [&](ptrdiff_t k) { return knots[static_cast<size_t>(k)]; };
  if (i < 0) return at(0) + static_cast<double>(i) * (at(1) - at(0));
  if (i >= n) return at(n - 1) + static_cast<double>(i - n + 1) * (at(n - 1) - at(n - 2));
  return at(i);
}

// The cubic B-splines that are not zero at v, from number `first` on (de Boor 1978).
struct Splines {
  size_t first;
  double value[kDegree + 1];
};

Splines splines_at(const std::vector<double>& knots, double v) {
  v = std::clamp(v, knots.front(), knots.back());
  const auto above = std::upper_bound(knots.begin(), knots.end() - 1, v);
  const ptrdiff_t piece = std::max<ptrdiff_t>(0, above - knots.begin() - 1);
  Splines out{.first = static_cast<size_t>(piece), .value = {1, 0, 0, 0}};
  for (size_t degree = 1; degree <= kDegree; ++degree) {
    double carried = 0;
    for (size_t k = 0; k < degree; ++k) {
      const double right = knot_at(knots, piece + 1 + static_cast<ptrdiff_t>(k));
      const double left =
          knot_at(knots, piece + 1 + static_cast<ptrdiff_t>(k) - static_cast<ptrdiff_t>(degree));
      const double share = out.value[k] / (right - left);
      out.value[k] = carried + (right - v) * share;
      carried = (v - left) * share;
    }
    out.value[degree] = carried;
  }
  return out;
}

// False: nothing to learn, or differences that are no numbers.
bool has_width(const std::vector<double>& sorted) {
  const double width = sorted.back() - sorted.front();
  return width > 0 && std::isfinite(4 * width);
}

}  // namespace

double quantile_of(std::span<const double> sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto below = std::min(static_cast<size_t>(place), sorted.size() - 1);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

size_t Curve::columns() const {
  if (basis == "bins") return knots.size() - 1;
  // knots - 1 + degree splines sum to 1; the last is left out.
  if (basis == "splines") return knots.size() + kDegree - 2;
  return 1;
}

double Curve::warped(double v) const {
  if (std::isnan(v)) return v;
  if (warp == "quantile") {
    return std::clamp(normal_quantile(rank_of(quantiles, v)), kLowest, kHighest);
  }
  if (warp == "power") return (yeo_johnson(v, lambda) - center) / spread;
  return v;
}

void Curve::write(double v, double* out, size_t stride) const {
  const double w = warped(v);
  if (basis == "linear") {
    *out = w;
    return;
  }
  for (size_t k = 0; k < columns(); ++k) out[k * stride] = std::isnan(w) ? w : 0;
  if (std::isnan(w)) return;
  if (basis == "bins") {
    const auto inner = std::upper_bound(knots.begin() + 1, knots.end() - 1, w);
    out[static_cast<size_t>(inner - knots.begin() - 1) * stride] = 1;
    return;
  }
  const Splines splines = splines_at(knots, w);
  for (size_t k = 0; k <= kDegree; ++k) {
    if (splines.first + k < columns()) out[(splines.first + k) * stride] = splines.value[k];
  }
}

std::string Curve::column_name(size_t k) const {
  PERENNIAL_CHECK(basis != "linear" && k < columns());
  if (basis == "splines") return fmt::format("spline {}", k + 1);
  if (k == 0) return fmt::format("bin 1 (below {:.6g})", knots[1]);
  if (k + 2 == knots.size()) return fmt::format("bin {} (from {:.6g})", k + 1, knots[k]);
  return fmt::format("bin {} ({:.6g} to {:.6g})", k + 1, knots[k], knots[k + 1]);
}

Curve fit_warp(const std::string& warp, std::vector<double> values) {
  PERENNIAL_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  Curve out;
  if (!has_width(values) || warp == "none") return out;
  if (warp == "quantile") {
    const size_t n = std::min(kQuantiles, values.size());
    for (size_t k = 0; k < n; ++k) {
      out.quantiles.push_back(
          quantile_of(values, static_cast<double>(k) / static_cast<double>(n - 1)));
    }
  } else {
    out.lambda = best_lambda(values);
    const Moments moments = moments_of(values, out.lambda);
    const double spread = std::sqrt(moments.variance);
    if (!(spread > 0) || !std::isfinite(spread) || !std::isfinite(moments.mean)) return {};
    out.center = moments.mean;
    out.spread = spread;
  }
  out.warp = warp;
  return out;
}

Curve fit_basis(const std::string& basis, size_t pieces, std::vector<double> values) {
  PERENNIAL_CHECK(!values.empty() && pieces >= 2);
  std::sort(values.begin(), values.end());
  Curve out;
  if (!has_width(values)) return out;
  for (size_t k = 0; k <= pieces; ++k) {
    const double knot = quantile_of(values, static_cast<double>(k) / static_cast<double>(pieces));
    if (out.knots.empty() || knot > out.knots.back()) out.knots.push_back(knot);
  }
  out.basis = basis;
  return out;
}

}  // namespace perennial
