#include "judge/judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <type_traits>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

// Answers its first column as it stands: the judge gets exactly the probabilities of the test.
class Echo : public Model {
 public:
  void predict(const Matrix& x, std::span<double> probability) const override {
    for (size_t i = 0; i < x.rows; ++i) {
      probability[2 * i] = 1 - x.at(i, 0);
      probability[2 * i + 1] = x.at(i, 0);
    }
  }
  void save(ByteWriter&) const override {}
};

FeatureTable table_of(const std::vector<int32_t>& y, const std::vector<double>& p) {
  FeatureTable table;
  table.id_name = "id";
  table.target_name = "Покупательская активность";
  table.classes = {"Прежний уровень", "Снизилась"};
  for (size_t i = 0; i < y.size(); ++i) {
    table.ids.push_back(std::to_string(1000 + i));
    table.position.push_back(static_cast<uint32_t>(i));
  }
  table.y = y;
  table.features.push_back(Column::number("p", p));
  table.feature_tables.push_back("t");
  return table;
}

SealedRows sealed(const FeatureTable& table) {
  SplitPlan plan;
  plan.role.assign(table.rows(), Role::kTest);
  plan.fold.assign(table.rows(), -1);
  return seal(table, plan).sealed;
}

Pipeline echo_pipeline(const FeatureTable& table) {
  Pipeline pipeline;
  std::vector<uint32_t> rows;
  for (uint32_t i = 0; i < table.rows(); ++i) rows.push_back(i);
  Params params;
  params.set("scale", std::string("none"));
  pipeline.prep = FittedPrep::fit(table, rows, complete(prep_params(), params, ""));
  pipeline.learner = "naive";  // a known name; the model is ours
  pipeline.model = std::make_shared<Echo>();
  return pipeline;
}

struct Rows {
  std::vector<int32_t> y;
  std::vector<double> p;
};

Rows drawn_rows(size_t n, uint64_t seed) {
  Rng rng(Seed{seed});
  Rows rows;
  for (size_t i = 0; i < n; ++i) {
    const double u = rng.uniform();
    rows.p.push_back(u * u);
    rows.y.push_back(rng.bernoulli(u * u) ? 1 : 0);
  }
  return rows;
}

Verdict judged(const Rows& rows, const JudgeOptions& options, uint64_t seed = 1) {
  const FeatureTable table = table_of(rows.y, rows.p);
  return judge(sealed(table), echo_pipeline(table), options, Seed{seed});
}

std::vector<double> rates(double positive) { return {1 - positive, positive}; }

const char* const kFigures[] = {
    "accuracy", "average_precision", "balanced_accuracy", "brier",  "expected_calibration_error",
    "f1",       "log_loss",          "precision",         "recall", "roc_auc"};

TEST(Judge, FiguresAreThoseOfTheMetrics) {
  const Rows rows = drawn_rows(324, 3);
  const Verdict v = judged(rows, {.class_rates = rates(0.38), .threshold = 0.4});
  const Confusion c = confusion(rows.y, rows.p, 0.4);
  EXPECT_EQ(v.rows, 324U);
  EXPECT_EQ(v.y, rows.y);
  EXPECT_EQ(v.probability, rows.p);
  EXPECT_EQ(v.ids.front(), "1000");
  EXPECT_EQ(v.positives, c.true_positive + c.false_negative);
  EXPECT_EQ(v.confusion.true_positive, c.true_positive);
  EXPECT_DOUBLE_EQ(v.test.at("roc_auc").value, roc_auc(rows.y, rows.p));
  EXPECT_DOUBLE_EQ(v.test.at("average_precision").value, average_precision(rows.y, rows.p));
  EXPECT_DOUBLE_EQ(v.test.at("log_loss").value, log_loss(rows.y, rows.p));
  EXPECT_DOUBLE_EQ(v.test.at("brier").value, brier(rows.y, rows.p));
  EXPECT_DOUBLE_EQ(v.test.at("accuracy").value, accuracy(c));
  EXPECT_DOUBLE_EQ(v.test.at("balanced_accuracy").value, balanced_accuracy(c));
  EXPECT_DOUBLE_EQ(v.test.at("f1").value, f1(c));
  EXPECT_DOUBLE_EQ(v.test.at("precision").value, precision(c));
  EXPECT_DOUBLE_EQ(v.test.at("recall").value, recall(c));
  EXPECT_DOUBLE_EQ(v.test.at("expected_calibration_error").value,
                   expected_calibration_error(rows.y, rows.p, 10));
  for (const auto* all : {&v.test, &v.baseline}) {
    ASSERT_EQ(all->size(), std::size(kFigures));
    for (const char* name : kFigures) {
      const Figure& f = all->at(name);
      EXPECT_LE(f.low, f.value) << name;
      EXPECT_GE(f.high, f.value) << name;
      EXPECT_GE(f.low, 0) << name;
    }
  }
  for (const char* name : kFigures) {
    EXPECT_LT(v.test.at(name).low, v.test.at(name).high) << name;
  }
  EXPECT_FALSE(v.roc.empty());
  EXPECT_FALSE(v.precision_recall.empty());
  EXPECT_EQ(v.reliability.size(), 10U);
  EXPECT_TRUE(v.better_than_baseline);
  EXPECT_NEAR(v.over_baseline.difference, roc_auc(rows.y, rows.p) - 0.5, 1e-15);
  EXPECT_LT(v.over_baseline.p_value, 1e-6);
}

