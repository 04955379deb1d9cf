#include "feature/inspect.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

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
  const SqlColumn& by = sql.column(table, plan.tables[table].pivot_by);
  std::vector<std::string> counts;
  for (const auto& period : plan.tables[table].periods) {
    counts.push_back(fmt::format("COUNT(CASE WHEN {} = {} THEN 1 END)", by.expression,
                                 period_literal(period, by)));
  }
  if (counts.empty()) return false;
  const auto columns = store.query(sql.with(
      fmt::format("SELECT\n  COUNT(*)\nFROM (\n  SELECT\n    1\n  FROM {0}\n  WHERE {1} IS NOT "
                  "NULL\n  GROUP BY {1}\n  HAVING {2} > 1\n) AS several",
                  sql.relation(table), sql.column(table, plan.tables[table].id).expression,
                  join(counts, " > 1\n    OR "))));
  return columns[0].numbers[0] > 0;
}

int64_t rows_in(Store& store, const PlanSql& sql, const FeaturePlan& plan, size_t table) {
  const auto columns = store.query(sql.with(
      fmt::format("SELECT\n  COUNT({})\nFROM {}",
                  sql.column(table, plan.tables[table].id).expression, sql.relation(table))));
  return static_cast<int64_t>(columns[0].numbers[0]);
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
