#include "search/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <set>

#include "base/error.h"
#include "metric/multiclass.h"
#include "search/compare.h"
#include "search/test_rows.h"

namespace perennial {
namespace {

ParamValue whole(int64_t v) { return v; }
ParamValue word(const char* v) { return std::string(v); }

SearchOptions small_options() {
  SearchOptions options;
  options.method = "grid";
  options.spaces = {
      {.learner = "knn", .values = {{"n_neighbors", {whole(3), whole(15), whole(31)}}}},
      {.learner = "tree",
       .values = {{"max_depth", {whole(2), whole(3), whole(4)}},
                  {"criterion", {word("gini")}},
                  {"max_features", {whole(0), whole(2)}},
                  {"scale", {word("standard"), word("min_max")}}}},
      {.learner = "logistic", .values = {{"C", {0.1, 1.0}}, {"penalty", {word("l2")}}}}};
  return options;
}

SearchResult searched(const TrainingRows& rows, const SearchOptions& options, int threads = 1,
                      uint64_t seed = 1) {
  SilentProgress progress;
  return search(rows, options, Seed{seed}, Workers(threads), progress);
}

// What several tests look at from different sides is searched once.
const TrainingRows& shared_rows() {
  static const TrainingRows kRows = made_rows(300);
  return kRows;
}
const SearchResult& shared_grid() {
  static const SearchResult kResult = searched(shared_rows(), small_options());
  return kResult;
}

template <typename Call>
void expect_error(ErrorCode code, const std::vector<std::string>& parts, Call call) {
  try {
    call();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
}

// A text with nearly as many values as rows says nothing. Codes that held each row's own outcome
// would be followed by the learner and cost it the true signal on the rows held out.
TEST(Search, TargetCodesDoNotHoldTheRowsOwnOutcome) {
  TrainingRows rows = made_rows(600);
  Rng rng(Seed{3});
  std::vector<std::string> street;
  for (size_t i = 0; i < 600; ++i) street.push_back("улица " + std::to_string(rng.below(400)));
  const auto best = [&] {
    SearchOptions options;
    options.spaces = {{.learner = "logistic",
                       .values = {{"C", {1.0}}, {"encode", {word("target")}}, {"smooth", {0.1}}}}};
    return searched(rows, options).trials.front().cv_mean;
  };
  const double without = best();
  rows.table.features.push_back(Column::text("улица", street));
  EXPECT_NEAR(best(), without, 0.02);
}

TEST(Plan, GridIsTheProductWithPreparation) {
  SearchOptions options;
  options.spaces = {{.learner = "knn",
                     .values = {{"n_neighbors", {whole(1), whole(2), whole(3)}},
                                {"weights", {word("uniform")}}}}};
  const std::vector<Trial> trials = plan_trials(options, Seed{1});
  // Three k, the two declared scalings; then the naive baseline.
  ASSERT_EQ(trials.size(), 7u);
  std::set<std::string> seen;
  for (const Trial& trial : trials) seen.insert(to_text(trial.params) + to_text(trial.prep_params));
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(to_text(trials[0].params), R"({"n_neighbors":1,"p":2,"weights":"uniform"})");
  EXPECT_EQ(trials[0].prep_params.get_text("scale"), "standard");
  EXPECT_EQ(trials[1].prep_params.get_text("scale"), "min_max");
  EXPECT_EQ(trials[6].learner, "naive");
}

TEST(Plan, ReferenceGridsOfTheShop) {
  std::vector<ParamValue> k, depth, features, scales = {word("standard"), word("min_max")};
  for (int64_t v = 1; v <= 30; ++v) k.push_back(v);
  for (int64_t v = 2; v <= 10; ++v) depth.push_back(v);
  for (int64_t v = 2; v <= 9; ++v) features.push_back(v);
  SearchOptions options;
  options.spaces = {
      {.learner = "knn", .values = {{"n_neighbors", k}, {"weights", {word("uniform")}}}},
      {.learner = "tree",
       .values = {{"max_depth", depth},
                  {"max_features", features},
                  {"criterion", {word("gini")}},
                  {"min_samples_leaf", {whole(1)}},
                  {"scale", scales}}}};
  EXPECT_EQ(plan_trials(options, Seed{1}).size(), 60u + 144u + 1u);
}

TEST(Plan, RandomDrawsDistinctListedValues) {
  SearchOptions options = small_options();
  options.method = "random";
  options.trials = 9;
  const std::vector<Trial> trials = plan_trials(options, Seed{1});
  ASSERT_EQ(trials.size(), 10u);
  std::set<std::string> seen;
  for (const Trial& trial : trials) {
    EXPECT_TRUE(
        seen.insert(trial.learner + to_text(trial.params) + to_text(trial.prep_params)).second);
    if (trial.learner == "knn") {
      EXPECT_TRUE((std::set<int64_t>{3, 15, 31}).contains(trial.params.get_int("n_neighbors")));
      // Not named: the default.
      EXPECT_EQ(trial.params.get_text("weights"), "uniform");
      EXPECT_EQ(trial.prep_params.get_text("scale"), "standard");
    }
    if (trial.learner == "logistic") {
      EXPECT_GE(trial.params.get_real("C"), 0.1);
      EXPECT_LE(trial.params.get_real("C"), 1.0);
    }
  }
  std::vector<Trial> again = plan_trials(options, Seed{1}), other = plan_trials(options, Seed{2});
  const auto text = [](const std::vector<Trial>& all) {
    std::string out;
    for (const Trial& t : all) out += t.learner + to_text(t.params) + to_text(t.prep_params);
    return out;
  };
  EXPECT_EQ(text(again), text(trials));
  EXPECT_NE(text(other), text(trials));
}

TEST(Plan, RandomEndsWhereThereIsNothingNew) {
  SearchOptions options;
  options.method = "random";
  options.trials = 50;
  options.spaces = {{.learner = "knn", .values = {{"n_neighbors", {whole(3), whole(5)}}}}};
  EXPECT_EQ(plan_trials(options, Seed{1}).size(), 3u);
}

TEST(Plan, WrongNamesAndValues) {
  const auto with = [](const char* learner, const char* name, ParamValue value) {
    SearchOptions options;
    options.spaces = {{.learner = learner, .values = {{name, {std::move(value)}}}}};
    plan_trials(options, Seed{1});
  };
  expect_error(ErrorCode::kStudy, {"n_neighbours", "did you mean \"n_neighbors\"", "knn"},
               [&] { with("knn", "n_neighbours", whole(3)); });
  expect_error(ErrorCode::kStudy, {"scael", "did you mean \"scale\""},
               [&] { with("tree", "scael", word("none")); });
  expect_error(ErrorCode::kStudy, {"n_neighbors", "0"},
               [&] { with("knn", "n_neighbors", whole(0)); });
  expect_error(ErrorCode::kStudy, {"standart", "did you mean \"standard\""},
               [&] { with("knn", "scale", word("standart")); });
  expect_error(ErrorCode::kStudy, {"did you mean \"tree\""},
               [&] { with("tre", "max_depth", whole(2)); });
}

Trial scored(const char* learner, std::vector<double> scores) {
  Trial trial;
  trial.learner = learner;
  trial.fold_scores = std::move(scores);
  return trial;
}

TEST(Rank, BestFirstTiesToTheSimplerLearner) {
  std::vector<Trial> trials = {scored("knn", {0.7, 0.8}), scored("tree", {0.8, 0.7}),
                               scored("naive", {0.5, 0.5}), scored("logistic", {0.9, 0.8}),
                               scored("knn", {std::nan(""), 0.9})};
  rank_trials(trials, true);
  std::vector<std::string> order;
  for (const Trial& trial : trials) order.push_back(trial.learner);
  EXPECT_EQ(order, (std::vector<std::string>{"logistic", "tree", "knn", "naive", "knn"}));
  EXPECT_DOUBLE_EQ(trials[0].cv_mean, 0.85);
  EXPECT_NEAR(trials[0].cv_sd, 0.070710678118654752, 1e-15);  // by hand: 0.05 * sqrt(2)
  EXPECT_EQ(best_of_each(trials), (std::vector<size_t>{0, 1, 2}));
  rank_trials(trials, false);
  EXPECT_EQ(trials[0].learner, "naive");
  EXPECT_TRUE(std::isnan(trials[4].cv_mean));
}

TEST(Compare, HolmOverAllPairs) {
  std::vector<Trial> trials = {scored("logistic", {0.90, 0.91, 0.89, 0.92, 0.90}),
                               scored("tree", {0.88, 0.90, 0.88, 0.90, 0.89}),
                               scored("knn", {0.70, 0.71, 0.70, 0.72, 0.70})};
  const auto all = compare_bests(trials, {0, 1, 2}, true);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].better, "logistic");
  EXPECT_EQ(all[0].worse, "tree");
  // scipy.stats.t: mean 0.014, sd 0.00547723, t = mean / (sd sqrt(1/5 + 1/4)) = 3.8103, 4
  // degrees of freedom.
  EXPECT_NEAR(all[0].test.p_value, 0.0189350, 1e-6);
  // The largest p of three is multiplied by 1, not below those before it.
  EXPECT_NEAR(all[0].adjusted_p, 0.0189350, 1e-6);
  EXPECT_FALSE(all[0].tie);
  std::vector<double> p;
  for (const auto& c : all) p.push_back(c.test.p_value);
  std::sort(p.begin(), p.end());
  for (const auto& c : all) {
    if (c.test.p_value == p[0]) {
      EXPECT_NEAR(c.adjusted_p, 3 * p[0], 1e-15);
    }
    if (c.test.p_value == p[1]) {
      EXPECT_NEAR(c.adjusted_p, std::max(3 * p[0], 2 * p[1]), 1e-15);
    }
  }
  // Where less is better the differences keep their meaning: positive for the better one.
  const auto less = compare_bests(trials, {2, 0}, false);
  EXPECT_GT(less[0].test.mean, 0);
}

TEST(Compare, EqualScoresAreATie) {
  std::vector<Trial> trials = {scored("logistic", {0.9, 0.8}), scored("tree", {0.9, 0.8})};
  const auto all = compare_bests(trials, {0, 1}, true);
  EXPECT_TRUE(all[0].tie);
  EXPECT_EQ(all[0].adjusted_p, 1.0);
}

// By trying every threshold.
TEST(Threshold, BestF1) {
  Rng rng(Seed{5});
  for (int round = 0; round < 50; ++round) {
    std::vector<int32_t> y;
    std::vector<double> p;
    for (int i = 0; i < 40; ++i) {
      p.push_back(std::round(rng.uniform() * 20) / 20);
      y.push_back(rng.bernoulli(p.back()) ? 1 : 0);
    }
    y[0] = 1;
    double best = 0;
    for (int t = 0; t <= 40; ++t) best = std::max(best, f1(confusion(y, p, t / 40.0)));
    EXPECT_DOUBLE_EQ(f1(confusion(y, p, best_f1_threshold(y, p))), best);
  }
}

TEST(Threshold, NeighbouringDoublesAreToldApart) {
  const double low = 0.5, high = std::nextafter(0.5, 1.0);
  const std::vector<int32_t> y = {0, 1};
  const std::vector<double> p = {low, high};
  EXPECT_EQ(f1(confusion(y, p, best_f1_threshold(y, p))), 1.0);
}

TEST(Search, ScoresAreThoseOfSinglePipelines) {
  const TrainingRows rows = made_rows(240);
  const SearchResult result = searched(rows, small_options());
  // The trees' scalings share a fit, so the scale of a trial changes the last bits at most.
  for (size_t t = 0; t < result.trials.size(); t += 5) {
    const Trial& trial = result.trials[t];
    for (int fold = 0; fold < rows.folds; ++fold) {
      std::vector<uint32_t> train, held_out;
      for (uint32_t i = 0; i < rows.fold.size(); ++i) {
        (rows.fold[i] == fold ? held_out : train).push_back(i);
      }
      if (trial.learner == "tree" && trial.params.get_int("max_features") != 0) continue;
      const Pipeline alone = fit_pipeline(trial.learner, trial.params, trial.prep_params,
                                          rows.table, train, {}, Seed{9});
      const FeatureTable held = rows.table.take(held_out);
      EXPECT_NEAR(roc_auc(held.y, alone.positive_probability(held)),
                  trial.fold_scores[static_cast<size_t>(fold)], 1e-9)
          << trial.learner << to_text(trial.params);
    }
  }
}

TEST(Search, BoardHasEverySettingAndTheBaseline) {
  const SearchOptions options = small_options();
  const SearchResult& result = shared_grid();
  EXPECT_EQ(result.trials.size(), plan_trials(options, Seed{1}).size());
  for (size_t i = 1; i < result.trials.size(); ++i) {
    EXPECT_GE(result.trials[i - 1].cv_mean, result.trials[i].cv_mean);
  }
  const auto naive = std::find_if(result.trials.begin(), result.trials.end(),
                                  [](const Trial& t) { return t.learner == "naive"; });
  ASSERT_NE(naive, result.trials.end());
  EXPECT_EQ(naive->cv_mean, 0.5);
  EXPECT_EQ(result.best_of_learner.size(), 3u);
  EXPECT_EQ(result.comparisons.size(), 3u);
  EXPECT_EQ(result.pipeline.learner, result.trials[0].learner);
  EXPECT_EQ(result.pipeline.params, result.trials[0].params);
  EXPECT_EQ(result.pipeline.prep_params, result.trials[0].prep_params);
}

TEST(Search, CountsModelsAndFits) {
  const SearchResult& result = shared_grid();
  // knn 3 k x 2 weights x 2 scalings, tree 3 depths x 2 x 3 leaves x 2 scalings, logistic 2 C x
  // 2 scalings, naive: 12 + 36 + 4 + 1 settings on 5 folds; the winner on all rows.
  EXPECT_EQ(result.trials.size(), 53u);
  EXPECT_EQ(result.fits, 53 * 5 + 1);
  // knn: 2 scalings; tree: 2 x 3 (depth and scaling shared); naive 1; logistic between 1 and 4.
  EXPECT_GE(result.fitted, (2 + 6 + 1 + 1) * 5 + 1);
  EXPECT_LE(result.fitted, (2 + 6 + 1 + 4) * 5 + 1);
  std::string shared;
  for (const std::string& sentence : result.shared) shared += sentence + "\n";
  EXPECT_NE(shared.find("k nearest neighbours: 60 models came from 10 fits: one set of distances"),
            std::string::npos)
      << shared;
  EXPECT_NE(shared.find("decision tree: 180 models came from 30 fits"), std::string::npos);
  EXPECT_NE(shared.find("differ only in scaling share one fit"), std::string::npos);
}

TEST(Search, OutOfFoldIsOfTheWinnerAndHonest) {
  const TrainingRows& rows = shared_rows();
  const SearchResult& result = shared_grid();
  ASSERT_EQ(result.out_of_fold.size(), 2 * 300u);
  const std::vector<double> positive = positive_column(result.out_of_fold);
  double mean = 0;
  for (int fold = 0; fold < 5; ++fold) {
    std::vector<int32_t> y;
    std::vector<double> p;
    for (size_t i = 0; i < 300; ++i) {
      if (rows.fold[i] != fold) continue;
      y.push_back(rows.table.y[i]);
      p.push_back(positive[i]);
    }
    mean += roc_auc(y, p) / 5;
  }
  EXPECT_NEAR(mean, result.trials[0].cv_mean, 1e-9);
  EXPECT_EQ(result.threshold, best_f1_threshold(rows.table.y, positive));
}

std::string everything(const SearchResult& r) {
  std::string out;
  for (const Trial& t : r.trials) {
    out += t.learner + to_text(t.params) + to_text(t.prep_params);
    for (double s : t.fold_scores) out += " " + Json(s).dump();
    out += "\n";
  }
  ByteWriter bytes;
  r.pipeline.model->save(bytes);
  bytes.f64s(r.out_of_fold);
  bytes.f64(r.threshold);
  bytes.i64(r.fits);
  bytes.i64(r.fitted);
  for (const LearnerComparison& c : r.comparisons) bytes.f64(c.adjusted_p);
  for (const std::string& s : r.shared) bytes.text(s);
  return out + bytes.bytes();
}

TEST(Search, ThreadsChangeNothing) {
  const std::string one = everything(shared_grid());
  EXPECT_EQ(everything(searched(shared_rows(), small_options(), 2)), one);
  EXPECT_EQ(everything(searched(shared_rows(), small_options(), 5)), one);
}

TEST(Search, OtherMetricsRankTheirWay) {
  SearchOptions options = small_options();
  options.metric = "log_loss";
  const SearchResult result = searched(made_rows(300), options);
  for (size_t i = 1; i < result.trials.size(); ++i) {
    EXPECT_LE(result.trials[i - 1].cv_mean, result.trials[i].cv_mean);
  }
  for (const LearnerComparison& c : result.comparisons) EXPECT_GE(c.test.mean, 0);
}

TEST(Search, NothingButNoiseIsATie) {
  TrainingRows rows = made_rows(200);
  Rng rng(Seed{11});
  for (int32_t& y : rows.table.y) y = rng.bernoulli(0.4) ? 1 : 0;
  for (const LearnerComparison& c : searched(rows, small_options()).comparisons) {
    EXPECT_TRUE(c.tie) << c.better << " " << c.worse << " " << c.adjusted_p;
  }
}

TEST(Search, FoldsOfOneClassAreAnError) {
  TrainingRows rows = made_rows(100);
  for (size_t i = 0; i < 100; ++i) {
    if (rows.fold[i] == 2) rows.table.y[i] = 0;
  }
  expect_error(ErrorCode::kData, {"fold 3", "one class", "fewer folds"},
               [&] { searched(rows, small_options()); });
}

TEST(Search, SeveralClasses) {
  TrainingRows rows = made_rows(300);
  rows.table.classes.emplace_back("третья");
  expect_error(ErrorCode::kData, {"fold 1", "no row of the class \"третья\""},
               [&] { searched(rows, small_options()); });
  for (size_t i = 0; i < 300; ++i) {
    if (rows.table.features[0].numbers[i] > 0.8) rows.table.y[i] = 2;
  }
  SearchOptions options = small_options();
  options.metric = "log_loss";
  options.calibration = "temperature";
  const SearchResult result = searched(rows, options);
  ASSERT_EQ(result.out_of_fold.size(), 3 * 300u);
  for (size_t i = 0; i < 300; ++i) {
    const auto row = std::span(result.out_of_fold).subspan(3 * i, 3);
    EXPECT_NEAR(row[0] + row[1] + row[2], 1, 1e-12);
  }
  // Better than the class rates by far, and the winner's columns are those of its folds.
  EXPECT_LT(multi_log_loss(rows.table.y, result.out_of_fold, 3), 0.9);
  EXPECT_GT(macro_roc_auc(rows.table.y, result.out_of_fold, 3), 0.8);
  EXPECT_EQ(result.pipeline.classes, 3);
  EXPECT_EQ(result.pipeline.calibration.method, "temperature");
}

// 40 settings on shared_rows().
const SearchResult& shared_auto() {
  static const SearchResult kResult = searched(shared_rows(), auto_options(40));
  return kResult;
}

TEST(AutoSearch, TriesAsManySettingsAsAskedAndStopsLosersEarly) {
  const SearchResult& result = shared_auto();
  EXPECT_EQ(result.trials.size(), 41u);  // and the naive rule
  EXPECT_EQ(result.plan.trials, 41);
  EXPECT_GT(result.plan.stopped_early, 0);
  EXPECT_GE(result.plan.rounds, 1);
  EXPECT_EQ(result.plan.cut, "");
  std::set<std::string> learners, settings;
  int64_t fits = 1;
  bool stopped = false;
  for (const Trial& t : result.trials) {
    EXPECT_TRUE(settings.insert(t.learner + to_text(t.params) + to_text(t.prep_params)).second);
    // Complete ones stand first; who was stopped had two of five folds.
    const auto folds = std::count_if(t.fold_scores.begin(), t.fold_scores.end(),
                                     [](double s) { return !std::isnan(s); });
    EXPECT_EQ(folds, t.complete ? 5 : 2);
    EXPECT_FALSE(stopped && t.complete);
    stopped = !t.complete;
    fits += folds;
    if (t.complete) learners.insert(t.learner);
  }
  EXPECT_EQ(result.fits, fits);
  // Of each learner at least one went to the end, so that they can be compared.
  EXPECT_EQ(learners.size(), 5u);
  EXPECT_EQ(result.best_of_learner.size(), 4u);
}

TEST(AutoSearch, ThreadsChangeNothing) {
  const TrainingRows rows = made_rows(160);
  const std::string one = everything(searched(rows, auto_options(14), 1));
  EXPECT_EQ(everything(searched(rows, auto_options(14), 3)), one);
  EXPECT_NE(everything(searched(rows, auto_options(14), 1, 2)), one);
}

// A longer plan begins with the shorter one.
TEST(AutoSearch, MoreTrialsAreMoreOfTheSame) {
  std::set<std::string> longer;
  for (const Trial& t : shared_auto().trials) {
    longer.insert(t.learner + to_text(t.params) + to_text(t.prep_params));
  }
  for (const Trial& t : searched(shared_rows(), auto_options(12)).trials) {
    EXPECT_TRUE(longer.contains(t.learner + to_text(t.params) + to_text(t.prep_params)));
  }
}

TEST(AutoSearch, KeepsToWhatTheStudyFixes) {
  SearchOptions options = auto_options(16);
  options.spaces[1].values = {{"max_depth", {whole(2), whole(3)}}, {"subsample", {0.7}}};
  int seen = 0;
  for (const Trial& t : searched(made_rows(160), options).trials) {
    if (t.learner != "boosted_trees") continue;
    ++seen;
    EXPECT_EQ(t.params.get_real("subsample"), 0.7);
    EXPECT_LE(t.params.get_int("max_depth"), 3);
  }
  EXPECT_GT(seen, 2);
}

TEST(AutoSearch, WhoIsInterruptedKeepsTheBestSoFar) {
  const TrainingRows rows = made_rows(200);
  const std::atomic<bool> stop = true;
  SilentProgress progress;
  const SearchResult result =
      search(rows, auto_options(0), Seed{1}, Workers(2), progress, {.stop = &stop});
  EXPECT_EQ(result.plan.cut, "interrupted");
  EXPECT_NE(result.trials[0].learner, "naive");
  EXPECT_TRUE(result.trials[0].complete);
  const SearchResult timed =
      search(rows, auto_options(0), Seed{1}, Workers(2), progress, {.seconds = 1e-9});
  EXPECT_EQ(timed.plan.cut, "budget");
  EXPECT_TRUE(timed.trials[0].complete);
}

TEST(AutoSearch, SeveralClassesByLogLoss) {
  TrainingRows rows = made_rows(300);
  rows.table.classes.emplace_back("третья");
  for (size_t i = 0; i < 300; ++i) {
    if (rows.table.features[0].numbers[i] > 0.8) rows.table.y[i] = 2;
  }
  SearchOptions options = auto_options(12);
  options.metric = "log_loss";
  const SearchResult result = searched(rows, options);
  EXPECT_LT(result.trials.front().cv_mean, 0.9);
  EXPECT_LE(result.trials.front().cv_mean, result.trials[1].cv_mean);
  EXPECT_EQ(result.out_of_fold.size(), 3 * 300u);
  EXPECT_EQ(result.pipeline.classes, 3);
}

TEST(AutoSearch, AGridThatIsInterruptedAtOnceIsAnError) {
  const std::atomic<bool> stop = true;
  SilentProgress progress;
  expect_error(ErrorCode::kStudy, {"before any setting", "--budget"}, [&] {
    search(made_rows(200), small_options(), Seed{1}, Workers(2), progress, {.stop = &stop});
  });
}

TEST(Search, UnknownMetricIsAnError) {
  SearchOptions options = small_options();
  options.metric = "roc_auk";
  expect_error(ErrorCode::kStudy, {"roc_auk", "roc_auc"},
               [&] { searched(made_rows(100), options); });
}

class Counting : public Progress {
 public:
  void stage(std::string_view, size_t total) override { total_ = total; }
  void advance(size_t done, std::string_view) override { most_ = std::max(most_, done); }
  size_t total_ = 0, most_ = 0;
};

TEST(Search, TellsItsProgress) {
  Counting progress;
  search(made_rows(200), small_options(), Seed{1}, Workers(1), progress);
  EXPECT_GT(progress.total_, 0u);
  EXPECT_EQ(progress.most_, progress.total_);
}

}  // namespace
}  // namespace perennial
