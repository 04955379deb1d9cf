#include "explore/contingency.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "explore/tails.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Margins {
  std::vector<double> rows, columns;
  double n = 0;
};

Margins margins_of(const Contingency& t) {
  Margins m{.rows = std::vector<double>(t.rows, 0), .columns = std::vector<double>(t.columns, 0)};
  for (size_t r = 0; r < t.rows; ++r) {
    for (size_t c = 0; c < t.columns; ++c) {
      m.rows[r] += t.at(r, c);
      m.columns[c] += t.at(r, c);
      m.n += t.at(r, c);
    }
  }
  return m;
}

double corrected_v(double chi_square, double n, double r, double c) {
  if (n < 2) return kNaN;
  const double phi2 = std::max(0.0, chi_square / n - (r - 1) * (c - 1) / (n - 1));
  const double rows = r - (r - 1) * (r - 1) / (n - 1);
  const double columns = c - (c - 1) * (c - 1) / (n - 1);
  const double most = std::min(rows, columns) - 1;
  return most > 0 ? std::min(1.0, std::sqrt(phi2 / most)) : kNaN;
}

// log of (exp(a) + exp(b)) / 2.
double log_mean(double a, double b) {
  const double top = std::max(a, b), low = std::min(a, b);
  return std::isinf(top) ? top : top + std::log1p(std::exp(low - top)) - std::log(2.0);
}

// log P(X >= count) and log P(X < count).
LogTails count_tails(double count, double expected, double error) {
  if (count <= 0) return {.lower = 0, .upper = -std::numeric_limits<double>::infinity()};
  const double mean = expected > 0 ? expected : error;
  const double tau = mean / (error * error);
  return log_beta_tails(count, mean * tau + 1, 1 / (1 + tau));
}

double poisson_error(double count) { return count >= 1 ? std::sqrt(count) : 1; }

// Row by row adjusted from the sorted p-values; `factor(rank from 0, m)`.
std::vector<size_t> rising(const std::vector<double>& p) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  return order;
}

}  // namespace

Contingency Contingency::transposed() const {
  Contingency t(columns, rows);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) t.at(c, r) = at(r, c);
  }
  return t;
}

Contingency Contingency::without_empty() const {
  const Margins m = margins_of(*this);
  const auto filled = [](const std::vector<double>& sums) {
    return static_cast<size_t>(
        std::count_if(sums.begin(), sums.end(), [](double s) { return s > 0; }));
  };
  Contingency t(filled(m.rows), filled(m.columns));
  size_t at_row = 0;
  for (size_t r = 0; r < rows; ++r) {
    if (!(m.rows[r] > 0)) continue;
    size_t at_column = 0;
    for (size_t c = 0; c < columns; ++c) {
      if (m.columns[c] > 0) t.at(at_row, at_column++) = at(r, c);
    }
    ++at_row;
  }
  return t;
}

Dependence dependence(const Contingency& t) {
  const Margins m = margins_of(t);
  Dependence d{.n = m.n};
  if (t.rows < 2 || t.columns < 2) {
    d.chi_square = d.g = d.degrees = d.effective_degrees = d.log_p = d.p_value = kNaN;
    d.significance = d.cramers_v = d.mutual_information = d.corrected_information = kNaN;
    return d;
  }
  const auto r = static_cast<double>(t.rows), c = static_cast<double>(t.columns);
  double cells = 0, margins = 0;
  for (size_t i = 0; i < t.rows; ++i) {
    margins += mean_poisson_deviance(m.rows[i]);
    for (size_t j = 0; j < t.columns; ++j) {
      const double expected = m.rows[i] * m.columns[j] / m.n, seen = t.at(i, j);
      d.chi_square += (seen - expected) * (seen - expected) / expected;
      if (seen > 0) d.g += 2 * seen * std::log(seen / expected);
      cells += mean_poisson_deviance(expected);
    }
  }
  for (const double sum : m.columns) margins += mean_poisson_deviance(sum);
  d.g = std::max(0.0, d.g);
  d.degrees = (r - 1) * (c - 1);
  d.effective_degrees = std::max(0.01, cells - margins + mean_poisson_deviance(m.n));
  d.log_p = log_chi2_tail(d.g, d.effective_degrees);
  d.p_value = std::exp(d.log_p);
  d.significance = z_of_log_p(d.log_p);
  d.cramers_v = corrected_v(d.chi_square, m.n, r, c);
  d.mutual_information = d.g / (2 * m.n);
  d.corrected_information = std::max(0.0, d.mutual_information - d.degrees / (2 * m.n));
  return d;
}

CellOutliers cell_outliers(const Contingency& t) {
  const Margins m = margins_of(t);
  CellOutliers out{.expected = std::vector<double>(t.counts.size(), kNaN),
                   .significance = std::vector<double>(t.counts.size(), kNaN)};
  for (size_t i = 0; i < t.rows; ++i) {
    for (size_t j = 0; j < t.columns; ++j) {
      const double a = t.at(i, j), b = m.rows[i] - a, c = m.columns[j] - a, rest = m.n - a - b - c;
      if (!(rest > 0)) continue;
      const double expected = b * c / rest;
      const double eb = poisson_error(b) * c / rest, ec = poisson_error(c) * b / rest,
                   er = poisson_error(rest) * expected / rest;
      const double error = std::sqrt(eb * eb + ec * ec + er * er);
      const size_t at = i * t.columns + j;
      out.expected[at] = expected;
      if (!(error > 0)) continue;
      const LogTails here = count_tails(a, expected, error),
                     next = count_tails(a + 1, expected, error);
      const double more = log_mean(here.lower, next.lower), less = log_mean(here.upper, next.upper);
      out.significance[at] = more < less ? z_of_log_p(more) : -z_of_log_p(less);
    }
  }
  return out;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<double> out(p);
  const std::vector<size_t> order = rising(p);
  double most = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    most = std::max(most, std::min(1.0, p[order[i]] * static_cast<double>(order.size() - i)));
    out[order[i]] = most;
  }
  return out;
}

std::vector<double> benjamini_hochberg(const std::vector<double>& p) {
  std::vector<double> out(p);
  const std::vector<size_t> order = rising(p);
  double least = 1;
  for (size_t i = order.size(); i-- > 0;) {
    least = std::min(least,
                     p[order[i]] * static_cast<double>(order.size()) / static_cast<double>(i + 1));
    out[order[i]] = least;
  }
  return out;
}

}  // namespace perennial
