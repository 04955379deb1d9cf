// Known answers come from XGBoost itself, called through its C API the plain way: rows in their
// order, margins predicted and the sigmoid or softmax applied by the library.
#include "learn/boosted_trees/boosted_trees.h"

#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>

#include "base/error.h"
#include "learn/test_data.h"
#include "table/column.h"

namespace perennial {
namespace {

using testing_data::made_matrix;
using testing_data::made_sample;
using testing_data::params_of;
using testing_data::predicted;
using testing_data::Sample;
using testing_data::saved;

using Given = std::map<std::string, ParamValue>;
using Settings = std::map<std::string, std::string>;

std::vector<float> floats(const Matrix& x) {
  const std::vector<double> values = x.row_major();
  return {values.begin(), values.end()};
}

// XGBoost's own rows x outputs probabilities.
std::vector<double> xgboost_says(const Sample& sample, const Matrix& queries, int rounds,
                                 const Settings& settings) {
  const std::vector<float> x = floats(sample.x), q = floats(queries);
  const std::vector<float> y(sample.y.begin(), sample.y.end());
  DMatrixHandle training = nullptr, test = nullptr;
  BoosterHandle booster = nullptr;
  EXPECT_EQ(XGDMatrixCreateFromMat(x.data(), sample.x.rows, sample.x.cols, NAN, &training), 0);
  EXPECT_EQ(XGDMatrixCreateFromMat(q.data(), queries.rows, queries.cols, NAN, &test), 0);
  EXPECT_EQ(XGDMatrixSetFloatInfo(training, "label", y.data(), y.size()), 0);
  EXPECT_EQ(XGBoosterCreate(&training, 1, &booster), 0);
  for (const auto& [name, value] : settings) {
    EXPECT_EQ(XGBoosterSetParam(booster, name.c_str(), value.c_str()), 0) << name;
  }
  for (int i = 0; i < rounds; ++i) EXPECT_EQ(XGBoosterUpdateOneIter(booster, i, training), 0);
  bst_ulong length = 0;
  const float* out = nullptr;
  EXPECT_EQ(XGBoosterPredict(booster, test, 0, 0, 0, &length, &out), 0);
  std::vector<double> result(out, out + length);
  XGBoosterFree(booster);
  XGDMatrixFree(training);
  XGDMatrixFree(test);
  return result;
}

Settings settings_of(const Given& given) {
  Settings out = {{"tree_method", "hist"}, {"nthread", "1"}, {"verbosity", "0"}};
  for (const auto& [name, value] : given) {
    if (name != "n_estimators") out[name] = to_json(value).dump();
  }
  return out;
}

const Given kPlain = {
    {"n_estimators", int64_t{60}}, {"learning_rate", 0.3}, {"max_depth", int64_t{5}},
    {"min_child_weight", 1.0},     {"subsample", 1.0},     {"colsample_bytree", 1.0},
    {"reg_lambda", 2.0},           {"reg_alpha", 0.1},     {"gamma", 0.05}};

TEST(BoostedTrees, TwoClassesAsXgboostItself) {
  Sample sample = made_sample(2000);
  for (size_t i = 0; i < 2000; i += 7) sample.x.column(1)[i] = kMissing;
  Matrix queries = made_matrix(300, 5, 5000);
  queries.column(1)[11] = queries.column(0)[12] = kMissing;
  Settings settings = settings_of(kPlain);
  settings["objective"] = "binary:logistic";
  // Ours start from the class rates.
  double rate = 0;
  for (int32_t y : sample.y) rate += y / 2000.0;
  settings["base_score"] = std::to_string(rate);
  const auto expected = xgboost_says(sample, queries, 60, settings);
  const auto got = testing_data::answers(*make_boosted_trees(), sample, queries, kPlain);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 2e-5) << i;
}

TEST(BoostedTrees, ThreeBalancedClassesAsXgboostItself) {
  Sample sample = made_sample(1500, 3);
  for (size_t i = 0; i < 1500; ++i) {  // equal rates: the same start for all, as XGBoost has
    sample.y[i] = static_cast<int32_t>(i % 3);
    sample.x.column(2)[i] = std::floor(sample.x.at(i, 2) / 4) + 40.0 * sample.y[i];
  }
  const Matrix queries = made_matrix(200, 5, 5000);
  Settings settings = settings_of(kPlain);
  settings["objective"] = "multi:softprob";
  settings["num_class"] = "3";
  const auto expected = xgboost_says(sample, queries, 60, settings);
  const auto got = testing_data::answers(*make_boosted_trees(), sample, queries, kPlain);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 2e-5) << i;
}

