// Inside the audit room: checks that need customers and target.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "audit/bins.h"

namespace perennial {

// What several checks need, made once.
struct EntityFacts {
  Counts classes{0, 0};        // rows of class 0 and 1
  bool telling = false;        // at least 20 rows of each class
  std::vector<uint32_t> fold;  // of each row, by a hash of its id
  std::vector<char> complete;  // of each feature: no cell is missing
  // Rows of a known class in the order of the file; empty where that is not known.
  std::vector<uint32_t> in_file;
  size_t folds = 2;
  // Out-of-fold ROC-AUC of each feature alone, on at most 20,000 rows; 0.5 for names and remarks,
  // and where not telling.
  std::vector<double> auc;
  double share(int c) const { return classes[static_cast<size_t>(c)] / (classes[0] + classes[1]); }
};
EntityFacts entity_facts(const EntityView& view, const Workers& workers);

struct EntityCheck {
  const char* kind;
  const char* description;  // one line for the docs
  void (*run)(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&) = nullptr;
  // It looks at what the checks of earlier waves found; those of one wave run side by side.
  int wave = 1;
};

// All checks on customers and target, in the order in which their findings stand.
std::span<const EntityCheck> entity_checks();

void check_copies(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_id_order(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_id_form(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_file_order(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_one_class_tables(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_decisive_columns(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_decisive_together(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_one_sided_columns(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_known_afterwards(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_missing_cells(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_decimals(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_encoded_targets(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_groups(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);
void check_sorted_columns(const EntityView&, const EntityFacts&, const Workers&, EntityAudit&);

// A finding on a feature, with table and column filled in; and on the customers' table.
Finding feature_finding(const EntityView& view, size_t column, const char* kind);
// The first three of these rows, with the feature's values, as examples.
std::vector<Example> feature_examples(const EntityView& view, size_t column,
                                      const std::vector<uint32_t>& rows);
// What to think of a column that tells the outcome too well.
extern const char* const kAfterwards;
// True when this kind of finding is there for the feature already.
bool is_found(const EntityAudit& audit, const EntityView& view, size_t column,
              std::string_view kind);

// ROC-AUC, out of fold, of an additive model (boosted bins) of some features together, on at most
// `most_rows` rows, evenly spread. A quick look, not a verdict: it sees no interactions.
double additive_auc(const EntityView& view, const EntityFacts& facts,
                    const std::vector<size_t>& features, size_t most_rows, const Workers& workers);

// Rows of a known class, at most so many, evenly spread.
std::vector<uint32_t> spread_rows(const EntityView& view, size_t most);

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
