#include "explore/drift.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kBlocks = 10, kKept = 20;
constexpr double kLeast = 0.05;

// Rows in blocks along something; block = count: in none.
struct Along {
  std::string name;
  size_t date = 0;  // index of its column; unused for the file
  std::vector<uint8_t> block;
  size_t count = 0;
  std::vector<DriftBlock> blocks;  // without what belongs to one column
};

Along along_file(const FeatureTable& table) {
  Along a{.block = file_blocks(table.position), .count = kBlocks};
  if (a.block.empty()) return a;
  std::vector<uint32_t> first(kBlocks, UINT32_MAX), last(kBlocks, 0);
  for (size_t row = 0; row < a.block.size(); ++row) {
    const size_t b = a.block[row];
    first[b] = std::min(first[b], table.position[row]);
    last[b] = std::max(last[b], table.position[row]);
  }
  for (size_t b = 0; b < kBlocks; ++b) {
    a.blocks.push_back({.from = number_text(first[b] + 1.0), .to = number_text(last[b] + 1.0)});
  }
  return a;
}

Along along_date(const ColumnProfile& profile, const Coded& coded, size_t index) {
  Along a{.name = profile.name, .date = index, .block = coded.groups};
  for (const Slice& s : profile.groups) {
    if (s.kind == Slice::Kind::kAbsent) continue;
    ++a.count;
    a.blocks.push_back({.from = date_text(s.low), .to = date_text(s.high)});
  }
  return a;  // the group of missing dates comes last: its code is the count
}

void describe_blocks(Along& a, const std::vector<uint8_t>& target, size_t classes) {
  const auto counts = count_codes(a.block, a.count + 1, target, classes + 1);
  for (size_t b = 0; b < a.count; ++b) {
    const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(b * (classes + 1));
    const auto end = begin + static_cast<std::ptrdiff_t>(classes);
    const double known = std::accumulate(begin, end, 0.0);
    a.blocks[b].rows = static_cast<int64_t>(known) + *end;
    for (auto at = begin; at != end; ++at) {
      a.blocks[b].rate.push_back(known > 0 ? *at / known : kMissing);
    }
  }
}

double median(std::vector<double>& v) {
  if (v.empty()) return kMissing;
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::nth_element(v.begin(), middle, v.end());
  if (v.size() % 2 == 1) return *middle;
  return (*std::max_element(v.begin(), middle) + *middle) / 2;
}

// Median, or the share of the most frequent value, in each block; and the missing cells.
void fill_blocks(const Along& along, const Column& column, const ColumnProfile& profile,
                 std::vector<DriftBlock>& blocks) {
  std::vector<std::vector<double>> values(along.count);
  for (size_t row = 0; row < along.block.size(); ++row) {
    const size_t b = along.block[row];
    if (b >= along.count) continue;
    if (column.missing(row)) {
      ++blocks[b].missing;
    } else if (column.is_text()) {
      const auto& text = column.dictionary[static_cast<size_t>(column.codes[row])];
      values[b].push_back(text == profile.top ? 1 : 0);
    } else {
      values[b].push_back(column.numbers[row]);
    }
  }
  for (size_t b = 0; b < along.count; ++b) {
    std::vector<double>& v = values[b];
    const auto n = static_cast<double>(v.size());
    blocks[b].middle = !column.is_text() ? median(v)
                       : v.empty()       ? kMissing
                                         : std::accumulate(v.begin(), v.end(), 0.0) / n;
  }
}

Drift tested(const std::string& along, const std::string& column, const Contingency& t) {
  const Dependence d = dependence(t);
  return {.along = along, .column = column, .strength = d.cramers_v, .p_value = d.p_value};
}

// The target first, then the strongest; what does not drift is left out.
std::vector<size_t> kept(const std::vector<Drift>& tests) {
  std::vector<size_t> order;
  for (size_t i = 1; i < tests.size(); ++i) {
    if (tests[i].adjusted_p < 0.05 && tests[i].strength >= kLeast) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return tests[a].strength > tests[b].strength; });
  if (order.size() > kKept) order.resize(kKept);
  order.insert(order.begin(), 0);
  return order;
}

}  // namespace

std::vector<uint8_t> file_blocks(const std::vector<uint32_t>& position) {
  const size_t n = position.size();
  if (n < 100) return {};
  const std::vector<double> places(position.begin(), position.end());
  std::vector<uint8_t> block(n);
  const std::vector<NumberCell> rising = rising_cells(places);
  for (size_t i = 0; i < n; ++i) block[rising[i].row] = static_cast<uint8_t>(i * kBlocks / n);
  return block;
}

std::vector<Drift> drift_of(const FeatureTable& table, const std::vector<const Column*>& columns,
                            const std::vector<ColumnProfile>& profiles,
                            const std::vector<Coded>& coded, const std::vector<uint8_t>& target,
                            const Workers& workers) {
  const size_t classes = table.classes.size();
  std::vector<Along> alongs;
  if (table.position.size() == table.rows() && table.rows() >= 100) {
    alongs.push_back(along_file(table));
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    if (profiles[c].type != "date") continue;
    Along a = along_date(profiles[c], coded[c], c);
    if (a.count >= 3) alongs.push_back(std::move(a));
  }
  // The target, then all columns, along each.
  std::vector<std::vector<Drift>> tests(alongs.size(), std::vector<Drift>(columns.size() + 1));
  workers.run(alongs.size() * (columns.size() + 1), [&](size_t task) {
    Along& a = alongs[task / (columns.size() + 1)];
    const size_t c = task % (columns.size() + 1);
    Drift& out = tests[task / (columns.size() + 1)][c];
    if (c == 0) {
      describe_blocks(a, target, classes);
      out = tested(a.name, "", counted_by(target, classes, a.block, a.count));
    } else if (a.name.empty() || a.date != c - 1) {
      const Coded& x = coded[c - 1];
      out = tested(a.name, profiles[c - 1].name,
                   counted_by(x.groups, x.group_count, a.block, a.count));
    } else {
      out.p_value = out.strength = kMissing;  // a date along itself
    }
  });
  std::vector<double> p;
  for (const auto& of_one : tests) {
    for (const Drift& d : of_one) p.push_back(d.p_value);
  }
  const std::vector<double> adjusted = holm(p);
  std::vector<Drift> out;
  for (size_t a = 0; a < alongs.size(); ++a) {
    for (size_t c = 0; c < tests[a].size(); ++c) {
      tests[a][c].adjusted_p = adjusted[a * (columns.size() + 1) + c];
    }
    for (const size_t c : kept(tests[a])) {
      Drift d = tests[a][c];
      d.blocks = alongs[a].blocks;
      for (DriftBlock& b : d.blocks) b.middle = kMissing;
      if (c > 0) fill_blocks(alongs[a], *columns[c - 1], profiles[c - 1], d.blocks);
      out.push_back(std::move(d));
    }
  }
  return out;
}

}  // namespace perennial
