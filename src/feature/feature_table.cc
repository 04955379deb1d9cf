#include "feature/feature_table.h"

#include <functional>

namespace perennial {

FeatureTable FeatureTable::take(const std::vector<uint32_t>& rows, const Workers* workers) const {
  FeatureTable result;
  result.id_name = id_name;
  result.feature_tables = feature_tables;
  result.target_name = target_name;
  result.classes = classes;
  result.features.resize(features.size());
  result.values.resize(values.size());
  const auto take_rows = [&] {
    result.ids.reserve(rows.size());
    if (!y.empty()) result.y.reserve(rows.size());
    if (!position.empty()) result.position.reserve(rows.size());
    for (const uint32_t row : rows) {
      result.ids.push_back(ids[row]);
      if (!y.empty()) result.y.push_back(y[row]);
      if (!position.empty()) result.position.push_back(position[row]);
      if (!several_y.empty()) result.several_y.push_back(several_y[row]);
      if (!moment.empty()) result.moment.push_back(moment[row]);
    }
  };
  // The first task is the rows' own; then a column each.
  const std::function<void(size_t)> task = [&](size_t i) {
    if (i == 0) return take_rows();
    const size_t c = i - 1;
    const bool feature = c < features.size();
    const size_t v = feature ? 0 : c - features.size();
    (feature ? result.features[c] : result.values[v]) =
        feature ? features[c].take(rows) : values[v].take(rows);
  };
  const size_t tasks = 1 + features.size() + values.size();
  constexpr size_t kManyCells = 100'000;
  if (workers != nullptr && tasks * rows.size() >= kManyCells) {
    workers->run(tasks, task);
  } else {
    for (size_t i = 0; i < tasks; ++i) task(i);
  }
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
