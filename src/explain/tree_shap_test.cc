#include "explain/tree_shap.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "learn/boosted_trees/ensemble.h"
#include "learn/boosted_trees/xgboost_library.h"
#include "learn/learner.h"
#include "learn/test_data.h"

namespace perennial {
namespace {

using testing_data::made_sample;
using testing_data::params_of;
using testing_data::Sample;

// Shapley values by their definition: every set of columns.
std::vector<double> shapley(size_t cols, const std::function<double(uint32_t)>& worth) {
  std::vector<double> factorial = {1};
  for (size_t k = 1; k <= cols; ++k) factorial.push_back(factorial.back() * static_cast<double>(k));
  std::vector<double> out(cols, 0.0), memory;
  for (uint32_t set = 0; set < 1U << cols; ++set) memory.push_back(worth(set));
  for (size_t j = 0; j < cols; ++j) {
    for (uint32_t set = 0; set < 1U << cols; ++set) {
      if ((set >> j) & 1) continue;
      const auto s = static_cast<size_t>(std::popcount(set));
      out[j] += factorial[s] * factorial[cols - s - 1] / factorial[cols] *
                (memory[set | (1U << j)] - memory[set]);
    }
  }
  return out;
}

double as_compared(const TreesView& trees, double v) {
  return trees.rounds_to_float ? static_cast<double>(static_cast<float>(v)) : v;
}

bool goes_left(const TreesView& trees, const TreesView::Node& n, double v) {
  return std::isnan(v) ? n.missing_left : as_compared(trees, v) <= n.threshold;
}

// Score 0 of the row with the columns of `set` known, the others followed on both sides.
double followed(const TreesView& trees, uint32_t node, const Matrix& x, size_t i, uint32_t set) {
  const TreesView::Node& n = trees.nodes[node];
  if (n.feature < 0) return n.value * trees.scale;
  if ((set >> n.feature) & 1) {
    const double v = x.at(i, static_cast<size_t>(n.feature));
    return followed(trees, goes_left(trees, n, v) ? n.left : n.right, x, i, set);
  }
  return (trees.nodes[n.left].cover * followed(trees, n.left, x, i, set) +
          trees.nodes[n.right].cover * followed(trees, n.right, x, i, set)) /
         n.cover;
}

double path_worth(const TreesView& trees, const Matrix& x, size_t i, uint32_t set) {
  double sum = trees.start[0];
  for (const TreesView::Tree& t : trees.trees) sum += followed(trees, t.root, x, i, set);
  return sum;
}

// ... and the others taken from row b of `reference`.
double mixed_worth(const TreesView& trees, const Matrix& x, size_t i, uint32_t set,
                   const Matrix& reference) {
  double sum = 0;
  for (size_t b = 0; b < reference.rows; ++b) {
    for (const TreesView::Tree& t : trees.trees) {
      uint32_t at = t.root;
      while (trees.nodes[at].feature >= 0) {
        const auto j = static_cast<size_t>(trees.nodes[at].feature);
        const double v = (set >> j) & 1 ? x.at(i, j) : reference.at(b, j);
        at = goes_left(trees, trees.nodes[at], v) ? trees.nodes[at].left : trees.nodes[at].right;
      }
      sum += trees.nodes[at].value * trees.scale;
    }
  }
  return trees.start[0] + sum / static_cast<double>(reference.rows);
}

std::vector<int32_t> own_players(size_t cols) {
  std::vector<int32_t> out(cols);
  for (size_t j = 0; j < cols; ++j) out[j] = static_cast<int32_t>(j);
  return out;
}

Matrix first_rows(const Matrix& x, size_t n) {
  Matrix out{.rows = n, .cols = x.cols, .values = {}, .names = x.names, .source = x.source};
  for (size_t j = 0; j < x.cols; ++j) {
    const auto column = x.column(j);
    out.values.insert(out.values.end(), column.begin(), column.begin() + static_cast<ptrdiff_t>(n));
  }
  return out;
}

struct Fitted {
  Sample sample;
  ModelView view;
};

Fitted fitted(const std::string& learner, const std::map<std::string, ParamValue>& params,
              size_t rows, size_t cols, int classes = 2) {
  Fitted out{.sample = made_sample(rows, classes, cols), .view = {}};
  const Learner& known = learner_named(learner);
  if (known.capabilities().missing_values) {
    for (size_t i = 0; i < rows; i += 7) out.sample.x.column(1)[i] = std::nan("");
  }
  out.view = *known.fit(out.sample.set(), params_of(known, params))->view();
  return out;
}

// The largest difference to brute force over some rows, and how far the sum is from the score.
void expect_brute_force(const Fitted& f, bool interventional) {
  const TreesView& trees = *f.view.trees;
  const Matrix& x = f.sample.x;
  const Matrix reference = first_rows(x, 17);
  const TreeShap shap = interventional ? TreeShap(trees, reference) : TreeShap(trees, x.cols);
  const auto players = own_players(x.cols);
  // Few rows go one by one, all rows by tables: the same to the last bit.
  const Matrix few = first_rows(x, 12);
  const Workers workers(2);
  const auto phi = shap.values(few, players, x.cols, workers);
  const auto many = shap.values(x, players, x.cols, workers);
  const uint32_t all = (1U << x.cols) - 1;
  const auto worth = [&](size_t i, uint32_t set) {
    return interventional ? mixed_worth(trees, x, i, set, reference) : path_worth(trees, x, i, set);
  };
  for (size_t i = 0; i < few.rows; ++i) {
    const auto expected = shapley(x.cols, [&](uint32_t set) { return worth(i, set); });
    double sum = shap.base()[0];
    for (size_t j = 0; j < x.cols; ++j) {
      EXPECT_NEAR(phi[i * x.cols + j], expected[j], 1e-10);
      EXPECT_EQ(phi[i * x.cols + j], many[i * x.cols + j]);
      sum += phi[i * x.cols + j];
    }
    EXPECT_NEAR(sum, worth(i, all), 1e-9);
    EXPECT_NEAR(shap.base()[0], worth(i, 0), 1e-10);
  }
}

ParamValue whole(int64_t v) { return v; }

TEST(TreeShap, TreeAsByDefinition) {
  const Fitted f = fitted("tree", {{"max_depth", whole(0)}}, 400, 7);
  expect_brute_force(f, false);
  expect_brute_force(f, true);
}

TEST(TreeShap, ForestAsByDefinition) {
  expect_brute_force(fitted("random_forest", {{"n_estimators", whole(8)}}, 300, 6), true);
}

TEST(TreeShap, BoostedTreesWithMissingValuesAsByDefinition) {
  const Fitted f =
      fitted("boosted_trees", {{"n_estimators", whole(12)}, {"max_depth", whole(5)}}, 600, 6);
  expect_brute_force(f, false);
  expect_brute_force(f, true);
}

TEST(TreeShap, SeveralClassesAddUpToTheProbabilities) {
  Sample sample = made_sample(500, 3, 5);
  const Learner& forest = learner_named("random_forest");
  const auto model = forest.fit(sample.set(), params_of(forest, {{"n_estimators", whole(10)}}));
  const TreeShap shap(*model->view()->trees, first_rows(sample.x, 20));
  const auto phi = shap.values(sample.x, own_players(5), 5, Workers(2));
  std::vector<double> p(sample.x.rows * 3);
  model->predict(sample.x, p);
  for (size_t i = 0; i < p.size(); ++i) {
    double sum = shap.base()[i % 3];
    for (size_t j = 0; j < 5; ++j) sum += phi[i * 5 + j];
    EXPECT_NEAR(sum, p[i], 1e-9);
  }
}

// XGBoost's own contributions (floats, path-dependent), from a booster trained and asked here.
TEST(TreeShap, AsXgboostContributions) {
  const size_t rows = 500, cols = 6;
  Sample sample = made_sample(rows, 2, cols);
  std::vector<float> features, labels;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < cols; ++j) {
      const bool gap = (i + j) % 9 == 0;
      if (gap) sample.x.column(j)[i] = std::nan("");
      features.push_back(static_cast<float>(sample.x.at(i, j)));
    }
    labels.push_back(static_cast<float>(sample.y[i]));
  }
  const std::vector<float> weight(rows, 1.0F), margin(rows, 0.0F);
  const xgboost::Data data(features, rows, labels, weight, margin);
  xgboost::Booster booster(data, nullptr,
                           {{"objective", "binary:logistic"},
                            {"max_depth", "6"},
                            {"nthread", "1"},
                            {"tree_method", "hist"}});
  for (int round = 0; round < 40; ++round) booster.update(round);
  TreeEnsemble trees{.cols = cols, .present = {0, 1}, .columns = {0, 1, 2, 3, 4, 5}, .start = {0}};
  trees.add_trees(booster.model());
  const ModelView view = trees.view();
  const TreeShap shap(*view.trees, cols);
  const auto phi = shap.values(sample.x, own_players(cols), cols, Workers(2));
  const std::vector<float> theirs = booster.contributions(data);  // and the base, at the end
  ASSERT_EQ(theirs.size(), rows * (cols + 1));
  double largest = 0;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < cols; ++j) {
      largest = std::max(
          largest, std::abs(phi[i * cols + j] - static_cast<double>(theirs[i * (cols + 1) + j])));
    }
    EXPECT_NEAR(shap.base()[0], static_cast<double>(theirs[i * (cols + 1) + cols]), 1e-5);
  }
  EXPECT_LT(largest, 1e-5);
}

// Columns of one player are added up.
TEST(TreeShap, PlayersOfSeveralColumns) {
  const Fitted f = fitted("tree", {{"max_depth", whole(5)}}, 300, 4);
  const TreeShap shap(*f.view.trees, 4);
  const std::vector<int32_t> two = {0, 1, 0, 1};
  const auto each = shap.values(f.sample.x, own_players(4), 4, Workers(1));
  const auto both = shap.values(f.sample.x, two, 2, Workers(1));
  for (size_t i = 0; i < f.sample.x.rows; ++i) {
    EXPECT_NEAR(both[2 * i], each[4 * i] + each[4 * i + 2], 1e-12);
    EXPECT_NEAR(both[2 * i + 1], each[4 * i + 1] + each[4 * i + 3], 1e-12);
  }
}

}  // namespace
}  // namespace perennial
