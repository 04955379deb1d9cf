#include "explore/phik.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/metric.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kReach = 5;        // bins are uniform on [-5, 5]
constexpr size_t kTerms = 128;      // of Mehler's series
constexpr double kSeriesTo = 0.95;  // 0.95^256 is 2e-6 of a distance that is above 1 by then

double edge(size_t i, size_t bins) {
  return -kReach + 2 * kReach * static_cast<double>(i) / static_cast<double>(bins);
}

double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * M_PI); }

std::vector<double> cell_shares(size_t bins) {
  std::vector<double> p;
  for (size_t i = 0; i < bins; ++i)
    p.push_back(normal_cdf(edge(i + 1, bins)) - normal_cdf(edge(i, bins)));
  return p;
}

// Integrals over the bins of the n-th normalised Hermite function times the density, over the root
// of the bin's share: [n - 1][bin], n = 1 ... kTerms.
std::vector<std::vector<double>> hermite_bins(size_t bins) {
  std::vector<std::vector<double>> out(kTerms, std::vector<double>(bins));
  const std::vector<double> share = cell_shares(bins);
  std::vector<double> before(bins + 1, 0), here(bins + 1);  // h_{n-2}, h_{n-1} times the density
  for (size_t i = 0; i <= bins; ++i) here[i] = density(edge(i, bins));
  for (size_t n = 1; n <= kTerms; ++n) {
    const auto order = static_cast<double>(n);
    for (size_t i = 0; i < bins; ++i) {
      out[n - 1][i] = (here[i] - here[i + 1]) / std::sqrt(order * share[i]);
    }
    for (size_t i = 0; i <= bins; ++i) {
      const double next =
          (edge(i, bins) * here[i] - std::sqrt(order - 1) * before[i]) / std::sqrt(order);
      before[i] = here[i];
      here[i] = next;
    }
  }
  return out;
}

// Products of the orders n and m, summed over bins; only those with n + m even differ from 0.
std::vector<double> gram(size_t bins) {
  const auto h = hermite_bins(bins);
  std::vector<double> out(kTerms * kTerms, 0);
  for (size_t n = 0; n < kTerms; ++n) {
    for (size_t m = n % 2; m <= n; m += 2) {
      double sum = 0;
      for (size_t i = 0; i < bins; ++i) sum += h[n][i] * h[m][i];
      out[n * kTerms + m] = out[m * kTerms + n] = sum;
    }
  }
  return out;
}

