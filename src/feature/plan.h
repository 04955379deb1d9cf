// How tables become one row a customer. Plain data: prints as JSON and as SQL, is stored in the
// model file, and does to new rows exactly what it did to those of the training.
#pragma once

#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/json.h"
#include "table/table.h"

namespace perennial {

struct PlanFeature {
  std::string column;  // in the file
  std::string name;    // of the feature (one-row tables) or its stem (long tables)
  ColumnType type = ColumnType::kNumber;
  bool operator==(const PlanFeature&) const = default;
};

struct PlanTable {
  std::string name;
  std::string id;                      // column in the file
  std::string pivot_by;                // long form: the period column; "" for one row a customer
  std::vector<std::string> periods;    // long form: its values after repair, in order of the text
  std::string aggregate = "sum";       // several rows for one customer and period: sum mean min max count
  std::vector<PlanFeature> features;   // never the id, the target, or the value role
  std::vector<PlanFeature> values;     // money: for segments and offers
  std::vector<std::pair<std::string, ColumnType>> schema;  // all columns the plan reads, with types
  bool operator==(const PlanTable&) const = default;
};

struct FeaturePlan {
  std::vector<PlanTable> tables;  // the first brings the customers and, in training, the target
  std::string target;             // column of the first table
  std::string positive;           // the value that is class 1
  std::string cohort;             // condition; "" for everybody
  RepairPlan repairs;
  bool operator==(const FeaturePlan&) const = default;
};

Json to_json(const FeaturePlan& plan);
FeaturePlan feature_plan_from_json(const Json& json);

// What differs between SQL engines.
struct Dialect {
  std::string name = "duckdb";
};

// One SELECT that yields, ordered by nothing: "#id" (text), "#position" (row in the entity table),
// "#target" (text, NULL when absent), "#cohort" (boolean), "#dropped" (number of the first repair
// step that drops the customer, or NULL), the value columns ("#value:<name>"), then the features.
std::string to_sql(const FeaturePlan& plan, const Dialect& dialect = {});

// Names of the features, in order.
std::vector<std::string> feature_names(const FeaturePlan& plan);

}  // namespace perennial
