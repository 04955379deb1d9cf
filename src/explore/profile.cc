#include "explore/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "audit/tail.h"
#include "base/text.h"
#include "explore/cells.h"

namespace perennial {
namespace {

constexpr size_t kGroups = 10, kHistogram = 20;

using Cell = NumberCell;

double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return kMissing;
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<size_t>(at);
  const double next = sorted[std::min(i + 1, sorted.size() - 1)];
  return sorted[i] + (at - static_cast<double>(i)) * (next - sorted[i]);
}

Quantiles quantiles_of(const std::vector<double>& sorted) {
  Quantiles q{.min = quantile(sorted, 0),
              .p01 = quantile(sorted, 0.01),
              .p05 = quantile(sorted, 0.05),
              .p25 = quantile(sorted, 0.25),
              .median = quantile(sorted, 0.5),
              .p75 = quantile(sorted, 0.75),
              .p95 = quantile(sorted, 0.95),
              .p99 = quantile(sorted, 0.99),
              .max = quantile(sorted, 1)};
  q.mean = q.sd = q.skewness = kMissing;
  if (sorted.empty()) return q;
  const auto n = static_cast<double>(sorted.size());
  double sum = 0, squares = 0, cubes = 0;
  for (const double v : sorted) sum += v;
  q.mean = sum / n;
  for (const double v : sorted) {
    const double d = v - q.mean;
    squares += d * d;
    cubes += d * d * d;
  }
  if (n > 1) q.sd = std::sqrt(squares / (n - 1));
  if (squares > 0) q.skewness = cubes / n / std::pow(squares / n, 1.5);
  return q;
}

std::string text_of(double value, bool date) {
  return date ? date_text(value) : number_text(value);
}

// The smallest or largest number as a group's end: four digits, outwards, where it has many.
double short_end(double v, bool up) {
  constexpr double kDigits = 1000;
  if (v == 0 || !std::isfinite(v) || number_text(v).size() <= 6) return v;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(v)))) / kDigits;
  const double steps = up ? std::ceil(v / unit) : std::floor(v / unit);
  return std::strtod(fmt::format("{:.4g}", steps * unit).c_str(), nullptr);
}

// A border between two neighbours with as few digits as part them.
double short_border(double below, double above) {
  for (int digits = 1; digits < 17; ++digits) {
    const double rounded = std::strtod(fmt::format("{:.{}g}", above, digits).c_str(), nullptr);
    if (rounded > below && rounded <= above) return rounded;
  }
  return above;
}

// Numbers in groups of equal size: a group for each different number where there are at most ten.
std::vector<Slice> number_groups(const std::vector<Cell>& cells, bool date, size_t distinct,
                                 Coded& coded) {
  std::vector<Slice> slices;
  const size_t n = cells.size();
  size_t last = kGroups + 1;
  for (size_t i = 0; i < n;) {
    size_t end = i;
    while (end < n && cells[end].value == cells[i].value) ++end;
    const size_t group = distinct <= kGroups ? slices.size() : (i + end) * kGroups / (2 * n);
    if (distinct <= kGroups || group != last) {
      const double border = i == 0 || distinct <= kGroups
                                ? cells[i].value
                                : short_border(cells[i - 1].value, cells[i].value);
      if (!slices.empty() && distinct > kGroups) slices.back().high = border;
      slices.push_back(
          {.kind = distinct <= kGroups ? Slice::Kind::kValue : Slice::Kind::kRange, .low = border});
      last = group;
    }
    slices.back().high = cells[end - 1].value;
    for (; i < end; ++i) coded.groups[cells[i].row] = static_cast<uint8_t>(slices.size() - 1);
  }
  for (Slice& s : slices) {
    const bool whole = date || s.kind == Slice::Kind::kValue;
    const double low = whole || &s != &slices.front() ? s.low : short_end(s.low, false);
    const double high = whole || &s != &slices.back() ? s.high : short_end(s.high, true);
    s.label = text_of(low, date);
    if (s.kind == Slice::Kind::kRange) s.label += " to " + text_of(high, date);
  }
  return slices;
}

