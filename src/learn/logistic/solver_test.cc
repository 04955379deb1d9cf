// Kernels and solvers. Oracles: long double arithmetic, LIBLINEAR 2.3, and the solvers each other.
#include "learn/logistic/solver.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

#include "base/seed.h"

#ifdef PERENNIAL_HAS_LIBLINEAR
#include <linear.h>
#endif

namespace perennial::logistic {
namespace {

struct Case {
  std::vector<double> values, sign, weight;
  Problem problem;
};

Case make_case(size_t rows, size_t cols, double l1, double l2, bool intercept, uint64_t seed) {
  Case c;
  Rng rng(Seed{seed});
  c.values.resize(rows * cols);
  std::vector<double> truth(cols);
  for (double& v : truth) v = rng.bernoulli(0.3) ? rng.normal() : 0;
  for (size_t i = 0; i < rows; ++i) {
    const double common = rng.normal();
    double z = 0.3;
    for (size_t j = 0; j < cols; ++j) {
      c.values[j * rows + i] = 0.5 * common + rng.normal();
      z += truth[j] * c.values[j * rows + i];
    }
    c.sign.push_back(rng.bernoulli(1 / (1 + std::exp(-z))) ? -1 : 1);
    c.weight.push_back(1);
  }
  c.problem.rows = rows;
  for (size_t j = 0; j < cols; ++j) c.problem.columns.push_back(c.values.data() + j * rows);
  c.problem.l1.assign(cols, l1);
  c.problem.l2.assign(cols, l2);
  if (intercept) {
    c.problem.columns.push_back(nullptr);
    c.problem.l1.push_back(0);
    c.problem.l2.push_back(0);
  }
  c.problem.sign = c.sign;
  c.problem.weight = c.weight;
  c.problem.total_weight = static_cast<double>(rows);
  return c;
}

// The plain sums, in long double.
Sums slow_sums(const Problem& p, const std::vector<double>& beta) {
  const size_t n = p.size();
  std::vector<long double> gradient(n), gram(n * n);
  long double loss = 0;
  const auto x = [&](size_t i, size_t j) {
    return p.columns[j] == nullptr ? 1.0 : p.columns[j][i];
  };
  for (size_t i = 0; i < p.rows; ++i) {
    long double t = 0;
    for (size_t j = 0; j < n; ++j) t += static_cast<long double>(x(i, j)) * beta[j];
    t *= p.sign[i];
    const long double slope = 1 / (1 + std::exp(-t));
    loss += p.weight[i] * std::log1p(std::exp(t));
    for (size_t j = 0; j < n; ++j) {
      gradient[j] += p.weight[i] * p.sign[i] * slope * x(i, j);
      for (size_t k = 0; k < n; ++k) {
        gram[j * n + k] += p.weight[i] * slope * (1 - slope) * x(i, j) * x(i, k);
      }
    }
  }
  Sums sums{.loss = static_cast<double>(loss), .gradient = {}, .gram = {}, .stride = n};
  sums.gradient.assign(gradient.begin(), gradient.end());
  sums.gram.assign(gram.begin(), gram.end());
  return sums;
}

// The largest violation of the optimality conditions, a row.
double violation(const Problem& p, const std::vector<double>& beta) {
  Sums sums;
  pass(p, beta, false, sums);
  double most = 0;
  for (size_t j = 0; j < beta.size(); ++j) {
    const double slope = sums.gradient[j] + p.l2[j] * beta[j];
    const double pull = beta[j] > 0   ? std::abs(slope + p.l1[j])
                        : beta[j] < 0 ? std::abs(slope - p.l1[j])
                                      : std::max(std::abs(slope) - p.l1[j], 0.0);
    most = std::max(most, pull);
  }
  return most / p.total_weight;
}

void expect_same(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t j = 0; j < a.size(); ++j) EXPECT_NEAR(a[j], b[j], tolerance) << j;
}

TEST(VectorMath, TermsAreRightToTheLastPlaces) {
  std::vector<double> t;
  for (double v = -700; v <= 700; v += 0.37) t.push_back(v);
  for (double v = -3; v <= 3; v += 0.00137) t.push_back(v);
  for (double v = 1e-300; v < 1; v *= 7) t.insert(t.end(), {v, -v});
  std::vector<double> loss(t.size()), slope(t.size()), curvature(t.size());
  terms_of(t, loss, slope, curvature);
  double worst = 0;
  for (size_t i = 0; i < t.size(); ++i) {
    const long double e = std::exp(-std::abs(static_cast<long double>(t[i])));
    const long double true_loss = std::log1p(e) + std::max(static_cast<long double>(t[i]), 0.0L);
    const long double true_slope = (t[i] >= 0 ? 1 : e) / (1 + e);
    const long double true_curvature = e / ((1 + e) * (1 + e));
    for (const auto& [got, truth] : {std::pair(loss[i], true_loss), std::pair(slope[i], true_slope),
                                     std::pair(curvature[i], true_curvature)}) {
      worst = std::max(worst, static_cast<double>(std::abs(got - truth) / truth));
    }
  }
  EXPECT_LT(worst, 4 * std::numeric_limits<double>::epsilon());
  RecordProperty("worst_relative_error", std::to_string(worst * 1e16) + "e-16");
}

TEST(VectorMath, ExtremesStayInBounds) {
  const std::vector<double> t = {0,    -0.0,  708,    -708,     709,      1e5,
                                 -1e5, 1e308, -1e308, HUGE_VAL, -HUGE_VAL};
  std::vector<double> loss(t.size()), slope(t.size()), curvature(t.size());
  terms_of(t, loss, slope, curvature);
  EXPECT_EQ(slope[0], 0.5);
  EXPECT_EQ(slope[1], 0.5);
  EXPECT_EQ(curvature[0], 0.25);
  EXPECT_DOUBLE_EQ(loss[0], std::log(2.0));
  for (size_t i = 2; i < t.size(); ++i) {
    EXPECT_EQ(loss[i] > 100, t[i] > 0) << t[i];
    EXPECT_GE(loss[i], 0);
    EXPECT_NEAR(slope[i], t[i] > 0 ? 1 : 0, 1e-300);
    EXPECT_NEAR(curvature[i], 0, 1e-300);
    EXPECT_GE(curvature[i], 0);
  }
}

TEST(Kernels, SumsEqualPlainOnes) {
  // Around the borders of lanes, tiles, blocks (256 rows) and chunks (4096 rows).
  for (const size_t rows : {1, 3, 4, 5, 8, 255, 256, 257, 600, 4096, 4099}) {
    for (const size_t cols : {1, 2, 3, 4, 5, 7, 12, 13}) {
      Case c = make_case(rows, cols, 0, 0, cols % 2 == 0, 1000 * rows + cols);
      for (size_t i = 0; i < rows; ++i) c.weight[i] = 0.5 + static_cast<double>(i % 3);
      std::vector<double> beta(c.problem.size());
      for (size_t j = 0; j < beta.size(); ++j) beta[j] = 0.3 * std::sin(static_cast<double>(j + 1));
      Sums got;
      pass(c.problem, beta, true, got);
      const Sums truth = slow_sums(c.problem, beta);
      const double scale = 1e-14 * static_cast<double>(rows + 10);
      EXPECT_NEAR(got.loss, truth.loss, scale);
      for (size_t j = 0; j < beta.size(); ++j) {
        EXPECT_NEAR(got.gradient[j], truth.gradient[j], scale);
        for (size_t k = j; k < beta.size(); ++k) {
          EXPECT_NEAR(got.gram[j * got.stride + k], truth.gram[j * truth.stride + k], scale);
        }
      }
    }
  }
}

TEST(Kernels, SameBitsOnEveryProcessorAndCompiler) {
  // The plain version (sanitizer builds), the AVX2 version and every compiler must print this.
  Case c = make_case(777, 9, 0, 0, true, 5);
  for (size_t i = 0; i < c.values.size(); ++i) {
    c.values[i] = (static_cast<double>((i * 7919) % 1009) - 504) / 256;
  }
  for (size_t i = 0; i < 777; ++i) c.sign[i] = i % 3 == 0 ? -1 : 1;
  std::vector<double> beta(10);
  for (size_t j = 0; j < 10; ++j) beta[j] = (static_cast<double>(j) - 4) / 8;
  Sums sums;
  pass(c.problem, beta, true, sums);
  std::vector<double> all = {sums.loss};
  all.insert(all.end(), sums.gradient.begin(), sums.gradient.end());
  for (size_t j = 0; j < 10; ++j) {
    for (size_t k = j; k < 10; ++k) all.push_back(sums.gram[j * sums.stride + k]);
  }
  const std::string_view bytes(reinterpret_cast<const char*>(all.data()),
                               all.size() * sizeof(double));
  EXPECT_EQ(hash_bytes(bytes), 4529661758605860723ULL);
}

TEST(Solvers, WideAndNarrowAgreeSmooth) {
  const Case c = make_case(150, 60, 0, 0.5, true, 1);
  const Solution newton = solve_newton(c.problem, {}, {});
  const Solution lbfgs = solve_lbfgs(c.problem, {}, {});
  EXPECT_TRUE(newton.converged);
  EXPECT_TRUE(lbfgs.converged);
  expect_same(newton.beta, lbfgs.beta, 1e-8);
  EXPECT_LT(violation(c.problem, newton.beta), 1e-10);
}

TEST(Solvers, WideAndNarrowAgreeSharp) {
  for (const double l1 : {20.0, 5.0, 1.0, 0.2}) {
    for (const double l2 : {0.0, 0.5}) {
      const Case c = make_case(150, 60, l1, l2, true, 2);
      const Solution narrow = solve_newton(c.problem, {}, {});
      const Solution wide = solve_working_set(c.problem, {}, {});
      EXPECT_TRUE(narrow.converged);
      EXPECT_TRUE(wide.converged);
      expect_same(narrow.beta, wide.beta, 1e-7);
      EXPECT_LT(violation(c.problem, narrow.beta), 1e-10);
    }
  }
}

TEST(Solvers, MoreColumnsThanRows) {
  for (const double l1 : {0.0, 0.3}) {
    const Case c = make_case(40, 100, l1, l1 == 0 ? 1 : 0, true, 3);
    const Solution found = solve_newton(c.problem, {}, {});
    EXPECT_TRUE(found.converged);
    EXPECT_LT(violation(c.problem, found.beta), 1e-10);
  }
}

TEST(Solvers, TheStartDoesNotMatter) {
  for (const double l1 : {0.0, 2.0}) {
    const Case c = make_case(500, 20, l1, 0.1, true, 4);
    const Solution cold = solve(c.problem, {}, {});
    Rng rng(Seed{9});
    std::vector<double> start(c.problem.size());
    for (double& v : start) v = 3 * rng.normal();
    const Solution warm = solve(c.problem, start, {});
    expect_same(cold.beta, warm.beta, 1e-9);
  }
}

TEST(Solvers, LargeTablesFromASample) {
  Case c = make_case(40000, 6, 0, 1, true, 6);
  const Solution direct = solve_newton(c.problem, {}, {});
  const Solution sampled = solve(c.problem, {}, {});
  EXPECT_TRUE(sampled.converged);
  expect_same(direct.beta, sampled.beta, 1e-9);
  // Sorted by class: the sample still sees both.
  for (size_t i = 0; i < 40000; ++i) c.sign[i] = i < 39000 ? 1 : -1;
  expect_same(solve(c.problem, {}, {}).beta, solve_newton(c.problem, {}, {}).beta, 1e-8);
}

TEST(Solvers, FiveThousandColumnsInReasonableTime) {
  for (const double l1 : {0.0, 2.0}) {
    const Case c = make_case(300, 5000, l1, l1 == 0 ? 1 : 0, true, 7);
    const std::clock_t begin = std::clock();  // of the processor: other programs do not count
    const Solution found = solve(c.problem, {}, {});
    const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_TRUE(found.converged);
    EXPECT_LT(violation(c.problem, found.beta), 1e-8);
    EXPECT_LT(took, 20) << "debug and sanitizer builds included";
    RecordProperty(l1 == 0 ? "l2_seconds" : "l1_seconds", std::to_string(took));
  }
}

#ifdef PERENNIAL_HAS_LIBLINEAR
// Coefficients by LIBLINEAR for C = 1: minimises |w|_1 or |w|_2^2 / 2, plus the losses.
std::vector<double> liblinear(const Case& c, int solver, double eps) {
  const size_t rows = c.problem.rows, cols = c.problem.size();
  std::vector<feature_node> nodes;
  nodes.reserve(rows * (cols + 1));
  std::vector<feature_node*> starts;
  std::vector<double> labels;
  for (size_t i = 0; i < rows; ++i) {
    starts.push_back(nodes.data() + nodes.size());
    for (size_t j = 0; j < cols; ++j) {
      nodes.push_back({static_cast<int>(j) + 1, c.problem.columns[j][i]});
    }
    nodes.push_back({-1, 0});
    labels.push_back(c.sign[i] < 0 ? 1 : -1);
  }
  ::problem p{};
  p.l = static_cast<int>(rows);
  p.n = static_cast<int>(cols);
  p.y = labels.data();
  p.x = starts.data();
  p.bias = -1;
  ::parameter settings{};
  settings.solver_type = solver;
  settings.C = 1;
  settings.eps = eps;
  set_print_string_function([](const char*) {});
  ::model* fitted = train(&p, &settings);
  std::vector<double> w(fitted->w, fitted->w + cols);
  const bool flipped = fitted->label[0] != 1;
  free_and_destroy_model(&fitted);
  for (double& v : w) v = flipped ? -v : v;
  return w;
}

TEST(Solvers, ReachLiblinearsOptimum) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (const bool sharp : {false, true}) {
      const Case c = make_case(2000, 25, sharp ? 1 : 0, sharp ? 0 : 1, false, 100 + seed);
      const Solution ours = solve(c.problem, {}, {});
      const std::vector<double> w = liblinear(c, sharp ? L1R_LR : L2R_LR, 1e-9);
      const double theirs = objective(c.problem, w);
      EXPECT_TRUE(ours.converged);
      EXPECT_NEAR(ours.value / theirs, 1, 1e-9);
      EXPECT_LT(ours.value, theirs * (1 + 1e-12)) << "ours is the minimum";
      EXPECT_NEAR(ours.value, objective(c.problem, ours.beta), 1e-9);
      expect_same(ours.beta, w, 1e-4);
    }
  }
}
#else
TEST(Solvers, ReachLiblinearsOptimum) { GTEST_SKIP() << "built without LIBLINEAR"; }
#endif

}  // namespace
}  // namespace perennial::logistic
