// Exact SHAP values of trees and of sums of trees.
//
//   path-dependent   a feature that is not known is averaged over by following both branches, each
//                    weighed by the training rows that took it (Lundberg, Erion and Lee 2018)
//   interventional   ... by replacing it by the values of reference rows (Lundberg et al. 2020)
//
// How: every leaf is a box, one interval a feature on its path (as in GPUTreeShap, Mitchell, Frank
// and Holmes 2022). What a leaf contributes depends only on which of its intervals the row meets,
// so each pattern is worked out once for all rows that have it (after the tables of Fast TreeSHAP,
// Yang 2021). For one pattern the path-dependent Shapley sums are integrals of a polynomial (as in
// Linear TreeSHAP, Yu et al. 2022), taken exactly by Gauss-Legendre quadrature; the interventional
// ones are closed forms for each distinct pattern among the reference rows.
#pragma once

#include <span>
#include <vector>

#include "base/workers.h"
#include "learn/model_view.h"
#include "prep/matrix.h"

namespace perennial {

class TreeShap {
 public:
  // Path-dependent. REQUIRES: trees.has_cover.
  TreeShap(const TreesView& trees, size_t cols);
  // Interventional, against the rows of `reference` (at least one).
  TreeShap(const TreesView& trees, const Matrix& reference);

  // Whether no path asks about more than 64 columns; values() REQUIRES it.
  bool possible() const { return possible_; }
  // The score before anything is known of a row: one a score.
  const std::vector<double>& base() const { return base_; }
  // players: for each column the player that it counts to, 0 .. count-1 (columns of one category
  // are one player: their values are added up). Returns rows x scores x players, row-major. A row's
  // values depend on that row alone.
  std::vector<double> values(const Matrix& x, std::span<const int32_t> players, size_t count,
                             const Workers& workers) const;

 private:
  struct Element {  // met where low < value <= high, or the value is missing and `missing`
    int32_t col = 0;
    double low = 0, high = 0;
    bool missing = false;
    double share = 1;  // path-dependent: of the rows that met it, of those that came by
  };
  struct Leaf {
    uint32_t begin = 0, count = 0;  // its elements
    double value = 0;
    const double* all = nullptr;  // values of all scores, where the tree adds to all
    int32_t score = 0;
  };
  class Part;
  class Pattern;
  void add_tree(const TreesView& trees, const TreesView::Tree& tree);
  void find_base();

  size_t cols_ = 0, scores_ = 1;
  bool rounds_ = false, interventional_ = false, possible_ = true;
  std::vector<double> start_, leaf_values_, base_;
  std::vector<Element> elements_;
  std::vector<Leaf> leaves_;
  std::vector<size_t> tree_end_;  // one past the last leaf of each tree
  Matrix reference_;
};

}  // namespace perennial
