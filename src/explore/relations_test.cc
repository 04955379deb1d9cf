// Interactions, copies of columns, drift. Known answers: R's loglin on Berkeley's admissions, numpy
// 1.24; else truths that the test plants.
#include "explore/relations.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/seed.h"
#include "explore/interact.h"

namespace perennial {
namespace {

// Admissions at Berkeley (Bickel, Hammel and O'Connell 1975): the model without the three-way term
// has deviance 20.20 with 5 degrees of freedom (R: loglin; Agresti, Categorical Data Analysis).
TEST(Relations, InteractionOfBerkeley) {
  const std::vector<double> counts{313, 512, 19,  89,  207, 353, 8,   17, 205, 120, 391, 202,
                                   279, 138, 244, 131, 138, 53,  299, 94, 351, 22,  317, 24};
  const Interaction i = interaction_of(counts, 6, 2, 2);
  EXPECT_NEAR(i.statistic, 20.20428, 1e-4);
  EXPECT_NEAR(i.degrees, 5, 0.1);
  EXPECT_NEAR(i.p_value, 0.001144, 1e-4);  // of 5 degrees
  EXPECT_EQ(i.cells[0][1].rows, 108);
}

TEST(Relations, VarianceInflationIsTheDiagonalOfTheInverse) {  // numpy.linalg.inv
  const std::vector<double> v = variance_inflation({{1, 0.8, 0.3}, {0.8, 1, 0.4}, {0.3, 0.4, 1}});
  EXPECT_NEAR(v[0], 2.78145695, 1e-8);
  EXPECT_NEAR(v[1], 3.01324503, 1e-8);
  EXPECT_NEAR(v[2], 1.19205298, 1e-8);
}

FeatureTable with_classes(size_t classes, size_t rows) {
  FeatureTable f;
  for (size_t k = 0; k < classes; ++k) f.classes.push_back("class " + std::to_string(k));
  for (size_t i = 0; i < rows; ++i) {
    f.ids.push_back(std::to_string(i));
    f.position.push_back(static_cast<uint32_t>(i));
  }
  return f;
}

// a and b together decide, neither does alone; c and d raise the rate side by side.
TEST(Relations, PlantedInteractionIsFoundAndAdditiveOnesAreNot) {
  Rng rng(Seed{11});
  FeatureTable f = with_classes(2, 3000);
  std::vector<double> a, b, c, d;
  for (size_t i = 0; i < f.rows(); ++i) {
    for (auto* x : {&a, &b, &c, &d}) x->push_back(rng.normal());
    const double z = 0.8 * (a[i] > 0 ? 1 : -1) * (b[i] > 0 ? 1 : -1) + 0.7 * (c[i] + d[i]);
    f.y.push_back(rng.bernoulli(1 / (1 + std::exp(-z))));
  }
  f.features = {Column::number("a", a), Column::number("b", b), Column::number("c", c),
                Column::number("d", d)};
  const Exploration e = explore(f, {}, Workers(2));
  ASSERT_EQ(e.interactions.size(), 1U);
  EXPECT_EQ(e.interactions[0].a, "a");
  EXPECT_EQ(e.interactions[0].b, "b");
  EXPECT_LT(e.interactions[0].adjusted_p, 1e-6);
  EXPECT_EQ(e.interactions[0].a_labels.size(), 5U);
}

// Under an additive truth with sparse cells 5 % of the p-values lie below 0.05: of 400 tables
// between 9 and 33 but for one time in a hundred (binomial distribution).
TEST(Relations, InteractionsHoldTheirLevelInSparseTables) {
  Rng rng(Seed{5});
  int below = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<double> counts(5 * 5 * 2, 0);
    for (int i = 0; i < 250; ++i) {
      const auto a = static_cast<size_t>(5 * rng.uniform());
      const auto b = static_cast<size_t>(5 * rng.uniform());
      const double z = 0.5 * static_cast<double>(a) + 0.3 * static_cast<double>(b) - 2;
      counts[(a * 5 + b) * 2 + (rng.bernoulli(1 / (1 + std::exp(-z))) ? 1 : 0)] += 1;
    }
    below += interaction_of(counts, 5, 5, 2).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_GE(below, 9);
  EXPECT_LE(below, 33);
}

TEST(Relations, CopiesOfColumnsAreFound) {
  Rng rng(Seed{2});
  FeatureTable f = with_classes(3, 2000);
  std::vector<double> x, scaled, curved, other, code;
  std::vector<std::string> name, same, free;
  const std::vector<std::string> names{"юг", "север", "запад", "восток"};
  for (size_t i = 0; i < f.rows(); ++i) {
    x.push_back(rng.normal());
    scaled.push_back(-3 * x[i] + 2);
    curved.push_back(std::exp(2 * x[i]));
    other.push_back(x[i] + 0.5 * rng.normal());
    const double k = std::floor(4 * rng.uniform());
    code.push_back(k + 7);
    name.push_back(names[static_cast<size_t>(k)]);
    same.push_back(name.back());
    free.push_back(rng.bernoulli(0.5) ? "да" : "нет");
    f.y.push_back(static_cast<int32_t>(3 * rng.uniform()));
  }
  f.features = {Column::number("x", x),           Column::number("scaled", scaled),
                Column::number("curved", curved), Column::number("other", other),
                Column::number("code", code),     Column::text("name", name),
                Column::text("same", same),       Column::text("free", free)};
  const Exploration e = explore(f, {}, Workers(2));
  std::vector<std::string> found;
  for (const NearCopy& c : e.near_copies) found.push_back(c.a + " " + c.kind + " " + c.b);
  const std::vector<std::string> expected{"x linear scaled",        "x monotone curved",
                                          "scaled monotone curved", "code renamed name",
                                          "code renamed same",      "name equal same"};
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(std::isinf(e.columns[0].variance_inflation));
  EXPECT_LT(e.columns[4].variance_inflation, 1.05);
  EXPECT_TRUE(e.interactions.empty());
}

TEST(Relations, DriftAlongTheFileAndADateIsFoundInAnyOrderOfRows) {
  Rng rng(Seed{4});
  FeatureTable f = with_classes(2, 1000);
  std::vector<double> rises, still, day;
  for (size_t i = 0; i < f.rows(); ++i) {
    rises.push_back(rng.normal() + 0.002 * static_cast<double>(i));
    still.push_back(rng.normal());
    day.push_back(17000 + std::floor(300 * rng.uniform()));
    f.y.push_back(rng.bernoulli(day[i] > 17150 ? 0.7 : 0.2));
  }
  f.features = {Column::number("rises", rises), Column::number("still", still),
                Column::number("day", day)};
  f.features[2].type = ColumnType::kDate;
  const Exploration e = explore(f, {}, Workers(2));
  ASSERT_EQ(e.drift.size(), 3U);
  EXPECT_EQ(e.drift[0].column, "");
  EXPECT_GT(e.drift[0].adjusted_p, 0.05);
  EXPECT_EQ(e.drift[1].column, "rises");
  EXPECT_LT(e.drift[1].adjusted_p, 1e-6);
  ASSERT_EQ(e.drift[1].blocks.size(), 10U);
  EXPECT_EQ(e.drift[1].blocks[0].from, "1");
  EXPECT_EQ(e.drift[1].blocks[9].to, "1000");
  EXPECT_NEAR(e.drift[1].blocks[9].middle - e.drift[1].blocks[0].middle, 1.8, 0.6);
  EXPECT_EQ(e.drift[2].along, "day");
  EXPECT_EQ(e.drift[2].column, "");
  EXPECT_LT(e.drift[2].blocks[0].rate[1], 0.4);
  EXPECT_GT(e.drift[2].blocks[9].rate[1], 0.5);
  std::vector<uint32_t> order(1000);
  for (uint32_t i = 0; i < 1000; ++i) order[i] = i;
  rng.shuffle(order);
  EXPECT_EQ(json_text(to_json(e)), json_text(to_json(explore(f.take(order), {}, Workers(1)))));
}

// Above exact_rows the correlations come from one pass over blocks; they must be the same.
TEST(Relations, ManyRowsAndFewGiveTheSameCorrelations) {
  Rng rng(Seed{9});
  FeatureTable f = with_classes(2, 900);
  std::vector<double> a, b, c;
  for (size_t i = 0; i < f.rows(); ++i) {
    a.push_back(std::floor(3 * rng.normal()));
    b.push_back(a[i] + 2 * rng.normal());
    c.push_back(i % 7 == 0 ? kMissing : b[i] * b[i]);
    f.y.push_back(rng.bernoulli(0.4));
  }
  f.features = {Column::number("a", a), Column::number("b", b), Column::number("c", c)};
  const Exploration few = explore(f, {}, Workers(1));
  const Exploration many = explore(f, {.exact_rows = 10}, Workers(2));
  EXPECT_TRUE(few.approximations.empty());
  const auto alone = phik_matrix(f, Workers(2));
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) EXPECT_EQ(alone[i][j], few.pairs.phik[i][j]);
  }
  EXPECT_EQ(many.approximations.size(), 2U);
  EXPECT_NEAR(few.pairs.pearson[0][1], many.pairs.pearson[0][1], 1e-12);
  EXPECT_NEAR(few.pairs.pearson[1][2], many.pairs.pearson[1][2], 1e-12);
  EXPECT_NEAR(few.pairs.spearman[0][1], many.pairs.spearman[0][1], 1e-12);
  EXPECT_NEAR(few.pairs.spearman[1][2], many.pairs.spearman[1][2], 0.02);
  EXPECT_TRUE(std::isnan(many.pairs.kendall[0][1]));
  EXPECT_FALSE(std::isnan(few.pairs.kendall[0][1]));
}

}  // namespace
}  // namespace perennial