// Width of the bins of a histogram: 1, 2 or 5 times a power of ten.
double round_width(double width) {
  const double power = std::pow(10, std::floor(std::log10(width)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (width <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::vector<Slice> histogram(const std::vector<Cell>& cells, const Quantiles& q, bool date,
                             size_t distinct, std::vector<uint8_t>& codes) {
  std::vector<Slice> slices;
  if (distinct <= kHistogram || !(q.p99 > q.p01)) {
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i == 0 || cells[i].value != cells[i - 1].value) {
        if (slices.size() == kHistogram) break;
        slices.push_back({.kind = Slice::Kind::kValue,
                          .label = text_of(cells[i].value, date),
                          .low = cells[i].value,
                          .high = cells[i].value});
      }
      codes[cells[i].row] = static_cast<uint8_t>(slices.size() - 1);
    }
    return slices;
  }
  const double width = round_width((q.p99 - q.p01) / kHistogram);
  const double first = std::floor(q.p01 / width);
  const auto count = static_cast<size_t>(std::floor(q.p99 / width) - first) + 1;
  for (size_t b = 0; b < count; ++b) {
    const double low =
        b == 0 ? std::min(q.min, first * width) : (first + static_cast<double>(b)) * width;
    const double high = b + 1 == count
                            ? std::max(q.max, (first + static_cast<double>(count)) * width)
                            : (first + static_cast<double>(b) + 1) * width;
    slices.push_back({.kind = Slice::Kind::kRange,
                      .label = text_of(low, date) + " to " + text_of(high, date),
                      .low = low,
                      .high = high});
  }
  size_t at = 0;
  for (const Cell& cell : cells) {
    while (at + 1 < count && cell.value >= slices[at].high) ++at;
    codes[cell.row] = static_cast<uint8_t>(at);
  }
  return slices;
}

double asymmetry(double a, double b, double c) {
  return c > a ? std::fabs((c + a - 2 * b) / (c - a)) : 0;
}

Fence fence_of(const std::vector<Cell>& cells, const std::vector<double>& sorted, bool date,
               std::span<const int32_t> y, const FeatureTable& table, size_t examples) {
  Fence fence;
  if (date || sorted.size() < 20) return fence;
  std::vector<double> bulk = sorted;
  if (quantile(bulk, 0.75) == quantile(bulk, 0.25)) {
    bulk = bulk_numbers(sorted);
    fence.without_mode = true;
    if (bulk.size() < 20) return fence;
  }
  double a = quantile(bulk, 0.25), b = quantile(bulk, 0.75);
  if (!(b > a)) return fence;
  const double m = quantile(bulk, 0.5), p10 = quantile(bulk, 0.1), p90 = quantile(bulk, 0.9);
  const bool logs = sorted.front() >= 0 && p10 > 0 &&
                    asymmetry(std::log(p10), std::log(m), std::log(p90)) < asymmetry(p10, m, p90);
  fence.scale = logs ? "log" : "linear";
  if (logs) a = std::log(a), b = std::log(b);
  fence.low = a - 3 * (b - a);
  fence.high = b + 3 * (b - a);
  if (logs) fence.low = std::exp(fence.low), fence.high = std::exp(fence.high);
  // The number that fills most of the column is no outlier.
  const double mode = fence.without_mode ? mode_of(sorted).number : kMissing;
  std::vector<Cell> outside;
  for (const Cell& cell : cells) {
    if (cell.value == mode || (cell.value >= fence.low && cell.value <= fence.high)) continue;
    // Zero has no logarithm: it is a value of its own there.
    if (logs && cell.value == 0) continue;
    ++(cell.value < fence.low ? fence.below : fence.above);
    outside.push_back(cell);
  }
  const auto far = [&](double v) {
    if (logs) return v < fence.low ? std::log(fence.low / v) : std::log(v / fence.high);
    return v < fence.low ? fence.low - v : v - fence.high;
  };
  const size_t keep = std::min(examples, outside.size());
  std::partial_sort(outside.begin(), outside.begin() + static_cast<std::ptrdiff_t>(keep),
                    outside.end(), [&](const Cell& x, const Cell& z) {
                      const double fx = far(x.value), fz = far(z.value);
                      return fx != fz ? fx > fz : x.row < z.row;
                    });
  for (size_t i = 0; i < keep; ++i) {
    const uint32_t row = outside[i].row;
    fence.examples.push_back({.id = table.ids[row], .value = outside[i].value, .y = y[row]});
  }
  return fence;
}

void uniform_bins(const std::vector<Cell>& cells, Coded& coded) {
  const UniformBins bins(cells.front().value, cells.back().value);
  for (const Cell& cell : cells) coded.bins[cell.row] = static_cast<uint8_t>(bins.bin(cell.value));
  coded.bin_count = kUniformBins;
}

// Values and average ranks, both centred and scaled to a sum of squares of 1; the sums run over the
// sorted numbers, so that the order of the rows does not touch them.
void centre(const std::vector<Cell>& cells, size_t rows, const Quantiles& q, Coded& coded) {
  coded.centred.assign(rows, 0);
  coded.ranks.assign(rows, 0);
  coded.constant = cells.empty() || cells.front().value == cells.back().value;
  if (!(q.sd > 0) || !std::isfinite(q.sd)) coded.constant = true;  // squares beyond a double too
  if (coded.constant) return;
  const auto n = static_cast<double>(cells.size());
  const double scale = 1 / (q.sd * std::sqrt(n - 1)), middle = (n + 1) / 2;
  double squares = 0;  // of the ranks
  for (size_t i = 0; i < cells.size();) {
    size_t end = i;
    while (end < cells.size() && cells[end].value == cells[i].value) ++end;
    const double rank = (static_cast<double>(i + end) + 1) / 2 - middle;
    squares += static_cast<double>(end - i) * rank * rank;
    i = end;
  }
  const double rank_scale = 1 / std::sqrt(squares);
  for (size_t i = 0; i < cells.size();) {
    size_t end = i;
    while (end < cells.size() && cells[end].value == cells[i].value) ++end;
    const double rank = ((static_cast<double>(i + end) + 1) / 2 - middle) * rank_scale;
    const double value = (cells[i].value - q.mean) * scale;
    for (; i < end; ++i) {
      coded.ranks[cells[i].row] = rank;
      coded.centred[cells[i].row] = value;
    }
  }
}

// Tau-b against two classes, in one pass over the sorted numbers.
double kendall_with(const std::vector<Cell>& cells, std::span<const int32_t> y) {
  double none = 0, ones = 0, order = 0, tied = 0;
  for (size_t i = 0; i < cells.size();) {
    double zero = 0, one = 0;
    const double value = cells[i].value;
    for (; i < cells.size() && cells[i].value == value; ++i) {
      const int32_t c = y[cells[i].row];
      (c > 0 ? one : zero) += c >= 0 ? 1 : 0;
    }
    order += one * none - zero * ones;
    none += zero;
    ones += one;
    tied += (zero + one) * (zero + one - 1) / 2;
  }
  const double n = none + ones, apart = n * (n - 1) / 2 - tied;
  return apart > 0 && none > 0 && ones > 0 ? order / std::sqrt(apart * none * ones) : kMissing;
}

void count_values(const std::vector<Cell>& cells, bool date, ColumnProfile& p) {
  double top = kMissing;
  for (size_t i = 0; i < cells.size();) {
    size_t end = i;
    while (end < cells.size() && cells[end].value == cells[i].value) ++end;
    ++p.distinct;
    if (static_cast<int64_t>(end - i) > p.top_rows) {
      p.top_rows = static_cast<int64_t>(end - i);
      top = cells[i].value;
    }
    i = end;
  }
  if (!cells.empty()) p.top = text_of(top, date);
}

void profile_numbers(const Column& column, bool date, std::span<const int32_t> y,
                     const FeatureTable& table, const ExploreOptions& options, ColumnProfile& p,
                     Coded& coded, std::vector<uint8_t>& shown) {
  const std::vector<Cell> cells = rising_cells(column.numbers);
  p.missing = static_cast<int64_t>(column.size() - cells.size());
  std::vector<double> sorted;
  sorted.reserve(cells.size());
  std::vector<std::vector<double>> of_class(table.classes.size());
  for (const Cell& cell : cells) {
    sorted.push_back(cell.value);
    const int32_t c = y[cell.row];
    if (c >= 0) of_class[static_cast<size_t>(c)].push_back(cell.value);
  }
  count_values(cells, date, p);
  p.quantiles = quantiles_of(sorted);
  for (const auto& one : of_class) p.by_class.push_back(quantiles_of(one));
  p.fence = fence_of(cells, sorted, date, y, table, options.outliers);
  const auto distinct = static_cast<size_t>(p.distinct);
  p.groups = number_groups(cells, date, distinct, coded);
  p.distribution = histogram(cells, p.quantiles, date, distinct, shown);
  centre(cells, column.size(), p.quantiles, coded);
  if (table.classes.size() == 2) coded.kendall_with_target = kendall_with(cells, y);
  if (!cells.empty()) uniform_bins(cells, coded);
}

void profile_text(const Column& column, const ExploreOptions& options, ColumnProfile& p,
                  Coded& coded, std::vector<uint8_t>& shown) {
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  std::vector<size_t> order;
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] > 0) order.push_back(code);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b]
                                  : column.dictionary[a] < column.dictionary[b];
  });
  p.distinct = static_cast<int64_t>(order.size());
  if (!order.empty()) {
    p.top = column.dictionary[order[0]];
    p.top_rows = counts[order[0]];
  }
  std::vector<uint8_t> group(counts.size(), 0), bin(counts.size(), 0);
  for (size_t i = 0; i < order.size(); ++i) {
    group[order[i]] = static_cast<uint8_t>(std::min(i, options.categories));
    bin[order[i]] = static_cast<uint8_t>(std::min(i, kMostCategories));
    if (i < options.categories) {
      p.groups.push_back({.kind = Slice::Kind::kValue, .label = column.dictionary[order[i]]});
    } else if (i == options.categories) {
      p.groups.push_back({.kind = Slice::Kind::kOther});
    }
  }
  coded.bin_count = std::min(order.size(), kMostCategories + 1);
  for (size_t row = 0; row < column.size(); ++row) {
    const int32_t code = column.codes[row];
    if (code < 0) {
      ++p.missing;
      continue;
    }
    coded.groups[row] = group[static_cast<size_t>(code)];
    coded.bins[row] = bin[static_cast<size_t>(code)];
  }
  p.distribution = p.groups;
  shown = coded.groups;
}

