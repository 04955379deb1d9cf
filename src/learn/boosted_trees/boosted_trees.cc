#include "learn/boosted_trees/boosted_trees.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "learn/boosted_trees/ensemble.h"
#include "learn/boosted_trees/xgboost_library.h"
#include "learn/canonical_rows.h"
#include "learn/prep_defaults.h"

namespace perennial {
namespace {

std::vector<ParamSpec> make_params() {
  const double most = 1e6;
  return {
      {.name = "n_estimators",
       .type = ParamType::kInt,
       .default_value = int64_t{200},
       .description = "Rounds of boosting; with early stopping, the most there may be.",
       .min = 1,
       .max = 10000,
       .grid = {int64_t{50}, int64_t{100}, int64_t{200}, int64_t{400}}},
      {.name = "learning_rate",
       .type = ParamType::kReal,
       .default_value = 0.05,
       .description = "How much of a tree's answer is added.",
       .min = 0,
       .max = 1,
       .min_open = true,
       .log_scale = true,
       .search = SearchRange{.low = 0.015, .high = 0.2, .log = true}},
      {.name = "max_depth",
       .type = ParamType::kInt,
       .default_value = int64_t{4},
       .description = "Most questions from the root to a leaf.",
       .min = 1,
       .max = 30,
       .grid = {int64_t{2}, int64_t{3}, int64_t{4}, int64_t{6}},
       .search = SearchRange{.low = 2, .high = 8}},
      {.name = "max_leaves",
       .type = ParamType::kInt,
       .default_value = int64_t{0},
       .description = "Most leaves of a tree, grown where the loss falls most; 0: no limit.",
       .min = 0,
       .max = 65536},
      {.name = "min_child_weight",
       .type = ParamType::kReal,
       .default_value = 2.0,
       .description = "Least sum of second derivatives of the loss in a leaf.",
       .min = 0,
       .max = most,
       .search = SearchRange{.low = 1, .high = 40, .log = true}},
      {.name = "subsample",
       .type = ParamType::kReal,
       .default_value = 0.8,
       .description = "Share of the rows drawn for each tree.",
       .min = 0,
       .max = 1,
       .min_open = true,
       .search = SearchRange{.low = 0.5, .high = 1}},
      {.name = "colsample_bytree",
       .type = ParamType::kReal,
       .default_value = 0.8,
       .description = "Share of the columns drawn for each tree.",
       .min = 0,
       .max = 1,
       .min_open = true,
       .search = SearchRange{.low = 0.3, .high = 1}},
      {.name = "reg_lambda",
       .type = ParamType::kReal,
       .default_value = 1.0,
       .description = "Cost of the squares of the leaves' values.",
       .min = 0,
       .max = most,
       .search = SearchRange{.low = 0.1, .high = 30, .log = true}},
      {.name = "reg_alpha",
       .type = ParamType::kReal,
       .default_value = 0.0,
       .description = "Cost of the sizes of the leaves' values.",
       .min = 0,
       .max = most},
      {.name = "gamma",
       .type = ParamType::kReal,
       .default_value = 0.0,
       .description = "Least fall of the loss for which a leaf is split.",
       .min = 0,
       .max = most},
      {.name = "max_bin",
       .type = ParamType::kInt,
       .default_value = int64_t{256},
       .description = "Most borders of a column that are tried.",
       .min = 2,
       .max = 65535},
      {.name = "early_stopping_rounds",
       .type = ParamType::kInt,
       .default_value = int64_t{0},
       .description = "Stop after so many rounds without a better log loss on held-out training "
                      "rows, and keep the best round; 0: never.",
       .min = 0,
       .max = 10000},
      {.name = "validation_fraction",
       .type = ParamType::kReal,
       .default_value = 0.1,
       .description = "Share of each class's training rows held out for early stopping.",
       .min = 0,
       .max = 0.5,
       .min_open = true},
      {.name = "class_weight",
       .type = ParamType::kChoice,
       .default_value = std::string("none"),
       .description = "balanced: rare classes weigh as much as frequent ones.",
       .choices = {"none", "balanced"}},
  };
}

class BoostedTreesModel : public Model {
 public:
  explicit BoostedTreesModel(TreeEnsemble trees, LossCurve losses = {})
      : trees_(std::move(trees)), losses_(std::move(losses)) {}

