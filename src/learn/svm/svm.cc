#include "learn/svm/svm.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "learn/prep_defaults.h"
#include "learn/svm/fitter.h"

namespace perennial {
namespace {

// gamma 0 stands for scikit-learn's "scale", 1 / (columns * variance of all values), over the
// columns that are not constant.
double gamma_of(const Params& params, const SvmRows& rows) {
  const double stated = params.get_real("gamma");
  if (stated > 0) return stated;
  const RowBlock& x = rows.x;
  std::vector<size_t> varied;
  for (size_t k = 0; k < x.cols; ++k) {
    const double* column = x.columns.data() + k * x.stride;
    const auto [least, most] = std::minmax_element(column, column + x.rows);
    if (*least < *most) varied.push_back(k);
  }
  if (varied.empty()) return 1;
  const auto average = [&](const auto& value) {
    double sum = 0, weight = 0;
    for (size_t i = 0; i < x.rows; ++i) {
      for (const size_t k : varied) {
        sum += rows.weight[i] * value(x.row(i)[k]);
        weight += rows.weight[i];
      }
    }
    return sum / weight;
  };
  const double mean = average([](double v) { return v; });
  const double variance = average([&](double v) { return (v - mean) * (v - mean); });
  const double gamma = 1.0 / (static_cast<double>(varied.size()) * variance);
  return std::isfinite(gamma) && gamma > 0 ? gamma : 1.0;
}

SvmSettings settings_of(const Params& params, const SvmRows& rows) {
  static const std::map<std::string, KernelSpec::Kind> kKinds = {
      {"linear", KernelSpec::Kind::kLinear},
      {"rbf", KernelSpec::Kind::kRbf},
      {"poly", KernelSpec::Kind::kPoly},
      {"sigmoid", KernelSpec::Kind::kSigmoid}};
  SvmSettings s{.kernel = {.kind = kKinds.at(params.get_text("kernel")),
                           .gamma = 1,
                           .coef0 = params.get_real("coef0"),
                           .degree = static_cast<int>(params.get_int("degree"))},
                .c = params.get_real("C"),
                .tolerance = params.get_real("tol"),
                .balanced = params.get_text("class_weight") == "balanced",
                .max_steps = params.get_int("max_iter"),
                .landmarks = params.get_int("landmarks")};
  // What a kernel does not use must not keep two equal candidates apart.
  if (s.kernel.kind != KernelSpec::Kind::kLinear) s.kernel.gamma = gamma_of(params, rows);
  if (s.kernel.kind != KernelSpec::Kind::kPoly) s.kernel.degree = 0;
  if (s.kernel.kind == KernelSpec::Kind::kLinear || s.kernel.kind == KernelSpec::Kind::kRbf) {
    s.kernel.coef0 = 0;
  }
  return s;
}

class Svm : public Learner {
 public:
  std::string_view name() const override { return "svm"; }
  std::string_view title() const override { return "support vector machine"; }
  std::string_view description() const override {
    return "A wide margin between two classes, straight or through a kernel (Cortes and Vapnik "
           "1995; Fan, Chen and Lin 2005); its outputs rank, but are no probabilities.";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true, .sample_weights = true, .random = true, .probabilities = false};
  }
  const std::vector<ParamSpec>& params() const override {
    static const std::vector<ParamSpec> kParams = {
        {.name = "C",
         .type = ParamType::kReal,
         .default_value = 1.0,
         .description = "Weight of the training errors against a wide margin.",
         .min = 0,
         .min_open = true,
         .grid = {0.3, 1.0, 3.0, 10.0},
         .log_scale = true,
         .search = SearchRange{.low = 0.03, .high = 30, .log = true}},
        {.name = "class_weight",
         .type = ParamType::kChoice,
         .default_value = std::string("none"),
         .description = "balanced: classes weigh the same, whatever their sizes.",
         .choices = {"none", "balanced"}},
        {.name = "coef0",
         .type = ParamType::kReal,
         .default_value = 0.0,
         .description = "Constant in the poly and sigmoid kernels."},
        {.name = "degree",
         .type = ParamType::kInt,
         .default_value = int64_t{3},
         .description = "Degree of the poly kernel.",
         .min = 1,
         .max = 10},
        {.name = "gamma",
         .type = ParamType::kReal,
         .default_value = 0.0,
         .description = "Width of the rbf, poly and sigmoid kernels; 0: 1 / (columns * variance).",
         .min = 0,
         .search =
             SearchRange{.low = 0.1, .high = 4, .log = true, .of = SearchRange::Of::kOneOfColumns}},
        {.name = "kernel",
         .type = ParamType::kChoice,
         .default_value = std::string("rbf"),
         .description = "Which kernel.",
         .choices = {"linear", "rbf", "poly", "sigmoid"},
         .grid = {std::string("rbf")}},
        {.name = "landmarks",
         .type = ParamType::kInt,
         .default_value = int64_t{0},
         .description = "Rows that stand for all in an approximation; 0: none up to 20,000 "
                        "different rows, at most 300 beyond.",
         .min = 0,
         .max = 5000},
        {.name = "max_iter",
         .type = ParamType::kInt,
         .default_value = int64_t{10'000'000},
         .description = "Most steps of the solver.",
         .min = 1},
        {.name = "tol",
         .type = ParamType::kReal,
         .default_value = 1e-3,
         .description = "Largest violation of the optimality conditions that is let pass.",
         .min = 0,
         .min_open = true}};
    return kParams;
  }
  const std::vector<ParamSpec>& prep() const override {
    static const std::vector<ParamSpec> kPrep = prep_defaults({"standard", "min_max"});
    return kPrep;
  }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    check_training_set(data, capabilities(), name());
    const SvmRows rows(data);
    const SvmSettings s = settings_of(params, rows);
    const auto fitter = make_svm_fitter(rows, s, {}, data.seed, data.workers);
    return std::make_unique<SvmModel>(s.kernel, fitter->support(), fitter->solve(s), data.classes,
                                      fitter->method(), fitter->support().rows);
  }