void add_missing(std::vector<Slice>& slices, std::vector<uint8_t>& codes) {
  const auto code = static_cast<uint8_t>(slices.size());
  for (uint8_t& c : codes) c = c == Coded::kNone ? code : c;
  slices.push_back({.kind = Slice::Kind::kAbsent});
}

}  // namespace

Contingency counted_by(const std::vector<uint8_t>& a, size_t a_count, const std::vector<uint8_t>& b,
                       size_t b_count) {
  const std::vector<uint32_t> counts = count_codes(a, a_count + 1, b, b_count + 1);
  Contingency t(a_count, b_count);
  for (size_t r = 0; r < a_count; ++r) {
    for (size_t c = 0; c < b_count; ++c) t.at(r, c) = counts[r * (b_count + 1) + c];
  }
  return t.without_empty();
}

void count_classes(std::vector<Slice>& slices, const std::vector<uint8_t>& codes,
                   std::span<const int32_t> y, size_t classes) {
  std::vector<int64_t> counts((slices.size() + 1) * (classes + 1), 0);
  for (size_t row = 0; row < codes.size(); ++row) {
    const size_t slice = std::min<size_t>(codes[row], slices.size());
    ++counts[slice * (classes + 1) + (y[row] < 0 ? classes : static_cast<size_t>(y[row]))];
  }
  for (size_t i = 0; i < slices.size(); ++i) {
    Slice& s = slices[i];
    const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(i * (classes + 1));
    const auto end = begin + static_cast<std::ptrdiff_t>(classes);
    s.by_class.assign(begin, end);
    const int64_t known = std::accumulate(begin, end, int64_t{0});
    s.rows = known + *end;
    for (const int64_t n : s.by_class) s.rate.push_back(wilson(n, known));
  }
}

