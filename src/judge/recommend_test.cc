#include "judge/recommend.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace perennial {
namespace {

FeatureTable three_customers() {
  FeatureTable table;
  table.classes = {"a", "b", "c", "d"};
  table.ids = {"1", "2", "2", "3"};
  table.y = {2, 0, 3, 1};
  table.features = {Column::text("Owned", {"b", "", "", "c|x| a "})};
  table.features[0].codes[1] = table.features[0].codes[2] = -1;
  return table;
}

TEST(Recommend, WhatIsOwnedIsExcluded) {
  const FeatureTable table = three_customers();
  const RecommendPlan plan{.k = 2, .exclude = "owned", .separator = "|"};
  const auto excluded = excluded_classes(table, table.classes, plan);
  EXPECT_EQ(excluded[0], std::vector<int32_t>{1});
  EXPECT_TRUE(excluded[1].empty());
  EXPECT_EQ(excluded[3], (std::vector<int32_t>{0, 2}));  // x is no class
  EXPECT_TRUE(excluded_classes(table, table.classes, {}).at(3).empty());
  EXPECT_THROW(excluded_classes(table, table.classes, {.exclude = "owed"}), Error);
}

TEST(Recommend, TheOthersSumToOne) {
  std::vector<double> p = {0.2, 0.5, 0.2, 0.1};
  exclude(p, std::vector<int32_t>{1});
  EXPECT_EQ(p[1], 0);
  EXPECT_NEAR(p[0], 0.4, 1e-12);
  EXPECT_NEAR(p[3], 0.2, 1e-12);
  exclude(p, std::vector<int32_t>{0, 2, 3});
  EXPECT_EQ(p, (std::vector<double>{0, 0, 0, 0}));
}

// By hand: customer 1's list is c a d (b is owned) and they took c; customer 2's a b c d, took a
// and d; customer 3's b d, took b: hits at 1 for all three. Popularity b a d c: misses, misses,
// hits.
TEST(Recommend, OneCustomerIsOneObservation) {
  const FeatureTable table = three_customers();
  const std::vector<double> p = {.1, .6, .2, .1, .4, .3, .2, .1, .4, .3, .2, .1, .4, .3, .2, .1};
  const RankingVerdict v =
      judge_recommendation(table, p, {.k = 1, .exclude = "owned", .separator = "|"},
                           std::vector<double>{.3, .4, .1, .2});
  EXPECT_EQ(v.customers, 3);
  EXPECT_EQ(v.taken, 4);
  EXPECT_EQ(v.model.hit_at_1.value, 1);
  EXPECT_NEAR(v.popularity.hit_at_1.value, 1.0 / 3, 1e-12);
}

}  // namespace
}  // namespace perennial
