// Tables -> findings. Proposes, never changes anything: the study decides.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/workers.h"

namespace perennial {

// What the study has already said about the tables (roles), so that the audit does not guess.
struct AuditTable {
  const Table* table = nullptr;
  std::string id;                   // column, "" if not known
  std::string pivot_by;             // long form: the period column
  std::vector<std::string> values;  // columns with the value role
  std::string target;               // column, "" if not in this table
  std::vector<std::string> ignored;
};

// Findings that need only the tables: reading choices, near-duplicate values, vocabularies spelled
// differently in two tables, numbers stored as text, irregular names, stray spaces, case variants,
// missing markers, impossible or extreme numbers, duplicate rows and ids, ids missing from tables,
// constant columns, near-unique text, id-like columns. Order: severity, then table, column, kind.
std::vector<Finding> audit_tables(const std::vector<AuditTable>& tables, const Workers& workers);

// One row a customer, with the target: what the joined view shows.
struct EntityView {
  std::string table;  // the table that brings customers and target
  std::string id_name;
  std::vector<std::string> ids;             // one a row
  std::vector<const Column*> features;      // ids and value role are not among them
  std::vector<std::string> feature_tables;  // the study's table each came from
  std::vector<int32_t> y;                   // class, 0 or 1; -1 unknown
  std::string positive;                     // name of class 1
  std::vector<uint32_t> position;           // row's place in the file that brings it, 0-based
  // File and line of a row, value = its id; null where rows do not come from a file.
  std::function<Example(size_t row)> origin;
  int folds = 5;

  Example example(size_t row) const { return origin ? origin(row) : Example{}; }
};

struct EntityAudit {
  std::vector<Finding> findings;
  // Same number: copies of one customer, to be kept on one side of every split. Rows without a copy
  // have a number of their own. Copies are rows equal in every feature that chance does not
  // explain.
  std::vector<uint32_t> copy_group;
};

// Findings that need customers and target: copies but for the id; id or file order that predicts
// the target; a single column that nearly decides it, or decides it with certainty on one side.
EntityAudit audit_entities(const EntityView& view, const Workers& workers);

// Every kind of finding with one line that describes it, in the order of the checks: for the docs.
struct CheckInfo {
  std::string kind, description;
};
std::vector<CheckInfo> audit_checks();

// The repairs of findings that are marked safe, in the order in which they must apply. Marks them.
RepairPlan safe_repairs(std::vector<Finding>& findings);

}  // namespace perennial
