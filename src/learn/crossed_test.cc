#include "learn/crossed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace perennial {
namespace {

// Numbers with ties and gaps, two text features; what the second table says has other codes, and
// texts of its own.
FeatureTable made_table(size_t rows, uint64_t seed, const std::vector<std::string>& cities,
                        int classes) {
  FeatureTable out;
  for (int k = 0; k < classes; ++k) out.classes.push_back("c" + std::to_string(k));
  std::vector<double> a, b, c;
  std::vector<std::string> city, plan;
  Rng rng(Seed{seed});
  for (size_t i = 0; i < rows; ++i) {
    a.push_back(static_cast<double>(rng.below(6)));
    b.push_back(rng.bernoulli(0.1) ? std::nan("") : rng.normal());
    c.push_back(rng.normal() / 3);
    city.push_back(cities[rng.below(cities.size())]);
    plan.push_back(rng.bernoulli(0.4) ? "gold" : "basic");
    out.ids.push_back(std::to_string(i));
    const double score = a[i] / 3 + (city[i] == "Perm" ? 1 : 0) + rng.normal();
    out.y.push_back(std::clamp(static_cast<int32_t>(score), 0, classes - 1));
  }
  out.features = {Column::number("a", a), Column::number("b", b), Column::number("c", c),
                  Column::text("city", city), Column::text("plan", plan)};
  out.features[4].codes[rows / 2] = -1;
  out.feature_tables.assign(out.features.size(), "t");
  return out;
}

Pipeline fitted(const FeatureTable& table, const std::string& learner, const Params& prep = {},
                const Params& given = {}) {
  std::vector<uint32_t> rows(table.rows());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<uint32_t>(i);
  const Learner& known = learner_named(learner);
  Pipeline out = fit_pipeline(learner, complete(known.params(), given, ""),
                              complete(pipeline_params(known), prep, ""), table, rows, {}, Seed{1});
  return out;
}

// The rows as a table, cell by cell as text or number: an independent way to mix them.
FeatureTable mixed(const FeatureTable& a, const FeatureTable& b, size_t row,
                   const CrossedRows& rows) {
  FeatureTable out;
  out.classes = a.classes;
  out.feature_tables = a.feature_tables;
  out.ids.assign(rows.rows(), "");
  for (size_t f = 0; f < a.features.size(); ++f) {
    std::vector<double> numbers;
    std::vector<std::string> texts;
    for (size_t i = 0; i < rows.rows(); ++i) {
      const Column& from = rows.from_first(i, f) ? a.features[f] : b.features[f];
      const size_t at = rows.from_first(i, f) ? row : rows.second[i];
      if (from.is_text()) {
        const int32_t code = from.codes[at];
        texts.push_back(code < 0 ? "" : from.dictionary[static_cast<size_t>(code)]);
      } else {
        numbers.push_back(from.numbers[at]);
      }
    }
    const std::string name = a.features[f].name;
    out.features.push_back(a.features[f].is_text() ? Column::text(name, texts)
                                                   : Column::number(name, numbers));
    for (size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].empty()) out.features[f].codes[i] = -1;
    }
  }
  return out;
}

CrossedRows drawn(size_t features, size_t others, uint64_t seed) {
  CrossedRows out{.features = features};
  Rng rng(Seed{seed});
  std::vector<uint8_t> own(features, 0);
  uint32_t second = 0;
  for (int i = 0; i < 120; ++i) {
    if (i % 20 == 0) second = static_cast<uint32_t>(rng.below(others));
    own[rng.below(features)] ^= 1;
    out.second.push_back(second);
    out.first.insert(out.first.end(), own.begin(), own.end());
  }
  return out;
}

void expect_as_predict(const Pipeline& pipeline, const std::string& what) {
  const auto classes = pipeline.classes;
  const FeatureTable a = made_table(6, 7, {"Omsk", "Perm", "Тверь"}, classes);
  const FeatureTable b = made_table(9, 8, {"nowhere", "Тверь", "Perm"}, classes);
  const Crossing crossing(pipeline, a, b);
  for (size_t row = 0; row < a.rows(); ++row) {
    const CrossedRows rows = drawn(a.features.size(), b.rows(), 100 + row);
    EXPECT_EQ(crossing.answers(row, rows), pipeline.predict(mixed(a, b, row, rows))) << what;
  }
}

TEST(Crossing, AnswersAsPredict) {
  for (const int classes : {2, 3}) {
    const FeatureTable table = made_table(300, 1, {"Perm", "Omsk", "Тверь", "Уфа"}, classes);
    for (const char* learner : {"knn", "naive_bayes", "tree"}) {
      expect_as_predict(fitted(table, learner), learner);
    }
    expect_as_predict(fitted(table, "knn", Params({{"scale", std::string("none")}}),
                             Params({{"weights", std::string("distance")}})),
                      "knn by distance, raw");
  }
  const FeatureTable table = made_table(300, 1, {"Perm", "Omsk", "Тверь", "Уфа"}, 2);
  expect_as_predict(fitted(table, "knn", Params({{"interactions", true}})), "products");
  Pipeline odds = fitted(table, "knn", Params({{"balance", std::string("undersample")}}));
  expect_as_predict(odds, "balanced");
}

// Mixed once, calibrated once.
TEST(Crossing, EnsemblesAsPredict) {
  const FeatureTable table = made_table(300, 1, {"Perm", "Omsk", "Тверь", "Уфа"}, 2);
  Pipeline mean;
  mean.learner = kEnsemble;
  for (const char* learner : {"knn", "naive_bayes"}) {
    mean.members.push_back(
        {.weight = 0.5, .pipeline = std::make_shared<Pipeline>(fitted(table, learner))});
  }
  mean.calibration = fit_calibration("beta", table.y, mean.predict(table), 2);
  expect_as_predict(mean, "mean");
  Pipeline stack = mean;
  stack.intercept = {0.1, -0.1};
  expect_as_predict(stack, "stack");
}

}  // namespace
}  // namespace perennial
