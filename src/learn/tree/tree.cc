#include "learn/tree/tree.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/error.h"
#include "learn/prep_defaults.h"
#include "learn/tree/grow.h"
#include "learn/tree/nodes.h"
#include "learn/tree/prune.h"
#include "learn/tree/tree_params.h"

namespace perennial {
namespace {

class TreeModel : public Model {
 public:
  explicit TreeModel(TreeNodes tree) : tree_(std::move(tree)), probability_(tree_.counts) {
    const size_t classes = static_cast<size_t>(tree_.classes);
    for (size_t i = 0; i < tree_.size(); ++i) {
      double total = 0;
      for (size_t c = 0; c < classes; ++c) total += probability_[i * classes + c];
      for (size_t c = 0; c < classes; ++c) probability_[i * classes + c] /= total;
    }
  }

  void predict(const Matrix& x, std::span<double> probability) const override {
    const size_t classes = static_cast<size_t>(tree_.classes);
    PERENNIAL_CHECK(x.cols == tree_.cols && probability.size() == x.rows * classes);
    for (size_t i = 0; i < x.rows; ++i) {
      const double* leaf = probability_.data() + tree_.leaf_of(x, i) * classes;
      std::copy_n(leaf, classes, probability.begin() + static_cast<ptrdiff_t>(i * classes));
    }
  }

  void save(ByteWriter& out) const override { tree_.save(out); }

  std::optional<ModelView> view() const override {
    const size_t classes = static_cast<size_t>(tree_.classes), scores = classes == 2 ? 1 : classes;
    TreesView trees{.has_cover = true};
    trees.start.assign(scores, 0.0);
    trees.trees.push_back({.root = 0, .score = scores == 1 ? 0 : -1});
    for (size_t i = 0; i < tree_.size(); ++i) {
      const auto at = static_cast<uint32_t>(i);
      trees.nodes.push_back({.feature = tree_.feature[i] == kLeaf ? -1 : tree_.feature[i],
                             .threshold = tree_.threshold[i],
                             .left = at + 1,
                             .right = static_cast<uint32_t>(tree_.right[i]),
                             .cover = tree_.rows[i],
                             .value = probability_[i * classes + classes - 1],
                             .leaf = at});
    }
    if (scores > 1) trees.leaves = probability_;
    return ModelView{.cols = tree_.cols, .scores = scores, .linear = {}, .trees = std::move(trees)};
  }

 private:
  TreeNodes tree_;
  std::vector<double> probability_;  // nodes x classes
};

// What is decided while a tree grows. Candidates that agree in it are cut from one tree.
struct GrowKey {
  bool entropy, balanced;
  int64_t max_features, min_leaf;
  auto operator<=>(const GrowKey&) const = default;
};

GrowKey key_of(const Params& params) {
  return {.entropy = params.get_text("criterion") == "entropy",
          .balanced = params.get_text("class_weight") == "balanced",
          .max_features = params.get_int("max_features"),
          .min_leaf = params.get_int("min_samples_leaf")};
}

// Deep enough for every candidate of the key: max_depth 0 is the deepest.
TreeNodes grow(const TrainingSet& data, const RankedColumns& columns, const GrowKey& key,
               int64_t max_depth, int64_t min_split) {
  const GrowOptions options{
      .entropy = key.entropy,
      .max_depth = max_depth,
      .max_features = static_cast<size_t>(key.max_features),
      .min_split = static_cast<double>(min_split),
      .min_leaf = static_cast<double>(key.min_leaf),
      .class_weight = class_weights(data.y, data.weights, data.classes, key.balanced),
      .seed = data.seed.child("tree")};
  return grow_tree(columns, data.y, data.weights, data.classes, options);
}

TreeNodes cut_to(const TreeNodes& tree, int64_t max_depth, int64_t min_split) {
  const std::vector<int32_t> depth = tree.depths();
  std::vector<bool> stop(tree.size());
  for (size_t i = 0; i < tree.size(); ++i) {
    stop[i] =
        (max_depth > 0 && depth[i] >= max_depth) || tree.rows[i] < static_cast<double>(min_split);
  }
  return tree.cut(stop);
}

TreeNodes prune_to(const TreeNodes& tree, const std::vector<double>& collapse, double alpha) {
  std::vector<bool> stop(tree.size());
  for (size_t i = 0; i < tree.size(); ++i) stop[i] = collapse[i] <= alpha;
  return tree.cut(stop);
}

class DecisionTree : public Learner {
 public:
  std::string_view name() const override { return "tree"; }
  std::string_view title() const override { return "decision tree"; }
  std::string_view description() const override {
    return "Yes-or-no questions about one feature at a time (CART, Breiman et al. 1984).";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true, .sample_weights = true, .scale_invariant = true, .random = true};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    check_training_set(data, capabilities(), title());
    const GrowKey key = key_of(params);
    TreeNodes tree = grow(data, RankedColumns(*data.x), key, params.get_int("max_depth"),
                          params.get_int("min_samples_split"));
    const double alpha = params.get_real("ccp_alpha");
    if (alpha > 0) tree = prune_to(tree, collapse_alphas(tree, key.entropy), alpha);
    return std::make_unique<TreeModel>(std::move(tree));
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    return std::make_unique<TreeModel>(TreeNodes::load(in));
  }