  void predict(const Matrix& x, std::span<double> probability) const override {
    std::vector<float> margin = trees_.start_margins(x.rows);
    trees_.add_margins(x, 0, trees_.rounds(), margin);
    trees_.probabilities(margin, probability);
  }

  void save(ByteWriter& out) const override { trees_.save(out); }

  std::optional<ModelView> view() const override {
    // A class without rows has no margin of its own.
    if (trees_.present.size() != static_cast<size_t>(trees_.classes)) return std::nullopt;
    return trees_.view();
  }

  // No steps: read from a file, where they are not kept.
  const LossCurve& losses() const { return losses_; }

 private:
  TreeEnsemble trees_;
  LossCurve losses_;
};

// What decides which rows are held out and what they weigh.
struct DataKey {
  double held_out = 0;  // share
  bool balanced = false;
  auto operator<=>(const DataKey&) const = default;
};

DataKey data_key(const Params& params) {
  const bool stops = params.get_int("early_stopping_rounds") > 0;
  return {.held_out = stops ? params.get_real("validation_fraction") : 0,
          .balanced = params.get_text("class_weight") == "balanced"};
}

// Training rows as XGBoost wants them, for all candidates that agree in their DataKey.
struct Prepared {
  std::vector<double> start;                            // margins before any tree, one a group
  std::vector<float> label, weight;                     // of the validation rows
  std::vector<float> own_label, own_weight;             // of the training rows
  std::unique_ptr<xgboost::Data> training, validation;  // validation: null when nothing is held out
};

// Margins that say what the class weights say.
std::vector<double> start_of(const CanonicalRows& rows) {
  std::vector<double> sum;
  for (size_t k = 0; k < rows.classes.size(); ++k) sum.push_back(rows.class_weight_sum(k));
  if (sum.size() == 2) return {std::log(sum[1] / sum[0])};
  double total = 0;
  for (double s : sum) total += s;
  for (double& s : sum) s = std::log(s / total);
  return sum;
}

class Part {
 public:
  Part(const Matrix& x, const CanonicalRows& rows, std::span<const double> start)
      : x_(x), rows_(rows), start_(start) {}

  void add(size_t i) {
    for (uint32_t j : rows_.columns) features_.push_back(tree_feature(x_.at(rows_.rows[i], j)));
    label.push_back(static_cast<float>(rows_.y[i]));
    weight.push_back(static_cast<float>(std::clamp(rows_.weight[i], 1e-30, 1e30)));
    for (double s : start_) margin_.push_back(static_cast<float>(s));
  }
  std::unique_ptr<xgboost::Data> data() const {
    return std::make_unique<xgboost::Data>(features_, label.size(), label, weight, margin_);
  }

  std::vector<float> label, weight;

