#include <algorithm>
#include <array>
#include <cmath>

#include "audit/entity_check.h"
#include "base/seed.h"

namespace perennial {
namespace {

// A new check is a function in entity_check.h and a line here.
constexpr std::array kEntityChecks{
    EntityCheck{.kind = "copies",
                .description = "Customers equal to another in every feature, which chance does "
                               "not explain.",
                .run = check_copies},
    EntityCheck{.kind = "id-predicts-target",
                .description = "The number in the id tells the target.",
                .run = check_id_order},
    EntityCheck{.kind = "id-form-predicts-target",
                .description = "How an id is written (its first letters, length, last digit) tells "
                               "the target.",
                .run = check_id_form,
                .wave = 2},
    EntityCheck{.kind = "order-predicts-target",
                .description = "The order of rows in the file tells the target.",
                .run = check_file_order},
    EntityCheck{.kind = "table-for-one-class",
                .description = "A table that knows customers of one class only: it is known "
                               "after the outcome.",
                .run = check_one_class_tables,
                .wave = 0},
    EntityCheck{.kind = "near-decisive-column",
                .description = "One column alone all but decides the target.",
                .run = check_decisive_columns},
    EntityCheck{.kind = "decisive-together",
                .description = "A few columns together all but decide the target.",
                .run = check_decisive_together},
    EntityCheck{.kind = "one-sided-column",
                .description = "Among many customers with certain values of one column, one class "
                               "never occurs.",
                .run = check_one_sided_columns},
    EntityCheck{.kind = "known-afterwards",
                .description = "A strong column whose name says that it is known after the "
                               "outcome: a duration, a reason, a result.",
                .run = check_known_afterwards},
    EntityCheck{.kind = "missing-tells-target",
                .description = "Which cells are missing tells the target.",
                .run = check_missing_cells,
                .wave = 2},
    EntityCheck{.kind = "decimals-tell-target",
                .description = "How many decimals a number is written with tells the target.",
                .run = check_decimals},
    EntityCheck{.kind = "encoded-target",
                .description = "A column made of the target: its mean within a category, over all "
                               "rows.",
                .run = check_encoded_targets},
    EntityCheck{.kind = "group-shares-target",
                .description = "Rows of one small group share their class: they must not straddle "
                               "the split.",
                .run = check_groups},
    EntityCheck{.kind = "column-sorted-alone",
                .description = "A column that is sorted along the file and unrelated to all "
                               "others: its cells may belong to other rows.",
                .run = check_sorted_columns},
};

constexpr int kLastWave = std::ranges::max(kEntityChecks, {}, &EntityCheck::wave).wave;

}  // namespace

std::span<const EntityCheck> entity_checks() { return kEntityChecks; }

const char* const kAfterwards =
    " Such a column is often recorded after the outcome or because of it: leave it out unless it "
    "is known before.";

Finding feature_finding(const EntityView& view, size_t column, const char* kind) {
  Finding finding;
  finding.kind = kind;
  finding.severity = Severity::kWarning;
  finding.table = column < view.feature_tables.size() ? view.feature_tables[column] : view.table;
  finding.column = view.features[column]->name;
  return finding;
}

std::vector<Example> feature_examples(const EntityView& view, size_t column,
                                      const std::vector<uint32_t>& rows) {
  std::vector<Example> examples;
  for (size_t i = 0; i < rows.size() && i < 3; ++i) {
    Example example = view.example(rows[i]);
    example.value = view.features[column]->value_text(rows[i]);
    examples.push_back(std::move(example));
  }
  return examples;
}

bool is_found(const EntityAudit& audit, const EntityView& view, size_t column,
              std::string_view kind) {
  const std::string& table =
      column < view.feature_tables.size() ? view.feature_tables[column] : view.table;
  return std::any_of(audit.findings.begin(), audit.findings.end(), [&](const Finding& f) {
    const bool here = f.column.empty() || f.column == view.features[column]->name;
    return f.kind == kind && f.table == table && here;
  });
}

namespace {

// Whether a column alone tells the target shows in so many rows; of those that do more than
// kTellsSome all rows say how well.
constexpr size_t kMostTellingRows = 20'000;
constexpr double kTellsSome = 0.65;

bool is_complete(const Column& column) {
  size_t missing = 0;  // counted to the end: a loop without a way out runs in lanes
  for (const int32_t code : column.codes) missing += code < 0 ? 1 : 0;
  for (const double number : column.numbers) missing += std::isnan(number) ? 1 : 0;
  return missing == 0;
}

// Each row stands in a line of its own, mostly, so that it can be put in its place at once.
std::vector<uint32_t> rows_in_file(const EntityView& view) {
  if (view.position.size() != view.ids.size() || view.ids.empty()) return {};
  constexpr uint32_t kEmpty = UINT32_MAX;
  const uint32_t last = *std::max_element(view.position.begin(), view.position.end());
  std::vector<uint32_t> rows;
  rows.reserve(view.ids.size());
  bool several = last / 8 > view.ids.size();
  std::vector<uint32_t> at(several ? 0 : size_t{last} + 1, kEmpty);
  for (uint32_t row = 0; row < view.y.size() && !several; ++row) {
    if (view.y[row] < 0) continue;
    uint32_t& place = at[view.position[row]];
    several = place != kEmpty;
    place = row;
  }
  if (!several) {
    std::copy_if(at.begin(), at.end(), std::back_inserter(rows),
                 [](uint32_t row) { return row != kEmpty; });
    return rows;
  }
  for (uint32_t row = 0; row < view.y.size(); ++row) {
    if (view.y[row] >= 0) rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](uint32_t a, uint32_t b) { return view.position[a] < view.position[b]; });
  return rows;
}

}  // namespace

