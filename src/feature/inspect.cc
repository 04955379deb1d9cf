#include "feature/inspect.h"

#include <fmt/format.h>

#include <algorithm>

namespace perennial {

std::vector<std::string> periods_in(Store& store, const PlanSql& sql, const FeaturePlan& plan,
                                    size_t table) {
  const SqlColumn& by = sql.column(table, plan.tables[table].pivot_by);
  auto columns =
      store.query(sql.with(fmt::format("SELECT DISTINCT\n  {0}\nFROM {1}\nWHERE {0} IS "
                                       "NOT NULL",
                                       by.expression, sql.relation(table))));
  if (by.is_date) columns[0].type = ColumnType::kDate;  // days, as the store shows them
  std::vector<std::string> periods;
  for (size_t i = 0; i < columns[0].size(); ++i) periods.push_back(columns[0].value_text(i));
  std::sort(periods.begin(), periods.end());
  return periods;
}

bool has_several_rows(Store& store, const PlanSql& sql, const FeaturePlan& plan, size_t table) {
  const std::string by = sql.column(table, plan.tables[table].pivot_by).expression;
  const std::string id = sql.column(table, plan.tables[table].id).expression;
  const auto columns = store.query(sql.with(
      fmt::format("SELECT\n  COUNT(*)\nFROM (\n  SELECT {0}, {1}\n  FROM {2}\n  WHERE {0} IS NOT "
                  "NULL AND {1} IS NOT NULL\n  GROUP BY {0}, {1}\n  HAVING COUNT(*) > 1\n) AS "
                  "several",
                  id, by, sql.relation(table))));
  return columns[0].numbers[0] > 0;
}

int64_t strangers_in(Store& store, const PlanSql& sql, size_t table) {
  const std::string other = sql.id(table, "o"), own = sql.id(0, "e");
  const auto columns = store.query(sql.with(
      fmt::format("SELECT\n  COUNT(DISTINCT {0})\nFROM {1} AS o\nWHERE NOT EXISTS (SELECT 1 FROM "
                  "{2} AS e WHERE {3} = {0})",
                  other, sql.relation(table), sql.relation(0), own)));
  return static_cast<int64_t>(columns[0].numbers[0]);
}

}  // namespace perennial
