#include "learn/tree/grow.h"

#include <algorithm>
#include <numeric>

#include "learn/tree/split_finder.h"

namespace perennial {
namespace {

// Names of the two ways down from a node, for the seed of its children.
constexpr uint64_t kLeftChild = 1, kRightChild = 2;

struct Pending {
  size_t begin = 0, end = 0;  // rows
  int64_t depth = 0;
  Seed path;
  int32_t right_of = -1;  // the parent that waits to learn the place of its right child
};

class Grower {
 public:
  Grower(const RankedColumns& x, std::span<const int32_t> y, std::span<const double> weights,
         int classes, const GrowOptions& options)
      : x_(x),
        y_(y),
        weights_(weights),
        options_(options),
        finder_(x, y, weights, classes, options) {
    tree_.classes = classes;
    tree_.cols = x.cols;
    rows_.reserve(x.rows);
    for (uint32_t i = 0; i < x.rows; ++i) {
      if (weights.empty() || weights[i] > 0) rows_.push_back(i);
    }
    spare_.resize(rows_.size());
    for (size_t j = 0; j < x.cols; ++j) {
      if (x.distinct[j].size() > 1) varying_.push_back(j);
    }
  }

  TreeNodes grow() {
    std::vector<Pending> stack = {
        {.begin = 0, .end = rows_.size(), .depth = 0, .path = options_.seed, .right_of = -1}};
    while (!stack.empty()) {
      const Pending at = stack.back();
      stack.pop_back();
      const size_t node = add_node(at);
      const Split split = find_split(at, node);
      if (!split.found()) continue;
      const size_t middle = partition(at, split);
      tree_.feature[node] = static_cast<int32_t>(split.column);
      tree_.threshold[node] = threshold_of(split);
      stack.push_back({.begin = middle,
                       .end = at.end,
                       .depth = at.depth + 1,
                       .path = at.path.child(kRightChild),
                       .right_of = static_cast<int32_t>(node)});
      stack.push_back({.begin = at.begin,
                       .end = middle,
                       .depth = at.depth + 1,
                       .path = at.path.child(kLeftChild),
                       .right_of = -1});
    }
    return std::move(tree_);
  }

 private:
  std::span<const uint32_t> rows_of(const Pending& at) const {
    return std::span(rows_).subspan(at.begin, at.end - at.begin);
  }

  double threshold_of(const Split& split) const {
    if (options_.random_thresholds) return split.threshold;
    const auto& values = x_.distinct[split.column];
    const double low = values[split.left_rank], high = values[split.right_rank];
    const double between = std::midpoint(low, high);
    return between < high ? between : low;
  }

  size_t add_node(const Pending& at) {
    const size_t node = tree_.size();
    if (at.right_of >= 0)
      tree_.right[static_cast<size_t>(at.right_of)] = static_cast<int32_t>(node);
    counts_.assign(static_cast<size_t>(tree_.classes), 0.0);
    for (uint32_t row : rows_of(at)) {
      counts_[static_cast<size_t>(y_[row])] += weights_.empty() ? 1 : weights_[row];
    }
    tree_.feature.push_back(kLeaf);
    tree_.threshold.push_back(0);
    tree_.right.push_back(0);
    tree_.rows.push_back(std::accumulate(counts_.begin(), counts_.end(), 0.0));
    for (size_t c = 0; c < counts_.size(); ++c) {
      tree_.counts.push_back(counts_[c] * options_.class_weight[c]);
    }
    return node;
  }

  Split find_split(const Pending& at, size_t node) {
    Split best;
    best.column = x_.cols;
    const double rows = tree_.rows[node];
    const bool pure =
        std::count_if(counts_.begin(), counts_.end(), [](double c) { return c > 0; }) < 2;
    if (pure || rows < options_.min_split || rows < 2 * options_.min_leaf ||
        (options_.max_depth > 0 && at.depth >= options_.max_depth)) {
      return best;
    }
    if (!options_.random_thresholds &&
        (options_.max_features == 0 || options_.max_features >= varying_.size())) {
      for (size_t column : varying_) finder_.offer(column, rows_of(at), counts_, best);
      return best;
    }
    draw_columns(at, best);
    return best;
  }

  // Columns at random without repetition: max_features of them, and on until one is not constant
  // among the node's rows (as in scikit-learn).
  void draw_columns(const Pending& at, Split& best) {
    drawn_ = varying_;
    Rng rng(at.path);
    const size_t wanted = options_.max_features == 0 ? drawn_.size() : options_.max_features;
    bool varied = false;
    for (size_t n = 0; n < drawn_.size() && (n < wanted || !varied); ++n) {
      std::swap(drawn_[n], drawn_[n + rng.below(drawn_.size() - n)]);
      varied |= options_.random_thresholds
                    ? finder_.offer_at(rng.uniform(), drawn_[n], rows_of(at), counts_, best)
                    : finder_.offer(drawn_[n], rows_of(at), counts_, best);
    }
  }

  // Puts the left rows before the right ones, each in their order; returns the border.
  size_t partition(const Pending& at, const Split& split) {
    const uint32_t* ranks = x_.column(split.column);
    size_t left = at.begin, right = 0;
    for (size_t i = at.begin; i < at.end; ++i) {
      const uint32_t row = rows_[i];
      const bool goes_left = ranks[row] <= split.left_rank;
      rows_[left] = row;
      spare_[right] = row;
      left += goes_left ? 1 : 0;
      right += goes_left ? 0 : 1;
    }
    std::copy_n(spare_.begin(), right, rows_.begin() + static_cast<ptrdiff_t>(left));
    return left;
  }

  const RankedColumns& x_;
  std::span<const int32_t> y_;
  std::span<const double> weights_;
  const GrowOptions& options_;
  SplitFinder finder_;
  TreeNodes tree_;
  std::vector<uint32_t> rows_, spare_;
  std::vector<size_t> varying_, drawn_;  // columns
  std::vector<double> counts_;           // of the node at hand, by weight
};

}  // namespace

std::vector<double> class_weights(std::span<const int32_t> y, std::span<const double> weights,
                                  int classes, bool balanced) {
  std::vector<double> weight(static_cast<size_t>(classes), 1.0);
  if (!balanced) return weight;
  std::vector<double> count(weight.size(), 0.0);
  double total = 0, present = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const double w = weights.empty() ? 1 : weights[i];
    count[static_cast<size_t>(y[i])] += w;
    total += w;
  }
  for (double c : count) present += c > 0 ? 1 : 0;
  for (size_t c = 0; c < count.size(); ++c) {
    if (count[c] > 0) weight[c] = total / (present * count[c]);
  }
  return weight;
}

TreeNodes grow_tree(const RankedColumns& x, std::span<const int32_t> y,
                    std::span<const double> weights, int classes, const GrowOptions& options) {
  return Grower(x, y, weights, classes, options).grow();
}

}  // namespace perennial
