#include "learn/naive_bayes/naive_bayes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "learn/test_data.h"

namespace perennial {
namespace {

using testing_data::answers;
using testing_data::made_matrix;
using testing_data::made_sample;
using testing_data::params_of;
using testing_data::predicted;
using testing_data::Sample;

void expect_answers(const Sample& sample, std::map<std::string, ParamValue> params,
                    const std::vector<double>& expected) {
  const size_t wide = sample.classes > 2 ? static_cast<size_t>(sample.classes) : 1;
  const Matrix queries = made_matrix(expected.size() / wide, 5, 5000);
  const std::vector<double> got = answers(*make_naive_bayes(), sample, queries, std::move(params));
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-9) << i;
}

// scikit-learn 1.2.1, GaussianNB, by learn/forest/sklearn_forest_cases.py.
TEST(NaiveBayes, AnswersAsScikitLearn) {
  expect_answers(made_sample(400, 2), {},
                 {0.368044210727, 0.996555485178, 0.902459691314, 0.175153325473, 0.074984692752,
                  0.252885152777, 0.452921314749, 0.218726312226, 0.455428350063, 0.962500932745});
  expect_answers(made_sample(400, 2), {{"var_smoothing", 0.1}},
                 {0.403863728104, 0.991155101962, 0.872313477854, 0.218308287947, 0.106445628088,
                  0.27218001359, 0.46258395727, 0.255393594236, 0.47559262513, 0.939704287551});
  expect_answers(made_sample(400, 3), {},
                 {0.06697048787, 0.898229639259, 0.034799872872, 0.0, 0.204741242413,
                  0.795258757587, 2.350407e-06, 0.536790931255, 0.463206718338, 0.28906810672,
                  0.704404609453, 0.006527283827, 0.419722407846, 0.580025636122, 0.000251956033});
}

// The same source, on rows repeated as often as they weigh here.
TEST(NaiveBayes, WeighsAsScikitLearnRepeats) {
  Sample sample = made_sample(400, 3);
  for (size_t i = 0; i < 400; ++i) sample.weights.push_back(static_cast<double>(1 + i % 3));
  expect_answers(sample, {{"var_smoothing", 1e-3}},
                 {0.069311880192, 0.900068366007, 0.0306197538, 0.0, 0.188574466423, 0.811425533577,
                  8.45959e-07, 0.567419743955, 0.432579410086, 0.302300271033, 0.691701262762,
                  0.005998466205, 0.406688585322, 0.593061857467, 0.000249557211});
}

Sample one_column(std::vector<double> values, std::vector<int32_t> y) {
  return {.x = {.rows = values.size(), .cols = 1, .values = values, .names = {"a"}, .source = {0}},
          .y = std::move(y)};
}

// Classes at 0 and 4 with variance 1: by Bayes' rule log p1/p0 = ((x-0)^2 - (x-4)^2) / 2 = 4x - 8.
TEST(NaiveBayes, TwoNormalsByHand) {
  const Sample sample = one_column({-1, 1, 3, 5}, {0, 0, 1, 1});
  const Matrix queries{.rows = 3, .cols = 1, .values = {2, 2.5, 0}, .names = {"a"}, .source = {0}};
  const auto p = answers(*make_naive_bayes(), sample, queries, {{"var_smoothing", 1e-15}});
  EXPECT_NEAR(p[0], 0.5, 1e-12);
  EXPECT_NEAR(p[1], 1 / (1 + std::exp(-2)), 1e-12);
  EXPECT_NEAR(p[2], 1 / (1 + std::exp(8)), 1e-12);
}

TEST(NaiveBayes, ConstantColumnsLeaveTheClassRates) {
  const Sample sample = one_column({7, 7, 7, 7}, {0, 1, 1, 1});
  const Matrix queries{.rows = 2, .cols = 1, .values = {7, 9}, .names = {"a"}, .source = {0}};
  for (double p : answers(*make_naive_bayes(), sample, queries, {})) EXPECT_DOUBLE_EQ(p, 0.75);
}

// Squares of such numbers are no doubles.
TEST(NaiveBayes, NumbersAtTheEndsOfDoubles) {
  const Matrix plain{.rows = 3, .cols = 1, .values = {2, 2.5, 0}, .names = {"a"}, .source = {0}};
  const auto expected =
      answers(*make_naive_bayes(), one_column({-1, 1, 3, 5}, {0, 0, 1, 1}), plain, {});
  for (const double scale : {std::ldexp(1.0, 1000), std::ldexp(1.0, -1000)}) {
    Matrix queries = plain;
    for (double& v : queries.values) v *= scale;
    const Sample sample = one_column({-1 * scale, 1 * scale, 3 * scale, 5 * scale}, {0, 0, 1, 1});
    EXPECT_EQ(answers(*make_naive_bayes(), sample, queries, {}), expected);
  }
}

TEST(NaiveBayes, FarRowsGetAnAnswer) {
  const Sample sample = one_column({-1, 1, 3, 5}, {0, 0, 1, 1});
  const Matrix queries{
      .rows = 2, .cols = 1, .values = {1e100, -1e300}, .names = {"a"}, .source = {0}};
  const auto model = make_naive_bayes()->fit(sample.set(), params_of(*make_naive_bayes()));
  const std::vector<double> p = predicted(*model, queries, 2);
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(p[2 * i] + p[2 * i + 1], 1, 1e-12);
}

TEST(NaiveBayes, DamagedModelsAreRefused) {
  const std::vector<double> prior = {0.4, 0.6}, mean = {0, 1}, variance = {1, 2};
  const auto load = [](double unit, const std::vector<double>& rates,
                       const std::vector<double>& means, const std::vector<double>& variances) {
    ByteWriter out;
    out.f64(unit);
    out.f64s(rates);
    out.f64s(means);
    out.f64s(variances);
    ByteReader in(out.bytes(), "model");
    make_naive_bayes()->load(in);
  };
  EXPECT_NO_THROW(load(1, prior, mean, variance));
  EXPECT_THROW(load(0, prior, mean, variance), Error);
  EXPECT_THROW(load(1, {}, {}, {}), Error);
  EXPECT_THROW(load(1, {0.4, 0.5}, mean, variance), Error);
  EXPECT_THROW(load(1, {1.4, -0.4}, mean, variance), Error);
  EXPECT_THROW(load(1, prior, {0, std::nan("")}, variance), Error);
  EXPECT_THROW(load(1, prior, mean, {1, 0}), Error);
  EXPECT_THROW(load(1, prior, mean, {1}), Error);
  EXPECT_THROW(load(1, prior, {0, 1, 2}, {1, 1, 1}), Error);
}

}  // namespace
}  // namespace perennial
