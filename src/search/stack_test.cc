#include "search/stack.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/seed.h"
#include "learn/mix.h"

namespace perennial {
namespace {

double logistic(double z) { return 1 / (1 + std::exp(-z)); }

struct Made {
  std::vector<int32_t> y;
  std::vector<std::vector<double>> p;
};

// True log odds z; settings that say z / 2 + 1, noise, and -z / 4.
Made made(size_t rows) {
  Made out;
  out.p.resize(3);
  Rng rng(Seed{9});
  const auto add = [](std::vector<double>& p, double z) {
    p.push_back(logistic(-z));
    p.push_back(logistic(z));
  };
  for (size_t i = 0; i < rows; ++i) {
    const double z = 1.5 * rng.normal();
    out.y.push_back(rng.bernoulli(logistic(z)) ? 1 : 0);
    add(out.p[0], z / 2 + 1);
    add(out.p[1], rng.normal());
    add(out.p[2], -z / 4);
  }
  return out;
}

// What is minimised, written out for two classes: log loss of the log odds, and the cost of leaving
// equal weights.
double cost(const Made& m, const std::vector<double>& w, double b) {
  double out = 0;
  for (size_t i = 0; i < m.y.size(); ++i) {
    double z = b;
    for (size_t k = 0; k < w.size(); ++k) {
      z += w[k] * (std::log(m.p[k][2 * i + 1]) - std::log(m.p[k][2 * i]));
    }
    out += std::log1p(std::exp(m.y[i] == 1 ? -z : z));
  }
  const double even = 1 / static_cast<double>(w.size());
  for (const double v : w) out += 0.5 * (v - even) * (v - even);
  return out;
}

TEST(Stack, UndoesWhatASettingGotWrong) {
  const Made m = made(20000);
  const Stack stack = fit_stack(m.y, m.p, 2);
  ASSERT_EQ(stack.weights.size(), 3u);
  EXPECT_NEAR(stack.weights[0], 2, 0.1);  // z = 2 (z / 2 + 1) - 2
  EXPECT_NEAR(stack.weights[1], 0, 0.05);
  EXPECT_EQ(stack.weights[2], 0);  // would be negative
  EXPECT_EQ(stack.intercept[0], 0);
  EXPECT_NEAR(stack.intercept[1], -2, 0.1);
}

// No step in any direction makes it less. Two settings that know the same with errors of their own.
TEST(Stack, IsTheMinimum) {
  Made m;
  m.p.resize(2);
  Rng rng(Seed{2});
  for (int i = 0; i < 400; ++i) {
    const double z = 1.5 * rng.normal();
    m.y.push_back(rng.bernoulli(logistic(z)) ? 1 : 0);
    for (std::vector<double>& p : m.p) {
      const double said = z + rng.normal() + 0.3;
      p.push_back(logistic(-said));
      p.push_back(logistic(said));
    }
  }
  const Stack stack = fit_stack(m.y, m.p, 2);
  const std::vector<double> w = stack.weights;
  const double b = stack.intercept[1];
  ASSERT_GT(w[0], 0);
  ASSERT_GT(w[1], 0);
  const double least = cost(m, w, b);
  for (const double step : {-1e-3, 1e-3}) {
    EXPECT_GT(cost(m, {w[0] + step, w[1]}, b), least);
    EXPECT_GT(cost(m, {w[0], w[1] + step}, b), least);
    EXPECT_GT(cost(m, w, b + step), least);
  }
}

TEST(Stack, SeveralClasses) {
  Rng rng(Seed{4});
  std::vector<int32_t> y;
  std::vector<std::vector<double>> p(2);
  for (int i = 0; i < 6000; ++i) {
    std::vector<double> z = {rng.normal(), rng.normal() + 0.5, rng.normal()}, truth = z;
    double total = 0;
    for (double& v : truth) total += v = std::exp(v);
    const double u = rng.uniform() * total;
    y.push_back(u < truth[0] ? 0 : u < truth[0] + truth[1] ? 1 : 2);
    double mild = 0;  // the truth to the power of 1 / 2; the second setting knows nothing
    for (const double v : z) mild += std::exp(v / 2);
    for (const double v : z) p[0].push_back(std::exp(v / 2) / mild);
    for (int c = 0; c < 3; ++c) p[1].push_back(1.0 / 3);
  }
  const Stack stack = fit_stack(y, p, 3);
  EXPECT_NEAR(stack.weights[0], 2, 0.15);
  for (const double b : stack.intercept) EXPECT_NEAR(b, 0, 0.15);
}

TEST(Stack, OneSettingAlone) {
  const Made m = made(500);
  const Stack stack = fit_stack(m.y, {m.p[2]}, 2);
  EXPECT_EQ(stack.weights, (std::vector<double>{0}));  // says the opposite: not trusted at all
}

// By hand: log odds 2 * log(0.8 / 0.2) - 1.
TEST(Mix, StackedByHand) {
  std::vector<double> sum;
  add_to_mix(std::vector<double>{0.2, 0.8}, 2, true, sum);
  finish_mix(std::vector<double>{0.0, -1.0}, sum);
  EXPECT_NEAR(sum[1], logistic(2 * std::log(4.0) - 1), 1e-12);
  EXPECT_NEAR(sum[0] + sum[1], 1, 1e-15);
}

TEST(Mix, NeverIsNotForEver) {
  std::vector<double> sum;
  add_to_mix(std::vector<double>{1, 0}, 1, true, sum);
  add_to_mix(std::vector<double>{0.1, 0.9}, 1, true, sum);
  finish_mix(std::vector<double>{0, 0}, sum);
  EXPECT_GT(sum[1], 1e-4);
  EXPECT_LT(sum[1], 0.01);
}

}  // namespace
}  // namespace perennial