// By hand: 3 of 10 positive, the base rate of the training rows 0.25.
TEST(Judge, BaselineSaysTheBaseRate) {
  const Rows rows = {.y = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
                     .p = {.9, .8, .4, .5, .3, .2, .2, .1, .1, .05}};
  const Verdict v = judged(rows, {.class_rates = rates(0.25), .threshold = 0.2});
  EXPECT_EQ(v.baseline.at("roc_auc").value, 0.5);
  EXPECT_EQ(v.baseline.at("roc_auc").low, 0.5);
  EXPECT_NEAR(v.baseline.at("average_precision").value, 0.3, 1e-15);
  EXPECT_NEAR(v.baseline.at("log_loss").value, -(3 * std::log(0.25) + 7 * std::log(0.75)) / 10,
              1e-15);
  EXPECT_NEAR(v.baseline.at("brier").value, (3 * 0.5625 + 7 * 0.0625) / 10, 1e-15);
  EXPECT_NEAR(v.baseline.at("accuracy").value, 0.7, 1e-15);  // nobody, though 0.25 > 0.2
  EXPECT_EQ(v.baseline.at("recall").value, 0);
  EXPECT_EQ(v.baseline.at("precision").value, 0);
  EXPECT_EQ(v.baseline.at("precision").high, 1);  // nobody called: nothing is known of it
  EXPECT_EQ(v.baseline.at("f1").value, 0);
  EXPECT_NEAR(v.baseline.at("expected_calibration_error").value, 0.05, 1e-15);
  EXPECT_EQ(judged(rows, {.class_rates = rates(0.6)}).baseline.at("recall").value, 1);
}

TEST(Judge, NoiseIsNotBetterThanTheBaseline) {
  Rows rows = drawn_rows(200, 4);
  Rng(Seed{9}).shuffle(rows.y);
  const Verdict v = judged(rows, {.class_rates = rates(0.33)});
  EXPECT_FALSE(v.better_than_baseline);
  EXPECT_GT(v.over_baseline.p_value, 0.05);
}

TEST(Judge, SameSeedSameVerdict) {
  const Rows rows = drawn_rows(150, 5);
  const Verdict a = judged(rows, {.class_rates = rates(0.3)}, 7),
                b = judged(rows, {.class_rates = rates(0.3)}, 7);
  const Verdict c = judged(rows, {.class_rates = rates(0.3)}, 8);
  for (const char* name : kFigures) {
    EXPECT_EQ(a.test.at(name).low, b.test.at(name).low) << name;
    EXPECT_EQ(a.test.at(name).high, b.test.at(name).high) << name;
    EXPECT_EQ(a.test.at(name).value, c.test.at(name).value) << name;
  }
  EXPECT_NE(a.test.at("average_precision").low, c.test.at("average_precision").low);
}

// Rows that were never sealed are judged in the same way.
TEST(Judge, OpenFiguresAreThoseOfTheVerdict) {
  const Rows rows = drawn_rows(150, 5);
  const FeatureTable table = table_of(rows.y, rows.p);
  const JudgeOptions options{.class_rates = rates(0.3)};
  const Pipeline pipeline = echo_pipeline(table);
  const Verdict v = judge(sealed(table), pipeline, options, Seed{7});
  const auto open = open_figures(v.opened->table(), pipeline, options, Seed{7});
  ASSERT_EQ(open.size(), v.test.size());
  for (const auto& [name, figure] : v.test) {
    EXPECT_EQ(open.at(name).value, figure.value) << name;
    EXPECT_EQ(open.at(name).low, figure.low) << name;
    EXPECT_EQ(open.at(name).high, figure.high) << name;
  }
}

