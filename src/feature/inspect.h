// Questions about the tables that the plan's SQL answers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "feature/sql.h"
#include "table/store.h"

namespace perennial {

// Distinct periods of a long table after its repairs, ordered by their text.
std::vector<std::string> periods_in(Store& store, const PlanSql& sql, const FeaturePlan& plan,
                                    size_t table);
// Is there a customer with several rows in one of the plan's periods?
bool has_several_rows(Store& store, const PlanSql& sql, const FeaturePlan& plan, size_t table);
// Rows of a table, after its repairs, that have an id.
int64_t rows_in(Store& store, const PlanSql& sql, const FeaturePlan& plan, size_t table);
// Customers of a table whom the entity table does not know.
int64_t strangers_in(Store& store, const PlanSql& sql, size_t table);

}  // namespace perennial
