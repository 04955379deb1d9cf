// What misleads in how a question is asked, whatever the tables hold: a filter that looks at the
// outcome, several rows of one person on both sides of the split, and what happened after the
// outcome.
#pragma once

#include <string>
#include <vector>

#include "audit/finding.h"
#include "table/table.h"

namespace perennial {

// A condition by which rows or customers leave the study.
struct ProtocolFilter {
  std::string table;  // "" : all that the question uses
  std::string where;  // a condition (table/condition.h)
  std::string key;    // where it stands: "cohort", "[[repair]]"
};

// A table whose rows are added up for each customer.
struct ProtocolSum {
  const Table* table = nullptr;
  bool bounded = false;  // only rows before a stated moment count
};

struct ProtocolView {
  const Table* entity = nullptr;
  std::string id;                   // of the entity's table
  std::vector<std::string> target;  // columns that make the target
  std::string group;                // column whose rows stay together; ""
  std::vector<ProtocolFilter> filters;
  std::vector<ProtocolSum> sums;
};

// The kinds: filter-looks-at-target, rows-of-one-person, sums-without-cutoff.
std::vector<Finding> audit_protocol(const ProtocolView& view);

}  // namespace perennial
