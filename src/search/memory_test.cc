#include "search/memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <set>

#include "base/error.h"
#include "search/plan.h"

namespace perennial {
namespace {

ParamValue whole(int64_t v) { return v; }

// Three numbers, one of them noise, and a text; folds in turn.
TrainingRows made_rows(uint64_t seed = 5) {
  TrainingRows out;
  out.folds = 5;
  out.table.target_name = "y";
  out.table.classes = {"нет", "да"};
  Rng rng(Seed{seed});
  std::vector<double> a, b;
  std::vector<std::string> kind;
  for (size_t i = 0; i < 250; ++i) {
    a.push_back(rng.normal());
    b.push_back(rng.normal());
    kind.push_back(rng.bernoulli(0.4) ? "премиум" : "стандарт");
    const double score = a[i] * (kind[i] == "премиум" ? 2.0 : 0.5);
    out.table.y.push_back(rng.bernoulli(1 / (1 + std::exp(-score))) ? 1 : 0);
    out.table.ids.push_back(std::to_string(i));
    out.fold.push_back(static_cast<int32_t>(i % 5));
  }
  out.table.features = {Column::number("a", a), Column::number("b", b), Column::text("тип", kind)};
  return out;
}

SearchOptions auto_options(int64_t trials) {
  SearchOptions options;
  options.trials = trials;
  for (const char* learner : {"logistic", "knn", "tree"}) {
    options.spaces.push_back({.learner = learner, .values = {}});
  }
  options.spaces.push_back(
      {.learner = "boosted_trees", .values = {{"n_estimators", {whole(15), whole(40)}}}});
  return options;
}

// Logistic regression and the SVM begin a candidate where another ended: who is fitted together
// matters to their last bits.
SearchOptions listed_options(const std::string& method, int64_t trials = 0) {
  SearchOptions options;
  options.method = method;
  options.trials = trials;
  options.spaces = {
      {.learner = "logistic", .values = {{"C", {0.01, 0.1, 1.0, 10.0}}}},
      {.learner = "svm", .values = {{"C", {0.1, 1.0}}, {"kernel", {std::string("rbf")}}}},
      {.learner = "tree",
       .values = {{"max_depth", {whole(2), whole(3), whole(4)}},
                  {"criterion", {std::string("gini")}},
                  {"min_samples_leaf", {whole(1), whole(5)}}}}};
  return options;
}

SearchResult searched(const TrainingRows& rows, const SearchOptions& options,
                      const SearchStart& start = {}, const SearchLimits& limits = {}) {
  SilentProgress progress;
  return search(rows, options, Seed{3}, Workers(2), progress, limits, start);
}

// As a file would bring it back.
SearchMemory remembered(const SearchResult& result, const TrainingRows& rows,
                        const SearchOptions& options) {
  const std::string text = to_json(remember(result, rows, options)).dump();
  return search_memory_from_json(Json::parse(text), "model");
}

void save_models(const Pipeline& pipeline, ByteWriter& bytes) {
  if (pipeline.model) pipeline.model->save(bytes);
  for (const Member& m : pipeline.members) {
    bytes.f64(m.weight);
    save_models(*m.pipeline, bytes);
  }
}

// Board, models and out-of-fold probabilities to the last bit.
std::string everything(const SearchResult& r) {
  std::string out;
  for (const Trial& t : r.trials) {
    out += settings_text(t) + " " + std::to_string(t.fits);
    for (const double s : t.fold_scores) out += " " + Json(s).dump();
    out += "\n";
  }
  ByteWriter bytes;
  save_models(r.pipeline, bytes);
  bytes.f64s(r.out_of_fold);
  bytes.f64(r.threshold);
  return out + bytes.bytes();
}

// Ends a search after so many looks at the clock of its progress.
class Interrupting : public Progress {
 public:
  explicit Interrupting(int after) : left_(after) {}
  void stage(std::string_view, size_t) override {}
  void advance(size_t, std::string_view) override {
    if (--left_ == 0) stop = true;
  }
  std::atomic<bool> stop = false;