// Labels that nothing explains: early stopping finds that no tree helps much.
TEST(BoostedTrees, EarlyStoppingKeepsFewTreesOfNoise) {
  Sample sample = made_sample(1000);
  for (size_t i = 0; i < 1000; ++i) sample.y[i] = Rng(Seed{i}).bernoulli(0.3) ? 1 : 0;
  const auto learner = make_boosted_trees();
  const Given stopping = {{"early_stopping_rounds", int64_t{10}}, {"learning_rate", 0.3}};
  const auto all =
      saved(*learner->fit(sample.set(), params_of(*learner, {{"learning_rate", 0.3}})));
  const auto few = saved(*learner->fit(sample.set(), params_of(*learner, stopping)));
  EXPECT_LT(few.size(), all.size() / 5);
}

// Element k - 1 of the curve is the log loss of the model that XGBoost itself makes in k rounds.
TEST(BoostedTrees, LossCurveIsThatOfEachRound) {
  const Sample sample = made_sample(500);
  Settings settings = settings_of(kPlain);
  settings["objective"] = "binary:logistic";
  double rate = 0;
  for (int32_t y : sample.y) rate += y / 500.0;
  settings["base_score"] = std::to_string(rate);
  const auto learner = make_boosted_trees();
  const auto model = learner->fit(sample.set(), params_of(*learner, kPlain));
  const LossCurve* curve = boosted_losses(*model);
  ASSERT_NE(curve, nullptr);
  ASSERT_EQ(curve->training.size(), 60u);
  EXPECT_EQ(curve->best, 60u);
  EXPECT_TRUE(curve->validation.empty());
  for (const int rounds : {1, 7, 60}) {
    const auto p = xgboost_says(sample, sample.x, rounds, settings);
    double loss = 0;
    for (size_t i = 0; i < 500; ++i) loss -= std::log(sample.y[i] == 1 ? p[i] : 1 - p[i]) / 500;
    EXPECT_NEAR(curve->training[static_cast<size_t>(rounds) - 1], loss, 1e-5) << rounds;
  }
}

TEST(BoostedTrees, LossCurveHoldsTheRoundThatWasKept) {
  const Sample sample = made_sample(600);
  const auto learner = make_boosted_trees();
  const auto model = learner->fit(
      sample.set(),
      params_of(*learner, {{"early_stopping_rounds", int64_t{5}}, {"learning_rate", 0.3}}));
  const LossCurve* curve = boosted_losses(*model);
  ASSERT_NE(curve, nullptr);
  ASSERT_EQ(curve->validation.size(), curve->training.size());
  ASSERT_EQ(curve->training.size(), curve->best + 5);  // the patience ran out
  for (double loss : curve->validation) EXPECT_GE(loss, curve->validation[curve->best - 1]);
}

TEST(BoostedTrees, EarlyStoppingSharesOneSeries) {
  const Sample sample = made_sample(600);
  const Matrix queries = made_matrix(50, 5, 5000);
  const auto learner = make_boosted_trees();
  std::vector<Params> candidates;
  for (int64_t n : {200, 5, 40}) {
    candidates.push_back(
        params_of(*learner, {{"n_estimators", n}, {"early_stopping_rounds", int64_t{5}}}));
  }
  const size_t fitted = learner->fit_predict_many(
      sample.set(), queries, candidates, [&](size_t i, std::span<const double> p) {
        const auto alone = predicted(*learner->fit(sample.set(), candidates[i]), queries, 2);
        EXPECT_EQ(std::vector<double>(p.begin(), p.end()), alone) << i;
      });
  EXPECT_EQ(fitted, 1u);
}

// Beyond the range of floats: held at its end, not refused.
TEST(BoostedTrees, TakesNumbersBeyondFloats) {
  Sample sample = made_sample(200);
  sample.x.column(0)[3] = 1e300;
  sample.x.column(0)[4] = -1e300;
  EXPECT_NO_THROW(testing_data::answers(*make_boosted_trees(), sample, sample.x, {}));
}

}  // namespace
}  // namespace perennial