  size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                          std::span<const Params> candidates, const Sink& sink) const override;
  std::string_view shares() const override {
    return "one tree is cut to every depth, smallest node and cost of a leaf";
  }

 private:
  std::vector<ParamSpec> params_ = {
      tree_param("criterion", std::string("gini"), {std::string("gini"), std::string("entropy")}),
      tree_param("max_depth", int64_t{5},
                 {int64_t{2}, int64_t{3}, int64_t{4}, int64_t{5}, int64_t{6}, int64_t{7},
                  int64_t{8}, int64_t{9}, int64_t{10}},
                 SearchRange{.low = 3, .high = 12}),
      {.name = "max_features",
       .type = ParamType::kInt,
       .default_value = int64_t{0},
       .description = "Columns drawn at random for each split; 0: all.",
       .min = 0,
       .max = 1e9},
      tree_param("min_samples_split", int64_t{2}),
      tree_param("min_samples_leaf", int64_t{1}, {int64_t{1}, int64_t{5}, int64_t{20}},
                 SearchRange{.low = 2, .high = 100, .log = true}),
      {.name = "ccp_alpha",
       .type = ParamType::kReal,
       .default_value = 0.0,
       .description = "Cost of a leaf in minimal cost-complexity pruning; 0: no pruning.",
       .min = 0},
      tree_param("class_weight", std::string("none")),
  };
  std::vector<ParamSpec> prep_ = prep_defaults({"none"});
};

// One tree is grown for all candidates that differ only in max_depth, min_samples_split and
// ccp_alpha; the columns are ranked once for all.
size_t DecisionTree::fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                                      std::span<const Params> candidates, const Sink& sink) const {
  check_training_set(data, capabilities(), title());
  const RankedColumns columns(*data.x);
  std::map<GrowKey, std::vector<size_t>> groups;
  for (size_t i = 0; i < candidates.size(); ++i) groups[key_of(candidates[i])].push_back(i);
  std::vector<double> probability(holdout.rows * static_cast<size_t>(data.classes));
  for (const auto& [key, group] : groups) {
    // By the tree that they are cut from: (max_depth, min_samples_split).
    std::map<std::pair<int64_t, int64_t>, std::vector<size_t>> cuts;
    int64_t deepest = 1, smallest = candidates[group[0]].get_int("min_samples_split");
    for (size_t i : group) {
      const int64_t depth = candidates[i].get_int("max_depth");
      const int64_t split = candidates[i].get_int("min_samples_split");
      deepest = depth == 0 || deepest == 0 ? 0 : std::max(deepest, depth);
      smallest = std::min(smallest, split);
      cuts[{depth, split}].push_back(i);
    }
    const TreeNodes grown = grow(data, columns, key, deepest, smallest);
    for (const auto& [cut, members] : cuts) {
      const TreeNodes tree = cut_to(grown, cut.first, cut.second);
      std::vector<double> collapse;
      for (size_t i : members) {
        const double alpha = candidates[i].get_real("ccp_alpha");
        if (alpha > 0 && collapse.empty()) collapse = collapse_alphas(tree, key.entropy);
        TreeModel(alpha > 0 ? prune_to(tree, collapse, alpha) : tree).predict(holdout, probability);
        sink(i, probability);
      }
    }
  }
  return groups.size();
}

}  // namespace

std::unique_ptr<Learner> make_tree() { return std::make_unique<DecisionTree>(); }

}  // namespace perennial