 private:
  const Matrix& x_;
  const CanonicalRows& rows_;
  std::span<const double> start_;
  std::vector<float> features_, margin_;
};

Prepared prepare(const Matrix& x, CanonicalRows rows, const DataKey& key, Seed seed) {
  if (key.balanced) balance_classes(rows);
  Prepared out;
  out.start = start_of(rows);
  if (rows.columns.empty()) return out;
  const std::vector<bool> held = validation_rows(rows, key.held_out, seed.child("validation"));
  Part training(x, rows, out.start), validation(x, rows, out.start);
  for (size_t i = 0; i < held.size(); ++i) (held[i] ? validation : training).add(i);
  out.training = training.data();
  if (!validation.label.empty()) out.validation = validation.data();
  out.label = std::move(validation.label);
  out.weight = std::move(validation.weight);
  out.own_label = std::move(training.label);
  out.own_weight = std::move(training.weight);
  return out;
}

// Mean weighted log loss of rows x groups margins.
double log_loss(std::span<const float> margin, size_t groups, std::span<const float> label,
                std::span<const float> row_weight) {
  double loss = 0, total = 0;
  for (size_t i = 0; i < label.size(); ++i) {
    const double weight = static_cast<double>(row_weight[i]);
    const std::span<const float> z = margin.subspan(i * groups, groups);
    double one;
    if (groups == 1) {
      const double toward = static_cast<double>(label[i] > 0 ? z[0] : -z[0]);
      one = std::max(-toward, 0.0) + std::log1p(std::exp(-std::abs(toward)));
    } else {
      const double top = static_cast<double>(*std::max_element(z.begin(), z.end()));
      double sum = 0;
      for (float v : z) sum += std::exp(static_cast<double>(v) - top);
      one = std::log(sum) + top - static_cast<double>(z[static_cast<size_t>(label[i])]);
    }
    loss += weight * one;
    total += weight;
  }
  return loss / total;
}

double held_out_loss(std::span<const float> margin, const Prepared& data) {
  return log_loss(margin, data.start.size(), data.label, data.weight);
}

std::map<std::string, std::string> library_params(const Params& params, size_t groups, Seed seed) {
  std::map<std::string, std::string> out = {
      {"tree_method", "hist"},
      {"nthread", "1"},
      {"verbosity", "0"},
      {"disable_default_eval_metric", "1"},
      // Its generator belongs to the thread: seeded anew, no other fit can be felt.
      {"seed_per_iteration", "1"},
      {"seed", fmt::format("{}", seed.child("xgboost").value >> 33)},
      {"grow_policy", params.get_int("max_leaves") > 0 ? "lossguide" : "depthwise"},
      {"objective", groups == 1 ? "binary:logistic" : "multi:softprob"},
  };
  if (groups > 1) out["num_class"] = fmt::format("{}", groups);
  for (const char* name : {"max_depth", "max_leaves", "max_bin"}) {
    out[name] = fmt::format("{}", params.get_int(name));
  }
  for (const char* name : {"learning_rate", "min_child_weight", "subsample", "colsample_bytree",
                           "reg_lambda", "reg_alpha", "gamma"}) {
    out[name] = fmt::format("{}", params.get_real(name));
  }
  return out;
}

struct Fitted {
  TreeEnsemble trees;
  std::vector<double> losses;      // on the held-out rows, before the first round and after each
  std::vector<double> own_losses;  // of the rows learned from, after each round, where asked for

  // How many rounds a fit of at most `most` rounds keeps.
  size_t kept(size_t most) const {
    if (losses.empty()) return most;
    const auto end = losses.begin() + static_cast<ptrdiff_t>(std::min(most + 1, losses.size()));
    return static_cast<size_t>(std::min_element(losses.begin(), end) - losses.begin());
  }
};

Fitted boost(const Prepared& data, TreeEnsemble empty, const Params& params, size_t most, Seed seed,
             bool keep_own_losses = false) {
  Fitted out{.trees = std::move(empty), .losses = {}, .own_losses = {}};
  out.trees.start = data.start;
  if (data.training == nullptr) return out;
  const auto patience = static_cast<size_t>(params.get_int("early_stopping_rounds"));
  const bool stops = patience > 0 && data.validation != nullptr;
  xgboost::Booster booster(*data.training, stops ? data.validation.get() : nullptr,
                           library_params(params, data.start.size(), seed));
  if (stops) {
    out.losses.push_back(held_out_loss(out.trees.start_margins(data.label.size()), data));
  }
  for (size_t round = 0; round < most; ++round) {
    booster.update(static_cast<int>(round));
    if (keep_own_losses) {
      out.own_losses.push_back(log_loss(booster.margins(*data.training), data.start.size(),
                                        data.own_label, data.own_weight));
    }
    if (!stops) continue;
    out.losses.push_back(held_out_loss(booster.margins(*data.validation), data));
    if (round + 1 - out.kept(most) >= patience) break;
  }
  out.trees.add_trees(booster.model());
  return out;
}

Params without_rounds(const Params& params) {
  std::map<std::string, ParamValue> values = params.values();
  values.erase("n_estimators");
  return Params(std::move(values));
}

size_t rounds_of(const Params& params) {
  return static_cast<size_t>(params.get_int("n_estimators"));
}

class BoostedTrees : public Learner {
 public:
  std::string_view name() const override { return "boosted_trees"; }
  std::string_view title() const override { return "boosted trees"; }
  std::string_view description() const override {
    return "Small trees added one after another, each on what is still wrong (XGBoost, Chen and "
           "Guestrin 2016).";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true,
            .missing_values = true,
            .sample_weights = true,
            .scale_invariant = true,
            .random = true};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    check_training_set(data, capabilities(), title());
    const CanonicalRows rows = canonical_rows(data);
    const Seed seed = data.seed.child("boosted_trees");
    const Prepared prepared = prepare(*data.x, rows, data_key(params), seed);
    const size_t most = rounds_of(params);
    Fitted fitted = boost(prepared, empty(data, rows), params, most, seed, true);
    const size_t kept = std::min(fitted.kept(most), fitted.trees.rounds());
    fitted.trees.keep(kept);
    LossCurve losses{
        .step = "round", .training = std::move(fitted.own_losses), .validation = {}, .best = kept};
    if (!fitted.losses.empty())
      losses.validation.assign(fitted.losses.begin() + 1, fitted.losses.end());
    return std::make_unique<BoostedTreesModel>(std::move(fitted.trees), std::move(losses));
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    return std::make_unique<BoostedTreesModel>(TreeEnsemble::load(in));
  }

