#include "lift/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// One arm of one stratum.
struct Cell {
  double n = 0, mean = 0, squares = 0;  // squares: sum of squared distances from the mean

  double variance_of_mean(double pooled) const { return (n >= 2 ? squares / (n - 1) : pooled) / n; }
};

// cells[2 * stratum + offered]; two passes, so that close values do not drown in rounding.
std::vector<Cell> cells_of(const Arms& arms, std::span<const double> y) {
  PERENNIAL_CHECK(y.size() == arms.customers() && arms.offered.size() == arms.customers());
  std::vector<Cell> cells(size_t{2} * arms.strata);
  const auto cell = [&](size_t i) -> Cell& { return cells[2 * arms.stratum[i] + arms.offered[i]]; };
  for (size_t i = 0; i < y.size(); ++i) {
    cell(i).n += 1;
    cell(i).mean += y[i];
  }
  for (Cell& c : cells) c.mean = c.n > 0 ? c.mean / c.n : 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const double away = y[i] - cell(i).mean;
    cell(i).squares += away * away;
  }
  return cells;
}

// Spread of an arm over all strata, for strata too small to have one of their own.
double pooled_variance(const std::vector<Cell>& cells, size_t arm) {
  double squares = 0, freedom = 0;
  for (size_t c = arm; c < cells.size(); c += 2) {
    squares += cells[c].squares;
    freedom += std::max(0.0, cells[c].n - 1);
  }
  return freedom > 0 ? squares / freedom : 0;
}

// Customers of strata that have both arms.
template <typename AnyCell>
double compared(const std::vector<AnyCell>& cells) {
  double n = 0;
  for (size_t c = 0; c < cells.size(); c += 2) {
    if (cells[c].n > 0 && cells[c + 1].n > 0) n += cells[c].n + cells[c + 1].n;
  }
  return n;
}

double covariance(const Arms& arms, std::span<const double> a, std::span<const double> b) {
  std::vector<double> sum(a.size()), difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    sum[i] = a[i] + b[i];
    difference[i] = a[i] - b[i];
  }
  return (stratified_difference(arms, sum).variance -
          stratified_difference(arms, difference).variance) /
         4;
}

}  // namespace

Estimate stratified_difference(const Arms& arms, std::span<const double> y) {
  const std::vector<Cell> cells = cells_of(arms, y);
  const double total = compared(cells);
  if (total == 0) return {kNaN, kNaN, kNaN};
  const double pooled[2] = {pooled_variance(cells, 0), pooled_variance(cells, 1)};
  Estimate out;
  double squares = 0;  // of Satterthwaite's denominator
  for (size_t c = 0; c < cells.size(); c += 2) {
    if (cells[c].n == 0 || cells[c + 1].n == 0) continue;
    const double weight = (cells[c].n + cells[c + 1].n) / total;
    out.value += weight * (cells[c + 1].mean - cells[c].mean);
    for (size_t arm = 0; arm < 2; ++arm) {
      const Cell& cell = cells[c + arm];
      const double part = weight * weight * cell.variance_of_mean(pooled[arm]);
      out.variance += part;
      squares += part * part / std::max(1.0, cell.n - 1);
    }
  }
  out.freedom = squares > 0 ? out.variance * out.variance / squares : total - 2;
  return out;
}

std::vector<double> adjusted_outcome(const Arms& arms, std::span<const double> y,
                                     std::span<const double> x) {
  PERENNIAL_CHECK(x.size() == y.size());
  std::vector<double> known(arms.strata, 0), mean(arms.strata, 0);
  for (size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) continue;
    known[arms.stratum[i]] += 1;
    mean[arms.stratum[i]] += x[i];
  }
  for (size_t s = 0; s < mean.size(); ++s) mean[s] = known[s] > 0 ? mean[s] / known[s] : 0;
  std::vector<double> centred(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    centred[i] = std::isfinite(x[i]) ? x[i] - mean[arms.stratum[i]] : 0;
  }
  const std::vector<Cell> of_y = cells_of(arms, y), of_x = cells_of(arms, centred);
  double products = 0, squares = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = 2 * arms.stratum[i] + arms.offered[i];
    products += (centred[i] - of_x[c].mean) * (y[i] - of_y[c].mean);
  }
  for (const Cell& c : of_x) squares += c.squares;
  std::vector<double> out(y.begin(), y.end());
  if (!(squares > 0)) return out;
  const double theta = products / squares;
  for (size_t i = 0; i < out.size(); ++i) out[i] -= theta * centred[i];
  return out;
}