 private:
  std::atomic<int> left_;
};

TEST(Memory, FileKeepsEverything) {
  const TrainingRows rows = made_rows();
  const SearchOptions options = auto_options(20);
  const SearchResult result = searched(rows, options);
  const SearchMemory kept = remember(result, rows, options);
  const SearchMemory back = remembered(result, rows, options);
  EXPECT_EQ(to_json(back).dump(), to_json(kept).dump());
  ASSERT_EQ(back.tried.size(), 21u);  // with the naive rule, without the ensemble
  for (size_t i = 0; i < kept.tried.size(); ++i) {
    EXPECT_EQ(settings_text(back.tried[i]), settings_text(kept.tried[i]));
    EXPECT_EQ(back.tried[i].complete, kept.tried[i].complete);
  }
  check_same_search(back, rows, options, "model");
}

TEST(Memory, ReplayGivesTheSameBytes) {
  const TrainingRows rows = made_rows();
  for (const SearchOptions& options :
       {auto_options(24), listed_options("grid"), listed_options("random", 9)}) {
    const SearchResult result = searched(rows, options);
    const SearchMemory memory = remembered(result, rows, options);
    const SearchResult again = searched(rows, options, {.memory = &memory, .replay = true});
    EXPECT_TRUE(everything(again) == everything(result)) << options.method;
    EXPECT_GT(again.plan.replayed, 0);
    EXPECT_EQ(again.plan.differ, 0);
    EXPECT_GT(again.fitted, 10);  // nothing is taken over
    EXPECT_EQ(again.plan.taken_over, 0);
  }
}

TEST(Memory, ReplayTellsOfScoresThatDiffer) {
  const TrainingRows rows = made_rows();
  const SearchOptions options = listed_options("grid");
  SearchMemory memory = remembered(searched(rows, options), rows, options);
  memory.tried[2].fold_scores[1] += 0.25;
  const SearchResult again = searched(rows, options, {.memory = &memory, .replay = true});
  EXPECT_EQ(again.plan.differ, 1);
  EXPECT_NEAR(again.plan.most_difference, 0.25, 1e-12);
}

// Whoever was interrupted and goes on ends where he would have been without it, and what was tried
// is not fitted again.
TEST(Memory, AnInterruptedSearchGoesOn) {
  const TrainingRows rows = made_rows();
  // After so many fits; the fits of a grid go fold by fold, so that it takes some until one of its
  // settings was tried on all.
  const std::vector<std::pair<SearchOptions, std::vector<int>>> all = {
      {auto_options(24), {12, 30}},
      {listed_options("grid"), {17, 23}},
      {listed_options("random", 9), {17}}};
  for (const auto& [options, moments] : all) {
    const SearchResult whole = searched(rows, options);
    for (const int after : moments) {
      Interrupting progress(after);
      const SearchResult part =
          search(rows, options, Seed{3}, Workers(1), progress, {.stop = &progress.stop});
      ASSERT_EQ(part.plan.cut, "interrupted") << options.method << after;
      const SearchMemory memory = remembered(part, rows, options);
      const SearchResult rest = searched(rows, options, {.memory = &memory});
      EXPECT_TRUE(everything(rest) == everything(whole)) << options.method << after;
      EXPECT_GT(rest.plan.taken_over, 0) << options.method << after;
      // And what went on in two parts can be tried again.
      const SearchMemory both = remembered(rest, rows, options);
      const SearchResult again = searched(rows, options, {.memory = &both, .replay = true});
      EXPECT_TRUE(everything(again) == everything(whole)) << options.method << after;
    }
  }
}

TEST(Memory, MoreTrialsKeepWhatWasTried) {
  const TrainingRows rows = made_rows();
  SearchOptions options = auto_options(12);
  const SearchResult first = searched(rows, options);
  const SearchMemory memory = remembered(first, rows, options);
  options.trials = 30;
  const SearchResult more = searched(rows, options, {.memory = &memory});
  EXPECT_GE(more.trials.size(), 31u);
  EXPECT_LT(more.fitted, searched(rows, options).fitted);
  std::set<std::string> settings;
  double best = 0;
  for (const Trial& t : more.trials) {
    if (t.learner == kEnsemble) continue;
    EXPECT_TRUE(settings.insert(settings_text(t)).second);
    if (t.complete) best = std::max(best, t.cv_mean);
  }
  for (const Trial& t : first.trials) {
    if (t.learner == kEnsemble) continue;
    EXPECT_TRUE(settings.contains(settings_text(t)));
    if (!t.complete) continue;
    EXPECT_GE(best, t.cv_mean);
  }
}

// A longer random search begins with the shorter one's draws; learners that share inexactly are
// fitted anew in their new company.
TEST(Memory, ALongerRandomSearchIsTheOneFromTheBeginning) {
  const TrainingRows rows = made_rows();
  SearchOptions options = listed_options("random", 5);
  const SearchMemory memory = remembered(searched(rows, options), rows, options);
  options.trials = 10;
  const SearchResult fresh = searched(rows, options);
  const SearchResult more = searched(rows, options, {.memory = &memory});
  EXPECT_TRUE(everything(more) == everything(fresh));
  EXPECT_GT(more.plan.taken_over, 0);
}

void expect_refused(const SearchMemory& memory, const TrainingRows& rows,
                    const SearchOptions& options, const std::string& what) {
  try {
    check_same_search(memory, rows, options, "model.perennial");
    FAIL() << "no error: " << what;
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_code(), 1);
    EXPECT_NE(std::string(e.what()).find(what), std::string::npos) << e.what();
  }
}

TEST(Memory, WhatChangedIsNamed) {
  const TrainingRows rows = made_rows();
  const SearchOptions options = auto_options(0);
  const SearchMemory memory = remember({}, rows, options);
  SearchOptions other = options;
  other.budget_seconds = 600;  // more of the same
  other.trials = 50;
  check_same_search(memory, rows, other, "");
  other.metric = "log_loss";
  expect_refused(memory, rows, other, "metric changed");
  other = options;
  other.spaces[0].values = {{"C", {1.0}}};
  expect_refused(memory, rows, other, "learners changed");

  TrainingRows changed = rows;
  changed.table.features[1].numbers[7] += 1e-9;
  expect_refused(memory, changed, options, "values changed");
  changed = rows;
  changed.table.features[2].dictionary[0] = "Премиум";
  expect_refused(memory, changed, options, "values changed");
  changed = rows;
  changed.table.features[0].name = "c";
  expect_refused(memory, changed, options, "columns changed");
  changed = rows;
  changed.table.y[3] = 1 - changed.table.y[3];
  expect_refused(memory, changed, options, "target changed");
  changed = rows;
  std::swap(changed.fold[0], changed.fold[1]);
  expect_refused(memory, changed, options, "folds changed");
  changed = rows;
  changed.table.ids[9] = "x";
  expect_refused(memory, changed, options, "customers changed");
  SearchMemory older = memory;
  older.rows.erase("form");
  expect_refused(older, rows, options, "another version of the program");
}

// Rows are digested in lanes: every row counts, and its place.
TEST(Memory, EveryRowCounts) {
  const TrainingRows rows = made_rows();
  const SearchOptions options = auto_options(0);
  const SearchMemory memory = remember({}, rows, options);
  const size_t n = rows.table.rows();
  for (size_t i = 0; i < n; ++i) {
    TrainingRows changed = rows;
    changed.table.features[0].numbers[i] += 1;
    expect_refused(memory, changed, options, "values changed");
    changed = rows;
    changed.table.ids[i] += "'";
    expect_refused(memory, changed, options, "customers changed");
    const size_t other = (i + 4) % n;
    changed = rows;
    std::swap(changed.table.ids[i], changed.table.ids[other]);
    expect_refused(memory, changed, options, "customers changed");
  }
}

// Codes of categories stand in any order.
TEST(Memory, AnotherOrderOfCategoriesIsTheSame) {
  const TrainingRows rows = made_rows();
  TrainingRows turned = rows;
  Column& text = turned.table.features[2];
  std::swap(text.dictionary[0], text.dictionary[1]);
  for (int32_t& code : text.codes) code = 1 - code;
  check_same_search(remember({}, rows, auto_options(0)), turned, auto_options(0), "");
}

TEST(Memory, DamageIsAnErrorOfTheFile) {
  const TrainingRows rows = made_rows();
  const SearchOptions options = listed_options("grid");
  const Json whole = to_json(remember(searched(rows, options), rows, options));
  for (const char* key : {"asked", "rows", "budget", "trials", "rounds", "cut", "tried"}) {
    Json part = whole;
    part.erase(key);
    try {
      search_memory_from_json(part, "model.perennial");
      FAIL() << key;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kData) << key;
    }
  }
}

}  // namespace
}  // namespace perennial
