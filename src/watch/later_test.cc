#include "watch/later.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace perennial {
namespace {

struct World {
  double slope = 1.5, intercept = -0.5;  // of the log odds in x
};

FeatureTable rows_of(const World& world, size_t n, Seed seed) {
  Rng rng(seed);
  FeatureTable table;
  table.classes = {"no", "yes"};
  table.target_name = "y";
  std::vector<double> x(n);
  for (size_t i = 0; i < n; ++i) {
    x[i] = rng.normal();
    table.ids.push_back("c" + std::to_string(i));
    table.y.push_back(rng.bernoulli(1 / (1 + std::exp(-world.intercept - world.slope * x[i]))) ? 1
                                                                                               : 0);
  }
  table.features = {Column::number("x", x)};
  table.feature_tables = {"t"};
  return table;
}

struct Trained {
  Pipeline pipeline;
  TrainingPicture picture;
};

Trained train(Seed seed, const Workers& workers) {
  const FeatureTable learn = rows_of({}, 2000, seed.child("learn"));
  const FeatureTable sealed = rows_of({}, 1000, seed.child("sealed"));
  std::vector<uint32_t> all(learn.rows());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
  const Learner& logistic = learner_named("logistic");
  Trained out;
  out.pipeline = fit_pipeline("logistic", complete(logistic.params(), {}, ""),
                              complete(pipeline_params(logistic), {}, ""), learn, all, {}, seed);
  out.picture.columns = {picture_of(learn.features[0])};
  out.picture.scores = {picture_of(Column::number("p", out.pipeline.positive_probability(sealed)))};
  out.picture.test = open_figures(sealed, out.pipeline, {}, seed, &workers);
  return out;
}

std::string verdict_on(const Trained& trained, const World& world, Seed seed,
                       const Workers& workers) {
  const FeatureTable later = rows_of(world, 3000, seed);
  const std::vector<Shift> shifts =
      shifts_of(trained.picture, later, {trained.pipeline.positive_probability(later)});
  return verdict_of(shifts,
                    judge_later(trained.pipeline, 0.5, trained.picture, later, seed, workers))
      .verdict;
}

// What is known by construction: the same world; all log odds moved (the order of customers stays
// right, the probabilities do not); the effect turned round.
TEST(Later, TheThreeVerdicts) {
  const Workers workers(1);
  const Trained trained = train(Seed{5}, workers);
  EXPECT_EQ(verdict_on(trained, {}, Seed{6}, workers), "still good");
  EXPECT_EQ(verdict_on(trained, {.intercept = 0.8}, Seed{7}, workers), "recalibrate");
  EXPECT_EQ(verdict_on(trained, {.slope = -1.5}, Seed{8}, workers), "retrain");
}

TEST(Later, OneOutcomeIsRefused) {
  const Workers workers(1);
  const Trained trained = train(Seed{5}, workers);
  FeatureTable later = rows_of({}, 50, Seed{9});
  std::fill(later.y.begin(), later.y.end(), 1);
  EXPECT_THROW(judge_later(trained.pipeline, 0.5, trained.picture, later, Seed{1}, workers), Error);
}

TEST(Later, FewOutcomesAreEnoughForAllButANewModel) {
  const Workers workers(1);
  const Trained trained = train(Seed{5}, workers);
  const FeatureTable later = rows_of({}, 40, Seed{10});
  const LaterPerformance found =
      judge_later(trained.pipeline, 0.5, trained.picture, later, Seed{1}, workers);
  EXPECT_FALSE(found.retraining);
  EXPECT_EQ(verdict_of({}, found).verdict, "still good");
}

TEST(Later, WithoutOutcomesTheColumnsSpeak) {
  Shift far{.name = "x", .level = "moved far"};
  EXPECT_EQ(verdict_of({far}, std::nullopt).verdict, "retrain");
  far.time = true;
  EXPECT_EQ(verdict_of({far}, std::nullopt).verdict, "still good");
  EXPECT_EQ(verdict_of({{.name = "x", .new_share = 0.2}}, std::nullopt).verdict, "retrain");
  EXPECT_EQ(verdict_of({{.name = "x", .level = "moved"}}, std::nullopt).verdict, "still good");
}

TEST(Later, OneIdOneFold) {
  FeatureTable table;
  table.ids = {"a", "a", "b", "b", "c"};
  const auto fold = folds_by_id(table, 5, Seed{1});
  EXPECT_EQ(fold[0], fold[1]);
  EXPECT_EQ(fold[2], fold[3]);
}

}  // namespace
}  // namespace perennial
