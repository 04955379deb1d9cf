#include "table/table.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace perennial {

int Table::index_of(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  const std::string regular = regular_name(column);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (regular_name(columns[i].name) == regular) return static_cast<int>(i);
  }
  return -1;
}

const Column* Table::find(std::string_view column) const {
  const int index = index_of(column);
  return index < 0 ? nullptr : &columns[static_cast<size_t>(index)];
}

std::vector<std::string> Table::column_names() const {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

Example Table::example(size_t row, std::string value) const {
  Example found{.value = std::move(value)};
  const size_t file = row < row_file.size() ? row_file[row] : 0;
  if (file < files.size()) found.file = files[file].file;
  if (row < row_line.size()) found.line = row_line[row];
  return found;
}

void add_row_numbers(Table& table) {
  const std::vector<std::string> names = table.column_names();
  if (std::find(names.begin(), names.end(), kRowNumber) != names.end()) return;
  std::vector<double> numbers(table.rows());
  std::iota(numbers.begin(), numbers.end(), 1.0);
  table.columns.push_back(Column::number(kRowNumber, std::move(numbers)));
  table.readings.resize(table.columns.size());
}

}  // namespace perennial
