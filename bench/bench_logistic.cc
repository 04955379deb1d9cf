// Logistic regression on 200,000 x 30 beside LIBLINEAR: the same rows, the same objective (no
// intercept), one run. Prints seconds, the ratio and both objectives.
#include <linear.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "learn/learner.h"
#include "learn/logistic/logistic.h"

namespace perennial {
namespace {

struct Data {
  Matrix x;
  std::vector<int32_t> y;
};

// Correlated normal columns, classes drawn from a logistic model: about 40 % of class 1.
Data make_data(size_t rows, size_t cols) {
  Data data;
  data.x.rows = rows;
  data.x.cols = cols;
  data.x.values.resize(rows * cols);
  Rng rng(Seed{1});
  std::vector<double> truth(cols);
  for (double& v : truth) v = 0.5 * rng.normal();
  for (size_t i = 0; i < rows; ++i) {
    const double common = rng.normal();
    double score = -0.5;
    for (size_t j = 0; j < cols; ++j) {
      const double v = 0.6 * common + 0.8 * rng.normal();
      data.x.values[j * rows + i] = v;
      score += truth[j] * v;
    }
    data.y.push_back(rng.bernoulli(1 / (1 + std::exp(-score))) ? 1 : 0);
  }
  return data;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The objective of both, at coefficients w, for C = 1.
double objective(const Data& data, const std::vector<double>& w, bool l1) {
  double value = 0;
  for (double v : w) value += l1 ? std::abs(v) : 0.5 * v * v;
  for (size_t i = 0; i < data.x.rows; ++i) {
    double z = 0;
    for (size_t j = 0; j < w.size(); ++j) z += w[j] * data.x.at(i, j);
    const double t = data.y[i] == 1 ? -z : z;
    value += std::log1p(std::exp(-std::abs(t))) + std::max(t, 0.0);
  }
  return value;
}

struct Liblinear {
  explicit Liblinear(const Data& data) : stride(data.x.cols + 1) {
    nodes.resize(data.x.rows * stride);
    for (size_t i = 0; i < data.x.rows; ++i) {
      for (size_t j = 0; j < data.x.cols; ++j) {
        nodes[i * stride + j] = {static_cast<int>(j) + 1, data.x.at(i, j)};
      }
      nodes[i * stride + data.x.cols] = {-1, 0};
      rows.push_back(&nodes[i * stride]);
      labels.push_back(data.y[i] == 1 ? 1 : -1);
    }
    set_print_string_function([](const char*) {});
  }

  std::vector<double> fit(size_t cols, bool l1, double eps) {
    problem p{};
    p.l = static_cast<int>(rows.size());
    p.n = static_cast<int>(cols);
    p.y = labels.data();
    p.x = rows.data();
    p.bias = -1;
    parameter settings{};
    settings.solver_type = l1 ? L1R_LR : L2R_LR;
    settings.C = 1;
    settings.eps = eps;
    model* fitted = train(&p, &settings);
    std::vector<double> w(fitted->w, fitted->w + cols);
    if (fitted->label[0] != 1) {
      for (double& v : w) v = -v;
    }
    free_and_destroy_model(&fitted);
    return w;
  }

  size_t stride;
  std::vector<feature_node> nodes;
  std::vector<feature_node*> rows;
  std::vector<double> labels;
};

std::vector<double> coefficients(const Model& model) {
  ByteWriter out;
  model.save(out);
  ByteReader in(out.bytes(), "bench");
  in.u8();
  in.f64();
  return in.f64s();
}

void compare() {
  const Data data = make_data(200000, 30);
  Liblinear other(data);
  const auto learner = make_logistic();
  for (const bool l1 : {false, true}) {
    Params given;
    given.set("fit_intercept", false);
    given.set("penalty", std::string(l1 ? "l1" : "l2"));
    const Params params = complete(learner->params(), given, "bench");
    double best[2] = {HUGE_VAL, HUGE_VAL};
    std::vector<double> w;
    for (int threads = 1; threads <= 2; ++threads) {
      const Workers workers(threads);
      for (int round = 0; round < 5; ++round) {
        const double took = seconds([&] {
          w = coefficients(*learner->fit({.x = &data.x, .y = data.y, .workers = &workers}, params));
        });
        best[threads - 1] = std::min(best[threads - 1], took);
      }
    }
    const double ours = objective(data, w, l1);
    std::printf("%s 200,000 x 30, C = 1\n", l1 ? "l1" : "l2");
    std::printf("  perennial 1 thread      %8.1f ms\n", best[0] * 1000);
    std::printf("  perennial 2 threads     %8.1f ms  objective %.10g\n", best[1] * 1000, ours);
    for (const double eps : {0.01, 1e-6}) {
      std::vector<double> v;
      const double took = seconds([&] { v = other.fit(data.x.cols, l1, eps); });
      const double theirs = objective(data, v, l1);
      std::printf(
          "  liblinear eps %-8g  %8.1f ms  objective %.10g  %.1f times ours, objective %+.1e\n",
          eps, took * 1000, theirs, took / best[1], (theirs - ours) / ours);
    }
  }
}

}  // namespace
}  // namespace perennial

int main() {
  perennial::compare();
  return 0;
}
