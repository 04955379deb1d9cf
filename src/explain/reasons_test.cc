#include "explain/reasons.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "explain/effects.h"
#include "explain/short_reasons.h"
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

// The same pipeline with a model that does not say what it is: no view, only answers.
Pipeline hidden(const Pipeline& model) {
  struct Box : Model {
    std::shared_ptr<const Model> inside;
    void predict(const Matrix& x, std::span<double> p) const override { inside->predict(x, p); }
    void save(ByteWriter&) const override {}
  };
  auto box = std::make_shared<Box>();
  box->inside = model.model;
  Pipeline closed = model;
  closed.model = box;
  return closed;
}

// The same model, once as trees (exact) and once as a black box (sampled): within the stated error.
TEST(Shap, SampledAgreesWithExactWithinItsError) {
  const FeatureTable table = planted_table(400, 5, linear_truth, 3);
  const Pipeline model = fitted(table, "tree");
  const ExplainReference reference = make_reference(table, model, 100, Seed{4});
  const Explainer exact(model, reference);
  ASSERT_TRUE(exact.method().exact);
  const Pipeline closed = hidden(model);
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

// Nearest neighbours walk from row to row; a model that hides what it is is asked about every row
// anew. The same values to the last bit, on numbers that tie.
TEST(Shap, WalkingIsAsAskingAnew) {
  FeatureTable table = planted_table(250, 4, linear_truth, 6);
  std::vector<std::string> plan;
  for (size_t i = 0; i < table.rows(); ++i) {
    for (size_t f = 0; f < 3; ++f) {
      double& v = table.features[f].numbers[i];
      v = std::round(v);
    }
    plan.push_back(i % 3 == 0 ? "gold" : i % 7 == 0 ? "trial" : "basic");
  }
  table.features[1].numbers[5] = kMissing;
  table.features.push_back(Column::text("plan", plan));
  table.feature_tables.push_back("t");
  for (const char* weights : {"uniform", "distance"}) {
    const Pipeline model = fitted(table, "knn", Params({{"weights", std::string(weights)}}));
    const Pipeline closed = hidden(model);
    const ExplainReference reference = make_reference(table, model, 20, Seed{4});
    std::vector<uint32_t> rows(60);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<uint32_t>(4 * i);
    const FeatureTable few = table.take(rows);
    const Contributions a = Explainer(model, reference).explain(few, Seed{1}, Workers(2));
    const Contributions b = Explainer(closed, reference).explain(few, Seed{1}, Workers(1));
    EXPECT_EQ(a.values, b.values) << weights;
    EXPECT_EQ(a.error, b.error) << weights;
  }
}

// Share of all customers whose first reason is the planted cause: the feature with the largest true
// contribution, the Shapley value of the true log-odds over the population. `cause` knows it for
// everybody, however near the runner-up is.
template <typename Truth, typename Cause>
double named(const std::string& learner, size_t rows, Truth truth, Cause cause,
             const Params& params = {}) {
  const FeatureTable train = planted_table(rows, 6, truth, 11);
  const Pipeline model = fitted(train, learner, params);
  const ExplainReference reference = make_reference(train, model, 100, Seed{4});
  const Explainer explainer(model, reference);
  const FeatureTable test = planted_table(1000, 6, truth, 12);
  double right = 0;
  for (size_t i = 0; i < test.rows(); ++i) {
    std::vector<double> x;
    for (const Column& c : test.features) x.push_back(c.numbers[i]);
    const CustomerExplanation e = explain_customer(explainer, model, reference, test, i,
                                                   {.most_what_if = 0}, Seed{1}, Workers(1));
    right += !e.reasons.empty() && e.reasons[0].feature == cause(x) ? 1 : 0;
  }
  return right / static_cast<double>(test.rows());
}

// Independent columns of mean 0 in a sum: the Shapley value of each is its own term.
TEST(Reasons, NameThePlantedLinearCause) {
  const auto cause = [](const std::vector<double>& x) {
    return std::abs(3 * x[0]) >= std::abs(1.5 * x[1]) ? "x0" : "x1";
  };
  EXPECT_GE(named("logistic", 3000, linear_truth, cause), 0.95);
}

// x0 moves the outcome by 3 where x1 > 0 and not at all elsewhere, so that both are its causes.
// With f = 3, -3, -1.5, -1.5 in the quarters (x0, x1) = (+, +), (-, +), (+, -), (-, -), which are
// equally likely, the Shapley values by hand are 2.25, -2.25, 0.75, -0.75 of x0 and 1.5, 0, -1.5, 0
// of x1: the larger one is ahead by 0.75 or more. (Where it is ahead by less than the noise that a
// model follows, a whole quarter of the customers gets the other name.)
TEST(Reasons, NameAPlantedInteraction) {
  const auto truth = [](const std::vector<double>& x) {
    return x[1] > 0 ? (x[0] > 0 ? 3.0 : -3.0) : -1.5;
  };
  const auto cause = [](const std::vector<double>& x) {
    return x[1] < 0 && x[0] > 0 ? "x1" : "x0";
  };
  Params params;
  params.set("max_depth", int64_t{2});
  params.set("n_estimators", int64_t{100});
  params.set("learning_rate", 0.1);
  EXPECT_GE(named("boosted_trees", 6000, truth, cause, params), 0.95);
}

// 19783 days after 1970-01-01 is 2024-03-01.
TEST(Reasons, DatesAreSaidAsDates) {
  FeatureTable table = planted_table(300, 2, linear_truth, 7);
  table.features[0].type = ColumnType::kDate;
  for (double& v : table.features[0].numbers) v = std::floor(19783 + 40 * v);
  table.features[0].numbers[3] = 19783;
  const Pipeline model = fitted(table, "logistic");
  // From the model file as from the run.
  const ExplainReference reference =
      ExplainReference::from_json(make_reference(table, model, 50, Seed{4}).to_json());
  const Explainer explainer(model, reference);
  const CustomerExplanation e =
      explain_customer(explainer, model, reference, table, 3, {}, Seed{1}, Workers(1));
  const std::string text = customer_text(e, explainer.method(), table.classes);
  EXPECT_NE(text.find("x0 2024-03-01 (usual: 2024-"), std::string::npos) << text;
  EXPECT_NE(customer_json(e, explainer.method(), table.classes).find("\"2024-03-01\""),
            std::string::npos);
  const ShortReasons brief =
      short_reasons(explainer, table, model.predict(table), {.most = 2}, Seed{1}, Workers(1));
  EXPECT_NE(brief.text[3].find("x0 2024-03-01 ("), std::string::npos) << brief.text[3];
}

// What scores.csv holds is the beginning of what `explain` says.
TEST(Reasons, ShortOnesAreTheFirstSteps) {
  FeatureTable table = planted_table(400, 5, linear_truth, 5);
  std::vector<std::string> plan;
  for (size_t i = 0; i < table.rows(); ++i) plan.push_back(i % 3 == 0 ? "gold" : "basic");
  table.features.push_back(Column::text("plan", plan));
  table.feature_tables.push_back("t");
  table.features[2].numbers[7] = kMissing;
  for (const char* learner : {"logistic", "boosted_trees"}) {
    const Pipeline model = fitted(table, learner);
    const ExplainReference reference = make_reference(table, model, 100, Seed{4});
    const Explainer explainer(model, reference);
    const ShortReasons all =
        short_reasons(explainer, table, model.predict(table), {.most = 2}, Seed{1}, Workers(2));
    ASSERT_EQ(all.text.size(), table.rows());
    EXPECT_EQ(all.explained, table.rows());
    for (const size_t i : {size_t{0}, size_t{7}, size_t{399}}) {
      const CustomerExplanation e = explain_customer(explainer, model, reference, table, i,
                                                     {.most_what_if = 0}, Seed{1}, Workers(1));
      const Reason& first = e.reasons[0];
      const std::string points = fixed(100 * (first.to - first.from), 1);
      EXPECT_TRUE(all.text[i].starts_with(first.feature + " ")) << all.text[i];
      EXPECT_NE(all.text[i].find("(" + std::string(first.to > first.from ? "+" : "") + points),
                std::string::npos)
          << all.text[i] << " " << points;
    }
  }
}

// Sampled reasons cost much: the likeliest customers get them, as many as the budget allows.
TEST(Reasons, SampledOnesAreOfTheLikeliest) {
  const FeatureTable table = planted_table(300, 4, linear_truth, 5);
  const Pipeline model = fitted(table, "naive_bayes");
  const ExplainReference reference = make_reference(table, model, 50, Seed{4});
  const Explainer explainer(model, reference);
  const std::vector<double> answers = model.predict(table);
  const ShortReasons some =
      short_reasons(explainer, table, answers, {.most = 2, .sampled_budget = 20 * 2 * 5 * 5},
                    Seed{1}, Workers(2));
  EXPECT_EQ(some.explained, 20u);
  double least = 1, most = 0;
  size_t said = 0;
  for (size_t i = 0; i < table.rows(); ++i) {
    const double p = answers[2 * i + 1];
    said += some.text[i].empty() ? 0 : 1;
    if (some.text[i].empty()) {
      most = std::max(most, p);
    } else {
      least = std::min(least, p);
    }
  }
  EXPECT_EQ(said, 20u);
  EXPECT_GE(least, most);
}

// What is kept beside the texts is what the explainer says of those rows, whether they get texts or
// not.
TEST(ShortReasons, KeepsContributions) {
  const FeatureTable table = planted_table(120, 4, linear_truth, 9);
  for (const char* learner : {"logistic", "knn"}) {
    const Pipeline model = fitted(table, learner);
    const ExplainReference reference = make_reference(table, model, 30, Seed{4});
    const Explainer explainer(model, reference);
    const std::vector<double> answers = model.predict(table);
    const std::vector<uint32_t> rows = {0, 17, 18, 60, 119};
    for (const size_t most : {size_t{0}, size_t{2}}) {
      KeptContributions keep{.rows = rows, .values = {}};
      const ShortReasons with = short_reasons(
          explainer, table, answers,
          {.most = most, .exact_budget = 50.0 * explainer.cost(), .sampled_budget = 20 * 2 * 5 * 5},
          Seed{1}, Workers(2), &keep);
      const Contributions alone = explainer.explain(table.take(rows), Seed{1}, Workers(1), 5);
      EXPECT_EQ(keep.values.values, alone.values) << learner;
      EXPECT_EQ(keep.values.error, alone.error) << learner;
      EXPECT_EQ(keep.values.base, alone.base) << learner;
      EXPECT_EQ(keep.values.rows, rows.size());
      EXPECT_EQ(keep.place(60), 3u);
      const ShortReasons without = short_reasons(
          explainer, table, answers,
          {.most = most, .exact_budget = 50.0 * explainer.cost(), .sampled_budget = 20 * 2 * 5 * 5},
          Seed{1}, Workers(2));
      EXPECT_EQ(with.text, without.text) << learner;
    }
  }
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