Estimate ratio_of_differences(const Arms& arms, std::span<const double> y,
                              std::span<const double> per) {
  const Estimate top = stratified_difference(arms, y), below = stratified_difference(arms, per);
  if (!(std::abs(below.value) > 0)) return {kNaN, kNaN, kNaN};
  const double ratio = top.value / below.value;
  const double variance =
      (top.variance + ratio * ratio * below.variance - 2 * ratio * covariance(arms, y, per)) /
      (below.value * below.value);
  return {ratio, std::max(0.0, variance), top.freedom};
}

Figure interval_of(const Estimate& estimate, double alpha, double z) {
  if (!std::isfinite(estimate.value)) return {kNaN, kNaN, kNaN};
  const double factor = z > 0 ? z : t_quantile(1 - alpha / 2, std::max(1.0, estimate.freedom));
  const double reach = factor * std::sqrt(estimate.variance);
  return {estimate.value, estimate.value - reach, estimate.value + reach};
}

Figure wilson_at(double successes, double n, double z) {
  if (n <= 0) return {kNaN, 0, 1};
  const double p = successes / n, z2 = z * z;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double reach = z / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {p, successes <= 0 ? 0 : std::max(0.0, middle - reach),
          successes >= n ? 1 : std::min(1.0, middle + reach)};
}

Estimate stratified_mean(const Arms& arms, std::span<const double> y, size_t arm) {
  const std::vector<Cell> cells = cells_of(arms, y);
  const double total = compared(cells), pooled = pooled_variance(cells, arm);
  if (total == 0) return {kNaN, kNaN, kNaN};
  Estimate out{.freedom = total - 2};
  for (size_t c = 0; c < cells.size(); c += 2) {
    if (cells[c].n == 0 || cells[c + 1].n == 0) continue;
    const double weight = (cells[c].n + cells[c + 1].n) / total;
    out.value += weight * cells[c + arm].mean;
    out.variance += weight * weight * cells[c + arm].variance_of_mean(pooled);
  }
  return out;
}

std::vector<Counts> counts_of(const Arms& arms, std::span<const double> y) {
  std::vector<Counts> counts(size_t{2} * arms.strata);
  for (size_t i = 0; i < y.size(); ++i) {
    Counts& c = counts[2 * arms.stratum[i] + arms.offered[i]];
    c.n += 1;
    c.successes += y[i];
  }
  return counts;
}

Figure proportion_difference(const std::vector<Counts>& counts, double z) {
  const double total = compared(counts);
  if (total == 0) return {kNaN, kNaN, kNaN};
  double value = 0, down = 0, up = 0;
  for (size_t c = 0; c < counts.size(); c += 2) {
    if (counts[c].n == 0 || counts[c + 1].n == 0) continue;
    const double weight = (counts[c].n + counts[c + 1].n) / total;
    const Figure p0 = wilson_at(counts[c].successes, counts[c].n, z);
    const Figure p1 = wilson_at(counts[c + 1].successes, counts[c + 1].n, z);
    value += weight * (p1.value - p0.value);
    const double w2 = weight * weight;
    down += w2 * (std::pow(p1.value - p1.low, 2) + std::pow(p0.high - p0.value, 2));
    up += w2 * (std::pow(p1.high - p1.value, 2) + std::pow(p0.value - p0.low, 2));
  }
  return {value, value - std::sqrt(down), value + std::sqrt(up)};
}

namespace {

// The tuning that makes the sequence shortest at `planned` customers (their equation for rho).
double rho_squared(double planned, double alpha) {
  const double log_alpha = -2 * std::log(alpha);
  return (log_alpha + std::log(log_alpha + 1)) / planned;
}

}  // namespace

double early_factor(double n, double planned, double alpha) {
  PERENNIAL_CHECK(n >= 1 && planned >= 1 && alpha > 0 && alpha < 1);
  const double m = n * rho_squared(planned, alpha);
  return std::sqrt(2 * (m + 1) / m * std::log(std::sqrt(m + 1) / alpha));
}

double early_p_value(double z, double n, double planned, double alpha) {
  const double m = n * rho_squared(planned, alpha);
  return std::min(1.0, std::sqrt(m + 1) * std::exp(-z * z * m / (2 * (m + 1))));
}

}  // namespace perennial
