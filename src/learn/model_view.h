// The inside of a fitted model, for those who explain it exactly (SHAP).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace perennial {

// score[k] = intercept[k] + sum over columns of weights[k * cols + j] * x[j]
struct LinearView {
  std::vector<double> weights, intercept;
};

// score[k] = start[k] + scale * sum over trees of the leaf that the row ends in.
struct TreesView {
  struct Node {
    int32_t feature = -1;  // column of the matrix; -1: a leaf
    double threshold = 0;  // rows with value <= threshold go left
    bool missing_left = false;
    uint32_t left = 0, right = 0;  // places in `nodes`
    double cover = 0;   // training rows (boosted: second derivatives) that came by; 0: unknown
    double value = 0;   // of a leaf, where its tree adds to one score alone
    uint32_t leaf = 0;  // else: row of `leaves`
  };
  struct Tree {
    uint32_t root = 0;
    int32_t score = 0;  // that it adds to; -1: to all, by `leaves`
  };
  std::vector<Node> nodes;
  std::vector<Tree> trees;
  std::vector<double> leaves;  // leaves x scores
  std::vector<double> start;   // one a score
  double scale = 1;
  bool rounds_to_float = false;  // numbers are rounded by tree_feature() before they are compared
  bool has_cover = false;
};

// One score for two classes (that of the positive one), otherwise one a class.
struct ModelView {
  size_t cols = 0, scores = 1;
  // log-odds: two classes by the logistic function, several by softmax; otherwise the scores are
  // probabilities.
  bool log_odds = false;
  std::optional<LinearView> linear;
  std::optional<TreesView> trees;
};

}  // namespace perennial
