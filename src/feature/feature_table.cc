#include "feature/feature_table.h"

namespace perennial {

FeatureTable FeatureTable::take(const std::vector<uint32_t>& rows) const {
  FeatureTable result;
  result.id_name = id_name;
  result.feature_tables = feature_tables;
  result.target_name = target_name;
  result.classes = classes;
  result.ids.reserve(rows.size());
  if (!y.empty()) result.y.reserve(rows.size());
  if (!position.empty()) result.position.reserve(rows.size());
  for (const uint32_t row : rows) {
    result.ids.push_back(ids[row]);
    if (!y.empty()) result.y.push_back(y[row]);
    if (!several_y.empty()) result.several_y.push_back(several_y[row]);
    if (!position.empty()) result.position.push_back(position[row]);
  }
  for (const auto& column : features) result.features.push_back(column.take(rows));
  for (const auto& column : values) result.values.push_back(column.take(rows));
  return result;
}

Exploded explode(const FeatureTable& table) {
  Exploded out;
  std::vector<int32_t> y;
  for (uint32_t row = 0; row < table.rows(); ++row) {
    for (const int32_t c : table.several_y.at(row)) {
      out.rows.push_back(row);
      y.push_back(c);
    }
  }
  out.table = table.take(out.rows);
  out.table.y = std::move(y);
  out.table.several_y.clear();
  return out;
}

}  // namespace perennial
