#include "explore/interact.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "explore/tails.h"
#include "table/column.h"

namespace perennial {
namespace {

// A table of three ways and its margins; `keep` has a bit for each way that stays.
struct Cube {
  std::array<size_t, 3> sizes;
  size_t cells() const { return sizes[0] * sizes[1] * sizes[2]; }
  size_t margin_cell(size_t cell, unsigned keep) const {
    const std::array<size_t, 3> at = {cell / (sizes[1] * sizes[2]), cell / sizes[2] % sizes[1],
                                      cell % sizes[2]};
    size_t out = 0;
    for (size_t way = 0; way < 3; ++way) {
      if ((keep >> way & 1U) != 0) out = out * sizes[way] + at[way];
    }
    return out;
  }
  size_t margin_size(unsigned keep) const {
    size_t out = 1;
    for (size_t way = 0; way < 3; ++way) out *= (keep >> way & 1U) != 0 ? sizes[way] : 1;
    return out;
  }
  std::vector<double> margin(const std::vector<double>& counts, unsigned keep) const {
    std::vector<double> out(margin_size(keep), 0);
    for (size_t cell = 0; cell < counts.size(); ++cell) {
      out[margin_cell(cell, keep)] += counts[cell];
    }
    return out;
  }
};

constexpr std::array<unsigned, 3> kPairs = {3, 5, 6};  // a b, a class, b class

std::vector<double> fitted(const Cube& cube, const std::vector<double>& counts) {
  std::array<std::vector<double>, 3> wanted;
  std::array<std::vector<size_t>, 3> cells;
  for (size_t p = 0; p < 3; ++p) {
    wanted[p] = cube.margin(counts, kPairs[p]);
    for (size_t cell = 0; cell < counts.size(); ++cell) {
      cells[p].push_back(cube.margin_cell(cell, kPairs[p]));
    }
  }
  std::vector<double> fit(counts.size(), 1);
  for (int round = 0; round < 500; ++round) {
    double off = 0;
    for (size_t p = 0; p < 3; ++p) {
      std::vector<double> factor(wanted[p].size(), 0);
      for (size_t cell = 0; cell < fit.size(); ++cell) factor[cells[p][cell]] += fit[cell];
      for (size_t m = 0; m < factor.size(); ++m) {
        if (round > 0) off = std::max(off, std::fabs(factor[m] - wanted[p][m]));
        factor[m] = factor[m] > 0 ? wanted[p][m] / factor[m] : 0;
      }
      for (size_t cell = 0; cell < fit.size(); ++cell) fit[cell] *= factor[cells[p][cell]];
    }
    if (round > 0 && off < 1e-6) break;
  }
  return fit;
}

// What independent Poisson counts would add to the deviance: cells, less pairs, plus single ways.
double sparse_degrees(const Cube& cube, const std::vector<double>& fit) {
  double degrees = 0;
  for (unsigned keep = 0; keep < 8; ++keep) {
    double sum = 0;
    for (const double mean : cube.margin(fit, keep)) sum += mean_poisson_deviance(mean);
    const bool odd = keep == 7 || keep == 1 || keep == 2 || keep == 4;
    degrees += odd ? sum : -sum;
  }
  return degrees;
}

std::string range_label(const Slice& first, const Slice& last, bool date) {
  const auto text = [&](double v) { return date ? date_text(v) : number_text(v); };
  return text(first.low) + (first.low == last.high ? "" : " to " + text(last.high));
}

}  // namespace

Coarse coarse_groups(const ColumnProfile& column, size_t most) {
  Coarse out;
  const bool text = column.type == "text";
  double all = 0, before = 0;
  size_t named = 0;
  for (const Slice& s : column.groups) {
    if (s.kind != Slice::Kind::kAbsent) all += static_cast<double>(s.rows), ++named;
  }
  std::vector<std::pair<size_t, size_t>> spans;  // first and last slice
  for (size_t g = 0, last = most; g < column.groups.size(); ++g) {
    const Slice& s = column.groups[g];
    const auto rows = static_cast<double>(s.rows);
    size_t bin = named <= most ? g
                 : text
                     ? std::min(g, most - 1)
                     : static_cast<size_t>((before + rows / 2) / all * static_cast<double>(most));
    if (s.kind == Slice::Kind::kAbsent) bin = most + 1;
    before += rows;
    if (spans.empty() || bin != last) spans.emplace_back(g, g);
    spans.back().second = g;
    last = bin;
    out.of_group.push_back(spans.size() - 1);
  }
  for (const auto& [first, last] : spans) {
    const Slice &a = column.groups[first], &z = column.groups[last];
    if (a.kind == Slice::Kind::kAbsent) {
      out.labels.push_back(to_string(a.kind));
    } else if (text) {
      out.labels.push_back(first != last || a.kind == Slice::Kind::kOther ? "other" : a.label);
    } else {
      out.labels.push_back(range_label(a, z, column.type == "date"));
    }
  }
  return out;
}

Interaction interaction_of(const std::vector<double>& counts, size_t a, size_t b, size_t classes) {
  const Cube cube{{a, b, classes}};
  const std::vector<double> fit = fitted(cube, counts);
  Interaction out;
  double n = 0;
  for (size_t cell = 0; cell < counts.size(); ++cell) {
    n += counts[cell];
    if (counts[cell] > 0) out.statistic += 2 * counts[cell] * std::log(counts[cell] / fit[cell]);
  }
  out.statistic = std::max(0.0, out.statistic);
  out.degrees = sparse_degrees(cube, fit);
  // Where nothing is left to tell apart (a copy of a column) there is no test.
  if (!(out.degrees >= 0.5)) out.p_value = kMissing;
  if (out.degrees >= 0.5) out.p_value = std::exp(log_chi2_tail(out.statistic, out.degrees));
  out.gain = n > 0 ? std::max(0.0, (out.statistic - out.degrees) / (2 * n)) : 0;
  for (size_t i = 0; i < a; ++i) {
    out.cells.emplace_back();
    for (size_t j = 0; j < b; ++j) {
      Interaction::Cell cell;
      double expected = 0, last = 0;
      for (size_t k = 0; k < classes; ++k) {
        const size_t at = (i * b + j) * classes + k;
        cell.by_class.push_back(static_cast<int64_t>(counts[at]));
        cell.rows += cell.by_class.back();
        expected += fit[at];
        last = fit[at];
      }
      const Figure rate = wilson(cell.by_class.back(), cell.rows);
      cell.rate = rate.value, cell.low = rate.low, cell.high = rate.high;
      cell.additive = expected > 0 ? last / expected : kMissing;
      out.cells.back().push_back(std::move(cell));
    }
  }
  return out;
}

}  // namespace perennial
