// Inside the audit room: checks that need customers and target.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "audit/audit.h"

namespace perennial {

struct EntityCheck {
  const char* kind;
  const char* description;  // one line for the docs
  void (*run)(const EntityView&, const Workers&, EntityAudit&) = nullptr;
};

// All checks on customers and target, in the order in which they run.
std::span<const EntityCheck> entity_checks();

void check_copies(const EntityView&, const Workers&, EntityAudit&);
void check_id_order(const EntityView&, const Workers&, EntityAudit&);
void check_file_order(const EntityView&, const Workers&, EntityAudit&);
void check_decisive_columns(const EntityView&, const Workers&, EntityAudit&);
void check_one_sided_columns(const EntityView&, const Workers&, EntityAudit&);
void check_sorted_columns(const EntityView&, const Workers&, EntityAudit&);

// What the order of rows tells about a binary target.
struct OrderSignal {
  double auc = 0.5;  // of the position in the order; 0.5: nothing
  double auc_z = 0;  // Mann-Whitney, normal approximation
  double runs = 0;   // runs of one class
  double expected_runs = 0;
  double runs_z = 0;           // Wald and Wolfowitz 1940; below 0: fewer runs than by chance
  double neighbour_auc = 0.5;  // of the share of positives among two rows before and two after
};
// `y` in that order; 0 or 1.
OrderSignal order_signal(const std::vector<int32_t>& y);

}  // namespace perennial
