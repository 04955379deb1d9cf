// Growing a classification tree (CART, Breiman et al. 1984): exact splits over the ranks of each
// column, which are found by sorting once a matrix and serve every tree on it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/seed.h"
#include "learn/tree/nodes.h"
#include "prep/matrix.h"

namespace perennial {

// Every column as ranks among its distinct values. Trees see ranks alone, hence scaling a column
// changes nothing but the thresholds.
struct RankedColumns {
  explicit RankedColumns(const Matrix& x);
  // The given rows and columns alone, in the order given.
  RankedColumns(const Matrix& x, std::span<const uint32_t> rows, std::span<const uint32_t> columns);

  size_t rows = 0, cols = 0;
  std::vector<uint32_t> ranks;                // rows x cols, column-major
  std::vector<std::vector<double>> distinct;  // a column's values, ascending

  const uint32_t* column(size_t j) const { return ranks.data() + j * rows; }
};

struct GrowOptions {
  bool entropy = false;              // otherwise Gini
  int64_t max_depth = 0;             // 0: no limit
  size_t max_features = 0;           // columns drawn for a split; 0: all
  double min_split = 2;              // a node of fewer rows is a leaf
  double min_leaf = 1;               // no split leaves fewer rows on a side
  bool random_thresholds = false;    // one threshold a column, drawn evenly between the node's
                                     // smallest and largest value (Geurts, Ernst, Wehenkel 2006)
  std::vector<double> class_weight;  // one a class
  Seed seed;
};

// One weight a class: all 1, or balanced, so that the classes that occur weigh the same. weights:
// empty or one a row.
std::vector<double> class_weights(std::span<const int32_t> y, std::span<const double> weights,
                                  int classes, bool balanced);

// weights: empty or one a row; a row of weight 2 counts as two rows, one of weight 0 is not there.
// REQUIRES: a row of weight above 0. Which columns are drawn for a
// node depends on the seed and on the way to that node alone, so a tree of a smaller max_depth or a
// larger min_split is exactly the top of a larger tree. Of equally good splits the first column's
// and there the lowest threshold wins.
TreeNodes grow_tree(const RankedColumns& x, std::span<const int32_t> y,
                    std::span<const double> weights, int classes, const GrowOptions& options);

}  // namespace perennial
