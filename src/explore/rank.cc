#include "explore/rank.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Sorts and counts the exchanges of neighbours that it takes.
double sort_counting(std::vector<double>& v, std::vector<double>& spare, size_t begin, size_t end) {
  if (end - begin < 2) return 0;
  const size_t middle = begin + (end - begin) / 2;
  double swaps = sort_counting(v, spare, begin, middle) + sort_counting(v, spare, middle, end);
  size_t left = begin, right = middle;
  for (size_t k = begin; k < end; ++k) {
    if (left < middle && (right == end || v[left] <= v[right])) {
      spare[k] = v[left++];
    } else {
      swaps += static_cast<double>(middle - left);
      spare[k] = v[right++];
    }
  }
  std::copy(spare.begin() + static_cast<std::ptrdiff_t>(begin),
            spare.begin() + static_cast<std::ptrdiff_t>(end),
            v.begin() + static_cast<std::ptrdiff_t>(begin));
  return swaps;
}

template <typename Same>
double tied_pairs(size_t n, const Same& same) {  // neighbours i - 1 and i are equal
  double pairs = 0, run = 1;
  for (size_t i = 1; i <= n; ++i) {
    if (i < n && same(i)) {
      run += 1;
      continue;
    }
    pairs += run * (run - 1) / 2;
    run = 1;
  }
  return pairs;
}

double mean_distance(const std::vector<std::vector<double>>& strength, const std::vector<size_t>& a,
                     const std::vector<size_t>& b) {
  double sum = 0;
  for (const size_t i : a) {
    for (const size_t j : b) sum += std::isnan(strength[i][j]) ? 1 : 1 - strength[i][j];
  }
  return sum / static_cast<double>(a.size() * b.size());
}

// The two parts, each turned or not, so that the ends that touch are nearest.
std::vector<size_t> joined(const std::vector<std::vector<double>>& strength,
                           const std::vector<size_t>& a, const std::vector<size_t>& b) {
  std::vector<size_t> best;
  double nearest = 3;
  for (int turn = 0; turn < 4; ++turn) {
    std::vector<size_t> x = a, z = b;
    if (turn % 2 == 1) std::reverse(x.begin(), x.end());
    if (turn / 2 == 1) std::reverse(z.begin(), z.end());
    const double d = mean_distance(strength, {x.back()}, {z.front()});
    if (d >= nearest) continue;
    nearest = d;
    x.insert(x.end(), z.begin(), z.end());
    best = std::move(x);
  }
  return best;
}

}  // namespace

double pearson(std::span<const double> a, std::span<const double> b) {
  const auto n = static_cast<double>(a.size());
  if (a.size() < 2) return kNaN;
  double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) ma += a[i], mb += b[i];
  ma /= n;
  mb /= n;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = a[i] - ma, z = b[i] - mb;
    ab += x * z;
    aa += x * x;
    bb += z * z;
  }
  return aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0) : kNaN;
}

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double middle = (static_cast<double>(i + end) + 1) / 2;
    for (; i < end; ++i) ranks[order[i]] = middle;
  }
  return ranks;
}

double kendall(std::span<const double> a, std::span<const double> b) {
  const size_t n = a.size();
  std::vector<std::pair<double, double>> rows(n);
  for (size_t i = 0; i < n; ++i) rows[i] = {a[i], b[i]};
  std::sort(rows.begin(), rows.end());
  const auto same_a = [&](size_t i) { return rows[i].first == rows[i - 1].first; };
  const double ties_a = tied_pairs(n, same_a);
  const double ties_both = tied_pairs(n, [&](size_t i) { return rows[i] == rows[i - 1]; });
  std::vector<double> v(n), spare(n);
  for (size_t i = 0; i < n; ++i) v[i] = rows[i].second;
  const double swaps = sort_counting(v, spare, 0, n);
  const double ties_b = tied_pairs(n, [&](size_t i) { return v[i] == v[i - 1]; });
  const double pairs = static_cast<double>(n) * (static_cast<double>(n) - 1) / 2;
  const double both = std::sqrt(pairs - ties_a) * std::sqrt(pairs - ties_b);
  return both > 0 ? (pairs - ties_a - ties_b + ties_both - 2 * swaps) / both : kNaN;
}

double correlation_ratio(std::span<const double> values, std::span<const int> groups,
                         size_t count) {
  std::vector<double> sums(count, 0), sizes(count, 0);
  double mean = 0, all = 0, between = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sums[static_cast<size_t>(groups[i])] += values[i];
    sizes[static_cast<size_t>(groups[i])] += 1;
    mean += values[i];
  }
  mean /= static_cast<double>(values.size());
  for (const double v : values) all += (v - mean) * (v - mean);
  for (size_t g = 0; g < count; ++g) {
    if (sizes[g] > 0) between += sizes[g] * std::pow(sums[g] / sizes[g] - mean, 2);
  }
  return all > 0 ? std::sqrt(std::min(1.0, between / all)) : kNaN;
}

std::vector<size_t> clustered_order(const std::vector<std::vector<double>>& strength) {
  std::vector<std::vector<size_t>> parts;
  for (size_t i = 0; i < strength.size(); ++i) parts.push_back({i});
  while (parts.size() > 1) {
    size_t a = 0, b = 1;
    double nearest = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < parts.size(); ++i) {
      for (size_t j = i + 1; j < parts.size(); ++j) {
        const double d = mean_distance(strength, parts[i], parts[j]);
        if (d < nearest) nearest = d, a = i, b = j;
      }
    }
    parts[a] = joined(strength, parts[a], parts[b]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(b));
  }
  return parts.empty() ? std::vector<size_t>{} : parts[0];
}

}  // namespace perennial
