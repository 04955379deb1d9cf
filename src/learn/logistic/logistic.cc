#include "learn/logistic/logistic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "learn/logistic/solver.h"
#include "learn/prep_defaults.h"

namespace perennial {
namespace {

using logistic::Problem;
using logistic::Solution;
using logistic::Stop;

constexpr uint8_t kFormat = 1;
constexpr uint8_t kSeveralFormat = 2;

std::vector<ParamSpec> make_params() {
  std::vector<ParamValue> strengths;
  for (int c = 1; c <= 10; ++c) strengths.emplace_back(static_cast<double>(c));
  return {
      {.name = "C",
       .type = ParamType::kReal,
       .default_value = 1.0,
       .description = "Weight of the data against the penalty.",
       .min = 0,
       .min_open = true,
       .grid = strengths,
       .log_scale = true,
       .search = SearchRange{.low = 1e-3, .high = 30, .log = true}},
      {.name = "penalty",
       .type = ParamType::kChoice,
       .default_value = std::string("l2"),
       .description = "What large coefficients cost; the intercept costs nothing.",
       .choices = {"none", "l1", "l2", "elastic_net"},
       .grid = {std::string("l1"), std::string("l2")},
       .search = SearchRange{.choices = {std::string("l1"), std::string("l2")}}},
      {.name = "l1_ratio",
       .type = ParamType::kReal,
       .default_value = 0.5,
       .description = "Share of l1 in the elastic net's penalty.",
       .min = 0,
       .max = 1},
      {.name = "class_weight",
       .type = ParamType::kChoice,
       .default_value = std::string("none"),
       .description = "balanced: both classes weigh the same, however many rows they have.",
       .choices = {"none", "balanced"}},
      {.name = "fit_intercept",
       .type = ParamType::kBool,
       .default_value = true,
       .description = "Whether there is a constant term."},
      {.name = "tol",
       .type = ParamType::kReal,
       .default_value = 1e-10,
       .description = "Largest scaled gradient at which the fit is done.",
       .min = 0,
       .max = 0.01,
       .min_open = true},
      {.name = "max_iter",
       .type = ParamType::kInt,
       .default_value = int64_t{100},
       .description = "Most steps of the solver.",
       .min = 1,
       .max = 100000},
  };
}

class LogisticModel : public Model {
 public:
  LogisticModel(std::vector<double> coefficients, double intercept)
      : coefficients_(std::move(coefficients)), intercept_(intercept) {}

  void predict(const Matrix& x, std::span<double> probability) const override {
    PERENNIAL_CHECK(probability.size() == 2 * x.rows);
    std::vector<double> z(x.rows);
    score(x, z);
    logistic::two_class_probability(z, probability);
  }

  // Log odds of class 1 of each row.
  void score(const Matrix& x, std::span<double> z) const {
    check_columns(x);
    std::vector<const double*> columns(x.cols);
    for (size_t j = 0; j < x.cols; ++j) columns[j] = x.column(j).data();
    logistic::scores(columns, x.rows, coefficients_, intercept_, z);
  }

  void save(ByteWriter& out) const override {
    out.u8(kFormat);
    out.f64(intercept_);
    out.f64s(coefficients_);
  }

  std::optional<ModelView> view() const override {
    return ModelView{.cols = coefficients_.size(),
                     .scores = 1,
                     .log_odds = true,
                     .linear = LinearView{.weights = coefficients_, .intercept = {intercept_}},
                     .trees = {}};
  }

 private:
  void check_columns(const Matrix& x) const {
    if (x.cols == coefficients_.size()) return;
    throw Error(
        ErrorCode::kData, "the model",
        fmt::format("it was fitted on {} columns, the rows have {}", coefficients_.size(), x.cols),
        "Use the preparation that was saved with the model");
  }

  std::vector<double> coefficients_;
  double intercept_;
};

// Several classes, each against the rest; the probabilities are made to sum to 1.
class SeveralModel : public Model {
 public:
  explicit SeveralModel(std::vector<LogisticModel> each) : each_(std::move(each)) {}

  void predict(const Matrix& x, std::span<double> probability) const override {
    const size_t k = each_.size();
    PERENNIAL_CHECK(probability.size() == k * x.rows);
    std::vector<double> z(x.rows);
    for (size_t c = 0; c < k; ++c) {
      each_[c].score(x, z);
      for (size_t i = 0; i < x.rows; ++i) probability[k * i + c] = log_sigmoid(z[i]);
    }
    // On the scale of logarithms, so that rows far from every class have a sum above nought too.
    for (size_t i = 0; i < x.rows; ++i) {
      const std::span<double> row = probability.subspan(k * i, k);
      const double highest = *std::max_element(row.begin(), row.end());
      double sum = 0;
      for (double& v : row) sum += v = std::exp(v - highest);
      for (double& v : row) v /= sum;
    }
  }

  void save(ByteWriter& out) const override {
    out.u8(kSeveralFormat);
    out.u32(static_cast<uint32_t>(each_.size()));
    for (const LogisticModel& model : each_) model.save(out);
  }