TEST(Judge, OneClassGivesNoRankingFiguresButNoCrash) {
  const Verdict v = judged({.y = {0, 0, 0}, .p = {.1, .2, .3}}, {.class_rates = rates(0.3)});
  EXPECT_TRUE(std::isnan(v.test.at("roc_auc").value));
  EXPECT_TRUE(std::isnan(v.test.at("average_precision").value));
  EXPECT_EQ(v.test.at("accuracy").value, 1);
  EXPECT_TRUE(v.roc.empty());
  EXPECT_FALSE(v.better_than_baseline);
}

// The verdict's words: the labels of 3 classes follow the probabilities, or mean nothing.
class EchoThree : public Model {
 public:
  void predict(const Matrix& x, std::span<double> probability) const override {
    for (size_t i = 0; i < x.rows; ++i) {
      for (size_t c = 0; c < 2; ++c) probability[3 * i + c] = x.at(i, c);
      probability[3 * i + 2] = 1 - x.at(i, 0) - x.at(i, 1);
    }
  }
  void save(ByteWriter&) const override {}
};

TEST(Judge, SeveralClasses) {
  Rng rng(Seed{11});
  std::vector<double> a, b;
  std::vector<int32_t> y;
  for (int i = 0; i < 400; ++i) {
    const double u = rng.uniform(), v = rng.uniform();
    a.push_back(u * u);
    b.push_back((1 - u * u) * v);
    const double w = rng.uniform();
    y.push_back(w < a.back() ? 0 : w < a.back() + b.back() ? 1 : 2);
  }
  FeatureTable table = table_of(y, a);
  table.features.push_back(Column::number("q", b));
  table.feature_tables.push_back("t");
  table.classes = {"a", "b", "c"};
  Pipeline pipeline = echo_pipeline(table);
  pipeline.model = std::make_shared<EchoThree>();
  pipeline.classes = 3;
  const JudgeOptions options{.class_rates = {0.4, 0.3, 0.3}};
  const Verdict v = judge(sealed(table), pipeline, options, Seed{1});
  EXPECT_EQ(v.evidence, "better than the base rate");
  ASSERT_EQ(v.per_class.size(), 3U);
  int64_t rows = 0, called = 0;
  for (const ClassFigures& each : v.per_class) {
    rows += each.rows;
    called += each.called;
    EXPECT_LE(each.figures.at("roc_auc").low, each.figures.at("roc_auc").value);
  }
  EXPECT_EQ(rows, 400);
  EXPECT_EQ(called, 400);
  EXPECT_EQ(v.test.at("roc_auc").value, macro_roc_auc(y, v.probability, 3));
  EXPECT_NEAR(v.baseline.at("log_loss").value,
              -(std::log(0.4) * static_cast<double>(v.per_class[0].rows) +
                std::log(0.3) * static_cast<double>(400 - v.per_class[0].rows)) /
                  400,
              1e-12);
  EXPECT_EQ(v.baseline.at("roc_auc").value, 0.5);
  for (const auto& [name, f] : v.test) {
    EXPECT_LE(f.low, f.value) << name;
    EXPECT_GE(f.high, f.value) << name;
  }
  rng.shuffle(table.y);
  EXPECT_EQ(judge(sealed(table), pipeline, options, Seed{1}).evidence, "no evidence");
}

TEST(Judge, RowsWithoutATargetAreRefused) {
  try {
    judged({.y = {0, -1, 1}, .p = {.1, .2, .3}}, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_EQ(error.where(), "customer 1001");
  }
}

// Nobody can look twice: the rows are moved in, and there is no other door.
static_assert(!std::is_copy_constructible_v<SealedRows>);
static_assert(!std::is_invocable_v<decltype(judge), const SealedRows&, const Pipeline&,
                                   const JudgeOptions&, Seed>);

#if defined(NDEBUG) && !defined(PERENNIAL_SANITIZED)
TEST(Judge, IsQuick) {
  const auto seconds = [](size_t n) {
    const Rows rows = drawn_rows(n, 6);
    const FeatureTable table = table_of(rows.y, rows.p);
    const Pipeline pipeline = echo_pipeline(table);
    SealedRows box = sealed(table);
    const std::clock_t start = std::clock();  // of this process: a busy machine changes little
    judge(std::move(box), pipeline, {.class_rates = rates(0.33)}, Seed{1});
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  const double small = seconds(324), large = seconds(25000);
  RecordProperty("seconds_324", fixed(small, 4));
  RecordProperty("seconds_25000", fixed(large, 4));
  EXPECT_LT(small, 0.05);
  EXPECT_LT(large, 0.4);
}
#endif

}  // namespace
}  // namespace perennial