EntityFacts entity_facts(const EntityView& view, const Workers& workers) {
  EntityFacts facts;
  facts.in_file = rows_in_file(view);
  facts.complete.resize(view.features.size());
  workers.run(view.features.size(),
              [&](size_t c) { facts.complete[c] = is_complete(*view.features[c]) ? 1 : 0; });
  bool binary = true;
  for (const int32_t c : view.y) {
    binary = binary && c <= 1;
    if (c == 0 || c == 1) facts.classes[static_cast<size_t>(c)] += 1;
  }
  facts.telling = binary && facts.classes[0] >= 20 && facts.classes[1] >= 20;
  facts.folds = static_cast<size_t>(std::max(2, view.folds));
  facts.auc.assign(view.features.size(), 0.5);
  if (!facts.telling) return facts;
  facts.fold.resize(view.ids.size());
  workers.run_blocks(view.ids.size(), 8192, [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      facts.fold[row] = static_cast<uint32_t>(hash_bytes(view.ids[row]) % facts.folds);
    }
  });
  std::vector<uint32_t> rows;
  std::vector<uint32_t> fold = facts.fold;
  std::vector<int32_t> y = view.y;
  if (view.ids.size() > kMostTellingRows) {
    rows = spread_rows(view, kMostTellingRows);
    for (size_t i = 0; i < rows.size(); ++i) {
      fold[i] = facts.fold[rows[i]];
      y[i] = view.y[rows[i]];
    }
    fold.resize(rows.size());
    y.resize(rows.size());
  }
  workers.run(view.features.size(), [&](size_t c) {
    if (too_many_values(*view.features[c])) return;
    if (!rows.empty()) {
      facts.auc[c] = out_of_fold_auc(binned(view.features[c]->take(rows)), fold, facts.folds, y);
      if (facts.auc[c] < kTellsSome) return;
    }
    facts.auc[c] = out_of_fold_auc(binned(*view.features[c]), facts.fold, facts.folds, view.y);
  });
  return facts;
}

namespace {

// What the checks found, in their order.
std::vector<Finding> together(std::span<const std::vector<Finding>> found) {
  std::vector<Finding> out;
  for (const auto& one : found) out.insert(out.end(), one.begin(), one.end());
  return out;
}

}  // namespace

EntityAudit audit_entities(const EntityView& view, const Workers& workers) {
  const EntityFacts facts = entity_facts(view, workers);
  std::array<std::vector<Finding>, kEntityChecks.size()> found;
  EntityAudit audit;
  for (int wave = 0; wave <= kLastWave; ++wave) {
    const std::vector<Finding> before = together(found);
    workers.run(kEntityChecks.size(), [&](size_t i) {
      if (kEntityChecks[i].wave != wave) return;
      EntityAudit own{.findings = before, .copy_group = {}};
      kEntityChecks[i].run(view, facts, workers, own);
      found[i].assign(std::make_move_iterator(own.findings.begin() + before.size()),
                      std::make_move_iterator(own.findings.end()));
      if (!own.copy_group.empty()) audit.copy_group = std::move(own.copy_group);
    });
  }
  audit.findings = together(found);
  return audit;
}

}  // namespace perennial
