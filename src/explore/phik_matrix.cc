#include <algorithm>
#include <cmath>
#include <numeric>

#include "explore/explore.h"
#include "explore/phik.h"
#include "explore/profile.h"

namespace perennial {
namespace {

struct Bins {
  std::vector<uint8_t> codes;  // count: missing
  size_t count = 0;
};

Bins bins_of_numbers(const Column& column) {
  Bins out{.codes = std::vector<uint8_t>(column.size()), .count = kUniformBins};
  double low = INFINITY, high = -INFINITY;
  for (const double v : column.numbers) {
    if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  }
  const UniformBins bins(low, high);
  for (size_t row = 0; row < column.size(); ++row) {
    const double v = column.numbers[row];
    out.codes[row] = static_cast<uint8_t>(std::isfinite(v) ? bins.bin(v) : kUniformBins);
  }
  return out;
}

Bins bins_of_text(const Column& column) {
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  std::vector<size_t> order(counts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b]
                                  : column.dictionary[a] < column.dictionary[b];
  });
  std::vector<uint8_t> bin(counts.size());
  for (size_t i = 0; i < order.size(); ++i) {
    bin[order[i]] = static_cast<uint8_t>(std::min(i, kMostCategories));
  }
  Bins out{.count = std::min(counts.size(), kMostCategories + 1)};
  for (const int32_t code : column.codes) {
    out.codes.push_back(code < 0 ? static_cast<uint8_t>(out.count)
                                 : bin[static_cast<size_t>(code)]);
  }
  return out;
}

}  // namespace

std::vector<std::vector<double>> phik_matrix(const FeatureTable& table, const Workers& workers) {
  const size_t m = table.features.size();
  std::vector<Bins> bins(m);
  workers.run(m, [&](size_t c) {
    const Column& column = table.features[c];
    bins[c] = column.is_text() ? bins_of_text(column) : bins_of_numbers(column);
  });
  std::vector<std::vector<double>> out(m, std::vector<double>(m, 1));
  PhikShapes shapes;
  workers.run(m * m, [&](size_t k) {
    const size_t i = k / m, j = k % m;
    if (i >= j) return;
    const Contingency t = counted_by(bins[i].codes, bins[i].count, bins[j].codes, bins[j].count);
    out[i][j] = out[j][i] = phik(shapes, t, dependence(t));
  });
  return out;
}

}  // namespace perennial