 private:
  static double log_sigmoid(double z) {
    return z >= 0 ? -std::log1p(std::exp(-z)) : z - std::log1p(std::exp(z));
  }

  std::vector<LogisticModel> each_;
};

// The training set as the solver wants it; fitted again and again for other penalties.
class Training {
 public:
  // largest: a magnitude for each column, from checked_columns. positive: the class that is told
  // from the rest; it and the rest occur.
  Training(const TrainingSet& data, const Params& params, std::span<const double> largest,
           int32_t positive = 1)
      : intercept_(params.get_bool("fit_intercept")),
        stop_{.tolerance = params.get_real("tol"),
              .max_iterations = static_cast<int>(params.get_int("max_iter"))} {
    const size_t n = data.x->rows;
    problem_.rows = n;
    problem_.workers = data.workers;
    sign_.resize(n);
    weight_.assign(n, 1.0);
    if (!data.weights.empty()) weight_.assign(data.weights.begin(), data.weights.end());
    double total[2] = {0, 0};
    for (size_t i = 0; i < n; ++i) {
      sign_[i] = data.y[i] == positive ? -1 : 1;
      total[data.y[i] == positive ? 1 : 0] += weight_[i];
    }
    problem_.total_weight = total[0] + total[1];
    if (params.get_text("class_weight") == "balanced") {
      for (size_t i = 0; i < n; ++i) {
        weight_[i] *= problem_.total_weight / (2 * total[data.y[i] == positive ? 1 : 0]);
      }
    }
    problem_.sign = sign_;
    problem_.weight = weight_;
    take_columns(*data.x, largest);
  }

  // The whole objective divided by C: only the penalty depends on it.
  Solution solve(const Params& params, std::span<const double> start) {
    const double c = params.get_real("C");
    const std::string& penalty = params.get_text("penalty");
    const double ratio = penalty == "l1"            ? 1.0
                         : penalty == "elastic_net" ? params.get_real("l1_ratio")
                                                    : 0.0;
    const double strength = penalty == "none" ? 0.0 : 1 / c;
    const size_t d = exponent_.size();
    // Bounds that only columns of absurd units reach; they keep the sums finite.
    constexpr double kMost = 1e150;
    problem_.l1.assign(problem_.size(), 0.0);
    problem_.l2.assign(problem_.size(), 0.0);
    for (size_t j = 0; j < d; ++j) {
      const int e = exponent_[j];
      problem_.l1[j] = std::min(std::ldexp(strength * ratio, -e), kMost);
      problem_.l2[j] = std::min(std::ldexp(strength * (1 - ratio), -2 * e), kMost);
    }
    return logistic::solve(problem_, start, stop_);
  }

  LogisticModel model(const Solution& solution) const {
    const size_t d = exponent_.size();
    std::vector<double> coefficients(solution.beta.begin(),
                                     solution.beta.begin() + static_cast<std::ptrdiff_t>(d));
    constexpr double kMost = 1e300;
    for (size_t j = 0; j < d; ++j) {
      coefficients[j] = std::clamp(std::ldexp(coefficients[j], -exponent_[j]), -kMost, kMost);
    }
    return {std::move(coefficients), intercept_ ? solution.beta[d] : 0.0};
  }

 private:
  // Points at the matrix's columns, or at copies by a power of two where squares would overflow or
  // vanish.
  void take_columns(const Matrix& x, std::span<const double> largest) {
    exponent_.assign(x.cols, 0);
    copies_.resize(x.cols);
    for (size_t j = 0; j < x.cols; ++j) {
      const std::span<const double> column = x.column(j);
      if (largest[j] > 1e60 || (largest[j] > 0 && largest[j] < 1e-60)) {
        std::frexp(largest[j], &exponent_[j]);
        copies_[j].assign(column.begin(), column.end());
        for (double& v : copies_[j]) v = std::ldexp(v, -exponent_[j]);
      }
      problem_.columns.push_back(copies_[j].empty() ? column.data() : copies_[j].data());
    }
    if (intercept_) problem_.columns.push_back(nullptr);
  }

