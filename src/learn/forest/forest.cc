#include "learn/forest/forest.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/workers.h"
#include "learn/canonical_rows.h"
#include "learn/forest/bootstrap.h"
#include "learn/forest/forest_model.h"
#include "learn/prep_defaults.h"
#include "learn/tree/grow.h"
#include "learn/tree/tree_params.h"

namespace perennial {
namespace {

struct Variant {
  const char *name, *title, *description;
  bool random_thresholds, bootstrap;
};

constexpr Variant kRandomForest = {
    .name = "random_forest",
    .title = "random forest",
    .description =
        "The mean of many deep trees, each grown on rows drawn with replacement and on "
        "columns drawn for each split (Breiman 2001).",
    .random_thresholds = false,
    .bootstrap = true};
constexpr Variant kExtraTrees = {
    .name = "extra_trees",
    .title = "extra trees",
    .description =
        "The mean of many deep trees whose thresholds are drawn at random (extremely "
        "randomized trees: Geurts, Ernst and Wehenkel 2006).",
    .random_thresholds = true,
    .bootstrap = false};

// What all trees on one training set share.
struct Ground {
  explicit Ground(const TrainingSet& data)
      : rows(canonical_rows(data)), x(*data.x, rows.rows, rows.columns), bootstrap(rows.weight) {}

  CanonicalRows rows;
  RankedColumns x;
  Bootstrap bootstrap;
};

GrowOptions grow_options(const Ground& ground, const Params& params, bool random_thresholds) {
  const int classes = static_cast<int>(ground.rows.classes.size());
  const auto asked = static_cast<size_t>(params.get_int("max_features"));
  const double root = std::floor(std::sqrt(static_cast<double>(ground.x.cols)));
  return {.entropy = params.get_text("criterion") == "entropy",
          .max_depth = params.get_int("max_depth"),
          .max_features = asked > 0 ? asked : std::max<size_t>(1, static_cast<size_t>(root)),
          .min_split = static_cast<double>(params.get_int("min_samples_split")),
          .min_leaf = static_cast<double>(params.get_int("min_samples_leaf")),
          .random_thresholds = random_thresholds,
          .class_weight = class_weights(ground.rows.y, ground.rows.weight, classes,
                                        params.get_text("class_weight") == "balanced"),
          .seed = {}};
}

// params' n_estimators is not asked: `count` trees.
ForestModel grow_forest(const TrainingSet& data, const Ground& ground, const Params& params,
                        bool random_thresholds, size_t count, Seed seed) {
  const CanonicalRows& rows = ground.rows;
  const GrowOptions options = grow_options(ground, params, random_thresholds);
  const bool bootstrap = params.get_bool("bootstrap");
  std::vector<ForestTree> trees(count);
  const auto grow_one = [&](size_t t) {
    GrowOptions own = options;
    own.seed = seed.child(t).child("tree");
    const std::vector<double> weight =
        bootstrap ? ground.bootstrap.draw(seed.child(t).child("rows")) : rows.weight;
    const TreeNodes tree =
        grow_tree(ground.x, rows.y, weight, static_cast<int>(rows.classes.size()), own);
    trees[t] = forest_tree(tree, rows.columns, rows.classes, data.classes);
  };
  if (data.workers) {
    data.workers->run(count, grow_one);
  } else {
    for (size_t t = 0; t < count; ++t) grow_one(t);
  }
  return {data.x->cols, data.classes, trees};
}

std::vector<ParamSpec> forest_params(const Variant& variant) {
  return {
      {.name = "n_estimators",
       .type = ParamType::kInt,
       .default_value = int64_t{300},
       .description = "Trees.",
       .min = 1,
       .max = 1e5},
      tree_param("criterion", std::string("gini"), {},
                 SearchRange{.choices = {std::string("gini"), std::string("entropy")}}),
      tree_param("max_depth", int64_t{0}),
      {.name = "max_features",
       .type = ParamType::kInt,
       .default_value = int64_t{0},
       .description = "Columns drawn at random for each split; 0: the square root of the columns.",
       .min = 0,
       .max = 1e9,
       .search = SearchRange{.low = 1, .high = 0.5, .log = true, .of = SearchRange::Of::kColumns}},
      tree_param("min_samples_split", int64_t{2}),
      tree_param("min_samples_leaf", int64_t{2}, {int64_t{1}, int64_t{2}, int64_t{5}},
                 SearchRange{.low = 1, .high = 40, .log = true}),
      {.name = "bootstrap",
       .type = ParamType::kBool,
       .default_value = variant.bootstrap,
       .description = "Draw the rows of each tree with replacement; otherwise it sees all rows."},
      tree_param("class_weight", std::string("none")),
  };
}

class Forest : public Learner {
 public:
  explicit Forest(const Variant& variant) : variant_(variant), params_(forest_params(variant)) {}

  std::string_view name() const override { return variant_.name; }
  std::string_view title() const override { return variant_.title; }
  std::string_view description() const override { return variant_.description; }
  Capabilities capabilities() const override {
    return {.multiclass = true, .sample_weights = true, .scale_invariant = true, .random = true};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    check_training_set(data, capabilities(), title());
    const auto count = static_cast<size_t>(params.get_int("n_estimators"));
    return std::make_unique<ForestModel>(grow(data, Ground(data), params, count));
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    return std::make_unique<ForestModel>(ForestModel::load(in));
  }

  size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                          std::span<const Params> candidates, const Sink& sink) const override;
  std::string_view shares() const override {
    return "the columns are sorted once, and one forest serves every number of trees";
  }

 private:
  ForestModel grow(const TrainingSet& data, const Ground& ground, const Params& params,
                   size_t count) const {
    return grow_forest(data, ground, params, variant_.random_thresholds, count,
                       data.seed.child(variant_.name));
  }

  Variant variant_;
  std::vector<ParamSpec> params_;
  std::vector<ParamSpec> prep_ = prep_defaults({"none"});
};

// Candidates that differ only in n_estimators come from one forest: its first trees are the smaller
// forest.
size_t Forest::fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                                std::span<const Params> candidates, const Sink& sink) const {
  check_training_set(data, capabilities(), title());
  const Ground ground(data);
  // By what they agree in, then by the number of trees.
  std::map<std::string, std::map<size_t, std::vector<size_t>>> groups;
  for (size_t i = 0; i < candidates.size(); ++i) {
    Params rest = candidates[i];
    rest.set("n_estimators", int64_t{0});
    const auto count = static_cast<size_t>(candidates[i].get_int("n_estimators"));
    groups[to_text(rest)][count].push_back(i);
  }
  const size_t cells = holdout.rows * static_cast<size_t>(data.classes);
  std::vector<double> sum(cells), probability(cells);
  for (const auto& [key, by_count] : groups) {
    const auto& [most, largest] = *by_count.rbegin();
    const ForestModel model = grow(data, ground, candidates[largest.front()], most);
    std::fill(sum.begin(), sum.end(), 0.0);
    size_t done = 0;
    for (const auto& [count, members] : by_count) {
      model.add(holdout, done, count, sum, data.workers);
      done = count;
      for (size_t k = 0; k < cells; ++k) probability[k] = sum[k] / static_cast<double>(count);
      for (size_t i : members) sink(i, probability);
    }
  }
  return groups.size();
}

}  // namespace

std::unique_ptr<Learner> make_random_forest() { return std::make_unique<Forest>(kRandomForest); }
std::unique_ptr<Learner> make_extra_trees() { return std::make_unique<Forest>(kExtraTrees); }

}  // namespace perennial
