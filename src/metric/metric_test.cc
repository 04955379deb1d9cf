// Known answers are from scikit-learn 1.2.1 and scipy 1.10.1 unless a test says otherwise.
#include "metric/metric.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Rows {
  std::vector<int32_t> y;
  std::vector<double> p;
};

// 20 rows, several of them tied.
const Rows kSmall = {
    .y = {0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0},
    .p = {.1, .8, .3, .3, .9, .2, .5, .5, .5, .05, .6, .7, .95, .4, .1, .2, .35, .75, .85, .15}};

// 500 rows from a formula that Python repeats exactly; `rounded` gives many ties.
Rows formula_rows(bool rounded) {
  Rows rows;
  for (int i = 0; i < 500; ++i) {
    const double p = ((i * 7919) % 1009) / 1008.0;
    rows.y.push_back(((i * 104729) % 997) / 997.0 < 0.15 + 0.6 * p ? 1 : 0);
    rows.p.push_back(rounded ? std::nearbyint(p * 10) / 10 : p);
  }
  return rows;
}

Rows reversed(Rows rows) {
  std::reverse(rows.y.begin(), rows.y.end());
  std::reverse(rows.p.begin(), rows.p.end());
  return rows;
}

TEST(Metric, SmallWithTies) {
  const auto& [y, p] = kSmall;
  EXPECT_DOUBLE_EQ(roc_auc(y, p), 0.78125);
  EXPECT_DOUBLE_EQ(average_precision(y, p), 0.7330357142857143);
  EXPECT_DOUBLE_EQ(log_loss(y, p), 0.5559105197770707);
  EXPECT_DOUBLE_EQ(brier(y, p), 0.19125);
  const Confusion c = confusion(y, p, 0.5);
  EXPECT_EQ(c.true_negative, 8);
  EXPECT_EQ(c.false_positive, 4);
  EXPECT_EQ(c.false_negative, 2);
  EXPECT_EQ(c.true_positive, 6);
  EXPECT_DOUBLE_EQ(accuracy(c), 0.7);
  EXPECT_DOUBLE_EQ(precision(c), 0.6);
  EXPECT_DOUBLE_EQ(recall(c), 0.75);
  EXPECT_DOUBLE_EQ(f1(c), 2.0 / 3);
}

TEST(Metric, FiveHundredRows) {
  const auto [y, p] = formula_rows(false);
  EXPECT_NEAR(roc_auc(y, p), 0.7004392481105872, 1e-15);
  EXPECT_NEAR(average_precision(y, p), 0.639528030116735, 1e-14);
  EXPECT_NEAR(log_loss(y, p), 0.7602802928306591, 1e-13);
  EXPECT_NEAR(brier(y, p), 0.23400505873645755, 1e-14);
  const Confusion c = confusion(y, p, 0.6);
  EXPECT_EQ(c.true_negative, 201);
  EXPECT_EQ(c.true_positive, 127);
  EXPECT_NEAR(f1(c), 0.596244131455399, 1e-15);
}

TEST(Metric, FiveHundredRowsInElevenGroupsOfTies) {
  const auto [y, p] = formula_rows(true);
  EXPECT_NEAR(roc_auc(y, p), 0.7002131645242555, 1e-15);
  EXPECT_NEAR(average_precision(y, p), 0.6205209839076725, 1e-14);
  EXPECT_NEAR(log_loss(y, p), 1.3072931686804645, 1e-13);
  EXPECT_NEAR(brier(y, p), 0.23428, 1e-14);
  EXPECT_NEAR(accuracy(confusion(y, p, 0.6)), 0.654, 1e-15);
  EXPECT_NEAR(precision(confusion(y, p, 0.6)), 0.6177777777777778, 1e-15);
  EXPECT_NEAR(recall(confusion(y, p, 0.6)), 0.6150442477876106, 1e-15);
}

TEST(Metric, RankingMetricsIgnoreTheOrderOfRows) {
  for (const bool rounded : {false, true}) {
    const Rows rows = formula_rows(rounded), back = reversed(rows);
    EXPECT_EQ(roc_auc(rows.y, rows.p), roc_auc(back.y, back.p));
    EXPECT_EQ(average_precision(rows.y, rows.p), average_precision(back.y, back.p));
    EXPECT_EQ(expected_calibration_error(rows.y, rows.p, 10),
              expected_calibration_error(back.y, back.p, 10));
  }
}

