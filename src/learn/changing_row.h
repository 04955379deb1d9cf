// A row whose cells change one after another, and what a fitted model says of it each time: for
// those who ask about many rows that differ in few cells (sampled SHAP values).
#pragma once

#include <memory>
#include <span>

namespace perennial {

// Answers are those of Model::predict for such a row: to the last bit (nearest neighbours), or up
// to the rounding of sums that are moved instead of computed anew (support vector machines).
class ChangingRow {
 public:
  virtual ~ChangingRow() = default;
  // Another one that begins without cells; both share what the model knows.
  virtual std::unique_ptr<ChangingRow> fresh() const = 0;
  // All cells, one a column of the model's matrix; first of all.
  virtual void set(std::span<const double> cells) = 0;
  virtual void change(size_t column, double to) = 0;
  // One probability a class.
  virtual void answer(std::span<double> probability) = 0;
};

class Model;

// Models where an answer costs less after a few cells of a row have changed.
class FollowsChanges {
 public:
  virtual ~FollowsChanges() = default;
  // Without cells: fresh() ones are to be used. The model must outlive it.
  virtual std::unique_ptr<ChangingRow> changing_row() const = 0;
};

// nullptr where the model is no such one.
std::unique_ptr<ChangingRow> changing_row(const Model& model);

}  // namespace perennial
