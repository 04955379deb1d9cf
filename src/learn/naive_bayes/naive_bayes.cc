#include "learn/naive_bayes/naive_bayes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "learn/prep_defaults.h"

namespace perennial {
namespace {

// Of several columns together this is still far from the largest double.
constexpr double kFarthest = 1e200;

// All in units of the largest number of the training rows' columns, a power of two, so that squares
// neither overflow nor vanish.
struct Moments {
  double unit = 1;
  std::vector<double> prior;     // classes; 0: absent
  std::vector<double> mean;      // classes x cols
  std::vector<double> variance;  // classes x cols, smoothed, > 0
};

class NaiveBayesModel : public Model {
 public:
  explicit NaiveBayesModel(Moments moments)
      : m_(std::move(moments)), classes_(m_.prior.size()), cols_(m_.mean.size() / classes_) {
    for (size_t c = 0; c < classes_; ++c) {
      double log_density = std::log(m_.prior[c]);
      for (size_t j = 0; j < cols_; ++j) {
        log_density -= 0.5 * std::log(m_.variance[c * cols_ + j]);
      }
      constant_.push_back(log_density);
    }
  }

  void predict(const Matrix& x, std::span<double> probability) const override {
    PERENNIAL_CHECK(x.cols == cols_ && probability.size() == x.rows * classes_);
    for (size_t i = 0; i < x.rows; ++i) {
      double* out = probability.data() + i * classes_;
      for (size_t c = 0; c < classes_; ++c) out[c] = log_joint(x, i, c);
      const double highest = *std::max_element(out, out + classes_);
      double total = 0;
      for (size_t c = 0; c < classes_; ++c) total += out[c] = std::exp(out[c] - highest);
      for (size_t c = 0; c < classes_; ++c) out[c] /= total;
    }
  }

  void save(ByteWriter& out) const override {
    out.f64(m_.unit);
    out.f64s(m_.prior);
    out.f64s(m_.mean);
    out.f64s(m_.variance);
  }

 private:
  // Up to a constant that the classes share; -infinity for a class that is absent.
  double log_joint(const Matrix& x, size_t i, size_t c) const {
    if (m_.prior[c] == 0) return -std::numeric_limits<double>::infinity();
    double distance = 0;
    for (size_t j = 0; j < cols_; ++j) {
      const double off = x.at(i, j) / m_.unit - m_.mean[c * cols_ + j];
      distance += off * off / m_.variance[c * cols_ + j];
    }
    return constant_[c] - 0.5 * std::min(distance, kFarthest);
  }

  Moments m_;
  size_t classes_, cols_;
  std::vector<double> constant_;  // log prior and the determinants
};

double unit_of(const Matrix& x) {
  double largest = 0;
  for (double v : x.values) largest = std::max(largest, std::abs(v));
  if (largest == 0) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::clamp(exponent, -1000, 1000));
}

// The mean and the variance (ddof 0) of one column in every class, and over all rows.
struct ColumnMoments {
  std::vector<double> mean, variance;  // classes
  double variance_of_all = 0;
};

class Fitting {
 public:
  explicit Fitting(const TrainingSet& data)
      : data_(data), unit_(unit_of(*data.x)), weight_(static_cast<size_t>(data.classes), 0.0) {
    for (size_t i = 0; i < data.y.size(); ++i) {
      weight_[static_cast<size_t>(data.y[i])] += weight_of(i);
      total_ += weight_of(i);
    }
  }

  Moments run(double var_smoothing) const {
    const size_t cols = data_.x->cols, classes = weight_.size();
    Moments out{.unit = unit_,
                .prior = weight_,
                .mean = std::vector<double>(classes * cols, 0.0),
                .variance = std::vector<double>(classes * cols, 0.0)};
    for (double& p : out.prior) p /= total_;
    double largest = 0;
    for (size_t j = 0; j < cols; ++j) {
      const ColumnMoments column = moments(j);
      largest = std::max(largest, column.variance_of_all);
      for (size_t c = 0; c < classes; ++c) {
        out.mean[c * cols + j] = column.mean[c];
        out.variance[c * cols + j] = column.variance[c];
      }
    }
    // Where all columns are constant they tell nothing, and any variance does. The smallest normal
    // number keeps a vanishing one above 0.
    const double added = std::max(var_smoothing * largest, std::numeric_limits<double>::min());
    for (double& v : out.variance) v += largest > 0 ? added : 1.0;
    return out;
  }