  size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                          std::span<const Params> candidates, const Sink& sink) const override;
  std::string_view shares() const override {
    return "the columns are cut into bins once, and one series of trees serves every n_estimators";
  }

 private:
  static TreeEnsemble empty(const TrainingSet& data, const CanonicalRows& rows) {
    TreeEnsemble trees;
    trees.classes = data.classes;
    trees.cols = data.x->cols;
    trees.present = rows.classes;
    trees.columns.assign(rows.columns.begin(), rows.columns.end());
    return trees;
  }

  const std::vector<ParamSpec> params_ = make_params();
  const std::vector<ParamSpec> prep_ = prep_defaults({"none"}, "none");
};

// Candidates that differ only in n_estimators are the first rounds of one booster.
size_t BoostedTrees::fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                                      std::span<const Params> candidates, const Sink& sink) const {
  check_training_set(data, capabilities(), title());
  const CanonicalRows rows = canonical_rows(data);
  const Seed seed = data.seed.child("boosted_trees");
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t i = 0; i < candidates.size(); ++i) {
    groups[to_text(without_rounds(candidates[i]))].push_back(i);
  }
  std::map<DataKey, Prepared> prepared;
  std::vector<double> probability(holdout.rows * static_cast<size_t>(data.classes));
  for (auto& [key, group] : groups) {
    std::stable_sort(group.begin(), group.end(), [&](size_t a, size_t b) {
      return rounds_of(candidates[a]) < rounds_of(candidates[b]);
    });
    const Params& params = candidates[group.back()];
    const DataKey wanted = data_key(params);
    if (!prepared.contains(wanted)) {
      prepared.emplace(wanted, prepare(*data.x, rows, wanted, seed));
    }
    const Fitted fitted =
        boost(prepared.at(wanted), empty(data, rows), params, rounds_of(params), seed);
    std::vector<float> margin = fitted.trees.start_margins(holdout.rows);
    size_t done = 0;
    for (size_t i : group) {  // more rounds allowed: never fewer kept
      const size_t kept = std::min(fitted.kept(rounds_of(candidates[i])), fitted.trees.rounds());
      fitted.trees.add_margins(holdout, done, kept, margin);
      done = kept;
      fitted.trees.probabilities(margin, probability);
      sink(i, probability);
    }
  }
  return groups.size();
}

}  // namespace

std::unique_ptr<Learner> make_boosted_trees() { return std::make_unique<BoostedTrees>(); }

const LossCurve* boosted_losses(const Model& model) {
  const auto* trees = dynamic_cast<const BoostedTreesModel*>(&model);
  return trees == nullptr ? nullptr : &trees->losses();
}

}  // namespace perennial
