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
    if (!position.empty()) result.position.push_back(position[row]);
  }
  for (const auto& column : features) result.features.push_back(column.take(rows));
  for (const auto& column : values) result.values.push_back(column.take(rows));
  return result;
}

}  // namespace perennial
