#include "explore/relations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace perennial {
namespace {

constexpr size_t kTile = 1024;  // rows of all columns that stay in the cache

double dot(const double* a, const double* b, size_t n) {
  std::array<double, 8> sums{};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  }
  for (; i < n; ++i) sums[0] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// Products of pair k = (i, j), i <= j, of rows begin ... end, added to sums[2 k] and sums[2 k + 1].
void add_products(const std::vector<const Coded*>& columns, size_t begin, size_t end,
                  std::vector<double>& sums) {
  for (size_t at = begin; at < end; at += kTile) {
    const size_t n = std::min(kTile, end - at);
    size_t k = 0;
    for (size_t i = 0; i < columns.size(); ++i) {
      for (size_t j = i; j < columns.size(); ++j, ++k) {
        sums[2 * k] += dot(columns[i]->centred.data() + at, columns[j]->centred.data() + at, n);
        sums[2 * k + 1] += dot(columns[i]->ranks.data() + at, columns[j]->ranks.data() + at, n);
      }
    }
  }
}

// One column swept out of the matrix: what is left are the covariances given it.
void sweep(std::vector<std::vector<double>>& a, size_t by) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (i == by) continue;
    const double factor = a[i][by] / a[by][by];
    for (size_t j = 0; j < a.size(); ++j) {
      if (j != by) a[i][j] -= factor * a[by][j];
    }
  }
  for (size_t i = 0; i < a.size(); ++i) a[i][by] = a[by][i] = 0;
}

std::optional<double> agreement_of(double right, double n, double top) {
  const double wrong = n - right;
  if (n <= 0 || wrong > 0.005 * n || wrong > 0.05 * (n - top) || !(n > top)) return std::nullopt;
  return right / n;
}

// Rows whose second code is the most frequent one with their first; pairs must be sorted.
double told(const std::vector<uint64_t>& sorted) {
  double right = 0;
  for (size_t i = 0; i < sorted.size();) {
    const uint64_t first = sorted[i] >> 32;
    size_t best = 0;
    while (i < sorted.size() && sorted[i] >> 32 == first) {
      size_t end = i;
      while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
      best = std::max(best, end - i);
      i = end;
    }
    right += static_cast<double>(best);
  }
  return right;
}

size_t used_values(const Column& c, double& top) {
  std::vector<uint32_t> counts(c.dictionary.size(), 0);
  for (const int32_t code : c.codes) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  size_t used = 0;
  for (const uint32_t n : counts) {
    used += n > 0 ? 1 : 0;
    top = std::max(top, static_cast<double>(n));
  }
  return used;
}

}  // namespace

Products products_of(const std::vector<const Coded*>& columns, const Workers& workers) {
  const size_t m = columns.size(), n = m == 0 ? 0 : columns[0]->centred.size();
  // Blocks depend on the rows alone; their sums are added in order.
  const size_t block = std::max(size_t{8192}, (n + 255) / 256), blocks = (n + block - 1) / block;
  std::vector<std::vector<double>> parts(blocks, std::vector<double>(m * (m + 1), 0));
  workers.run(blocks, [&](size_t b) {
    add_products(columns, b * block, std::min(n, (b + 1) * block), parts[b]);
  });
  Products out{.values = std::vector(m, std::vector<double>(m, 0)),
               .ranks = std::vector(m, std::vector<double>(m, 0))};
  for (const std::vector<double>& part : parts) {
    size_t k = 0;
    for (size_t i = 0; i < m; ++i) {
      for (size_t j = i; j < m; ++j, ++k) {
        out.values[i][j] += part[2 * k];
        out.ranks[i][j] += part[2 * k + 1];
      }
    }
  }
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < i; ++j) {
      out.values[i][j] = out.values[j][i];
      out.ranks[i][j] = out.ranks[j][i];
    }
  }
  return out;
}

