#include "metric/ranking.h"

#include <gtest/gtest.h>

#include <cmath>

namespace perennial {
namespace {

using Classes = std::vector<int32_t>;

const std::vector<std::vector<double>> kScores = {
    {.1, .4, .2, .3}, {.4, .3, .2, .1}, {.05, .15, .35, .45}};
const std::vector<Classes> kTaken = {{2}, {0, 3}, {0, 1}};

// scikit-learn 1.2.1: ndcg_score(y[i:i+1], s[i:i+1], k=k) of the rows above.
TEST(Ranking, GainAsScikitLearnHasIt) {
  const double expected[4][3] = {{0, 1, 0},
                                 {0, 0.6131471927654585, 0},
                                 {0.5, 0.6131471927654585, 0.30657359638272924},
                                 {0.5, 0.8772153153380493, 0.57064171895532}};
  for (int k = 1; k <= 4; ++k) {
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(ndcg_at(ranked_classes(kScores[i], {}), kTaken[i], k), expected[k - 1][i], 1e-12)
          << k << " " << i;
    }
  }
}

// By hand: the lists are 1 3 2 0, 0 1 2 3 and 3 2 1 0.
TEST(Ranking, HitsAndReciprocalRanks) {
  const double reciprocal[3] = {1.0 / 3, 1, 1.0 / 3};
  const double hit_2[3] = {0, 1, 0};
  for (size_t i = 0; i < 3; ++i) {
    const Classes list = ranked_classes(kScores[i], {});
    EXPECT_EQ(reciprocal_rank(list, kTaken[i]), reciprocal[i]);
    EXPECT_EQ(hit_at(list, kTaken[i], 2), hit_2[i]);
    EXPECT_EQ(hit_at(list, kTaken[i], 3), 1);
  }
}

TEST(Ranking, ExcludedClassesAreNeverListed) {
  const Classes excluded = {1, 3};
  EXPECT_EQ(ranked_classes(kScores[0], excluded), (Classes{2, 0}));
  EXPECT_EQ(reciprocal_rank(ranked_classes(kScores[0], excluded), kTaken[0]), 1);
  // What cannot be listed cannot be hit.
  EXPECT_EQ(reciprocal_rank(ranked_classes(kScores[2], Classes{0, 1}), kTaken[2]), 0);
}

TEST(Ranking, EqualScoresGoByClass) {
  EXPECT_EQ(ranked_classes(std::vector<double>{.2, .4, .2, .2}, {}), (Classes{1, 0, 2, 3}));
}

// By hand. Popularity lists 0 1 2 3 for everybody: hits at 2 are 0, 1, 1.
TEST(Ranking, VerdictAgainstPopularity) {
  std::vector<RankedCustomer> customers;
  for (size_t i = 0; i < 3; ++i) {
    customers.push_back({.score = kScores[i], .taken = kTaken[i], .excluded = {}});
  }
  const RankingVerdict v = judge_ranking(customers, std::vector<double>{.4, .3, .2, .1}, 2);
  EXPECT_EQ(v.customers, 3);
  EXPECT_EQ(v.taken, 5);
  EXPECT_NEAR(v.model.hit_at_k.value, 1.0 / 3, 1e-12);
  EXPECT_NEAR(v.popularity.hit_at_k.value, 2.0 / 3, 1e-12);
  EXPECT_NEAR(v.hit_at_k_gain.value, -1.0 / 3, 1e-12);
  EXPECT_NEAR(v.model.mrr.value, (1.0 / 3 + 1 + 1.0 / 3) / 3, 1e-12);
  EXPECT_NEAR(v.model.ndcg_at_k.value, 0.20438239758848617, 1e-12);  // scikit-learn, as above
  EXPECT_EQ(v.model.coverage, 1.0);                                  // lists begin 1 3, 0 1, 3 2
  EXPECT_EQ(v.popularity.coverage, 0.5);                             // 0 1
  EXPECT_LE(v.model.hit_at_k.low, v.model.hit_at_k.value);
  EXPECT_GE(v.model.hit_at_k.high, v.model.hit_at_k.value);
}

}  // namespace
}  // namespace perennial