TEST(Metric, RocAucOfTurnedScoresIsTheComplement) {
  auto [y, p] = formula_rows(true);
  const double auc = roc_auc(y, p);
  for (double& v : p) v = -3 * v;
  EXPECT_NEAR(roc_auc(y, p), 1 - auc, 1e-15);
}

TEST(Metric, OneClassAlone) {
  const std::vector<int32_t> none = {0, 0, 0}, all = {1, 1, 1};
  const std::vector<double> p = {.1, .2, .3};
  EXPECT_TRUE(std::isnan(roc_auc(none, p)));
  EXPECT_TRUE(std::isnan(roc_auc(all, p)));
  EXPECT_TRUE(std::isnan(average_precision(none, p)));
  EXPECT_EQ(average_precision(all, p), 1);
  EXPECT_TRUE(roc_curve(none, p).empty());
  EXPECT_TRUE(roc_curve(all, p).empty());
  EXPECT_TRUE(precision_recall_curve(none, p).empty());
  EXPECT_EQ(recall(confusion(none, p, 0.5)), 0);
  EXPECT_EQ(precision(confusion(all, p, 0.5)), 0);
  EXPECT_EQ(f1(confusion(none, p, 0.5)), 0);
  EXPECT_TRUE(std::isnan(roc_auc_delong(none, p).value));
  EXPECT_TRUE(std::isnan(roc_auc_delong(none, p).low));
  EXPECT_EQ(roc_auc_difference(all, p, p).p_value, 1);
}

TEST(Metric, NoRows) {
  const std::vector<int32_t> y;
  const std::vector<double> p;
  EXPECT_TRUE(std::isnan(roc_auc(y, p)));
  EXPECT_TRUE(std::isnan(average_precision(y, p)));
  EXPECT_TRUE(std::isnan(log_loss(y, p)));
  EXPECT_TRUE(std::isnan(brier(y, p)));
  EXPECT_TRUE(std::isnan(accuracy(confusion(y, p, 0.5))));
  EXPECT_TRUE(std::isnan(expected_calibration_error(y, p, 10)));
  EXPECT_TRUE(reliability(y, p, 10).empty());
  EXPECT_TRUE(std::isnan(bootstrap(y, p, roc_auc, 10, Seed{1}).value));
}

TEST(Metric, ScoresThatAreNoNumbersRankLast) {
  const std::vector<int32_t> y = {1, 0, 1, 0};
  const std::vector<double> p = {kNaN, .2, .9, kNaN};
  EXPECT_DOUBLE_EQ(roc_auc(y, p), roc_auc(y, std::vector<double>{-1, .2, .9, -1}));
  EXPECT_TRUE(std::isnan(log_loss(y, p)));
}

TEST(Metric, LogLossIsClipped) {
  const std::vector<int32_t> y = {1, 0};
  EXPECT_NEAR(log_loss(y, std::vector<double>{0, 1}), 34.53917619362578, 0.01);
  EXPECT_NEAR(log_loss(y, std::vector<double>{1, 0}), 1e-15, 1e-16);
}

// scikit-learn adds the first point (nobody) after it has thinned the curve and so keeps the one
// after it, (0, 0.125) here, which lies straight.
TEST(Curves, RocCurve) {
  const double third = 1.0 / 3, twelfth = 1.0 / 12;
  const std::vector<std::array<double, 3>> expected = {
      {0, 0, HUGE_VAL},      {0, .25, .9},          {twelfth, .25, .85},
      {twelfth, .5, .75},    {2 * twelfth, .5, .7}, {2 * twelfth, .625, .6},
      {third, .75, .5},      {.5, .75, .35},        {2 * third, 1, .2},
      {9 * twelfth, 1, .15}, {11 * twelfth, 1, .1}, {1, 1, .05}};
  const std::vector<CurvePoint> curve = roc_curve(kSmall.y, kSmall.p);
  ASSERT_EQ(curve.size(), expected.size());
  for (size_t i = 0; i < curve.size(); ++i) {
    EXPECT_DOUBLE_EQ(curve[i].x, expected[i][0]) << i;
    EXPECT_DOUBLE_EQ(curve[i].y, expected[i][1]) << i;
    EXPECT_EQ(curve[i].threshold, expected[i][2]) << i;
  }
}