ColumnProfile profile_of(const Column& column, const std::string& type, std::span<const int32_t> y,
                         const FeatureTable& table, const ExploreOptions& options, Coded& coded) {
  ColumnProfile p{.name = column.name, .type = type, .rows = static_cast<int64_t>(column.size())};
  p.variance_inflation = kMissing;
  coded.number = !column.is_text();
  coded.groups.assign(column.size(), Coded::kNone);
  coded.bins.assign(column.size(), Coded::kNone);
  std::vector<uint8_t> shown(column.size(), Coded::kNone);
  if (coded.number) {
    profile_numbers(column, type == "date", y, table, options, p, coded, shown);
  } else {
    profile_text(column, options, p, coded, shown);
  }
  if (p.missing > 0) {
    add_missing(p.groups, coded.groups);
    add_missing(p.distribution, shown);
  }
  coded.complete = p.missing == 0;
  coded.group_count = p.groups.size();
  for (uint8_t& bin : coded.bins) {
    bin = bin == Coded::kNone ? static_cast<uint8_t>(coded.bin_count) : bin;
  }
  count_classes(p.groups, coded.groups, y, table.classes.size());
  count_classes(p.distribution, shown, y, table.classes.size());
  const size_t classes = table.classes.size();
  coded.groups_by_class.resize(column.size());
  for (size_t row = 0; row < column.size(); ++row) {
    const size_t c = y[row] < 0 ? classes : static_cast<size_t>(y[row]);
    coded.groups_by_class[row] = static_cast<uint16_t>(coded.groups[row] * (classes + 1) + c);
  }
  return p;
}

}  // namespace perennial
