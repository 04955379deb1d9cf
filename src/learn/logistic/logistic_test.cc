// Known answers: scikit-learn 1.2.1 (newton-cholesky and saga, tol 1e-13) and LIBLINEAR.
#include "learn/logistic/logistic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/error.h"

namespace perennial {
namespace {

struct Data {
  Matrix x;
  std::vector<int32_t> y;
  TrainingSet set(std::span<const double> weights = {}) const {
    return {.x = &x, .y = y, .weights = weights};
  }
};

// 40 rows, 3 columns, 19 of class 1; integer formulas, so that Python makes the same numbers.
Data formula_data() {
  Data data;
  data.x.rows = 40;
  data.x.cols = 3;
  data.x.values.resize(120);
  for (int i = 0; i < 40; ++i) {
    const double a = ((i * 37) % 23 - 11) / 7.0;
    const double b = ((i * 53) % 31 - 15) / 9.0;
    const double c = ((i * 17) % 13 - 6) / 4.0;
    const size_t row = static_cast<size_t>(i);
    data.x.values[row] = a;
    data.x.values[40 + row] = b;
    data.x.values[80 + row] = c;
    data.y.push_back(((i * 29) % 17) / 4.0 - 2 + a - 0.7 * b > 0 ? 1 : 0);
  }
  return data;
}

Data random_data(size_t rows, size_t cols, uint64_t seed) {
  Data data;
  data.x.rows = rows;
  data.x.cols = cols;
  data.x.values.resize(rows * cols);
  Rng rng(Seed{seed});
  std::vector<double> truth(cols);
  for (double& v : truth) v = rng.bernoulli(0.5) ? 0.7 * rng.normal() : 0;
  for (size_t i = 0; i < rows; ++i) {
    const double common = rng.normal();
    double z = -0.4;
    for (size_t j = 0; j < cols; ++j) {
      data.x.values[j * rows + i] = 0.5 * common + rng.normal();
      z += truth[j] * data.x.values[j * rows + i];
    }
    data.y.push_back(rng.bernoulli(1 / (1 + std::exp(-z))) ? 1 : 0);
  }
  return data;
}

const Learner& learner() {
  static const std::unique_ptr<Learner> one = make_logistic();
  return *one;
}

Params settings(const std::map<std::string, ParamValue>& given = {}) {
  return complete(learner().params(), Params(given), "test");
}

std::string bytes_of(const Model& model) {
  ByteWriter out;
  model.save(out);
  return out.bytes();
}

// Coefficients, then the intercept, as saved.
std::vector<double> coefficients(const Model& model) {
  const std::string bytes = bytes_of(model);
  ByteReader in(bytes, "test");
  in.u8();
  const double intercept = in.f64();
  std::vector<double> all = in.f64s();
  all.push_back(intercept);
  return all;
}

std::vector<double> fitted(const Data& data, const std::map<std::string, ParamValue>& given,
                           std::span<const double> weights = {}) {
  return coefficients(*learner().fit(data.set(weights), settings(given)));
}

std::vector<double> predicted(const Model& model, const Matrix& x) {
  std::vector<double> probability(2 * x.rows);
  model.predict(x, probability);
  return probability;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t k = 0; k < got.size(); ++k) {
    EXPECT_NEAR(got[k], expected[k], tolerance) << "entry " << k;
  }
}

using Given = std::map<std::string, ParamValue>;

TEST(Logistic, SmoothPenaltiesAsScikitLearn) {
  const Data data = formula_data();
  expect_near(fitted(data, {}),
              {2.314464553362246, 0.7149358602668188, -0.36257406059258024, -0.09525667044089693},
              1e-9);
  expect_near(fitted(data, {{"C", 0.1}}),
              {0.8167586103544154, 0.21259131588180083, -0.08902672042960455, -0.09670659436658194},
              1e-9);
  expect_near(fitted(data, {{"penalty", "none"}}),
              {7.231575817562165, 2.6247461845403515, -1.4835917626049966, 0.002017024721119282},
              1e-8);
  expect_near(fitted(data, {{"C", 2.0}, {"fit_intercept", false}}),
              {2.918424030893119, 0.9474214511103175, -0.5214658082423597, 0}, 1e-9);
}

TEST(Logistic, SharpPenaltiesAsScikitLearn) {
  const Data data = formula_data();
  const auto l1 = fitted(data, {{"penalty", "l1"}, {"C", 0.2}});
  expect_near(l1, {1.309164029396955, 0, 0, -0.1025501745194161}, 1e-9);
  EXPECT_EQ(l1[1], 0.0) << "left out exactly";
  expect_near(fitted(data, {{"penalty", "l1"}}),
              {3.0769131512695083, 0.8862908557263083, -0.287642527702346, -0.16798108330347472},
              1e-8);
  expect_near(fitted(data, {{"penalty", "elastic_net"}, {"C", 0.3}, {"l1_ratio", 0.6}}),
              {1.5524820439892597, 0.26982517021549757, 0, -0.12478216773379461}, 1e-8);
}

TEST(Logistic, WeightsAsScikitLearn) {
  const Data data = formula_data();
  expect_near(fitted(data, {{"class_weight", "balanced"}}),
              {2.3187874546675937, 0.7127372603401791, -0.3624941312153628, -0.01804382607648872},
              1e-9);
  expect_near(fitted(data, {{"class_weight", "balanced"}, {"penalty", "l1"}, {"C", 0.5}}),
              {2.2494984013428954, 0.46681939819807294, 0, -0.09573708344360522}, 1e-8);
  std::vector<double> weights;
  for (int i = 0; i < 40; ++i) weights.push_back(1 + (i % 3) * 0.5);
  expect_near(fitted(data, {}, weights),
              {2.6525173738090806, 0.8907042920453273, -0.49166437742642394, -0.14919424708031684},
              1e-9);
}

TEST(Logistic, ElasticNetEndsAreL1AndL2) {
  const Data data = formula_data();
  expect_near(fitted(data, {{"penalty", "elastic_net"}, {"l1_ratio", 1.0}}),
              fitted(data, {{"penalty", "l1"}}), 1e-12);
  expect_near(fitted(data, {{"penalty", "elastic_net"}, {"l1_ratio", 0.0}}),
              fitted(data, {{"penalty", "l2"}}), 1e-12);
}

TEST(Logistic, WeightsAreRepetition) {
  const Data data = random_data(50, 4, 1);
  Data repeated;
  std::vector<double> weights;
  std::vector<size_t> rows;
  for (size_t i = 0; i < 50; ++i) {
    weights.push_back(static_cast<double>(1 + i % 3));
    rows.insert(rows.end(), 1 + i % 3, i);
  }
  repeated.x.rows = rows.size();
  repeated.x.cols = 4;
  for (size_t j = 0; j < 4; ++j) {
    for (size_t i : rows) repeated.x.values.push_back(data.x.at(i, j));
  }
  for (size_t i : rows) repeated.y.push_back(data.y[i]);
  for (const char* balance : {"none", "balanced"}) {
    for (const char* penalty : {"l1", "l2", "none"}) {
      const Given given = {{"penalty", penalty}, {"class_weight", balance}};
      expect_near(fitted(data, given, weights), fitted(repeated, given), 1e-9);
    }
  }
}

TEST(Logistic, PathEqualsSingleFits) {
  const Data data = random_data(300, 12, 2), holdout = random_data(50, 12, 3);
  std::vector<Params> candidates;
  for (const char* penalty : {"l1", "l2", "elastic_net", "none"}) {
    for (const double c : {10.0, 0.01, 1.0, 0.1, 3.0}) {
      candidates.push_back(settings({{"penalty", penalty}, {"C", c}}));
    }
  }
  std::vector<int> seen(candidates.size(), 0);
  const size_t paths = learner().fit_predict_many(
      data.set(), holdout.x, candidates, [&](size_t i, std::span<const double> probability) {
        ++seen[i];
        const auto single = predicted(*learner().fit(data.set(), candidates[i]), holdout.x);
        expect_near({probability.begin(), probability.end()}, single, 1e-8);
      });
  EXPECT_EQ(paths, 4U);
  EXPECT_EQ(seen, std::vector<int>(candidates.size(), 1));
}

TEST(Logistic, SameBytesForAnyNumberOfThreads) {
  const Data data = random_data(70001, 7, 4);
  const Workers one(1), three(3);
  for (const char* penalty : {"l1", "l2"}) {
    std::vector<std::string> bytes;
    for (const Workers* workers : {static_cast<const Workers*>(nullptr), &one, &three}) {
      TrainingSet set = data.set();
      set.workers = workers;
      bytes.push_back(bytes_of(*learner().fit(set, settings({{"penalty", penalty}}))));
    }
    EXPECT_EQ(bytes[0], bytes[1]);
    EXPECT_EQ(bytes[0], bytes[2]);
  }
}

TEST(Logistic, ARowsResultDependsOnThatRowAlone) {
  const Data data = random_data(101, 5, 5);
  const auto model = learner().fit(data.set(), settings());
  const auto all = predicted(*model, data.x);
  for (size_t i = 0; i < data.x.rows; ++i) {
    Matrix one{.rows = 1, .cols = 5, .values = {}, .names = {}, .source = {}};
    for (size_t j = 0; j < 5; ++j) one.values.push_back(data.x.at(i, j));
    const auto alone = predicted(*model, one);
    EXPECT_EQ(alone[0], all[2 * i]);
    EXPECT_EQ(alone[1], all[2 * i + 1]);
    EXPECT_NEAR(alone[0] + alone[1], 1, 1e-15);
  }
}

TEST(Logistic, SeparableRowsWithoutPenaltyEnd) {
  Data data = random_data(60, 3, 6);
  for (size_t i = 0; i < 60; ++i) data.y[i] = data.x.at(i, 0) > 0 ? 1 : 0;
  const auto model = learner().fit(data.set(), settings({{"penalty", "none"}}));
  for (double v : coefficients(*model)) EXPECT_LT(std::abs(v), 1e6);
  const auto p = predicted(*model, data.x);
  for (size_t i = 0; i < 60; ++i) EXPECT_EQ(p[2 * i + 1] > 0.5, data.y[i] == 1);
}

TEST(Logistic, CollinearAndEmptyColumnsAreNoTrouble) {
  // Both columns of a two-valued category, an intercept, a constant, zeros, and a copy.
  Data data = random_data(80, 1, 7);
  const std::vector<double> first(data.x.values);
  const auto add = [&](auto value) {
    for (size_t i = 0; i < 80; ++i) data.x.values.push_back(value(i));
    ++data.x.cols;
  };
  add([](size_t i) { return i % 3 == 0 ? 1.0 : 0.0; });
  Data plain = data;
  add([](size_t i) { return i % 3 == 0 ? 0.0 : 1.0; });
  add([](size_t) { return 5.0; });
  add([](size_t) { return 0.0; });
  add([&](size_t i) { return first[i]; });
  const auto model = learner().fit(data.set(), settings({{"penalty", "none"}}));
  const auto simple = learner().fit(plain.set(), settings({{"penalty", "none"}}));
  expect_near(predicted(*model, data.x), predicted(*simple, plain.x), 1e-8);
  for (const char* penalty : {"l1", "l2", "elastic_net"}) {
    for (double v : fitted(data, {{"penalty", penalty}, {"C", 100.0}})) {
      EXPECT_LT(std::abs(v), 100);
    }
  }
  EXPECT_EQ(fitted(data, {})[4], 0.0) << "nothing can be said about a column of zeros";
}

TEST(Logistic, UnitsOfAColumnOnlyScaleItsCoefficient) {
  const Data data = random_data(200, 3, 8);
  const auto plain = fitted(data, {{"penalty", "none"}});
  for (const double unit : {1e-200, 1e-70, 1e-8, 1e9, 1e70, 1e150}) {
    Data scaled = data;
    for (double& v : scaled.x.column(1)) v *= unit;
    auto found = fitted(scaled, {{"penalty", "none"}});
    found[1] *= unit;
    expect_near(found, plain, 1e-8);
    for (const char* penalty : {"l1", "l2"}) {
      for (double v :
           predicted(*learner().fit(scaled.set(), settings({{"penalty", penalty}})), scaled.x)) {
        EXPECT_TRUE(v >= 0 && v <= 1) << unit;
      }
    }
  }
}

TEST(Logistic, NoColumnsGivesTheBaseRate) {
  Data data = random_data(40, 2, 9);
  data.x.cols = 0;
  data.x.values.clear();
  double positives = 0;
  for (int32_t y : data.y) positives += y;
  for (const char* penalty : {"none", "l1", "l2"}) {
    const auto model = learner().fit(data.set(), settings({{"penalty", penalty}}));
    EXPECT_NEAR(predicted(*model, data.x)[1], positives / 40, 1e-12);
  }
  const auto even = learner().fit(data.set(), settings({{"fit_intercept", false}}));
  EXPECT_EQ(predicted(*even, data.x)[1], 0.5);
}

TEST(Logistic, HugePenaltyLeavesTheBaseRate) {
  const Data data = random_data(90, 4, 10);
  const auto l1 = fitted(data, {{"penalty", "l1"}, {"C", 1e-6}});
  for (size_t j = 0; j < 4; ++j) EXPECT_EQ(l1[j], 0.0);
  const auto l2 = fitted(data, {{"C", 1e-9}});
  for (size_t j = 0; j < 4; ++j) EXPECT_NEAR(l2[j], 0, 1e-6);
  EXPECT_NEAR(l1[4], l2[4], 1e-6);
}

TEST(Logistic, ManyColumnsWork) {
  // Wider than the borders of the narrow method, more columns than rows.
  const Data data = random_data(120, 700, 11);
  for (const char* penalty : {"l1", "l2", "elastic_net", "none"}) {
    const auto model = learner().fit(data.set(), settings({{"penalty", penalty}}));
    const auto p = predicted(*model, data.x);
    size_t right = 0;
    for (size_t i = 0; i < 120; ++i) right += (p[2 * i + 1] > 0.5) == (data.y[i] == 1) ? 1 : 0;
    EXPECT_GT(right, 110U) << penalty;
  }
}

TEST(Logistic, SavedModelPredictsTheSame) {
  const Data data = random_data(60, 5, 12);
  const auto model = learner().fit(data.set(), settings());
  const std::string bytes = bytes_of(*model);
  ByteReader in(bytes, "test");
  const auto back = learner().load(in);
  EXPECT_EQ(in.left(), 0U);
  EXPECT_EQ(bytes_of(*back), bytes);
  EXPECT_EQ(predicted(*back, data.x), predicted(*model, data.x));
}

TEST(Logistic, DamagedModelsAreDataErrors) {
  const Data data = random_data(60, 5, 13);
  const std::string good = bytes_of(*learner().fit(data.set(), settings()));
  std::vector<std::string> bad;
  for (size_t n = 0; n < good.size(); ++n) bad.push_back(good.substr(0, n));
  bad.push_back(good);
  bad.back()[0] = 77;
  for (size_t at : {size_t{1}, good.size() - 8}) {  // the intercept, the last coefficient
    bad.push_back(good);
    std::memset(bad.back().data() + at, 0xff, 8);
  }
  for (const std::string& bytes : bad) {
    try {
      ByteReader in(bytes, "test");
      learner().load(in);
      ADD_FAILURE() << bytes.size();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData);
    }
  }
  ByteReader in(good, "test");
  const auto model = learner().load(in);
  std::vector<double> probability(120);
  EXPECT_THROW(model->predict(random_data(60, 4, 13).x, probability), Error);
}

TEST(Logistic, BadTrainingSetsAreErrors) {
  const Data good = random_data(30, 2, 14);
  Data one_class = good, missing = good, infinite = good;
  one_class.y.assign(30, 1);
  missing.x.values[7] = std::nan("");
  infinite.x.values[59] = HUGE_VAL;
  for (const Data* data : {&one_class, &missing, &infinite}) {
    EXPECT_THROW(learner().fit(data->set(), settings()), Error);
    const std::vector<Params> candidates = {settings()};
    EXPECT_THROW(learner().fit_predict_many(data->set(), good.x, candidates,
                                            [](size_t, std::span<const double>) {}),
                 Error);
  }
}

}  // namespace
}  // namespace perennial