  std::unique_ptr<Model> load(ByteReader& in) const override { return SvmModel::load(in); }

  std::string_view shares() const override {
    return "the products of all pairs of rows once for every kernel, one kernel matrix for all C, "
           "and each C starts from the last";
  }

  size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                          std::span<const Params> candidates, const Sink& sink) const override {
    check_training_set(data, capabilities(), name());
    const SvmRows rows(data);
    const RowBlock other(holdout.row_major(), holdout.rows, holdout.cols);
    std::vector<std::pair<SvmSettings, size_t>> todo;
    for (size_t i = 0; i < candidates.size(); ++i) {
      todo.emplace_back(settings_of(candidates[i], rows), i);
    }
    std::stable_sort(todo.begin(), todo.end(),
                     [](const auto& a, const auto& b) { return a.first.c < b.first.c; });
    std::vector<double> products;
    const bool dense = rows.x.rows * rows.x.stride * sizeof(float) <= kKernelBytes;
    if (dense) products = product_matrix(rows.x, rows.x);
    std::vector<bool> done(todo.size(), false);
    size_t paths = 0;
    for (size_t first = 0; first < todo.size(); ++first) {
      if (done[first]) continue;
      const SvmSettings& path = todo[first].first;
      const auto fitter = make_svm_fitter(rows, path, products, data.seed, data.workers);
      const RowBlock& support = fitter->support();
      const std::vector<float> between = kernel_matrix(path.kernel, other, support, {});
      ++paths;
      for (size_t k = first; k < todo.size(); ++k) {
        if (done[k] || !path.same_path(todo[k].first)) continue;
        done[k] = true;
        sink(todo[k].second,
             svm_outputs(fitter->solve(todo[k].first), between, other.rows, support, data.classes));
      }
    }
    return paths;
  }
};

}  // namespace

std::unique_ptr<Learner> make_svm() { return std::make_unique<Svm>(); }

}  // namespace perennial
