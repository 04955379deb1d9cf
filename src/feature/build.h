// Tables + FeaturePlan -> FeatureTable.
#pragma once

#include <map>

#include "base/workers.h"
#include "feature/feature_table.h"
#include "feature/plan.h"
#include "table/store.h"

namespace perennial {

// What a study (or init) says about a table; the rest is derived.
struct TableRoles {
  const Table* table = nullptr;
  std::string id;
  std::string pivot_by;
  std::vector<std::string> pivot_values;
  std::string aggregate = "sum";
  std::vector<std::string> values;  // value role
  std::vector<std::string> ignored;
};

// Derives the plan: which columns become features, their names (regular when the repairs rename
// columns; the table's name in front where two tables collide), the periods after repair. With
// `target_where`, a condition on columns of tables with one row a customer, `target` is ""; none of
// the columns that the condition names becomes a feature.
FeaturePlan make_plan(const std::vector<TableRoles>& tables, const std::string& entity_table,
                      const std::string& target, const std::string& positive,
                      const std::string& cohort, const RepairPlan& repairs,
                      const Workers* workers = nullptr, const std::string& target_where = "");

struct BuildResult {
  FeatureTable table;
  std::vector<DropStep> dropped;
  int64_t customers = 0;  // distinct ids in the entity table before any drop
  // Scoring only: what did not fit the plan.
  std::vector<std::string> notes;  // missing tables or columns, unseen periods
};

// `need_target`: rows without a target are dropped (and counted); false for scoring, where cohort
// and drops are not applied either: every customer gets a row. Errors (kData): duplicate ids in a
// one-row table, a target with one class, no rows left, the positive value absent (nearest named),
// a column of the plan missing (training only). Plans of the plain shapes are carried out on the
// columns as they stand (native.h), all others by the engine; `use_engine` asks the engine always.
BuildResult build_features(const FeaturePlan& plan, const std::vector<const Table*>& tables,
                           bool need_target, const Workers& workers, bool use_engine = false);

}  // namespace perennial
