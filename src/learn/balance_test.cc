#include "learn/balance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "learn/pipeline.h"

namespace perennial {
namespace {

const std::vector<uint32_t> kRows = {3, 4, 7, 8, 10, 11, 12, 20};
const std::vector<int32_t> kClasses = {0, 0, 1, 0, 2, 0, 0, 1};  // 5, 2 and 1 rows

std::map<int32_t, int> counts(const BalancedRows& out) {
  std::map<int32_t, int> n;
  for (const uint32_t row : out.rows) {
    const auto at = std::find(kRows.begin(), kRows.end(), row) - kRows.begin();
    ++n[kClasses[static_cast<size_t>(at)]];
  }
  return n;
}

TEST(Balance, EachClassGetsAsMuch) {
  const auto none = balanced_rows("none", kRows, kClasses, 3, Seed{1});
  EXPECT_EQ(none.rows, kRows);
  EXPECT_TRUE(none.odds.empty() && none.weights.empty());
  const auto under = balanced_rows("undersample", kRows, kClasses, 3, Seed{1});
  EXPECT_EQ(counts(under), (std::map<int32_t, int>{{0, 1}, {1, 1}, {2, 1}}));
  const auto over = balanced_rows("oversample", kRows, kClasses, 3, Seed{1});
  EXPECT_EQ(counts(over), (std::map<int32_t, int>{{0, 5}, {1, 5}, {2, 5}}));
  EXPECT_TRUE(std::is_sorted(over.rows.begin(), over.rows.end()));
  const auto weighted = balanced_rows("weights", kRows, kClasses, 3, Seed{1});
  EXPECT_EQ(weighted.rows, kRows);
  // By hand: 8 rows, 3 classes; 8 / (3 * 5), 8 / (3 * 2), 8 / 3.
  EXPECT_NEAR(weighted.weights[0], 8.0 / 15, 1e-15);
  EXPECT_NEAR(weighted.weights[2], 8.0 / 6, 1e-15);
  EXPECT_NEAR(weighted.weights[4], 8.0 / 3, 1e-15);
  EXPECT_NEAR(std::accumulate(weighted.weights.begin(), weighted.weights.end(), 0.0), 8, 1e-12);
}

// Which rows are drawn hangs on their numbers and the seed, not on where they stand.
TEST(Balance, DrawnAtRandomNotByOrder) {
  std::vector<uint32_t> rows(1000);
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<int32_t> y(1000);
  for (size_t i = 0; i < 1000; ++i) y[i] = i < 100 ? 1 : 0;  // sorted by class, as corrupt.csv is
  const auto one = balanced_rows("undersample", rows, y, 2, Seed{1});
  ASSERT_EQ(one.rows.size(), 200u);
  double mean = 0;
  for (const uint32_t row : one.rows) mean += row >= 100 ? row / 100.0 : 0;
  EXPECT_NEAR(mean, 549.5, 60);  // four standard errors would be 100
  std::vector<uint32_t> turned(rows.rbegin(), rows.rend());
  std::vector<int32_t> turned_y(y.rbegin(), y.rend());
  auto again = balanced_rows("undersample", turned, turned_y, 2, Seed{1});
  std::reverse(again.rows.begin(), again.rows.end());
  EXPECT_EQ(again.rows, one.rows);
  EXPECT_NE(balanced_rows("undersample", rows, y, 2, Seed{2}).rows, one.rows);
}

TEST(Balance, PriorCorrectionByHand) {
  // True rate 0.2, seen 0.5: odds of the positive class times (0.2 / 0.8) = 1 / 4.
  std::vector<double> p = {0.5, 0.5, 0.2, 0.8, 1, 0, 0, 1};
  correct_prior(p, std::vector<double>{1.6, 0.4});
  const std::vector<double> wanted = {0.8, 0.2, 0.5, 0.5, 1, 0, 0, 1};
  for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], wanted[i], 1e-15);
  // Three classes with true rates 1/2, 1/3, 1/6, seen alike.
  std::vector<double> q = {0.2, 0.3, 0.5};
  correct_prior(q, std::vector<double>{1.5, 1, 0.5});
  EXPECT_NEAR(q[0], 0.3 / 0.85, 1e-15);
  EXPECT_NEAR(q[2], 0.25 / 0.85, 1e-15);
}

FeatureTable rare_table(size_t n) {
  FeatureTable table;
  table.target_name = "ушёл";
  table.classes = {"нет", "да"};
  Rng rng(Seed{3});
  std::vector<double> a, b;
  for (size_t i = 0; i < n; ++i) {
    a.push_back(rng.normal());
    b.push_back(rng.normal());
    table.ids.push_back(std::to_string(i));
    table.y.push_back(rng.bernoulli(1 / (1 + std::exp(2.6 - a[i] - 0.5 * b[i]))) ? 1 : 0);
  }
  table.features = {Column::number("a", a), Column::number("b", b)};
  return table;
}

Pipeline fitted(const FeatureTable& table, const std::string& learner, const std::string& balance,
                std::map<std::string, ParamValue> params = {}) {
  std::vector<uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  const Learner& known = learner_named(learner);
  return fit_pipeline(learner, complete(known.params(), Params(std::move(params)), ""),
                      complete(pipeline_params(known), Params({{"balance", balance}}), ""), table,
                      rows, {}, Seed{1});
}

TEST(Balance, MeanProbabilityIsTheTrueRate) {
  const FeatureTable table = rare_table(3000);
  double rate = 0;
  for (const int32_t y : table.y) rate += y / 3000.0;
  ASSERT_LT(rate, 0.2);
  for (const std::string balance : {"none", "weights", "undersample", "oversample"}) {
    for (const std::string learner : {"logistic", "tree", "knn"}) {
      if (balance == "weights" && learner == "knn") continue;
      const Pipeline pipeline =
          fitted(table, learner, balance,
                 learner == "knn" ? std::map<std::string, ParamValue>{{"n_neighbors", int64_t{101}}}
                 : learner == "tree" ? std::map<std::string, ParamValue>{{"max_depth", int64_t{3}}}
                                     : std::map<std::string, ParamValue>{});
      const std::vector<double> p = pipeline.positive_probability(table);
      double mean = 0;
      for (const double v : p) mean += v / 3000;
      EXPECT_NEAR(mean, rate, 0.02) << learner << " " << balance;
      // Uncorrected, the mean is far off; corrected, the order is the same.
      Pipeline raw = pipeline;
      raw.odds.clear();
      const std::vector<double> before = raw.positive_probability(table);
      if (balance != "none") {
        EXPECT_GT(std::accumulate(before.begin(), before.end(), 0.0) / 3000, rate + 0.1);
      }
      for (size_t i = 1; i < p.size(); ++i) {
        EXPECT_EQ(p[i] < p[i - 1], before[i] < before[i - 1]);
      }
    }
  }
}

TEST(Balance, WeightsWhereTheyCannotBe) {
  try {
    fitted(rare_table(200), "knn", "weights");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    for (const char* part : {"k nearest neighbours", "cannot weigh", "oversample"}) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace perennial