SharedCorrelation shared_correlation(const Coded& a, const Coded& b) {
  struct Sums {
    double n = 0, x = 0, z = 0, xx = 0, zz = 0, xz = 0;
    void add(double p, double q) { x += p, z += q, xx += p * p, zz += q * q, xz += p * q; }
    double correlation() const {
      const double vx = xx - x * x / n, vz = zz - z * z / n;
      if (!(vx > 1e-14 * xx) || !(vz > 1e-14 * zz)) return kMissing;
      return std::clamp((xz - x * z / n) / std::sqrt(vx * vz), -1.0, 1.0);
    }
  };
  Sums values, ranks;
  for (size_t i = 0; i < a.centred.size(); ++i) {
    if (a.bins[i] >= a.bin_count || b.bins[i] >= b.bin_count) continue;
    values.n += 1;
    values.add(a.centred[i], b.centred[i]);
    ranks.add(a.ranks[i], b.ranks[i]);
  }
  ranks.n = values.n;
  if (values.n < 2) return {kMissing, kMissing, 0};
  return {values.correlation(), ranks.correlation(), static_cast<size_t>(values.n)};
}

std::vector<double> variance_inflation(const std::vector<std::vector<double>>& correlation) {
  constexpr double kLeft = 1e-9;
  std::vector<double> out;
  for (size_t target = 0; target < correlation.size(); ++target) {
    auto left = correlation;
    for (size_t by = 0; by < left.size(); ++by) {
      if (by != target && left[by][by] > kLeft) sweep(left, by);
    }
    const double rest = left[target][target];
    out.push_back(!(correlation[target][target] > 0) ? kMissing
                  : rest > kLeft                     ? 1 / std::min(1.0, rest)
                                                     : std::numeric_limits<double>::infinity());
  }
  return out;
}

std::optional<double> renaming(const Contingency& t) {
  if (t.rows < 2 || t.columns < 2) return std::nullopt;
  double n = 0, by_row = 0, by_column = 0, top = 0;
  for (size_t r = 0; r < t.rows; ++r) {
    double best = 0, sum = 0;
    for (size_t c = 0; c < t.columns; ++c) best = std::max(best, t.at(r, c)), sum += t.at(r, c);
    by_row += best;
    n += sum;
    top = std::max(top, sum);
  }
  for (size_t c = 0; c < t.columns; ++c) {
    double best = 0, sum = 0;
    for (size_t r = 0; r < t.rows; ++r) best = std::max(best, t.at(r, c)), sum += t.at(r, c);
    by_column += best;
    top = std::max(top, sum);
  }
  return agreement_of(std::min(by_row, by_column), n, top);
}

std::optional<double> renaming(const Column& a, const Column& b) {
  double top = 0;
  const auto values_a = static_cast<double>(used_values(a, top)),
             values_b = static_cast<double>(used_values(b, top));
  const auto rows = static_cast<double>(a.size());
  if (std::max(values_a, values_b) > 1.02 * std::min(values_a, values_b)) return std::nullopt;
  if (2 * std::max(values_a, values_b) > rows) return std::nullopt;
  std::vector<uint64_t> pairs, turned;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a.codes[i] < 0 || b.codes[i] < 0) continue;
    const auto x = static_cast<uint64_t>(a.codes[i]), z = static_cast<uint64_t>(b.codes[i]);
    pairs.push_back(x << 32 | z);
    turned.push_back(z << 32 | x);
  }
  std::sort(pairs.begin(), pairs.end());
  std::sort(turned.begin(), turned.end());
  return agreement_of(std::min(told(pairs), told(turned)), static_cast<double>(pairs.size()), top);
}

bool same_cells(const Column& a, const Column& b) {
  if (a.is_text() != b.is_text() || a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a.missing(i) != b.missing(i)) return false;
    if (a.missing(i)) continue;
    if (!a.is_text() && a.numbers[i] != b.numbers[i]) return false;
    if (a.is_text() && a.dictionary[static_cast<size_t>(a.codes[i])] !=
                           b.dictionary[static_cast<size_t>(b.codes[i])]) {
      return false;
    }
  }
  return true;
}

}  // namespace perennial
