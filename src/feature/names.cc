#include "feature/names.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "table/condition.h"

namespace perennial {
namespace {

void add_columns_in(const std::string& condition, const std::vector<std::string>& columns,
                    std::set<std::string>& needed) {
  if (condition.empty()) return;
  for (const auto& name : names_in(parse_condition(condition, quoted(condition)))) {
    const int index = find_name(columns, name);
    if (index >= 0) needed.insert(columns[static_cast<size_t>(index)]);
  }
}

}  // namespace

int find_name(const std::vector<std::string>& names, const std::string& name) {
  const auto exact = std::find(names.begin(), names.end(), name);
  if (exact != names.end()) return static_cast<int>(exact - names.begin());
  const std::string regular = regular_name(name);
  for (size_t i = 0; i < names.size(); ++i) {
    if (regular_name(names[i]) == regular) return static_cast<int>(i);
  }
  return -1;
}

std::vector<std::string> schema_names(const PlanTable& table) {
  std::vector<std::string> names;
  for (const auto& [name, type] : table.schema) names.push_back(name);
  return names;
}

std::vector<std::string> names_of(const PlanTable& table, const PlanFeature& feature) {
  if (table.pivot_by.empty()) return {feature.name};
  std::vector<std::string> names;
  for (const auto& period : table.periods)
    names.push_back(feature.name + "_" + regular_name(period));
  return names;
}

std::vector<std::string> feature_names(const FeaturePlan& plan) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const auto& table : plan.tables) {
    for (const auto& feature : table.features) {
      for (const auto& stem : names_of(table, feature)) {
        std::string name = stem;
        for (int i = 2; !taken.insert(to_lower(name)).second; ++i) {
          name = stem + "_" + std::to_string(i);
        }
        names.push_back(name);
      }
    }
  }
  return names;
}

std::vector<std::string> date_features(const FeaturePlan& plan) {
  std::vector<std::string> dates;
  const std::vector<std::string> names = feature_names(plan);
  size_t next = 0;
  for (const PlanTable& table : plan.tables) {
    for (const PlanFeature& feature : table.features) {
      const size_t columns = names_of(table, feature).size();
      const bool counted = !table.pivot_by.empty() && table.aggregate == "count";
      for (size_t i = 0; i < columns; ++i, ++next) {
        if (feature.type == ColumnType::kDate && !counted) dates.push_back(names.at(next));
      }
    }
  }
  return dates;
}

void keep_needed_columns(FeaturePlan& plan) {
  for (auto& table : plan.tables) {
    const auto columns = schema_names(table);
    std::set<std::string> needed = {table.id, table.pivot_by};
    if (&table == &plan.tables[0]) needed.insert(plan.target);
    for (const auto& feature : table.features) needed.insert(feature.column);
    for (const auto& value : table.values) needed.insert(value.column);
    bool all = false;  // equal rows are equal in every column
    for (const auto& repair : plan.repairs.steps) {
      if (repair.table != table.name) continue;
      all = all || repair.kind == Repair::Kind::kDropDuplicates;
      add_columns_in(repair.where, columns, needed);
    }
    if (table.pivot_by.empty()) {
      add_columns_in(plan.cohort, columns, needed);
      add_columns_in(plan.target_where, columns, needed);
    }
    if (all) continue;
    std::erase_if(table.schema, [&](const auto& column) { return !needed.contains(column.first); });
  }
}

}  // namespace perennial