 private:
  double weight_of(size_t i) const { return data_.weights.empty() ? 1 : data_.weights[i]; }

  ColumnMoments moments(size_t j) const {
    const std::span<const double> column = data_.x->column(j);
    ColumnMoments out{.mean = std::vector<double>(weight_.size(), 0.0),
                      .variance = std::vector<double>(weight_.size(), 0.0)};
    double mean_of_all = 0;
    for (size_t i = 0; i < column.size(); ++i) {
      const double v = weight_of(i) * (column[i] / unit_);
      out.mean[static_cast<size_t>(data_.y[i])] += v;
      mean_of_all += v;
    }
    mean_of_all /= total_;
    for (size_t c = 0; c < weight_.size(); ++c) {
      if (weight_[c] > 0) out.mean[c] /= weight_[c];
    }
    for (size_t i = 0; i < column.size(); ++i) {
      const auto c = static_cast<size_t>(data_.y[i]);
      const double v = column[i] / unit_;
      out.variance[c] += weight_of(i) * (v - out.mean[c]) * (v - out.mean[c]);
      out.variance_of_all += weight_of(i) * (v - mean_of_all) * (v - mean_of_all);
    }
    out.variance_of_all /= total_;
    for (size_t c = 0; c < weight_.size(); ++c) {
      if (weight_[c] > 0) out.variance[c] /= weight_[c];
    }
    return out;
  }

  const TrainingSet& data_;
  double unit_, total_ = 0;
  std::vector<double> weight_;  // classes
};

class NaiveBayes : public Learner {
 public:
  std::string_view name() const override { return "naive_bayes"; }
  std::string_view title() const override { return "naive Bayes"; }
  std::string_view description() const override {
    return "Each column normal within a class and independent of the others (Gaussian naive "
           "Bayes, after scikit-learn's GaussianNB).";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true, .sample_weights = true};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    check_training_set(data, capabilities(), title());
    return std::make_unique<NaiveBayesModel>(Fitting(data).run(params.get_real("var_smoothing")));
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    Moments m{.unit = in.f64(), .prior = in.f64s(), .mean = in.f64s(), .variance = in.f64s()};
    double sum = 0;
    for (double p : m.prior) {
      if (!(p >= 0 && p <= 1)) in.damaged("a class rate is not between 0 and 1");
      sum += p;
    }
    if (m.prior.size() < 2 || std::abs(sum - 1) > 1e-6) in.damaged("the class rates do not add up");
    if (m.mean.size() != m.variance.size() || m.mean.size() % m.prior.size() != 0) {
      in.damaged("the parts of the model do not fit together");
    }
    const auto usable = [](double v) { return v > 0 && std::isfinite(v); };
    for (double v : m.mean) {
      if (!std::isfinite(v)) in.damaged("a mean is not a number");
    }
    if (!usable(m.unit) || !std::all_of(m.variance.begin(), m.variance.end(), usable)) {
      in.damaged("a variance is not above 0");
    }
    return std::make_unique<NaiveBayesModel>(std::move(m));
  }

 private:
  std::vector<ParamSpec> params_ = {
      {.name = "var_smoothing",
       .type = ParamType::kReal,
       .default_value = 1e-9,
       .description = "Share of the largest variance of all columns that every variance gains.",
       .min = 0,
       .min_open = true,
       .grid = {1e-9, 1e-6, 1e-3, 0.03, 0.3},
       .log_scale = true,
       .search = SearchRange{.low = 1e-6, .high = 1, .log = true}}};
  std::vector<ParamSpec> prep_ = prep_defaults({"standard"});
};

}  // namespace

std::unique_ptr<Learner> make_naive_bayes() { return std::make_unique<NaiveBayes>(); }

}  // namespace perennial
