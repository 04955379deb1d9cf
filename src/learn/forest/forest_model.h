// Fitted forests: trees in one array, with the distinct leaves in a table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learn/learner.h"
#include "learn/tree/nodes.h"

namespace perennial {

// A tree of the forest in preorder: the left child of node i is i + 1.
struct ForestNode {
  double threshold = 0;     // rows with value <= threshold go left
  int32_t feature = kLeaf;  // column of the matrix
  uint32_t next = 0;        // the right child, from the root on; of a leaf its place in `leaves`
};

struct ForestTree {
  std::vector<ForestNode> nodes;
  std::vector<double> leaves;  // distinct leaves x classes: class shares
};

// columns: of the matrix, by column of the tree; classes: by class of the tree; all_classes: the
// width of the leaves.
ForestTree forest_tree(const TreeNodes& tree, std::span<const uint32_t> columns,
                       std::span<const int32_t> classes, int all_classes);

class ForestModel : public Model {
 public:
  ForestModel(size_t cols, int classes, std::span<const ForestTree> trees);
  static ForestModel load(ByteReader& in);

  void predict(const Matrix& x, std::span<double> probability) const override;
  void save(ByteWriter& out) const override;

  std::optional<ModelView> view() const override;  // without covers

  size_t trees() const { return roots_.size(); }
  // Adds to `sum` (rows x classes, row-major) the class shares that trees first .. last-1 give.
  void add(const Matrix& x, size_t first, size_t last, std::span<double> sum,
           const Workers* workers = nullptr) const;

 private:
  ForestModel() = default;
  void add_rows(const Matrix& x, size_t begin, size_t end, size_t first, size_t last,
                std::span<double> sum) const;
  void load_tree(ByteReader& in, std::string_view stream, size_t& at,
                 const std::vector<std::vector<double>>& thresholds);
  std::vector<std::vector<double>> thresholds() const;  // by column, ascending, distinct

  size_t cols_ = 0, classes_ = 2;
  std::vector<ForestNode> nodes_;
  std::vector<size_t> roots_;   // places in nodes_, one a tree
  std::vector<double> leaves_;  // distinct leaves x classes
};

}  // namespace perennial
