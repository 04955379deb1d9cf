#include "explain/reasons.h"

#include <gtest/gtest.h>

#include <cmath>

#include "explain/effects.h"
#include "explain/test_support.h"

namespace perennial {
namespace {

using explain_testing::fitted;
using explain_testing::planted_table;

double linear_truth(const std::vector<double>& x) { return 3 * x[0] - 1.5 * x[1]; }

// Margins of the explained rows, from the pipeline's uncalibrated probabilities.
void expect_sums(const std::string& learner, const FeatureTable& table, double tolerance) {
  const Pipeline model = fitted(table, learner);
  const ExplainReference reference = make_reference(table, model, 60, Seed{4});
  const Explainer explainer(model, reference);
  const FeatureTable few = table.take({0, 5, 9, 77, 123});
  const Contributions c = explainer.explain(few, Seed{1}, Workers(2));
  const std::vector<double> p = model.positive_probability(few);
  for (size_t i = 0; i < few.rows(); ++i) {
    double sum = c.base[0];
    for (size_t f = 0; f < c.features; ++f) sum += c.at(i, 0, f);
    EXPECT_NEAR(explainer.probability(std::vector<double>{sum})[1], p[i], tolerance) << learner;
  }
}

TEST(Shap, SumsAreTheProbability) {
  FeatureTable table = planted_table(300, 4, linear_truth, 1);
  std::vector<std::string> plan;
  for (size_t i = 0; i < table.rows(); ++i) plan.push_back(i % 3 == 0 ? "gold" : "basic");
  table.features.push_back(Column::text("plan", plan));
  table.feature_tables.push_back("t");
  for (const char* learner : {"logistic", "tree", "random_forest", "boosted_trees"}) {
    expect_sums(learner, table, 1e-6);
  }
  // Sampled chains telescope, so even they add up.
  for (const char* learner : {"knn", "naive_bayes"}) expect_sums(learner, table, 1e-9);
}

// By hand: weight times distance from the training mean.
TEST(Shap, LinearByHand) {
  const FeatureTable table = planted_table(500, 3, linear_truth, 2);
  const Pipeline model = fitted(table, "logistic");
  const ExplainReference reference = make_reference(table, model, 50, Seed{4});
  const Explainer explainer(model, reference);
  const Contributions c = explainer.explain(table, Seed{1}, Workers(1));
  const Matrix x = model.prep.apply(table);
  const auto view = model.model->view();
  for (size_t f = 0; f < 3; ++f) {
    double mean = 0;
    for (const double v : x.column(f)) mean += v / 500;
    EXPECT_NEAR(c.at(7, 0, f), view->linear->weights[f] * (x.at(7, f) - mean), 1e-9);
  }
}

// The same model, once as trees (exact) and once as a black box (sampled): within the stated error.
TEST(Shap, SampledAgreesWithExactWithinItsError) {
  const FeatureTable table = planted_table(400, 5, linear_truth, 3);
  Pipeline model = fitted(table, "tree");
  const ExplainReference reference = make_reference(table, model, 100, Seed{4});
  const Explainer exact(model, reference);
  ASSERT_TRUE(exact.method().exact);
  struct Box : Model {
    std::shared_ptr<const Model> inside;
    void predict(const Matrix& x, std::span<double> p) const override { inside->predict(x, p); }
    void save(ByteWriter&) const override {}
  };
  auto box = std::make_shared<Box>();
  box->inside = model.model;
  Pipeline closed = model;
  closed.model = box;
  const Explainer sampled(closed, reference);
  ASSERT_FALSE(sampled.method().exact);
  const FeatureTable few = table.take({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const Contributions a = exact.explain(few, Seed{1}, Workers(1));
  const Contributions b = sampled.explain(few, Seed{1}, Workers(2));
  int outside = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    outside += std::abs(a.values[i] - b.values[i]) > 2.5 * b.error[i] + 1e-9 ? 1 : 0;
  }
  EXPECT_LE(outside, 3);  // of 60; 2.5 standard errors leave out 1 in 80
  EXPECT_NEAR(a.base[0], b.base[0], 1e-12);
}

// Share of customers whose first reason is the planted cause: the feature with the largest true
// effect, told from a runner-up that is at least a fifth smaller.
template <typename Truth, typename Cause>
double named(const std::string& learner, size_t rows, Truth truth, Cause cause,
             const Params& params = {}) {
  const FeatureTable train = planted_table(rows, 6, truth, 11);
  const Pipeline model = fitted(train, learner, params);
  const ExplainReference reference = make_reference(train, model, 100, Seed{4});
  const Explainer explainer(model, reference);
  const FeatureTable test = planted_table(400, 6, truth, 12);
  double asked = 0, right = 0;
  for (size_t i = 0; i < test.rows(); ++i) {
    std::vector<double> x;
    for (const Column& c : test.features) x.push_back(c.numbers[i]);
    const std::string expected = cause(x);
    if (expected.empty()) continue;
    const CustomerExplanation e = explain_customer(explainer, model, reference, test, i,
                                                   {.most_what_if = 0}, Seed{1}, Workers(1));
    ++asked;
    right += !e.reasons.empty() && e.reasons[0].feature == expected ? 1 : 0;
  }
  EXPECT_GT(asked, 150);
  return right / asked;
}

TEST(Reasons, NameThePlantedLinearCause) {
  const auto cause = [](const std::vector<double>& x) -> std::string {
    const double a = std::abs(3 * x[0]), b = std::abs(1.5 * x[1]);
    if (std::min(a, b) > 0.8 * std::max(a, b) || std::max(a, b) < 0.5) return "";
    return a > b ? "x0" : "x1";
  };
  EXPECT_GE(named("logistic", 3000, linear_truth, cause), 0.95);
}

// x0 matters only where x1 is above 0: both are its causes, no other feature is.
TEST(Reasons, NameAPlantedInteraction) {
  const auto truth = [](const std::vector<double>& x) {
    return x[1] > 0 ? (x[0] > 0 ? 3.0 : -3.0) : -0.5;
  };
  const auto cause = [](const std::vector<double>& x) -> std::string {
    return x[1] > 0 ? "x0" : "";  // there x0 moves it by 3, x1 by 1.75 at most
  };
  Params params;
  params.set("max_depth", int64_t{3});
  params.set("n_estimators", int64_t{100});
  EXPECT_GE(named("boosted_trees", 3000, truth, cause, params), 0.95);
}

TEST(Reasons, StepsAddUpAndChangesCross) {
  const FeatureTable table = planted_table(800, 5, linear_truth, 5);
  const Pipeline model = fitted(table, "boosted_trees");
  const ExplainReference reference = make_reference(table, model, 100, Seed{4});
  const Explainer explainer(model, reference);
  int changes = 0;
  for (size_t i = 0; i < 40; ++i) {
    const CustomerExplanation e = explain_customer(explainer, model, reference, table, i,
                                                   {.most_reasons = 3}, Seed{1}, Workers(1));
    double now = e.average;
    for (const Reason& r : e.reasons) {
      EXPECT_EQ(r.from, now);
      now = r.to;
    }
    EXPECT_NEAR(now + e.rest, e.probability, 1e-12);
    for (const WhatIf& w : e.what_if) {
      if (!w.crosses) continue;
      ++changes;
      EXPECT_NE(w.probability >= 0.5, e.probability >= 0.5);
    }
  }
  EXPECT_GT(changes, 40);
}

TEST(Reasons, ReferenceSurvivesTheFile) {
  FeatureTable table = planted_table(50, 2, linear_truth, 5);
  table.features[0].numbers[3] = kMissing;
  std::vector<std::string> plan(50, "базовый");
  plan[4] = "a \"b\"";
  table.features.push_back(Column::text("plan", plan));
  table.features.back().codes[7] = -1;
  table.feature_tables.push_back("t");
  const Pipeline model = fitted(table, "tree");
  const ExplainReference reference = make_reference(table, model, 50, Seed{4});
  const std::string text = reference.to_json().dump();
  EXPECT_EQ(ExplainReference::from_json(Json::parse(text)).to_json().dump(), text);
  EXPECT_EQ(reference.rows.ids[0], "");  // who they were stays here
}

TEST(Effects, Rules) {
  EXPECT_EQ(direction_of(std::vector<double>{0.1, 0.2, 0.3}), Direction::kRaises);
  EXPECT_EQ(direction_of(std::vector<double>{0.3, 0.1, 0.11}), Direction::kLowers);
  EXPECT_EQ(direction_of(std::vector<double>{0.1, 0.3, 0.1}), Direction::kMixed);
  EXPECT_EQ(direction_of(std::vector<double>{0.1, 0.1002}), Direction::kNone);
  const Figure sure{.value = 0.1, .low = 0.05, .high = 0.15}, unsure{0.1, -0.01, 0.2};
  EXPECT_EQ(rate_certainty(sure, std::vector<double>{1, 0.9, 1.2}), Certainty::kClear);
  EXPECT_EQ(rate_certainty(sure, std::vector<double>{1, -0.1, 1.2}), Certainty::kUnstable);
  EXPECT_EQ(rate_certainty(unsure, std::vector<double>{1, 1}), Certainty::kFaint);
}

}  // namespace
}  // namespace perennial
