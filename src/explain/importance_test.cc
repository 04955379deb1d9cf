#include "explain/importance.h"

#include <gtest/gtest.h>

#include "explain/explain.h"
#include "explain/test_support.h"

namespace perennial {
namespace {

using explain_testing::fitted;
using explain_testing::opened;
using explain_testing::planted_table;

double linear_truth(const std::vector<double>& x) { return 2 * x[0] - x[1] + 0.4 * x[2]; }

TEST(Importance, OrderOfAPlantedLinearTruth) {
  const FeatureTable train = planted_table(2000, 5, linear_truth, 1);
  const Pipeline model = fitted(train, "logistic");
  const FeatureTable test = planted_table(1500, 5, linear_truth, 2);
  const Workers workers(2);
  TrainingRows training{.table = train, .fold = {}, .folds = 5};
  for (size_t i = 0; i < train.rows(); ++i) training.fold.push_back(static_cast<int32_t>(i % 5));
  const ExplainReference reference = make_reference(train, model, 100, Seed{1});
  const Explanation e =
      explain(*opened(test, model), training, model, reference, {}, Seed{3}, workers);
  EXPECT_EQ(e.importance[0].direction, Direction::kRaises);
  EXPECT_EQ(e.importance[1].direction, Direction::kLowers);
  EXPECT_EQ(e.importance[0].certainty, Certainty::kClear);
  EXPECT_EQ(e.importance[0].fold_effects.size(), 5U);
  EXPECT_TRUE(e.shap.exact);
  ASSERT_EQ(e.importance.size(), 5U);
  EXPECT_EQ(e.importance[0].feature, "x0");
  EXPECT_EQ(e.importance[1].feature, "x1");
  EXPECT_EQ(e.importance[2].feature, "x2");
  EXPECT_GT(e.importance[0].auc_drop.low, 0);
  EXPECT_GT(e.importance[1].auc_drop.low, 0);
  // What was not planted: the interval holds 0.
  for (size_t f = 3; f < 5; ++f) {
    EXPECT_LT(e.importance[f].auc_drop.low, 0.002);
    EXPECT_LT(std::abs(e.importance[f].auc_drop.value), 0.005);
  }
}

TEST(Importance, SameForAnyNumberOfThreads) {
  const FeatureTable table = planted_table(300, 4, linear_truth, 1);
  const Pipeline model = fitted(table, "tree");
  const auto rows = opened(table, model);
  const auto one = permutation_importance(*rows, model, {}, Seed{3}, Workers(1));
  const auto three = permutation_importance(*rows, model, {}, Seed{3}, Workers(3));
  for (size_t f = 0; f < one.size(); ++f) {
    EXPECT_EQ(one[f].auc_drop.low, three[f].auc_drop.low);
    EXPECT_EQ(one[f].log_loss_rise.high, three[f].log_loss_rise.high);
  }
}

}  // namespace
}  // namespace perennial
