#include <algorithm>

#include "learn/tree/grow.h"

namespace perennial {
namespace {

// Columns of few values (0/1 columns above all) are ranked without sorting their rows.
constexpr size_t kFew = 8;

// The distinct values of the column, ascending; empty when there are more than kFew.
std::vector<double> few_values(std::span<const double> column) {
  std::vector<double> seen;
  for (double v : column) {
    if (std::find(seen.begin(), seen.end(), v) != seen.end()) continue;
    if (seen.size() == kFew) return {};
    seen.push_back(v);
  }
  std::sort(seen.begin(), seen.end());
  return seen;
}

struct Cell {
  double value;
  uint32_t row;
};

std::vector<double> rank_many(std::span<const double> column, std::vector<Cell>& cells,
                              uint32_t* ranks) {
  for (size_t i = 0; i < column.size(); ++i) cells[i] = {column[i], static_cast<uint32_t>(i)};
  std::sort(cells.begin(), cells.end(),
            [](const Cell& a, const Cell& b) { return a.value < b.value; });
  std::vector<double> distinct;
  for (const Cell& cell : cells) {
    if (distinct.empty() || distinct.back() != cell.value) distinct.push_back(cell.value);
    ranks[cell.row] = static_cast<uint32_t>(distinct.size() - 1);
  }
  return distinct;
}

// Fills the ranks; returns the distinct values, ascending.
std::vector<double> rank_column(std::span<const double> column, std::vector<Cell>& cells,
                                uint32_t* ranks) {
  std::vector<double> few = few_values(column);
  if (few.empty()) return rank_many(column, cells, ranks);
  for (size_t i = 0; i < column.size(); ++i) {
    uint32_t rank = 0;
    for (size_t v = 1; v < few.size(); ++v) rank += column[i] >= few[v] ? 1 : 0;
    ranks[i] = rank;
  }
  return few;
}

}  // namespace

RankedColumns::RankedColumns(const Matrix& x)
    : rows(x.rows), cols(x.cols), ranks(x.rows * x.cols), distinct(x.cols) {
  std::vector<Cell> cells(rows);
  for (size_t j = 0; j < cols; ++j) {
    distinct[j] = rank_column(x.column(j), cells, ranks.data() + j * rows);
  }
}

RankedColumns::RankedColumns(const Matrix& x, std::span<const uint32_t> chosen_rows,
                             std::span<const uint32_t> columns)
    : rows(chosen_rows.size()),
      cols(columns.size()),
      ranks(rows * columns.size()),
      distinct(columns.size()) {
  std::vector<Cell> cells(rows);
  std::vector<double> values(rows);
  for (size_t j = 0; j < cols; ++j) {
    const std::span<const double> column = x.column(columns[j]);
    for (size_t i = 0; i < rows; ++i) values[i] = column[chosen_rows[i]];
    distinct[j] = rank_column(values, cells, ranks.data() + j * rows);
  }
}

}  // namespace perennial
