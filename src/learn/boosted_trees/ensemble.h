// Regression trees that add up to a margin a class.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "learn/model_view.h"
#include "prep/matrix.h"

namespace perennial {

// A number as the trees see it: a float, held within the range of floats; NaN stays.
float tree_feature(double v);

struct TreeEnsemble {
  int32_t classes = 2;
  size_t cols = 0;                // of the matrices it predicts
  std::vector<int32_t> present;   // classes that the training rows had, at least two
  std::vector<int32_t> columns;   // column of the matrix behind each feature of the trees
  std::vector<double> start;      // margin before any tree, one a group
  std::vector<int32_t> tree_end;  // one past the last node of each tree
  // Nodes of all trees; a tree's root is its first node.
  std::vector<int32_t> child;  // left child (the right one follows), counted from the node; 0: leaf
  std::vector<int32_t> question;  // 2 * feature + (missing goes left)
  // Sum of second derivatives at each node while it was fitted; not saved, so empty after loading.
  std::vector<float> cover;
  std::vector<float> value;  // left where the number is below this; a leaf's margin

  // One group for two classes, else one a class that is present; tree t adds to group t % groups.
  size_t groups() const { return start.size(); }
  size_t rounds() const { return tree_end.size() / groups(); }

  // Appends the trees of a saved XGBoost model (its JSON as a value).
  void add_trees(const Json& model);
  // Keeps the first `rounds` rounds.
  void keep(size_t rounds);
  // rows x groups margins of the trees of rounds [from, to) are added to `margin`, as floats in the
  // order of the trees, like XGBoost.
  void add_margins(const Matrix& x, size_t from, size_t to, std::span<float> margin) const;
  std::vector<float> start_margins(size_t rows) const;
  // rows x groups margins -> rows x classes probabilities.
  void probabilities(std::span<const float> margin, std::span<double> probability) const;

  ModelView view() const;  // REQUIRES: every class is present

  void save(ByteWriter& out) const;
  // Error (kData): bytes that no ensemble saves. What it returns predicts without crashing.
  static TreeEnsemble load(ByteReader& in);
};

}  // namespace perennial
