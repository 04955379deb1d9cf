#include "search/space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "learn/all_learners.h"

namespace perennial {
namespace {

const std::vector<TableShape> kShapes = {{.rows = 1, .columns = 0},
                                         {.rows = 900, .columns = 12},
                                         {.rows = 5000, .columns = 1},
                                         {.rows = 100000, .columns = 3000, .classes = 40}};

// The declared bounds are those of the learner's own parameters.
void expect_declared(const Trial& trial) {
  const Learner& learner = learner_named(trial.learner);
  for (const ParamSpec& spec : learner.params()) {
    ASSERT_TRUE(trial.params.has(spec.name)) << trial.learner << " " << spec.name;
    EXPECT_NO_THROW(checked(spec, trial.params.values().at(spec.name), trial.learner));
  }
  for (const ParamSpec& spec : pipeline_params(learner)) {
    ASSERT_TRUE(trial.prep_params.has(spec.name)) << trial.learner << " " << spec.name;
    EXPECT_NO_THROW(checked(spec, trial.prep_params.values().at(spec.name), trial.learner));
  }
}

TEST(Space, EverySettingKeepsToTheDeclaredBounds) {
  SearchOptions options;
  for (const auto& learner : all_learners()) {
    if (learner->name() == "naive") continue;
    options.spaces.push_back({.learner = std::string(learner->name()), .values = {}});
  }
  for (const TableShape& shape : kShapes) {
    Rng rng(Seed{5});
    std::set<std::string> learners;
    for (const std::vector<Trial>& series : portfolio(options, shape)) {
      ASSERT_FALSE(series.empty());
      for (const Trial& t : series) expect_declared(t);
      EXPECT_GT(fit_cost(series.front(), shape, shape.rows), 0);
      if (!learners.insert(series.front().learner).second) continue;
      std::vector<Trial> from = series;
      for (int i = 0; i < 60; ++i) {
        from = proposal(from.front(), options, shape, rng);
        for (const Trial& t : from) expect_declared(t);
      }
    }
    EXPECT_GE(learners.size(), options.spaces.size() - 1);  // the SVM stays out of large tables
  }
}

// What a study lists for a parameter that is not searched by itself is tried, not passed over.
TEST(Space, EveryListedValueIsTried) {
  SearchOptions options;
  options.spaces = {{.learner = "logistic",
                     .values = {{"numeric", {std::string("linear"), std::string("splines")}},
                                {"sets", {std::string("|")}}}}};
  std::multiset<std::string> numeric;
  for (const std::vector<Trial>& series : portfolio(options, kShapes[1])) {
    numeric.insert(series.front().prep_params.get_text("numeric"));
    EXPECT_EQ(series.front().prep_params.get_text("sets"), "|");
  }
  EXPECT_EQ(numeric.count("splines"), 1u);
  EXPECT_GT(numeric.count("linear"), 1u);
  Rng rng(Seed{7});
  Trial from = portfolio(options, kShapes[1]).front().front();
  std::set<std::string> proposed;
  for (int i = 0; i < 40; ++i) {
    from = proposal(from, options, kShapes[1], rng).front();
    proposed.insert(from.prep_params.get_text("numeric"));
  }
  EXPECT_EQ(proposed, (std::set<std::string>{"linear", "splines"}));
}

TEST(Space, ProposalsReachBothSidesOfTheRanges) {
  SearchOptions options;
  options.spaces = {{.learner = "boosted_trees", .values = {}}};
  Rng rng(Seed{6});
  Trial from = portfolio(options, kShapes[1]).front().front();
  std::set<int64_t> depths;
  double least = 1, most = 0;
  for (int i = 0; i < 300; ++i) {
    const Trial t = proposal(from, options, kShapes[1], rng).front();
    depths.insert(t.params.get_int("max_depth"));
    least = std::min(least, t.params.get_real("learning_rate"));
    most = std::max(most, t.params.get_real("learning_rate"));
  }
  EXPECT_EQ(depths, (std::set<int64_t>{2, 3, 4, 5, 6, 7, 8}));
  EXPECT_LT(least, 0.03);
  EXPECT_GT(most, 0.1);
}

}  // namespace
}  // namespace perennial
