#include "learn/naive/naive.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "learn/prep_defaults.h"

namespace perennial {
namespace {

class NaiveModel : public Model {
 public:
  explicit NaiveModel(std::vector<double> rates) : rates_(std::move(rates)) {}

  void predict(const Matrix& x, std::span<double> probability) const override {
    PERENNIAL_CHECK(probability.size() == x.rows * rates_.size());
    for (size_t i = 0; i < x.rows; ++i) {
      std::copy(rates_.begin(), rates_.end(), probability.begin() + i * rates_.size());
    }
  }

  void save(ByteWriter& out) const override { out.f64s(rates_); }

 private:
  std::vector<double> rates_;
};

class Naive : public Learner {
 public:
  std::string_view name() const override { return "naive"; }
  std::string_view title() const override { return "naive baseline"; }
  std::string_view description() const override {
    return "The rates of the classes among the training rows, for everybody.";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true,
            .missing_values = true,
            .sample_weights = true,
            .scale_invariant = true,
            .uses_features = false};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params&) const override {
    check_training_set(data, capabilities(), title());
    std::vector<double> rates(static_cast<size_t>(data.classes), 0.0);
    double total = 0;
    for (size_t i = 0; i < data.y.size(); ++i) {
      const double weight = data.weights.empty() ? 1 : data.weights[i];
      rates[static_cast<size_t>(data.y[i])] += weight;
      total += weight;
    }
    for (double& rate : rates) rate /= total;
    return std::make_unique<NaiveModel>(std::move(rates));
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    std::vector<double> rates = in.f64s();
    double sum = 0;
    for (double rate : rates) {
      if (!(rate >= 0 && rate <= 1)) in.damaged("a class rate is not between 0 and 1");
      sum += rate;
    }
    if (rates.size() < 2 || std::abs(sum - 1) > 1e-6) in.damaged("the class rates do not add up");
    return std::make_unique<NaiveModel>(std::move(rates));
  }

 private:
  std::vector<ParamSpec> params_;
  std::vector<ParamSpec> prep_ = prep_defaults({"none"});
};

}  // namespace

std::unique_ptr<Learner> make_naive() { return std::make_unique<Naive>(); }

}  // namespace perennial
