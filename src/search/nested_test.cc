#include "search/nested.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace perennial {
namespace {

// Many columns of noise: whoever chooses among them by cross-validation believes in the best.
TrainingRows noise(size_t rows, size_t columns) {
  TrainingRows out;
  out.folds = 5;
  out.table.classes = {"0", "1"};
  Rng rng(Seed{21});
  for (size_t i = 0; i < rows; ++i) {
    out.table.y.push_back(rng.bernoulli(0.5) ? 1 : 0);
    out.table.ids.push_back(std::to_string(i));
    out.fold.push_back(static_cast<int32_t>(i % 5));
  }
  for (size_t j = 0; j < columns; ++j) {
    std::vector<double> values;
    for (size_t i = 0; i < rows; ++i) values.push_back(rng.normal());
    out.table.features.push_back(Column::number("x" + std::to_string(j), values));
  }
  return out;
}

SearchOptions many_trees() {
  SearchOptions options;
  options.method = "grid";
  std::vector<ParamValue> depths, leaves;
  for (int64_t d = 1; d <= 8; ++d) depths.emplace_back(d);
  for (int64_t l = 1; l <= 25; ++l) leaves.emplace_back(l);
  options.spaces = {{.learner = "tree",
                     .values = {{"max_depth", depths},
                                {"min_samples_leaf", leaves},
                                {"max_features", {int64_t{0}}},
                                {"scale", {std::string("none")}},
                                {"criterion", {std::string("gini"), std::string("entropy")}}}}};
  return options;
}

TEST(Nested, TellsHowOptimisticTheWinnersScoreIs) {
  const TrainingRows rows = noise(150, 6);
  SilentProgress progress;
  const Workers workers(2);
  const NestedScores nested =
      nested_search(rows, many_trees(), Seed{1}, workers, progress, SearchLimits{});
  const SearchResult found = search(rows, many_trees(), Seed{1}, workers, progress);
  ASSERT_EQ(nested.fold_scores.size(), 5u);
  ASSERT_EQ(nested.winners.size(), 5u);
  // Nothing is there to find: the best of 400 settings looks better than it is.
  EXPECT_GT(found.trials.front().cv_mean, nested.score.mean);
  EXPECT_LT(nested.score.low, 0.5);
  EXPECT_GT(nested.score.high, 0.5);
  const NestedScores again =
      nested_search(rows, many_trees(), Seed{1}, Workers(1), progress, SearchLimits{});
  EXPECT_EQ(again.fold_scores, nested.fold_scores);
}

TEST(Nested, TwoFoldsAreTooFew) {
  TrainingRows rows = noise(60, 1);
  rows.folds = 2;
  for (int32_t& f : rows.fold) f %= 2;
  SilentProgress progress;
  try {
    nested_search(rows, many_trees(), Seed{1}, Workers(1), progress, SearchLimits{});
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace perennial