// Gauss and Legendre's points with 12 nodes on [-1, 1] (Newton's method on the polynomial).
struct Rule {
  std::array<double, 12> x{}, w{};
};
Rule legendre() {
  Rule rule;
  constexpr int kN = 12;
  for (int i = 0; i < kN; ++i) {
    double x = std::cos(M_PI * (i + 0.75) / (kN + 0.5)), slope = 1;
    for (int step = 0; step < 20; ++step) {
      double p0 = 1, p1 = x;
      for (int k = 2; k <= kN; ++k) {
        const double p2 = ((2 * k - 1) * x * p1 - (k - 1) * p0) / k;
        p0 = p1;
        p1 = p2;
      }
      slope = kN * (x * p1 - p0) / (x * x - 1);
      x -= p1 / slope;
    }
    rule.x[static_cast<size_t>(i)] = x;
    rule.w[static_cast<size_t>(i)] = 2 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

// Where the conditional probabilities of the columns change fast: around edge / rho.
std::vector<double> breakpoints(size_t row, size_t r, size_t k, double rho) {
  const double low = edge(row, r), high = edge(row + 1, r), s = std::sqrt(1 - rho * rho);
  std::vector<double> at{low, high};
  for (size_t j = 0; j <= k; ++j) {
    for (const double t : {-6.0, -3.0, -1.5, 0.0, 1.5, 3.0, 6.0}) {
      const double x = (edge(j, k) + t * s) / rho;
      if (x > low && x < high) at.push_back(x);
    }
  }
  std::sort(at.begin(), at.end());
  return at;
}

}  // namespace

PhikShape::PhikShape(size_t r, size_t k) : r_(r), k_(k), powers_(2 * kTerms + 1, 0) {
  const std::vector<double> a = gram(r), b = r == k ? a : gram(k);
  for (size_t n = 0; n < kTerms; ++n) {
    for (size_t m = n % 2; m < kTerms; m += 2) {
      powers_[n + m + 2] += a[n * kTerms + m] * b[n * kTerms + m];
    }
  }
  const std::vector<double> p = cell_shares(r), q = cell_shares(k);
  for (size_t i = 0; i < r; ++i) {
    for (size_t j = 0; j < k; ++j) {
      const double low = std::max(edge(i, r), edge(j, k)),
                   high = std::min(edge(i + 1, r), edge(j + 1, k));
      const double cell = high > low ? normal_cdf(high) - normal_cdf(low) : 0;
      at_one_ += (cell - p[i] * q[j]) * (cell - p[i] * q[j]) / (p[i] * q[j]);
    }
  }
}

double PhikShape::distance(double rho) const {
  if (rho >= 1) return at_one_;
  if (rho > kSeriesTo) return by_quadrature(rho);
  const double square = rho * rho;
  double sum = 0;
  for (size_t i = powers_.size() / 2 * 2; i >= 2; i -= 2) sum = sum * square + powers_[i];
  return sum * square;
}

double PhikShape::by_quadrature(double rho) const {
  static const Rule kRule = legendre();
  const std::vector<double> p = cell_shares(r_), q = cell_shares(k_);
  const double s = std::sqrt(1 - rho * rho);
  double sum = 0;
  for (size_t i = 0; i < r_; ++i) {
    std::vector<double> cell(k_, 0);
    const std::vector<double> at = breakpoints(i, r_, k_, rho);
    for (size_t b = 0; b + 1 < at.size(); ++b) {
      const double half = (at[b + 1] - at[b]) / 2, middle = (at[b + 1] + at[b]) / 2;
      for (size_t node = 0; node < kRule.x.size(); ++node) {
        const double x = middle + half * kRule.x[node], w = half * kRule.w[node] * density(x);
        double below = normal_cdf((edge(0, k_) - rho * x) / s);
        for (size_t j = 0; j < k_; ++j) {
          const double here = normal_cdf((edge(j + 1, k_) - rho * x) / s);
          cell[j] += w * (here - below);
          below = here;
        }
      }
    }
    for (size_t j = 0; j < k_; ++j) {
      sum += (cell[j] - p[i] * q[j]) * (cell[j] - p[i] * q[j]) / (p[i] * q[j]);
    }
  }
  return sum;
}

const PhikShape& PhikShapes::shape(size_t r, size_t k) {
  const std::pair<size_t, size_t> key{std::min(r, k), std::max(r, k)};
  Place* place = nullptr;
  {
    const std::lock_guard lock(mutex_);
    place = &shapes_[key];
  }
  std::call_once(place->once,
                 [&] { place->shape = std::make_unique<PhikShape>(key.first, key.second); });
  return *place->shape;
}

double chi_square_of_phik(const PhikShape& shape, double rho, double n, size_t r, size_t k,
                          double pedestal) {
  const double most = n * static_cast<double>(std::min(r, k) - 1);
  return pedestal + (most - pedestal) * shape.distance(rho) / shape.at_one();
}

double phik_of_chi_square(const PhikShape& shape, double chi_square, double n, size_t r, size_t k,
                          double pedestal) {
  const double most = n * static_cast<double>(std::min(r, k) - 1);
  if (chi_square <= pedestal) return 0;
  if (chi_square >= most) return 1;
  const double wanted = (chi_square - pedestal) / (most - pedestal) * shape.at_one();
  double low = 0, high = 1;
  if (shape.distance(kSeriesTo) < wanted) {
    low = kSeriesTo;
  } else {
    high = kSeriesTo;
  }
  // Regula falsi after Illinois, on the square root, which is nearly straight.
  double f_low = std::sqrt(shape.distance(low)) - std::sqrt(wanted);
  double f_high = std::sqrt(shape.distance(high)) - std::sqrt(wanted);
  for (int i = 0; i < 100 && high - low > 1e-12; ++i) {
    const double rho = f_high > f_low ? (low * f_high - high * f_low) / (f_high - f_low) : low;
    const double f = std::sqrt(shape.distance(rho)) - std::sqrt(wanted);
    if (std::fabs(f) < 1e-13) return rho;
    const bool same = f > 0;
    (same ? high : low) = rho;
    (same ? f_high : f_low) = f;
    (same ? f_low : f_high) *= 0.5;
  }
  return (low + high) / 2;
}

double phik(PhikShapes& shapes, const Contingency& t, const Dependence& d) {
  if (t.rows < 2 || t.columns < 2) return kNaN;
  return phik_of_chi_square(shapes.shape(t.rows, t.columns), d.chi_square, d.n, t.rows, t.columns,
                            d.degrees);
}

std::vector<double> global_phik(const std::vector<std::vector<double>>& matrix) {
  const size_t n = matrix.size();
  std::vector<double> out(n, kNaN);
  // Gauss and Jordan, with the largest pivot.
  std::vector<std::vector<double>> a(n, std::vector<double>(2 * n, 0));
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) a[i][j] = std::isnan(matrix[i][j]) ? (i == j) : matrix[i][j];
    a[i][n + i] = 1;
  }
  for (size_t c = 0; c < n; ++c) {
    size_t best = c;
    for (size_t i = c; i < n; ++i) {
      if (std::fabs(a[i][c]) > std::fabs(a[best][c])) best = i;
    }
    if (std::fabs(a[best][c]) < 1e-12) return out;
    std::swap(a[c], a[best]);
    for (size_t i = 0; i < n; ++i) {
      if (i == c) continue;
      const double factor = a[i][c] / a[c][c];
      for (size_t j = c; j < 2 * n; ++j) a[i][j] -= factor * a[c][j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    const double inverse = a[i][n + i] / a[i][i];
    if (inverse >= 1) out[i] = std::sqrt(1 - 1 / inverse);
  }
  return out;
}

}  // namespace perennial
