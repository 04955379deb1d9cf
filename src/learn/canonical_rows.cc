#include "learn/canonical_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"

namespace perennial {
namespace {

constexpr int kExponentAt = 52;
constexpr uint64_t kMissingCode = 0xfff8000000000001ULL;

// Sign, mantissa, and the exponent counted from that of the column's largest magnitude.
uint64_t code_of(double v, uint64_t largest_exponent) {
  if (v == 0) return 0;
  if (std::isnan(v)) return kMissingCode;
  return std::bit_cast<uint64_t>(v) - (largest_exponent << kExponentAt);
}

uint64_t largest_exponent(std::span<const double> column) {
  double largest = 0;
  for (double v : column) {
    if (std::abs(v) > largest) largest = std::abs(v);
  }
  return std::bit_cast<uint64_t>(largest) >> kExponentAt;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::vector<uint32_t> columns_that_vary(const Matrix& x) {
  std::vector<uint32_t> columns;
  for (size_t j = 0; j < x.cols; ++j) {
    const auto column = x.column(j);
    const bool varies = std::any_of(column.begin(), column.end(),
                                    [&](double v) { return !same(v, column.front()); });
    if (varies) columns.push_back(static_cast<uint32_t>(j));
  }
  if (x.names.size() == x.cols) {
    std::stable_sort(columns.begin(), columns.end(),
                     [&](uint32_t a, uint32_t b) { return x.names[a] < x.names[b]; });
  }
  return columns;
}

std::vector<uint64_t> row_keys(const Matrix& x, std::span<const uint32_t> columns) {
  std::vector<uint64_t> keys(x.rows, 0);
  for (size_t k = 0; k < columns.size(); ++k) {
    const auto column = x.column(columns[k]);
    const uint64_t exponent = largest_exponent(column);
    for (size_t i = 0; i < x.rows; ++i) {
      keys[i] = hash_mix(keys[i], code_of(column[i], exponent));
    }
  }
  return keys;
}

bool equal_rows(const Matrix& x, std::span<const uint32_t> columns, size_t a, size_t b) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](uint32_t j) { return same(x.at(a, j), x.at(b, j)); });
}

}  // namespace

double CanonicalRows::class_weight_sum(size_t k) const {
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    if (y[i] == static_cast<int32_t>(k)) sum += weight[i];
  }
  return sum;
}

CanonicalRows canonical_rows(const TrainingSet& data) {
  const Matrix& x = *data.x;
  CanonicalRows out;
  out.columns = columns_that_vary(x);
  std::vector<int32_t> number(static_cast<size_t>(data.classes), -1);
  for (int32_t y : data.y) number[static_cast<size_t>(y)] = 0;
  for (size_t c = 0; c < number.size(); ++c) {
    if (number[c] < 0) continue;
    number[c] = static_cast<int32_t>(out.classes.size());
    out.classes.push_back(static_cast<int32_t>(c));
  }
  const std::vector<uint64_t> keys = row_keys(x, out.columns);
  std::vector<uint32_t> order(x.rows);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tuple(keys[a], data.y[a], a) < std::tuple(keys[b], data.y[b], b);
  });
  for (uint32_t i : order) {
    const double weight = data.weights.empty() ? 1.0 : data.weights[i];
    const int32_t y = number[static_cast<size_t>(data.y[i])];
    if (!out.rows.empty() && keys[out.rows.back()] == keys[i] && out.y.back() == y &&
        equal_rows(x, out.columns, out.rows.back(), i)) {
      out.weight.back() += weight;
      continue;
    }
    out.rows.push_back(i);
    out.y.push_back(y);
    out.weight.push_back(weight);
  }
  return out;
}

void balance_classes(CanonicalRows& rows) {
  std::vector<double> factor(rows.classes.size());
  double total = 0;
  for (size_t k = 0; k < factor.size(); ++k) total += factor[k] = rows.class_weight_sum(k);
  for (double& f : factor) f = total / (static_cast<double>(factor.size()) * f);
  for (size_t i = 0; i < rows.y.size(); ++i) {
    rows.weight[i] *= factor[static_cast<size_t>(rows.y[i])];
  }
}

std::vector<bool> validation_rows(const CanonicalRows& rows, double fraction, Seed seed) {
  std::vector<bool> held(rows.rows.size(), false);
  for (size_t k = 0; k < rows.classes.size(); ++k) {
    std::vector<size_t> members;
    for (size_t i = 0; i < rows.y.size(); ++i) {
      if (rows.y[i] == static_cast<int32_t>(k)) members.push_back(i);
    }
    Rng(seed.child(k)).shuffle(members);
    const double wanted = std::round(fraction * static_cast<double>(members.size()));
    const size_t count = std::min(static_cast<size_t>(wanted), members.size() - 1);
    for (size_t i = 0; i < count; ++i) held[members[i]] = true;
  }
  return held;
}

}  // namespace perennial
