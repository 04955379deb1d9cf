#include "search/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "learn/all_learners.h"
#include "learn/mix.h"

namespace perennial {
namespace {

// Two columns, each for one half of the rows' outcome; folds in turn.
TrainingRows made_rows(size_t rows) {
  TrainingRows out;
  out.folds = 5;
  out.table.target_name = "y";
  out.table.classes = {"0", "1"};
  Rng rng(Seed{11});
  std::vector<double> a, b;
  for (size_t i = 0; i < rows; ++i) {
    a.push_back(rng.normal());
    b.push_back(rng.normal());
    const double score = a[i] + (b[i] > 0 ? 1.0 : -1.0) * std::abs(a[i]);
    out.table.y.push_back(rng.bernoulli(1 / (1 + std::exp(-score))) ? 1 : 0);
    out.table.ids.push_back(std::to_string(i));
    out.fold.push_back(static_cast<int32_t>(i % 5));
  }
  out.table.features = {Column::number("a", a), Column::number("b", b)};
  return out;
}

SearchResult searched(const TrainingRows& rows, int threads, bool ensemble = true) {
  SearchOptions options;
  options.trials = 14;
  options.ensemble = ensemble;
  for (const char* learner : {"logistic", "boosted_trees", "knn", "tree", "naive_bayes"}) {
    options.spaces.push_back({.learner = learner, .values = {}});
  }
  SilentProgress progress;
  return search(rows, options, Seed{1}, Workers(threads), progress);
}

std::vector<double> both(const std::vector<double>& positive) {
  std::vector<double> out;
  for (const double p : positive) {
    out.push_back(1 - p);
    out.push_back(p);
  }
  return out;
}

// By hand, Brier score: A errs on the first row, B on the third, C on all. A alone 1/4 (as B, but
// earlier); A and B (1/4 + 1/4) / 4 = 1/8; three of the two (1/9 + 4/9) / 4 = 5/36; four 1/8 again,
// which is not better.
TEST(GreedyWeights, KnownSteps) {
  const std::vector<int32_t> y = {0, 1, 0, 1};
  const std::vector<std::vector<double>> p = {both({1, 1, 0, 1}), both({0, 1, 1, 1}),
                                              both({1, 0, 1, 0})};
  const std::vector<double> weights =
      greedy_weights(metric_named("brier"), y, p, 2, false, Workers(1));
  EXPECT_EQ(weights, (std::vector<double>{0.5, 0.5, 0}));
  EXPECT_EQ(greedy_weights(metric_named("brier"), y, p, 2, false, Workers(3)), weights);
}

TEST(GreedyWeights, OneThatIsPerfectStandsAlone) {
  const std::vector<int32_t> y = {0, 1, 0, 1};
  const std::vector<std::vector<double>> p = {both({0.4, 0.6, 0.6, 0.6}), both({0, 1, 0, 1})};
  for (const char* metric : {"brier", "log_loss", "roc_auc"}) {
    EXPECT_EQ(greedy_weights(metric_named(metric), y, p, 2, false, Workers(1)),
              (std::vector<double>{0, 1}))
        << metric;
  }
}

// Two that each know half of the log odds: their logarithms add up, the mean of the probabilities
// does not say as much. By hand: with weights of a half each the odds of row 1 are
// sqrt(9 * 4) = 6, of row 2 sqrt(1/9 * 4) = 2/3.
TEST(GreedyWeights, OfLogarithms) {
  const std::vector<int32_t> y = {1, 0};
  const std::vector<std::vector<double>> p = {both({0.9, 0.1}), both({0.8, 0.8})};
  std::vector<double> mix;
  add_to_mix(p[0], 0.5, true, mix);
  add_to_mix(p[1], 0.5, true, mix);
  finish_mix(std::vector<double>{0, 0}, mix);
  EXPECT_NEAR(mix[1], 6.0 / 7, 1e-12);
  EXPECT_NEAR(mix[3], 2.0 / 5, 1e-12);
  EXPECT_EQ(greedy_weights(metric_named("log_loss"), y, p, 2, true, Workers(1)),
            (std::vector<double>{1, 0}));
}

// The order of the rows is the same; what the probabilities say decides.
TEST(GreedyWeights, HonestProbabilitiesCountBesideTheOrder) {
  const std::vector<int32_t> y = {0, 1, 0, 1};
  const std::vector<std::vector<double>> p = {both({0.48, 0.52, 0.48, 0.52}),
                                              both({0.1, 0.9, 0.1, 0.9})};
  EXPECT_EQ(greedy_weights(metric_named("roc_auc"), y, p, 2, false, Workers(1)),
            (std::vector<double>{0, 1}));
  // By hand: 1 - log(1 / 0.9) / 2.
  EXPECT_NEAR(ensemble_goal(metric_named("roc_auc"), y, p[1], 2), 1 + 0.5 * std::log(0.9), 1e-12);
  EXPECT_NEAR(ensemble_goal(metric_named("log_loss"), y, p[1], 2), std::log(0.9), 1e-12);
}

TEST(Ensemble, CandidatesDifferInMoreThanRounds) {
  std::vector<Trial> trials(4);
  for (Trial& t : trials) t.learner = "boosted_trees";
  trials[0].params.set("n_estimators", int64_t{100});
  trials[1].params.set("n_estimators", int64_t{200});
  trials[2].learner = "naive";
  trials[3].complete = false;
  EXPECT_EQ(ensemble_candidates(trials), (std::vector<size_t>{0}));
  trials[1].params.set("max_depth", int64_t{4});
  trials[3] = {.learner = "svm"};  // no probabilities
  EXPECT_EQ(ensemble_candidates(trials), (std::vector<size_t>{0, 1}));
}

// By hand: on fold 0 the others say b (0.7 + 0.7 against 0.5 + 0.6), on the others a.
TEST(Ensemble, OneSettingIsChosenOnTheOtherFolds) {
  std::vector<Trial> trials(3);
  trials[0].fold_scores = {0.9, 0.5, 0.6};
  trials[1].fold_scores = {0.6, 0.7, 0.7};
  trials[2] = {.fold_scores = {1, 1, std::nan("")}, .complete = false};
  EXPECT_EQ(chosen_apart(trials, true), (std::vector<double>{0.6, 0.5, 0.6}));
  EXPECT_EQ(chosen_apart(trials, false), (std::vector<double>{0.9, 0.7, 0.7}));
}

TEST(Ensemble, StandsOnTheBoardWithItsGain) {
  const TrainingRows rows = made_rows(400);
  const SearchResult result = searched(rows, 1);
  const Ensemble& e = result.ensemble;
  ASSERT_FALSE(e.members.empty());
  const size_t at = e.chosen ? 0 : 1;
  EXPECT_EQ(result.trials[at].learner, kEnsemble);
  double sum = 0;
  for (const Ensemble::Share& m : e.members) {
    sum += m.weight;
    EXPECT_NE(m.trial, at);
    EXPECT_TRUE(result.trials.at(m.trial).complete);
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  // The gain is over the single setting that is best on the other folds, fold by fold.
  std::vector<Trial> single = result.trials;
  std::erase_if(single, [](const Trial& t) { return t.learner == kEnsemble; });
  double gain = 0;
  const std::vector<double> apart = chosen_apart(single, true);
  for (size_t f = 0; f < apart.size(); ++f) gain += e.fold_scores[f] - apart[f];
  EXPECT_NEAR(e.gain.mean, gain / static_cast<double>(apart.size()), 1e-12);
  EXPECT_EQ(e.chosen, e.gain.mean > 0 && e.members.size() > 1);
  const Trial& alone = result.trials[1 - at];
  // What is not chosen changes nothing else.
  const SearchResult without = searched(rows, 1, false);
  EXPECT_EQ(without.trials.front().cv_mean, alone.cv_mean);
  EXPECT_TRUE(without.ensemble.members.empty());
  const SearchResult again = searched(rows, 3);
  EXPECT_EQ(again.out_of_fold, result.out_of_fold);
  EXPECT_EQ(again.ensemble.fold_scores, e.fold_scores);
}

// On the rows of the search the last fit gives what the search gave; on more rows the same settings
// another model, whose calibration is still that of the search.
TEST(Ensemble, IsFittedAgainAsTheSearchFittedIt) {
  const TrainingRows rows = made_rows(400);
  SearchOptions options;
  options.trials = 14;
  options.calibration = "platt";
  options.metric = "log_loss";
  for (const char* learner : {"tree", "knn"}) {
    options.spaces.push_back({.learner = learner, .values = {}});
  }
  SilentProgress progress;
  for (const bool ensemble : {false, true}) {
    options.ensemble = ensemble;
    const SearchResult found = search(rows, options, Seed{1}, Workers(2), progress);
    const Pipeline again = fit_again(found.pipeline, rows, options, Seed{1}, Workers(1));
    EXPECT_EQ(again.predict(rows.table), found.pipeline.predict(rows.table));
    EXPECT_EQ(again.members.size() > 1, ensemble);
    EXPECT_EQ(again.members.size(), found.pipeline.members.size());
    const TrainingRows more = made_rows(500);
    const Pipeline other = fit_again(found.pipeline, more, options, Seed{1}, Workers(2));
    EXPECT_NE(other.predict(rows.table), found.pipeline.predict(rows.table));
    EXPECT_EQ(other.learner, found.pipeline.learner);
    EXPECT_EQ(other.calibration.method, found.pipeline.calibration.method);
    ASSERT_EQ(other.members.size(), found.pipeline.members.size());
    for (size_t m = 0; m < other.members.size(); ++m) {
      EXPECT_EQ(other.members[m].weight, found.pipeline.members[m].weight);
    }
  }
}

TEST(Ensemble, PipelineIsTheWeightedMean) {
  const TrainingRows rows = made_rows(200);
  std::vector<uint32_t> all(200);
  std::iota(all.begin(), all.end(), 0U);
  Pipeline mix;
  mix.learner = kEnsemble;
  std::vector<double> expected(400, 0.0);
  for (const auto& [learner, weight] :
       std::map<std::string, double>{{"logistic", 0.25}, {"tree", 0.75}}) {
    const Learner& known = learner_named(learner);
    const Pipeline one =
        fit_pipeline(learner, complete(known.params(), {}, ""),
                     complete(pipeline_params(known), {}, ""), rows.table, all, {}, Seed{3});
    const std::vector<double> p = one.predict(rows.table);
    for (size_t i = 0; i < p.size(); ++i) expected[i] += weight * p[i];
    mix.members.push_back({.weight = weight, .pipeline = std::make_shared<Pipeline>(one)});
  }
  EXPECT_EQ(mix.predict(rows.table), expected);
}

}  // namespace
}  // namespace perennial
