// Logistic regression on a tall, narrow table (200,000 x 30) against LIBLINEAR, both to their
// ordinary tolerance, on one thread; ours on all cores beside. The counter "objective" is that of
// learn/logistic/logistic.h (the intercept is not penalised) at each one's solution, so that speed
// is not bought with accuracy. LIBLINEAR penalises the intercept, which on this many rows moves its
// optimum by less than 1e-6 of the objective.
#include <benchmark/benchmark.h>
#include <linear.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "learn/learner.h"

namespace perennial {
namespace {

constexpr size_t kRows = 200'000, kColumns = 30;
constexpr double kC = 1;

struct Data {
  Matrix x;
  std::vector<int32_t> y;
};

// Correlated standard normals, half of them with an effect.
Data make_data() {
  Data data;
  data.x.rows = kRows;
  data.x.cols = kColumns;
  data.x.values.resize(kRows * kColumns);
  data.x.names.assign(kColumns, "x");
  data.x.source.resize(kColumns);
  std::iota(data.x.source.begin(), data.x.source.end(), 0);
  data.y.resize(kRows);
  Rng rng(Seed{20});
  std::vector<double> effect(kColumns);
  for (size_t j = 0; j < kColumns; j += 2) effect[j] = rng.normal() * 0.5;
  for (size_t i = 0; i < kRows; ++i) {
    const double common = rng.normal();
    double logit = -0.5;
    for (size_t j = 0; j < kColumns; ++j) {
      const double value = 0.5 * common + std::sqrt(0.75) * rng.normal();
      data.x.values[j * kRows + i] = value;
      logit += effect[j] * value;
    }
    data.y[i] = rng.bernoulli(1 / (1 + std::exp(-logit))) ? 1 : 0;
  }
  return data;
}

const Data& data() {
  static const Data made = make_data();
  return made;
}

double objective(const std::vector<double>& w, double b, bool l1) {
  double sum = 0;
  for (const double v : w) sum += l1 ? std::abs(v) : v * v / 2;
  for (size_t i = 0; i < kRows; ++i) {
    double logit = b;
    for (size_t j = 0; j < kColumns; ++j) logit += w[j] * data().x.values[j * kRows + i];
    const double margin = data().y[i] == 1 ? logit : -logit;
    sum +=
        kC * (margin > 0 ? std::log1p(std::exp(-margin)) : std::log1p(std::exp(margin)) - margin);
  }
  return sum;
}

// A linear model's coefficients from its probabilities of the origin and of each unit vector.
std::pair<std::vector<double>, double> coefficients(const Model& model) {
  Matrix probe = {.rows = kColumns + 1, .cols = kColumns, .names = {}, .source = {}};
  probe.values.assign(probe.rows * probe.cols, 0);
  probe.names = data().x.names;
  probe.source = data().x.source;
  for (size_t j = 0; j < kColumns; ++j) probe.values[j * probe.rows + j + 1] = 1;
  std::vector<double> p(probe.rows * 2);
  model.predict(probe, p);
  const auto logit = [&](size_t i) { return std::log(p[2 * i + 1] / p[2 * i]); };
  std::vector<double> w(kColumns);
  for (size_t j = 0; j < kColumns; ++j) w[j] = logit(j + 1) - logit(0);
  return {w, logit(0)};
}

void ours(benchmark::State& state, const char* penalty, bool all_cores) {
  const Learner& learner = learner_named("logistic");
  const Workers workers;
  Params given;
  given.set("penalty", std::string(penalty));
  given.set("C", kC);
  const Params params = complete(learner.params(), given, "");
  TrainingSet set;
  set.x = &data().x;
  set.y = data().y;
  if (all_cores) set.workers = &workers;
  std::unique_ptr<Model> model;
  for (auto _ : state) model = learner.fit(set, params);
  const auto [w, b] = coefficients(*model);
  state.counters["objective"] = objective(w, b, std::string(penalty) == "l1");
}

void liblinear(benchmark::State& state, int solver) {
  std::vector<feature_node> nodes;
  nodes.reserve(kRows * (kColumns + 2));
  std::vector<feature_node*> rows(kRows);
  std::vector<double> labels(kRows);
  for (size_t i = 0; i < kRows; ++i) {
    rows[i] = nodes.data() + nodes.size();
    for (size_t j = 0; j < kColumns; ++j) {
      nodes.push_back({static_cast<int>(j) + 1, data().x.values[j * kRows + i]});
    }
    nodes.push_back({static_cast<int>(kColumns) + 1, 1.0});
    nodes.push_back({-1, 0});
    labels[i] = data().y[i] == 1 ? 1 : -1;
  }
  problem task = {.l = static_cast<int>(kRows),
                  .n = static_cast<int>(kColumns) + 1,
                  .y = labels.data(),
                  .x = rows.data(),
                  .bias = 1};
  parameter settings = {};
  settings.solver_type = solver;
  settings.eps = solver == L1R_LR ? 0.01 : 1e-4;
  settings.C = kC;
  set_print_string_function([](const char*) {});
  model* fitted = nullptr;
  for (auto _ : state) {
    if (fitted != nullptr) free_and_destroy_model(&fitted);
    fitted = train(&task, &settings);
  }
  // Coefficients are those of the first label seen.
  const double sign = fitted->label[0] == 1 ? 1 : -1;
  std::vector<double> w(kColumns);
  for (size_t j = 0; j < kColumns; ++j) w[j] = sign * fitted->w[j];
  state.counters["objective"] = objective(w, sign * fitted->w[kColumns], solver == L1R_LR);
  free_and_destroy_model(&fitted);
}

BENCHMARK_CAPTURE(ours, l2, "l2", false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(ours, l2_all_cores, "l2", true)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(liblinear, l2, L2R_LR)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(ours, l1, "l1", false)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(liblinear, l1, L1R_LR)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace perennial

BENCHMARK_MAIN();
