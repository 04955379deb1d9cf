// One row a customer without the engine, for plans of the plain shapes: what PlanSql::customers
// says, done with a table of ids. Left to the engine: equal rows kept once, sums and means of
// several rows, money in long tables, ids that stand twice, tables whose ids differ in type.
#pragma once

#include <optional>
#include <vector>

#include "base/workers.h"
#include "feature/plan.h"
#include "feature/sql.h"
#include "table/column.h"

namespace perennial {

struct NativeCustomers {
  // As PlanSql::customers(true) gives them, up to the features; those that it leaves in the
  // entity's file are empty. Rows are in the file's order.
  std::vector<Column> columns;
  // One a table: customers of it whom the entity's table does not know.
  std::vector<int64_t> strangers;
};

// `columns`: of each table of the plan, one a column of its schema. nullopt: ask the engine.
// REQUIRES: sql.customers() does not throw.
std::optional<NativeCustomers> native_customers(
    const FeaturePlan& plan, const PlanSql& sql,
    const std::vector<std::vector<const Column*>>& columns, const Workers& workers);

}  // namespace perennial
