#include "uplift/mean_model.h"

#include <algorithm>

#include "base/error.h"
#include "learn/pipeline.h"

namespace perennial {
namespace {

// Weights below this would be refused as nought.
constexpr double kLeast = 1e-9;

Matrix twice(const Matrix& x) {
  Matrix out{.rows = 2 * x.rows, .cols = x.cols, .names = x.names, .source = x.source};
  out.values.reserve(2 * x.values.size());
  for (size_t j = 0; j < x.cols; ++j) {
    const std::span<const double> column = x.column(j);
    for (int copy = 0; copy < 2; ++copy) {
      out.values.insert(out.values.end(), column.begin(), column.end());
    }
  }
  return out;
}

}  // namespace

MeanModel MeanModel::fit(const UpliftLearner& learner, const FeatureTable& table,
                         std::span<const uint32_t> rows, std::span<const double> target, double low,
                         double high, Seed seed) {
  PERENNIAL_CHECK(rows.size() == target.size() && !rows.empty() && low < high);
  MeanModel out;
  out.low_ = low;
  out.high_ = high;
  const auto [least, most] = std::minmax_element(target.begin(), target.end());
  if (*least == *most) {
    out.constant_ = *least;
    return out;
  }
  out.prep_ = FittedPrep::fit(table, rows, learner.prep_params);
  Matrix x = out.prep_.apply_training(table, rows);
  const Learner& known = learner_named(learner.name);
  const size_t n = rows.size();
  std::vector<int32_t> y;
  std::vector<double> weights;
  const bool classes =
      low == 0 && high == 1 &&
      std::all_of(target.begin(), target.end(), [](double t) { return t == 0 || t == 1; });
  if (classes) {
    for (const double t : target) y.push_back(t == 1 ? 1 : 0);
  } else {
    x = twice(x);
    y.assign(2 * n, 1);
    std::fill(y.begin() + static_cast<std::ptrdiff_t>(n), y.end(), 0);
    weights.resize(2 * n);
    for (size_t i = 0; i < n; ++i) {
      const double t = std::clamp((target[i] - low) / (high - low), kLeast, 1 - kLeast);
      weights[i] = t;
      weights[n + i] = 1 - t;
    }
  }
  out.model_ = known.fit(
      {.x = &x, .y = y, .classes = 2, .weights = weights, .seed = seed, .workers = nullptr},
      learner.params);
  return out;
}

std::vector<double> MeanModel::predict(const FeatureTable& table,
                                       std::span<const uint32_t> rows) const {
  if (!model_) return std::vector<double>(rows.size(), constant_);
  const Matrix x = prep_.apply(table, rows);
  std::vector<double> probability(2 * x.rows);
  model_->predict(x, probability);
  std::vector<double> out = positive_column(probability);
  for (double& v : out) v = low_ + (high_ - low_) * v;
  return out;
}

}  // namespace perennial