  const bool intercept_;
  const Stop stop_;
  Problem problem_;
  std::vector<double> sign_, weight_;
  std::vector<int> exponent_;  // column j was multiplied by 2^-exponent_[j]
  std::vector<std::vector<double>> copies_;
};

// check_training_set, and largest_magnitude of each column. The numbers, by far the longest part of
// the check, are looked at once, by all threads.
std::vector<double> checked_columns(const TrainingSet& data, const Learner& learner) {
  PERENNIAL_CHECK(data.x != nullptr && data.x->values.size() == data.x->rows * data.x->cols);
  const Matrix& x = *data.x;
  std::vector<double> largest(x.cols);
  const auto look = [&](size_t j) { largest[j] = logistic::largest_magnitude(x.column(j)); };
  if (data.workers != nullptr && x.values.size() > 100000) {
    data.workers->run(x.cols, look);
  } else {
    for (size_t j = 0; j < x.cols; ++j) look(j);
  }
  const bool finite =
      std::all_of(largest.begin(), largest.end(), [](double v) { return std::isfinite(v); });
  const Matrix no_columns{.rows = x.rows, .cols = 0, .values = {}, .names = {}, .source = {}};
  TrainingSet shape = data;
  if (finite) shape.x = &no_columns;
  check_training_set(shape, learner.capabilities(), learner.title());
  return largest;
}

// One training for two classes; for several one a class, each against the rest. They are solved
// along a path of candidates, each from the solution before it.
class Trainings {
 public:
  Trainings(const TrainingSet& data, const Params& params, std::span<const double> largest)
      : columns_(data.x->cols) {
    if (data.classes == 2) {
      each_.push_back(std::make_unique<Training>(data, params, largest));
    } else {
      for (int32_t c = 0; c < data.classes; ++c) {
        const bool occurs = std::find(data.y.begin(), data.y.end(), c) != data.y.end();
        each_.push_back(occurs ? std::make_unique<Training>(data, params, largest, c) : nullptr);
      }
    }
    start_.resize(each_.size());
  }

  std::unique_ptr<Model> solve(const Params& params) {
    std::vector<LogisticModel> models;
    for (size_t k = 0; k < each_.size(); ++k) {
      if (each_[k] == nullptr) {
        models.emplace_back(std::vector<double>(columns_, 0.0), kNever);
        continue;
      }
      Solution solution = each_[k]->solve(params, start_[k]);
      models.push_back(each_[k]->model(solution));
      start_[k] = std::move(solution.beta);
    }
    if (models.size() == 1) return std::make_unique<LogisticModel>(std::move(models[0]));
    return std::make_unique<SeveralModel>(std::move(models));
  }

 private:
  static constexpr double kNever = -1e300;  // log odds of a class without a row

  const size_t columns_;
  std::vector<std::unique_ptr<Training>> each_;
  std::vector<std::vector<double>> start_;
};

Params without_c(const Params& params) {
  std::map<std::string, ParamValue> values = params.values();
  values.erase("C");
  return Params(std::move(values));
}

class Logistic : public Learner {
 public:
  std::string_view name() const override { return "logistic"; }
  std::string_view title() const override { return "logistic regression"; }
  std::string_view description() const override {
    return "Logistic regression by Newton's method (Hastie, Tibshirani and Friedman 2009, 4.4.1); "
           "several classes each against the rest.";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true, .sample_weights = true};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    const std::vector<double> largest = checked_columns(data, *this);
    return Trainings(data, params, largest).solve(params);
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    const uint8_t format = in.u8();
    if (format == kFormat) return std::make_unique<LogisticModel>(load_two(in));
    if (format != kSeveralFormat) in.damaged("a logistic regression of an unknown format");
    const uint32_t classes = in.u32();
    if (classes < 3) in.damaged("a logistic regression with too few classes");
    std::vector<LogisticModel> each;
    for (uint32_t c = 0; c < classes; ++c) {
      if (in.u8() != kFormat) in.damaged("a logistic regression of an unknown format");
      each.push_back(load_two(in));
    }
    return std::make_unique<SeveralModel>(std::move(each));
  }

  static LogisticModel load_two(ByteReader& in) {
    const double intercept = in.f64();
    std::vector<double> coefficients = in.f64s();
    const bool finite =
        std::isfinite(intercept) && std::all_of(coefficients.begin(), coefficients.end(),
                                                [](double v) { return std::isfinite(v); });
    if (!finite) in.damaged("a coefficient is not a number");
    return {std::move(coefficients), intercept};
  }

  // Candidates that differ only in C are solved from the smallest C to the largest, each from the
  // solution before it.
  size_t fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                          std::span<const Params> candidates, const Sink& sink) const override {
    const std::vector<double> largest = checked_columns(data, *this);
    std::vector<bool> done(candidates.size(), false);
    std::vector<double> probability(static_cast<size_t>(data.classes) * holdout.rows);
    size_t paths = 0;
    for (size_t first = 0; first < candidates.size(); ++first) {
      if (done[first]) continue;
      const Params shared = without_c(candidates[first]);
      std::vector<size_t> path;
      for (size_t i = first; i < candidates.size(); ++i) {
        if (!done[i] && without_c(candidates[i]) == shared) path.push_back(i);
      }
      std::stable_sort(path.begin(), path.end(), [&](size_t a, size_t b) {
        return candidates[a].get_real("C") < candidates[b].get_real("C");
      });
      Trainings trainings(data, candidates[first], largest);
      for (size_t i : path) {
        trainings.solve(candidates[i])->predict(holdout, probability);
        sink(i, probability);
        done[i] = true;
      }
      ++paths;
    }
    return paths;
  }

 private:
  const std::vector<ParamSpec> params_ = make_params();
  const std::vector<ParamSpec> prep_ = prep_defaults({"standard", "min_max"});
};

}  // namespace

std::unique_ptr<Learner> make_logistic() { return std::make_unique<Logistic>(); }

}  // namespace perennial
