// Who trains and who is sealed. Decided by a hash of id and seed, stratified by class to within one
// customer a class; or by time; or as given. Copies of one customer, and the rows of a group, stay
// on one side.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/seed.h"
#include "feature/feature_table.h"

namespace perennial {

enum class Role : uint8_t { kTrain, kValidation, kTest };
const char* to_string(Role role);

struct SplitOptions {
  double test = 0.25;       // share of sealed rows, (0, 1)
  double validation = 0.0;  // share of a second held-out part, [0, 1)
  int folds = 5;            // of the training rows, >= 2
  std::string group;        // column whose rows of one value stay together; "": none
  std::string time;         // column that tells when a row is from; "": not split by time
};

// What the rows themselves say about their place; spans of one a row, or empty.
struct SplitGivens {
  std::span<const double> time;  // finite
  std::span<const Role> role;    // already decided; options.test and validation are not looked at
};

// Immutable once made: role of every row; fold (0 .. folds-1) of every training row, -1 elsewhere.
struct SplitPlan {
  std::vector<Role> role;
  std::vector<int32_t> fold;
  int folds = 0;
  // Units (copies, groups) that had to lie on both sides, because the roles were given.
  int64_t straddling = 0;
  double test_from = 0;  // by time: the earliest of the test rows
};

// group: rows with the same number stay together (one number a row where there are no copies).
// By time, the latest rows are the test rows and those before them the validation rows, to within
// one time (rows of one time stay together); the folds are blocks of the training rows in time.
// A group stands where its latest row does.
// Errors (kData): a class with fewer rows than folds + 1; test rows of one class; one time only.
SplitPlan plan_split(const FeatureTable& table, std::span<const uint32_t> group,
                     const SplitOptions& options, Seed seed, const SplitGivens& givens = {},
                     const Workers* workers = nullptr);

// Rows stay together where either says so; numbers of the result are the first row of each group.
std::vector<uint32_t> joined_groups(std::span<const uint32_t> a, std::span<const uint32_t> b);

// Rows that may be learned from.
struct TrainingRows {
  FeatureTable table;
  std::vector<int32_t> fold;
  int folds = 0;
};

// Rows that nobody may look at before the verdict. Only seal() makes them, only the judge opens
// them; search cannot construct or read them (tests/must_not_compile proves it).
class SealedRows {
 public:
  SealedRows(SealedRows&&) noexcept = default;
  SealedRows& operator=(SealedRows&&) noexcept = default;
  SealedRows(const SealedRows&) = delete;
  size_t size() const { return table_.rows(); }

 private:
  explicit SealedRows(FeatureTable table) : table_(std::move(table)) {}
  friend struct SplitRows seal(const FeatureTable& table, const SplitPlan& plan,
                               const Workers* workers);
  friend class SealBreaker;  // judge/judge.cc
  FeatureTable table_;
};

struct SplitRows {
  TrainingRows training;
  FeatureTable validation;  // may be empty
  SealedRows sealed;
};
SplitRows seal(const FeatureTable& table, const SplitPlan& plan, const Workers* workers = nullptr);

// Training and validation rows together, in the order of the table: what a model that is settled
// may learn from in the end. The validation rows are in no fold (-1), so that whoever fits fold by
// fold learns from them every time.
TrainingRows unsealed(const FeatureTable& table, const SplitPlan& plan,
                      const Workers* workers = nullptr);

}  // namespace perennial
