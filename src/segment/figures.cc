#include "segment/figures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/lanes.h"
#include "explore/contingency.h"
#include "segment/rule.h"

namespace perennial {
namespace {

constexpr int64_t kFewestSealed = 10;  // for an interval of the expected loss
constexpr size_t kMostCategories = 12;
constexpr double kSure = 0.05;

// Count, mean and central moments (divided by the count) of the values that are known.
struct Moments {
  double n = 0, mean = 0, m2 = 0, m3 = 0, m4 = 0;
  double variance() const { return n > 1 ? m2 * n / (n - 1) : 0; }
};

// Raw sums about a centre, so that nothing is lost where values are large.
struct Sums {
  double n = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0;
  Sums minus(const Sums& o) const { return {n - o.n, s1 - o.s1, s2 - o.s2, s3 - o.s3, s4 - o.s4}; }
  Moments moments(double centre) const {
    if (n <= 0) return {};
    const double a = s1 / n, b = s2 / n, c = s3 / n, d = s4 / n;
    return {.n = n,
            .mean = centre + a,
            .m2 = std::max(0.0, b - a * a),
            .m3 = c - 3 * a * b + 2 * a * a * a,
            .m4 = std::max(0.0, d - 4 * a * c + 6 * a * a * b - 3 * a * a * a * a)};
  }
};

// The sums of value(0), …, value(n - 1) about `centre`; NaN is left out. Every fourth value goes
// into a lane of its own, so that none waits for the one before it.
Sums sums_of(size_t n, double centre, const auto& value) {
  constexpr size_t kLanes = 4;
  std::array<double, kLanes> known{}, s1{}, s2{}, s3{}, s4{};
  const auto take = [&](size_t lane, double v) {
    const bool there = !std::isnan(v);
    const double off = there ? v - centre : 0, square = off * off;
    known[lane] += there ? 1 : 0;
    s1[lane] += off;
    s2[lane] += square;
    s3[lane] += square * off;
    s4[lane] += square * square;
  };
  in_lanes<kLanes>(n, [&](size_t lane, size_t i) { take(lane, value(i)); });
  const auto sum = [](const std::array<double, kLanes>& a) {
    return (a[0] + a[1]) + (a[2] + a[3]);
  };
  return {.n = sum(known), .s1 = sum(s1), .s2 = sum(s2), .s3 = sum(s3), .s4 = sum(s4)};
}

// The same of a share: p ones among n.
Moments share_moments(double ones, double n) {
  if (n <= 0) return {};
  const double p = ones / n, q = 1 - p;
  return {.n = n, .mean = p, .m2 = p * q, .m3 = p * q * (q - p), .m4 = p * q * (1 - 3 * p * q)};
}

double two_sided_p(double t, double df) { return 2 * t_cdf(-std::abs(t), df); }

// Fills inside, outside, size and p_value; false where nothing can be said (no spread).
bool compare(const Moments& a, const Moments& b, SegmentDifference& out) {
  out.inside = a.mean;
  out.outside = b.mean;
  if (a.n < 2 || b.n < 2) return false;
  const double va = a.variance(), vb = b.variance(), pooled = (va + vb) / 2;
  if (!(pooled > 0)) return false;
  const double difference = a.mean - b.mean;
  const double of_means = va / a.n + vb / b.n;
  const double of_pooled = ((a.m4 - a.m2 * a.m2) / a.n + (b.m4 - b.m2 * b.m2) / b.n) / 4;
  const double together = (a.m3 / a.n - b.m3 / b.n) / 2;
  const double variance = of_means / pooled +
                          difference * difference * of_pooled / (4 * std::pow(pooled, 3)) -
                          difference * together / (pooled * pooled);
  const double size = difference / std::sqrt(pooled);
  const double reach = normal_quantile(0.975) * std::sqrt(std::max(0.0, variance));
  out.size = {.value = size, .low = size - reach, .high = size + reach};
  const double df =
      of_means * of_means / (va * va / (a.n * a.n * (a.n - 1)) + vb * vb / (b.n * b.n * (b.n - 1)));
  out.p_value = two_sided_p(difference / std::sqrt(of_means), df);
  return true;
}

void compare_numbers(const Column& column, std::span<const uint32_t> rows, const Sums& all,
                     double centre, std::vector<SegmentDifference>& out) {
  const Sums inside =
      sums_of(rows.size(), centre, [&](size_t i) { return column.numbers[rows[i]]; });
  SegmentDifference d{.feature = column.name, .is_date = column.type == ColumnType::kDate};
  if (compare(inside.moments(centre), all.minus(inside).moments(centre), d)) {
    out.push_back(std::move(d));
  }
}

void compare_categories(const Column& column, std::span<const uint32_t> rows,
                        const std::vector<int64_t>& all, const std::vector<size_t>& usual,
                        std::vector<SegmentDifference>& out) {
  std::vector<int64_t> counts(column.dictionary.size(), 0);
  int64_t known = 0, known_of_all = 0;
  for (const uint32_t i : rows) {
    if (column.codes[i] < 0) continue;
    ++counts[static_cast<size_t>(column.codes[i])];
    ++known;
  }
  for (const int64_t n : all) known_of_all += n;
  for (const size_t c : usual) {
    SegmentDifference d{.feature = column.name, .category = column.dictionary[c]};
    const auto in = static_cast<double>(counts[c]), out_of = static_cast<double>(all[c]);
    if (compare(share_moments(in, static_cast<double>(known)),
                share_moments(out_of - in, static_cast<double>(known_of_all - known)), d)) {
      out.push_back(std::move(d));
    }
    if (usual.size() == 2) break;  // of two categories one says it all
  }
}

// What all segments are compared with in one feature.
struct Whole {
  double centre = 0;
  Sums sums;
  std::vector<int64_t> counts;
  std::vector<size_t> usual;  // categories to look at, most frequent first
};

Whole whole_of(const Column& column, int64_t fewest) {
  Whole out;
  if (!column.is_text()) {
    const auto first =
        std::ranges::find_if(column.numbers, [](double v) { return !std::isnan(v); });
    out.centre = first == column.numbers.end() ? 0 : *first;
    const auto value = [&](size_t i) { return column.numbers[i]; };
    out.sums = sums_of(column.size(), out.centre, value);
    // About the mean: moments of numbers far from their first one would lose digits.
    out.centre += out.sums.n > 0 ? out.sums.s1 / out.sums.n : 0;
    out.sums = sums_of(column.size(), out.centre, value);
    return out;
  }
  out.counts.assign(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++out.counts[static_cast<size_t>(code)];
  }
  for (size_t c = 0; c < out.counts.size(); ++c) {
    if (out.counts[c] >= std::max<int64_t>(1, fewest)) out.usual.push_back(c);
  }
  std::ranges::sort(out.usual, [&](size_t a, size_t b) {
    return out.counts[a] != out.counts[b] ? out.counts[a] > out.counts[b]
                                          : column.dictionary[a] < column.dictionary[b];
  });
  if (out.usual.size() > kMostCategories) out.usual.resize(kMostCategories);
  return out;
}

void correct(std::vector<Segment>& list) {
  std::vector<double> p;
  for (const Segment& s : list) {
    for (const SegmentDifference& d : s.differences) p.push_back(d.p_value);
  }
  const std::vector<double> adjusted = holm(p);
  size_t next = 0;
  for (Segment& s : list) {
    for (SegmentDifference& d : s.differences) d.adjusted_p = adjusted[next++];
  }
}

}  // namespace

Figure expected_loss_of(std::span<const uint32_t> rows, const SegmentFacts& facts) {
  double sum = 0;
  std::vector<double> error;
  for (const uint32_t i : rows) {
    const double expected = facts.risk[i] * facts.value[i];
    sum += expected;
    if (facts.sealed[i] != 0) {
      error.push_back((facts.table.y[i] == 1 ? facts.value[i] : 0) - expected);
    }
  }
  Figure out{.value = sum, .low = kMissing, .high = kMissing};
  if (static_cast<int64_t>(error.size()) < kFewestSealed) return out;
  const auto n = static_cast<double>(rows.size());
  const Figure off = mean_interval(error);
  out.low = std::min(sum, sum + n * off.low);
  out.high = std::max(sum, sum + n * off.high);
  return out;
}

void fill_figures(Segment& segment, std::span<const uint32_t> rows, const SegmentFacts& facts,
                  double total_value) {
  double risk = 0;
  for (const uint32_t i : rows) {
    risk += facts.risk[i];
    segment.value += facts.value[i];
    if (facts.sealed[i] == 0) continue;
    ++segment.sealed;
    segment.cases += facts.table.y[i] == 1 ? 1 : 0;
  }
  const auto n = static_cast<double>(rows.size());
  segment.customers = static_cast<int64_t>(rows.size());
  segment.share = n / static_cast<double>(facts.table.rows());
  segment.mean_risk = n > 0 ? risk / n : kMissing;
  segment.value_share = total_value != 0 ? segment.value / total_value : kMissing;
  segment.expected_loss = expected_loss_of(rows, facts);
  segment.rate = wilson(segment.cases, segment.sealed);
}

void fill_differences(std::vector<Segment>& list, const std::vector<std::vector<uint32_t>>& members,
                      const FeatureTable& table, size_t most, const Workers& workers) {
  const size_t features = table.features.size(), segments = list.size();
  std::vector<std::vector<SegmentDifference>> found(features * segments);
  constexpr int64_t kFewestOfCategory = 20;
  workers.run(features, [&](size_t f) {
    const Column& column = table.features[f];
    const Whole whole = whole_of(column, kFewestOfCategory);
    for (size_t s = 0; s < segments; ++s) {
      if (list[s].small || members[s].size() == table.rows()) continue;
      auto& to = found[f * segments + s];
      if (column.is_text()) {
        compare_categories(column, members[s], whole.counts, whole.usual, to);
      } else {
        compare_numbers(column, members[s], whole.sums, whole.centre, to);
      }
    }
  });
  for (size_t s = 0; s < segments; ++s) {
    const std::vector<std::string> ruled =
        list[s].rule.empty() ? std::vector<std::string>()
                             : features_in(parse_condition(list[s].rule, list[s].name));
    for (size_t f = 0; f < features; ++f) {
      for (SegmentDifference& d : found[f * segments + s]) {
        d.in_rule = std::ranges::find(ruled, d.feature) != ruled.end();
        list[s].differences.push_back(std::move(d));
      }
    }
  }
  correct(list);
  for (Segment& s : list) {
    std::erase_if(s.differences,
                  [](const SegmentDifference& d) { return !(d.adjusted_p < kSure); });
    std::ranges::stable_sort(s.differences, [](const auto& a, const auto& b) {
      return std::abs(a.size.value) > std::abs(b.size.value);
    });
    if (s.differences.size() > most) s.differences.resize(most);
  }
}

}  // namespace perennial
