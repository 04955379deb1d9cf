// SHAP values of boosted trees for many customers, against XGBoost's own contributions on the same
// trees and rows, the same number of threads, in one run. Fails when ours are slower.
//   bench_shap [ROWS] [TREES] [DEPTH]
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "explain/tree_shap.h"
#include "learn/boosted_trees/ensemble.h"
#include "learn/boosted_trees/xgboost_library.h"
#include "learn/test_data.h"

namespace perennial {
namespace {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

size_t argument(int argc, char** argv, int at, size_t usual) {
  return argc > at ? static_cast<size_t>(std::strtoull(argv[at], nullptr, 10)) : usual;
}

int run(int argc, char** argv) {
  const size_t rows = argument(argc, argv, 1, 100000), rounds = argument(argc, argv, 2, 200),
               depth = argument(argc, argv, 3, 4), cols = 20;
  const testing_data::Sample sample = testing_data::made_sample(rows, 2, cols);
  std::vector<float> features, labels;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < cols; ++j) features.push_back(static_cast<float>(sample.x.at(i, j)));
    labels.push_back(static_cast<float>(sample.y[i]));
  }
  const std::vector<float> weight(rows, 1.0F), margin(rows, 0.0F);
  const xgboost::Data data(features, rows, labels, weight, margin);
  const Workers workers;
  const int threads = workers.threads();
  // Trained by one thread: on a busy machine OpenMP's threads wait for one another without end.
  xgboost::Booster booster(data, nullptr,
                           {{"objective", "binary:logistic"},
                            {"max_depth", std::to_string(depth)},
                            {"learning_rate", "0.05"},
                            {"tree_method", "hist"},
                            {"nthread", "1"}});
  for (size_t r = 0; r < rounds; ++r) booster.update(static_cast<int>(r));
  TreeEnsemble trees{.cols = cols, .present = {0, 1}, .start = {0}};
  std::vector<int32_t> players;
  for (size_t j = 0; j < cols; ++j) players.push_back(static_cast<int32_t>(j));
  trees.columns = players;
  trees.add_trees(booster.model());
  const ModelView view = trees.view();

  std::vector<float> theirs;
  std::vector<double> ours, against;
  const double peer = seconds_of([&] { theirs = booster.contributions(data, threads); });
  const double path = seconds_of(
      [&] { ours = TreeShap(*view.trees, cols).values(sample.x, players, cols, workers); });
  Matrix reference{.rows = 100, .cols = cols, .values = {}, .names = {}, .source = {}};
  for (size_t j = 0; j < cols; ++j) {
    for (size_t i = 0; i < 100; ++i) reference.values.push_back(sample.x.at(i, j));
  }
  const double mixed = seconds_of(
      [&] { against = TreeShap(*view.trees, reference).values(sample.x, players, cols, workers); });
  double largest = 0;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < cols; ++j) {
      const double other = static_cast<double>(theirs[i * (cols + 1) + j]);
      largest = std::max(largest, std::abs(ours[i * cols + j] - other));
    }
  }
  std::fputs(fmt::format("{} rows, {} trees of depth {}, {} threads\n"
                         "XGBoost's contributions      {:8.3f} s\n"
                         "path-dependent               {:8.3f} s, {:.2f} of XGBoost's time\n"
                         "interventional, 100 rows     {:8.3f} s, {:.2f} of XGBoost's time\n"
                         "largest difference to XGBoost's (floats): {:.2g}\n",
                         rows, rounds, depth, threads, peer, path, path / peer, mixed, mixed / peer,
                         largest)
                 .c_str(),
             stdout);
  return path <= peer && largest < 1e-4 ? 0 : 1;
}

}  // namespace
}  // namespace perennial

int main(int argc, char** argv) { return perennial::run(argc, argv); }
