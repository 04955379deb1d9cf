// Oracle: LIBSVM 3.24 (where it is installed), the optimality conditions, and the exact machine for
// its approximation.
#include "learn/svm/svm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/seed.h"
#include "learn/svm/smo.h"
#include "learn/svm/svm_model.h"
#include "learn/test_data.h"

#ifdef PERENNIAL_HAS_LIBSVM
#include <libsvm/svm.h>
#endif

namespace perennial {
namespace {

using testing_data::made_matrix;
using testing_data::made_sample;
using testing_data::params_of;
using testing_data::predicted;
using testing_data::Sample;
using testing_data::saved;

using Given = std::map<std::string, ParamValue>;

// Columns from -2 to 2.
Matrix centred(Matrix x) {
  for (double& v : x.values) v = v / 64 - 2;
  return x;
}

Sample centred_sample(size_t rows, int classes = 2) {
  Sample sample = made_sample(rows, classes);
  sample.x = centred(sample.x);
  return sample;
}

const SvmModel& as_svm(const Model& model) { return dynamic_cast<const SvmModel&>(model); }

double decision_of(double p) { return std::log(p / (1 - p)); }

#ifdef PERENNIAL_HAS_LIBSVM
// Dual objective of coefficients (y alpha) over support vectors, in doubles.
double objective(const KernelSpec& kernel, const std::vector<double>& beta,
                 const std::vector<std::vector<double>>& rows) {
  double sum = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    sum -= std::abs(beta[i]);
    for (size_t j = 0; j < rows.size(); ++j) {
      double product = 0, distance = 0, k = 0;
      for (size_t c = 0; c < rows[i].size(); ++c) {
        product += rows[i][c] * rows[j][c];
        distance += (rows[i][c] - rows[j][c]) * (rows[i][c] - rows[j][c]);
      }
      switch (kernel.kind) {
        case KernelSpec::Kind::kLinear:
          k = product;
          break;
        case KernelSpec::Kind::kRbf:
          k = std::exp(-kernel.gamma * distance);
          break;
        case KernelSpec::Kind::kPoly:
          k = std::pow(kernel.gamma * product + kernel.coef0, kernel.degree);
          break;
        case KernelSpec::Kind::kSigmoid:
          k = std::tanh(kernel.gamma * product + kernel.coef0);
          break;
      }
      sum += 0.5 * beta[i] * beta[j] * k;
    }
  }
  return sum;
}

struct Answer {
  double objective = 0;
  std::vector<double> decision;  // one a query
};

svm_parameter libsvm_parameters(const KernelSpec& kernel, double c) {
  svm_parameter p{};
  p.svm_type = C_SVC;
  p.kernel_type = std::array{LINEAR, RBF, POLY, SIGMOID}[static_cast<size_t>(kernel.kind)];
  p.degree = kernel.degree;
  p.gamma = kernel.gamma;
  p.coef0 = kernel.coef0;
  p.cache_size = 50;
  p.eps = 1e-4;
  p.C = c;
  p.shrinking = 1;
  return p;
}

Answer libsvm(const Sample& sample, const KernelSpec& kernel, double c, double positive_weight,
              const Matrix& queries) {
  svm_set_print_string_function([](const char*) {});
  const size_t n = sample.y.size(), width = sample.x.cols + 1;
  const auto nodes_of = [&](const Matrix& x) {
    std::vector<svm_node> nodes(x.rows * width);
    for (size_t i = 0; i < x.rows; ++i) {
      for (size_t k = 0; k < x.cols; ++k) {
        nodes[i * width + k] = {static_cast<int>(k) + 1, x.at(i, k)};
      }
      nodes[i * width + x.cols].index = -1;
    }
    return nodes;
  };
  std::vector<svm_node> nodes = nodes_of(sample.x), asked = nodes_of(queries);
  std::vector<svm_node*> rows(n);
  std::vector<double> y(n);
  for (size_t i = 0; i < n; ++i) {
    rows[i] = nodes.data() + i * width;
    y[i] = sample.y[i] == 1 ? 1 : -1;
  }
  svm_problem problem{static_cast<int>(n), y.data(), rows.data()};
  svm_parameter p = libsvm_parameters(kernel, c);
  int label = 1;
  p.nr_weight = 1;
  p.weight_label = &label;
  p.weight = &positive_weight;
  svm_model* model = svm_train(&problem, &p);
  const double sign = model->label[0] == 1 ? 1 : -1;
  std::vector<double> beta;
  std::vector<std::vector<double>> support;
  for (int s = 0; s < model->l; ++s) {
    beta.push_back(model->sv_coef[0][s]);
    support.emplace_back();
    for (size_t k = 0; k < sample.x.cols; ++k) support.back().push_back(model->SV[s][k].value);
  }
  Answer answer{objective(kernel, beta, support), {}};
  for (size_t i = 0; i < queries.rows; ++i) {
    double f = 0;
    svm_predict_values(model, asked.data() + i * width, &f);
    answer.decision.push_back(sign * f);
  }
  svm_free_and_destroy_model(&model);
  return answer;
}

Answer ours(const Sample& sample, const Given& given, const KernelSpec& kernel,
            const Matrix& queries) {
  const auto learner = make_svm();
  const auto model = learner->fit(sample.set(), params_of(*learner, given));
  const SvmModel& svm = as_svm(*model);
  std::vector<std::vector<double>> support;
  for (size_t i = 0; i < svm.support().rows; ++i) {
    support.emplace_back(svm.support().row(i), svm.support().row(i) + svm.support().cols);
  }
  Answer answer{objective(kernel, svm.decisions()[0].beta, support), {}};
  const std::vector<double> p = predicted(*model, queries, 2);
  for (size_t i = 0; i < queries.rows; ++i) answer.decision.push_back(decision_of(p[2 * i + 1]));
  return answer;
}

void expect_same(const Answer& got, const Answer& expected) {
  EXPECT_NEAR(got.objective, expected.objective, 1e-3 * std::abs(expected.objective));
  // No worse than LIBSVM's, up to its tolerance.
  EXPECT_LT(got.objective, expected.objective + 1e-4 * std::abs(expected.objective));
  for (size_t i = 0; i < got.decision.size(); ++i) {
    EXPECT_NEAR(got.decision[i], expected.decision[i], 0.01) << i;
  }
}

const std::vector<std::pair<std::string, KernelSpec>> kKernels = {
    {"linear", {.kind = KernelSpec::Kind::kLinear}},
    {"rbf", {.kind = KernelSpec::Kind::kRbf, .gamma = 0.3}},
    {"poly", {.kind = KernelSpec::Kind::kPoly, .gamma = 0.2, .coef0 = 1, .degree = 3}},
    {"poly", {.kind = KernelSpec::Kind::kPoly, .gamma = 0.3, .coef0 = 0.5, .degree = 2}},
    {"sigmoid", {.kind = KernelSpec::Kind::kSigmoid, .gamma = 0.02, .coef0 = -0.5}}};

TEST(Svm, ReachesLibsvmsOptimum) {
  const Sample sample = centred_sample(250);
  const Matrix queries = centred(made_matrix(40, 5, 5000));
  for (const auto& [name, kernel] : kKernels) {
    for (const double c : {0.1, 1.0, 10.0}) {
      SCOPED_TRACE(name + " " + std::to_string(c));
      const Given given = {{"kernel", name},
                           {"C", c},
                           {"gamma", kernel.gamma},
                           {"coef0", kernel.coef0},
                           {"degree", int64_t{kernel.degree}}};
      expect_same(ours(sample, given, kernel, queries), libsvm(sample, kernel, c, 1, queries));
    }
  }
}

// LIBSVM has no weights of rows: repetition says the same, and class weights.
TEST(Svm, WeightsReachLibsvmsOptimum) {
  const Sample plain = centred_sample(150);
  const Matrix queries = centred(made_matrix(40, 5, 5000));
  Sample weighted = plain, repeated, heavy = plain;
  std::vector<size_t> rows;
  for (size_t i = 0; i < plain.y.size(); ++i) {
    weighted.weights.push_back(static_cast<double>(1 + i % 3));
    heavy.weights.push_back(plain.y[i] == 1 ? 2.5 : 1);
    rows.insert(rows.end(), 1 + i % 3, i);
  }
  repeated.x = testing_data::take_rows(plain.x, rows);
  for (const size_t i : rows) repeated.y.push_back(plain.y[i]);
  for (const auto& [name, kernel] : kKernels) {
    SCOPED_TRACE(name);
    const Given given = {{"kernel", name},
                         {"gamma", kernel.gamma},
                         {"coef0", kernel.coef0},
                         {"degree", int64_t{kernel.degree}}};
    expect_same(ours(weighted, given, kernel, queries), libsvm(repeated, kernel, 1, 1, queries));
    expect_same(ours(heavy, given, kernel, queries), libsvm(plain, kernel, 1, 2.5, queries));
  }
}
#else
TEST(Svm, ReachesLibsvmsOptimum) { GTEST_SKIP() << "built without LIBSVM"; }
#endif

// y f >= 1 at beta 0, y f <= 1 at the bound, y f = 1 between: up to the tolerance, at every C of a
// path, warm as cold.
TEST(Svm, PathsMeetTheOptimalityConditions) {
  const Sample sample = centred_sample(300);
  const RowBlock x(sample.x.row_major(), 300, 5);
  std::vector<double> y, weight;
  for (size_t i = 0; i < 300; ++i) {
    y.push_back(sample.y[i] == 1 ? 1 : -1);
    weight.push_back(1 + 0.25 * static_cast<double>(i % 4));
  }
  for (const KernelSpec& spec : {KernelSpec{.kind = KernelSpec::Kind::kLinear},
                                 KernelSpec{.kind = KernelSpec::Kind::kRbf, .gamma = 0.2},
                                 KernelSpec{.kind = KernelSpec::Kind::kPoly, .gamma = 0.2}}) {
    const auto kernel = make_kernel(spec, x, {}, size_t{1} << 30);
    SmoPath warm(*kernel, y, weight), cold(*kernel, y, weight);
    for (const double c : {0.3, 0.5, 1.0, 1.5, 2.0, 10.0, 10.0, 300.0}) {
      const SmoResult r = warm.solve(c, 1e-4, 10'000'000, true);
      const SmoResult fresh = cold.solve(c, 1e-4, 10'000'000, false);
      EXPECT_TRUE(r.converged);
      EXPECT_NEAR(r.objective, fresh.objective, 1e-5 * std::abs(fresh.objective));
      EXPECT_NEAR(std::accumulate(warm.beta().begin(), warm.beta().end(), 0.0), 0, 1e-9 * c);
      for (size_t i = 0; i < 300; ++i) {
        const double alpha = warm.beta()[i] * y[i];
        double f = r.bias;
        for (size_t j = 0; j < 300; ++j) {
          f += warm.beta()[j] * static_cast<double>(kernel->row(i)[j]);
        }
        ASSERT_GE(alpha, 0);
        ASSERT_LE(alpha, c * weight[i]);
        if (alpha < c * weight[i]) {
          ASSERT_GT(y[i] * f, 1 - 1.1e-4);
        }
        if (alpha > 0) {
          ASSERT_LT(y[i] * f, 1 + 1.1e-4);
        }
      }
    }
  }
}

// The kernel matrix in pieces gives the same solution as the whole.
TEST(Svm, RowsOnDemandGiveTheSame) {
  const Sample sample = centred_sample(200);
  const RowBlock x(sample.x.row_major(), 200, 5);
  std::vector<double> y;
  for (const int32_t c : sample.y) y.push_back(c == 1 ? 1 : -1);
  const KernelSpec spec{.kind = KernelSpec::Kind::kRbf, .gamma = 0.2};
  const auto whole = make_kernel(spec, x, {}, size_t{1} << 30);
  const auto pieces = make_kernel(spec, x, {}, 8000);
  SmoPath a(*whole, y, std::vector<double>(200, 1.0)), b(*pieces, y, std::vector<double>(200, 1.0));
  for (const double c : {1.0, 2.0, 3.0}) {
    a.solve(c, 1e-3, 1'000'000, true);
    b.solve(c, 1e-3, 1'000'000, true);
    EXPECT_EQ(a.beta(), b.beta());
  }
}

double agreement(const std::vector<double>& a, const std::vector<double>& b) {
  size_t same = 0;
  for (size_t i = 1; i < a.size(); i += 2) same += (a[i] > 0.5) == (b[i] > 0.5);
  return 2 * static_cast<double>(same) / static_cast<double>(a.size());
}

TEST(Svm, LandmarksComeNearTheExactMachine) {
  const auto learner = make_svm();
  const Sample sample = centred_sample(1500);
  const Matrix queries = centred(made_matrix(500, 5, 50000));
  const auto exact = learner->fit(sample.set(), params_of(*learner));
  const auto near = learner->fit(sample.set(), params_of(*learner, {{"landmarks", int64_t{200}}}));
  EXPECT_EQ(exact->note(), "");
  EXPECT_EQ(near->note(), "approximated with 200 landmarks");
  const auto p = predicted(*exact, queries, 2), q = predicted(*near, queries, 2);
  EXPECT_GT(agreement(p, q), 0.95);
  double difference = 0;
  for (size_t i = 1; i < p.size(); i += 2) difference += std::abs(p[i] - q[i]) / 500;
  EXPECT_LT(difference, 0.03);
  const std::string bytes = saved(*near);
  ByteReader in(bytes, "model");
  EXPECT_EQ(learner->load(in)->note(), near->note());
  // The seed draws the landmarks.
  const auto again = learner->fit(sample.set(), params_of(*learner, {{"landmarks", int64_t{200}}}));
  EXPECT_EQ(saved(*again), saved(*near));
  const auto other =
      learner->fit(sample.set(2), params_of(*learner, {{"landmarks", int64_t{200}}}));
  EXPECT_NE(saved(*other), saved(*near));
}

// 21,000 rows: a linear machine over the columns themselves, near the exact one of its data's half.
TEST(Svm, ManyRowsAreFittedByCoordinateDescent) {
  const auto learner = make_svm();
  const Sample many = centred_sample(21'000), fewer = centred_sample(3000);
  const Matrix queries = centred(made_matrix(500, 5, 50000));
  const Params linear = params_of(*learner, {{"kernel", std::string("linear")}});
  const auto model = learner->fit(many.set(), linear);
  EXPECT_EQ(model->note(), "by coordinate descent");
  const auto exact = learner->fit(fewer.set(), linear);
  EXPECT_GT(agreement(predicted(*model, queries, 2), predicted(*exact, queries, 2)), 0.95);
}

// Cells change at random; each answer against that of the plain way. Kernel values are floats, so a
// product on the border between two of them may go to either: 1 in 16 million of each.
TEST(SvmRow, AnswersAsThePlainWay) {
  for (const int classes : {2, 3}) {
    Sample sample = made_sample(200, classes, 5);
    for (double& v : sample.x.values) v = v / 64 - 2;
    for (const char* kernel : {"rbf", "linear", "poly", "sigmoid"}) {
      const auto learner = make_svm();
      const auto model =
          learner->fit(sample.set(), params_of(*learner, {{"kernel", std::string(kernel)}}));
      const auto row = changing_row(*model);
      ASSERT_NE(row, nullptr);
      Rng rng(Seed{7});
      Matrix now{.rows = 1, .cols = 5, .values = {}, .names = {}, .source = {}};
      for (size_t j = 0; j < 5; ++j) now.values.push_back(sample.x.at(3, j));
      const auto walker = row->fresh();
      walker->set(now.values);
      for (int step = 0; step < 100; ++step) {
        std::vector<double> got(static_cast<size_t>(classes));
        walker->answer(got);
        const std::vector<double> plain = predicted(*model, now, classes);
        for (size_t c = 0; c < got.size(); ++c) EXPECT_NEAR(got[c], plain[c], 1e-6) << kernel;
        const size_t j = rng.below(5);
        walker->change(j, now.values[j] = sample.x.at(rng.below(200), j));
      }
    }
  }
}

}  // namespace
}  // namespace perennial