TEST(Curves, AreaUnderTheRocCurveIsRocAuc) {
  for (const bool rounded : {false, true}) {
    const auto [y, p] = formula_rows(rounded);
    const std::vector<CurvePoint> curve = roc_curve(y, p);
    EXPECT_EQ(curve.size(), rounded ? 12U : 230U);
    double area = 0;
    for (size_t i = 1; i < curve.size(); ++i) {
      area += (curve[i].x - curve[i - 1].x) * (curve[i].y + curve[i - 1].y) / 2;
    }
    EXPECT_NEAR(area, roc_auc(y, p), 1e-14);
  }
}

TEST(Curves, PrecisionRecallCurve) {
  const std::vector<std::array<double, 2>> expected = {
      {0, 1},        {.125, 1},       {.25, 1},      {.25, 2.0 / 3},  {.375, .75}, {.5, .8},
      {.5, 2.0 / 3}, {.625, 5.0 / 7}, {.75, .6},     {.75, 6.0 / 11}, {.75, .5},   {.875, .5},
      {1, .5},       {1, 8.0 / 17},   {1, 8.0 / 19}, {1, .4}};
  const std::vector<CurvePoint> curve = precision_recall_curve(kSmall.y, kSmall.p);
  ASSERT_EQ(curve.size(), expected.size());
  for (size_t i = 0; i < curve.size(); ++i) {
    EXPECT_DOUBLE_EQ(curve[i].x, expected[i][0]) << i;
    EXPECT_DOUBLE_EQ(curve[i].y, expected[i][1]) << i;
  }
}

TEST(Calibration, BinsOfEqualSizeKeepTiesTogether) {
  const std::vector<int32_t> y = {0, 1, 0, 1, 1, 0, 1, 1};
  const std::vector<double> p = {.1, .2, .2, .2, .6, .7, .8, .9};
  const std::vector<ReliabilityBin> bins = reliability(y, p, 4);
  ASSERT_EQ(bins.size(), 3U);  // by hand: {.1 .2 .2 .2} {.6 .7} {.8 .9}
  EXPECT_EQ(bins[0].rows, 4);
  EXPECT_DOUBLE_EQ(bins[0].mean_probability, 0.175);
  EXPECT_DOUBLE_EQ(bins[0].rate, 0.5);
  EXPECT_EQ(bins[1].rows, 2);
  EXPECT_DOUBLE_EQ(bins[1].rate, 0.5);
  EXPECT_DOUBLE_EQ(bins[2].mean_probability, 0.85);
  EXPECT_EQ(bins[2].low, wilson(2, 2).low);
  EXPECT_NEAR(expected_calibration_error(y, p, 4), (4 * 0.325 + 2 * 0.15 + 2 * 0.15) / 8, 1e-15);
  EXPECT_EQ(reliability(y, p, 100).size(), 6U);  // never more bins than distinct values
  EXPECT_EQ(reliability(y, p, 1).size(), 1U);
}

TEST(Calibration, ConstantProbabilityIsOneBin) {
  const std::vector<int32_t> y = {1, 0, 0, 0};
  const std::vector<double> p(4, 0.3);
  EXPECT_EQ(reliability(y, p, 10).size(), 1U);
  EXPECT_NEAR(expected_calibration_error(y, p, 10), 0.05, 1e-15);
}

TEST(MetricTable, NamesAndDirections) {
  EXPECT_TRUE(metric_named("roc_auc").higher_is_better);
  EXPECT_FALSE(metric_named("log_loss").higher_is_better);
  for (const MetricInfo& info : all_metrics()) {
    ASSERT_NE(info.score, nullptr);
    EXPECT_FALSE(info.description.empty());
    const Rows good = {.y = {0, 0, 1, 1}, .p = {.9, .1, .8, .2, .2, .8, .1, .9}};
    const Rows bad = {.y = {0, 0, 1, 1}, .p = {.1, .9, .2, .8, .8, .2, .9, .1}};
    const double gain = info.score(good.y, good.p, 2) - info.score(bad.y, bad.p, 2);
    EXPECT_GT(info.higher_is_better ? gain : -gain, 0) << info.name;
  }
  try {
    metric_named("roc_auk");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    EXPECT_NE(error.problem().find("did you mean \"roc_auc\"?"), std::string::npos);
  }
}

}  // namespace
}  // namespace perennial
