// A grown tree as arrays, one entry a node, in preorder: the left child of node i is i + 1.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "prep/matrix.h"

namespace perennial {

inline constexpr int32_t kLeaf = -1;

struct TreeNodes {
  int classes = 2;
  size_t cols = 0;                // of the matrix it was grown on
  std::vector<int32_t> feature;   // column to ask; kLeaf for a leaf
  std::vector<double> threshold;  // rows with value <= threshold go left
  std::vector<int32_t> right;     // the right child; 0 for a leaf
  std::vector<double> rows;       // training rows that came by, counted by their weights
  std::vector<double> counts;     // nodes x classes: class weight times rows of that class

  size_t size() const { return feature.size(); }
  const double* counts_of(size_t node) const {
    return counts.data() + node * static_cast<size_t>(classes);
  }
  std::vector<int32_t> depths() const;  // of each node; the root has 0
  // The leaf that row i of x ends in. A missing number goes right.
  size_t leaf_of(const Matrix& x, size_t i) const;
  // The same tree with every node that has stop[node] made a leaf.
  TreeNodes cut(const std::vector<bool>& stop) const;

  void save(ByteWriter& out) const;
  // Throws Error{kData} for what cannot be a tree.
  static TreeNodes load(ByteReader& in);
};

}  // namespace perennial
