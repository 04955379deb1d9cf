#include "learn/tree/prune.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace perennial {
namespace {

// Share of the training weight times impurity: what a node adds to the risk when it is a leaf.
std::vector<double> node_risks(const TreeNodes& tree, bool entropy) {
  std::vector<double> risk(tree.size());
  double all = 0;
  for (size_t i = 0; i < tree.size(); ++i) {
    const double* counts = tree.counts_of(i);
    double total = 0;
    for (int c = 0; c < tree.classes; ++c) total += counts[c];
    double impurity = entropy ? 0 : 1;
    for (int c = 0; c < tree.classes; ++c) {
      const double share = counts[c] / total;
      impurity -= entropy ? (share > 0 ? share * std::log2(share) : 0) : share * share;
    }
    if (i == 0) all = total;
    risk[i] = impurity * total / all;
  }
  return risk;
}

class Pruner {
 public:
  Pruner(const TreeNodes& tree, bool entropy)
      : tree_(tree),
        risk_(node_risks(tree, entropy)),
        branch_risk_(risk_),
        leaves_(tree.size(), 1),
        parent_(tree.size(), -1),
        inner_(tree.size(), false),
        alpha_(tree.size(), 0) {
    for (size_t i = tree.size(); i-- > 0;) {
      if (tree.feature[i] == kLeaf) continue;
      const size_t left = i + 1, right = static_cast<size_t>(tree.right[i]);
      parent_[left] = parent_[right] = static_cast<int32_t>(i);
      branch_risk_[i] = branch_risk_[left] + branch_risk_[right];
      leaves_[i] = leaves_[left] + leaves_[right];
      inner_[i] = true;
      link(i);
    }
  }

  std::vector<double> run() {
    std::vector<double> collapse(tree_.size(), std::numeric_limits<double>::infinity());
    double reached = -std::numeric_limits<double>::infinity();
    while (!links_.empty()) {
      const auto [alpha, node] = *links_.begin();
      // Rounding may make a link a hair weaker than the one before it; pruning at that alpha has
      // taken both.
      reached = std::max(reached, alpha);
      collapse[static_cast<size_t>(node)] = reached;
      make_leaf(static_cast<size_t>(node));
    }
    return collapse;
  }

 private:
  // What a leaf less costs at this node; the weakest link goes first, ties by place in the tree.
  void link(size_t i) {
    alpha_[i] = (risk_[i] - branch_risk_[i]) / static_cast<double>(leaves_[i] - 1);
    links_.insert({alpha_[i], static_cast<int32_t>(i)});
  }
  void unlink(size_t i) { links_.erase({alpha_[i], static_cast<int32_t>(i)}); }

  void make_leaf(size_t node) {
    std::vector<size_t> below = {node};
    while (!below.empty()) {
      const size_t i = below.back();
      below.pop_back();
      if (!inner_[i]) continue;
      unlink(i);
      inner_[i] = false;
      below.push_back(i + 1);
      below.push_back(static_cast<size_t>(tree_.right[i]));
    }
    const double more_risk = risk_[node] - branch_risk_[node];
    const int64_t fewer = leaves_[node] - 1;
    branch_risk_[node] = risk_[node];
    leaves_[node] = 1;
    for (int32_t up = parent_[node]; up >= 0; up = parent_[static_cast<size_t>(up)]) {
      const size_t i = static_cast<size_t>(up);
      unlink(i);
      branch_risk_[i] += more_risk;
      leaves_[i] -= fewer;
      link(i);
    }
  }

  const TreeNodes& tree_;
  std::vector<double> risk_, branch_risk_;
  std::vector<int64_t> leaves_;
  std::vector<int32_t> parent_;
  std::vector<bool> inner_;
  std::vector<double> alpha_;
  std::set<std::pair<double, int32_t>> links_;
};

}  // namespace

std::vector<double> collapse_alphas(const TreeNodes& tree, bool entropy) {
  return Pruner(tree, entropy).run();
}

}  // namespace perennial
