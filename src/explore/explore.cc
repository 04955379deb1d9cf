#include "explore/explore.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace perennial {
namespace {

ColumnProfile profile_of(const Column& column, const std::string& table, const std::string& role) {
  ColumnProfile p{.name = column.name, .table = table, .role = role};
  p.type = to_string(column.type);
  p.rows = static_cast<int64_t>(column.size());
  for (size_t row = 0; row < column.size(); ++row) p.missing += column.missing(row);
  return p;
}

}  // namespace

Exploration explore(const FeatureTable& table, const ExploreOptions& options,
                    const Workers& workers) {
  (void)options, (void)workers;
  Exploration e{.rows = static_cast<int64_t>(table.rows()), .classes = table.classes};
  e.class_rows.assign(table.classes.size(), 0);
  for (const int32_t y : table.y) {
    if (y >= 0) ++e.class_rows[static_cast<size_t>(y)];
  }
  e.basis = fmt::format(
      "All {} that were kept, the sealed ones too: this describes the data and is never used to "
      "choose or to fit a model.",
      counted(e.rows, "customer"));
  for (size_t c = 0; c < table.features.size(); ++c) {
    e.columns.push_back(profile_of(table.features[c],
                                   c < table.feature_tables.size() ? table.feature_tables[c] : "",
                                   "feature"));
  }
  for (const Column& c : table.values) e.columns.push_back(profile_of(c, "", "value"));
  return e;
}

}  // namespace perennial
