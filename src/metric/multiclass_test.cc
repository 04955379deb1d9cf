// Known answers are from scikit-learn 1.2.1 (roc_auc_score(multi_class="ovr"), log_loss,
// f1_score(average="macro") and so on) and numpy on the same formula rows.
#include "metric/multiclass.h"

#include <gtest/gtest.h>

#include <cmath>

namespace perennial {
namespace {

struct Rows {
  std::vector<int32_t> y;
  std::vector<double> p;
};

// 300 rows of three classes from a formula that Python repeats exactly.
Rows formula_rows() {
  Rows rows;
  for (int i = 0; i < 300; ++i) {
    double a[3] = {1.0 + (i * 7919) % 101, 1.0 + (i * 104729) % 89,
                   1.0 + static_cast<double>((int64_t{i} * 1299709) % 97)};
    const int kind = (i * i + i / 7) % 5;
    const int32_t y = kind == 3 ? 0 : kind == 4 ? 2 : kind;
    a[y] += 60;
    const double sum = a[0] + a[1] + a[2];
    rows.y.push_back(y);
    for (const double v : a) rows.p.push_back(v / sum);
  }
  return rows;
}

TEST(MultiClass, FiguresOfThreeHundredRows) {
  const auto [y, p] = formula_rows();
  EXPECT_NEAR(macro_roc_auc(y, p, 3), 0.9769963338909765, 1e-14);
  EXPECT_NEAR(macro_average_precision(y, p, 3), 0.95720492746578, 1e-13);
  EXPECT_NEAR(multi_log_loss(y, p, 3), 0.6318908655133658, 1e-13);
  EXPECT_NEAR(multi_brier(y, p, 3), 0.353881749786807, 1e-13);
  const ClassCounts counts = class_counts(y, p, 3);
  EXPECT_EQ(counts, (ClassCounts{{126, 4, 7}, {4, 48, 2}, {4, 5, 100}}));
  EXPECT_NEAR(accuracy(counts), 0.9133333333333333, 1e-15);
  EXPECT_NEAR(balanced_accuracy(counts), 0.9086760369155066, 1e-15);
  EXPECT_NEAR(macro_f1(counts), 0.9040617854728015, 1e-15);
  EXPECT_EQ(metric_named("roc_auc").score(y, p, 3), macro_roc_auc(y, p, 3));
  EXPECT_EQ(metric_named("f1").score(y, p, 3), macro_f1(counts));
}

// The spreads over 4,000 resamples that numpy drew: 0.198 of ROC-AUC's logit, 0.0185 of balanced
// accuracy.
TEST(MultiClass, IntervalsAreAsWideAsTheSpreadOfResamples) {
  const auto [y, p] = formula_rows();
  const auto logit = [](double v) { return std::log(v / (1 - v)); };
  const Figure auc = macro_roc_auc_interval(y, p, 3);
  EXPECT_NEAR((logit(auc.high) - logit(auc.low)) / 3.92, 0.1975, 0.01);
  const Figure balanced = balanced_accuracy_interval(class_counts(y, p, 3));
  EXPECT_NEAR((balanced.high - balanced.low) / 3.92, 0.0185, 0.001);
  EXPECT_LT(balanced.low, balanced.value);
}

TEST(MultiClass, OfTwoClassesTheIntervalsAreDeLongs) {
  Rows two;
  for (int i = 0; i < 60; ++i) {
    two.y.push_back((i * 37) % 5 < 2 ? 1 : 0);
    const double p = ((i * 7919) % 61 + (two.y.back() == 1 ? 20 : 0)) / 90.0;
    two.p.insert(two.p.end(), {1 - p, p});
  }
  const OneAgainstRest one = one_against_rest(two.y, two.p, 2, 1);
  const Figure macro = macro_roc_auc_interval(two.y, two.p, 2), own = roc_auc_delong(one.y, one.p);
  EXPECT_NEAR(macro.value, own.value, 1e-14);
  EXPECT_NEAR(macro.low, own.low, 1e-12);
  EXPECT_NEAR(macro.high, own.high, 1e-12);
}

// By hand: class 2 has no row; the others are perfectly told apart.
TEST(MultiClass, AClassWithoutRowsIsLeftOut) {
  const std::vector<int32_t> y = {0, 1, 0, 1};
  const std::vector<double> p = {.8, .1, .1, .2, .7, .1, .6, .2, .2, .3, .6, .1};
  EXPECT_EQ(macro_roc_auc(y, p, 3), 1);
  EXPECT_EQ(balanced_accuracy(class_counts(y, p, 3)), 1);
  EXPECT_EQ(macro_f1(class_counts(y, p, 3)), 1);
  const Figure auc = macro_roc_auc_interval(y, p, 3);
  EXPECT_EQ(auc.high, 1);
  EXPECT_LT(auc.low, 0.8);  // four rows say little
  EXPECT_TRUE(std::isnan(macro_roc_auc(std::vector<int32_t>{1}, std::vector<double>{0, 1, 0}, 3)));
}

TEST(MultiClass, TopLabelIsTheCalledClass) {
  const std::vector<int32_t> y = {0, 2};
  const std::vector<double> p = {.5, .5, 0, .2, .5, .3};
  const OneAgainstRest top = top_label(y, p, 3);  // the first of equals is called
  EXPECT_EQ(top.y, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(top.p, (std::vector<double>{.5, .5}));
}

}  // namespace
}  // namespace perennial
