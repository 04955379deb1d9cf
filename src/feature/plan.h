// How tables become one row a customer. Plain data: prints as JSON and as SQL, is stored in the
// model file, and does to new rows exactly what it did to those of the training.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/json.h"
#include "feature/event_plan.h"
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
  std::string id;                    // column in the file
  std::string pivot_by;              // long form: the period column; "" for one row a customer
  std::vector<std::string> periods;  // long form: its values after repair, in order of the text
  std::string aggregate =
      "sum";             // several rows for one customer and period: sum mean min max count
  bool several = false;  // a customer has several rows in one period
  std::vector<PlanFeature> features;  // never the id, the target, or the value role
  std::vector<PlanFeature> values;    // money: for segments and offers
  std::vector<std::pair<std::string, ColumnType>> schema;  // all columns the plan reads, with types
  bool operator==(const PlanTable&) const = default;
};

struct FeaturePlan {
  std::vector<PlanTable> tables;  // the first brings the customers and, in training, the target
  std::string target;             // column of the first table
  std::string target_where;       // or a condition, in place of a column; then positive is "yes"
  std::string target_each;  // sign between several values in a cell of the target; "": one value
  std::string positive;     // the value that is class 1; "": the rarer of two, or every one a class
  std::string cohort;       // condition; "" for everybody
  // Logs of events: derived (events.h) into tables of the same name among `tables`, with one row a
  // customer and the features as columns.
  std::vector<EventPlan> events;
  std::optional<double> cutoff;  // of the latest rows, in days; none where there are no events
  RepairPlan repairs;
  std::vector<std::string> notes;  // sentences: which columns were left out, and why
  bool operator==(const FeaturePlan&) const = default;
};

// What the two classes of a target made by a condition are called.
inline constexpr const char* kHolds = "yes";
inline constexpr const char* kHoldsNot = "no";

Json to_json(const FeaturePlan& plan);
// Throws Error{kData} when it is not a plan.
FeaturePlan feature_plan_from_json(const Json& json);

// What differs between SQL engines: texts in which {0}, {1} stand for SQL expressions.
struct Dialect {
  std::string name = "duckdb";
  std::string to_number = "TRY_CAST({0} AS DOUBLE)";          // NULL where it cannot be done
  std::string matches = "regexp_matches({0}, {1})";           // does the text match the pattern
  std::string without = "regexp_replace({0}, {1}, '', 'g')";  // without what matches the pattern
  std::string sum = "SUM({0} ORDER BY {0})";  // in an order of its own: the same bits every time
  std::string mean = "AVG({0} ORDER BY {0})";
  std::string number_to_text =  // 215348, not 215348.0
      "CASE WHEN {0} = FLOOR({0}) AND ABS({0}) < 1e15 THEN CAST(CAST({0} AS BIGINT) AS VARCHAR) "
      "ELSE CAST({0} AS VARCHAR) END";
  std::string to_whole = "TRY_CAST(ROUND({0}) AS BIGINT)";  // NULL where it does not fit
  std::string largest_two = "MAX({0}, 2)";                  // aggregate: a list, the largest first
  std::string second = "LIST_EXTRACT({0}, 2)";  // of such a list; NULL where it is short
};

// One SELECT that yields, ordered by nothing: "#id" (as in the file; text where tables differ in
// its type), "#position" (row in the entity table), "#target" (as in the file, NULL when absent),
// "#cohort" (boolean), "#dropped" (number, from 1, of the first step of the repairs that drops the
// customer, or NULL), the value columns ("#value:<name>"), then the features.
// Errors (kStudy): a condition that names no column, or compares text with numbers.
std::string to_sql(const FeaturePlan& plan, const Dialect& dialect = {});

// Names of the features, in order; no two are equal, whatever the case of their letters.
std::vector<std::string> feature_names(const FeaturePlan& plan);

}  // namespace perennial
