#include "search/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "learn/all_learners.h"
#include "search/auto.h"
#include "search/compare.h"
#include "search/ensemble.h"
#include "search/evaluate.h"
#include "search/memory.h"
#include "search/plan.h"
#include "search/stack.h"

namespace perennial {
namespace {

std::vector<size_t> everything(size_t n) {
  std::vector<size_t> out(n);
  for (size_t i = 0; i < n; ++i) out[i] = i;
  return out;
}

// Calibration and threshold from the winner's out-of-fold probabilities.
void settle(const TrainingRows& rows, std::vector<double> out_of_fold, bool probabilities,
            const SearchOptions& options, SearchResult& out) {
  const auto classes = static_cast<int>(rows.table.classes.size());
  out.calibration = choose_calibration(options.calibration, probabilities, rows.table.y,
                                       out_of_fold, classes, rows.fold, rows.folds);
  out.pipeline.calibration = out.calibration.chosen;
  out.calibration.chosen.apply(out_of_fold, classes);
  out.out_of_fold = std::move(out_of_fold);
  if (classes == 2) {
    out.threshold = best_f1_threshold(rows.table.y, positive_column(out.out_of_fold));
  }
}

// of: a trial or a pipeline, for its settings.
template <typename Settings>
Pipeline fitted_on_all(const Settings& of, const TrainingRows& rows, const SearchOptions& options,
                       Seed seed, const Workers& workers) {
  std::vector<uint32_t> all(rows.table.rows());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
  return fit_pipeline(of.learner, of.params, of.prep_params, rows.table, all,
                      options.category_order,
                      fit_seed(seed, of.learner, static_cast<size_t>(rows.folds)), &workers);
}

std::vector<Trial> listed_trials(const SearchOptions& options, Seed seed, const TableShape& shape,
                                 Evaluator& evaluator) {
  std::vector<Trial> trials = plan_trials(options, seed);
  for (size_t i = 0; i < trials.size(); ++i) {
    trials[i].number = i;
    trials[i].fold_scores.assign(evaluator.folds().size(), std::nan(""));
  }
  double cost = 0;
  for (const Trial& t : trials) cost += fit_cost(t, shape, shape.rows);
  evaluator.expect(cost);
  const std::vector<size_t> all = everything(trials.size());
  const std::vector<size_t> folds = everything(evaluator.folds().size());
  // The naive rule, last in the plan, is there whatever happens.
  evaluator.evaluate(trials, std::span(all).last(1), folds, true);
  evaluator.evaluate(trials, all, folds);
  return trials;
}

// The trials of the memory on the folds on which they were tried, all fitted anew.
std::vector<Trial> replayed_trials(const SearchMemory& memory, const TableShape& shape,
                                   Evaluator& evaluator, SearchPlan& plan) {
  const size_t folds = evaluator.folds().size();
  std::vector<Trial> trials = memory.tried;
  double cost = 0;
  for (Trial& t : trials) {
    cost += fit_cost(t, shape, shape.rows);
    t.fold_scores.assign(folds, std::nan(""));
    t.fits = 0;
    t.seconds = 0;
    t.complete = false;
  }
  evaluator.expect(cost);
  for (size_t f = 0; f < folds; ++f) {
    std::vector<size_t> tried;
    for (size_t i = 0; i < trials.size(); ++i) {
      const std::vector<double>& scores = memory.tried[i].fold_scores;
      if (f < scores.size() && !std::isnan(scores[f])) tried.push_back(i);
    }
    evaluator.evaluate(trials, tried, {&f, 1});
    for (const size_t i : tried) {
      if (std::isnan(trials[i].fold_scores[f])) continue;  // interrupted
      const double difference = std::abs(trials[i].fold_scores[f] - memory.tried[i].fold_scores[f]);
      ++plan.replayed;
      plan.differ += !(difference == 0);
      plan.most_difference = std::max(plan.most_difference, difference);
    }
  }
  plan.rounds = memory.rounds;
  return trials;
}

// "0.6 boosted_trees (rank 2) + ...": the settings of the ensemble's row on the board. Ranks as
// they are with that row.
std::string members_text(const Ensemble& ensemble, const std::vector<Trial>& trials) {
  const bool stacked = std::any_of(ensemble.intercept.begin(), ensemble.intercept.end(),
                                   [](double b) { return b != 0; });
  std::string out = ensemble.intercept.empty() ? "" : stacked ? "stacked log odds: " : "log odds: ";
  for (size_t m = 0; m < ensemble.members.size(); ++m) {
    const Ensemble::Share& share = ensemble.members[m];
    out += fmt::format("{}{} {} (rank {})", m == 0 ? "" : " + ", fixed(share.weight, 3),
                       trials[share.trial].learner, share.trial + 1);
  }
  return out;
}

// A row goes in at `at`, and indices into the board follow.
void make_place(SearchResult& out, size_t at) {
  for (Ensemble* e : {&out.ensemble, &out.stack}) {
    for (Ensemble::Share& m : e->members) m.trial += m.trial >= at;
  }
  for (size_t& i : out.best_of_learner) i += i >= at;
}

// The ensembles take their places on the board: each before what is simpler where it was chosen,
// after it otherwise.
void add_to_board(SearchResult& out, bool higher) {
  std::vector<std::pair<size_t, const Ensemble*>> rows;
  for (const Ensemble* e : {&out.ensemble, &out.stack}) {
    if (e->members.empty()) continue;
    const size_t at = e->chosen ? 0 : std::min<size_t>(rows.size() + 1, out.trials.size());
    Trial row{.learner = kEnsemble, .number = out.trials.size()};
    row.fold_scores = e->fold_scores;
    std::vector<Trial> alone = {row};
    rank_trials(alone, higher);
    make_place(out, at);
    for (auto& [place, of] : rows) place += place >= at;
    out.trials.insert(out.trials.begin() + static_cast<std::ptrdiff_t>(at), alone.front());
    rows.emplace_back(at, e);
  }
  for (const auto& [place, e] : rows) {
    out.trials[place].params.set("members", members_text(*e, out.trials));
  }
}

Pipeline fitted_ensemble(const Ensemble& ensemble, const SearchResult& found,
                         const TrainingRows& rows, const SearchOptions& options, Seed seed,
                         const Workers& workers) {
  Pipeline out;
  out.learner = kEnsemble;
  out.classes = static_cast<int>(rows.table.classes.size());
  out.intercept = ensemble.intercept;
  out.members.resize(ensemble.members.size());
  workers.run(out.members.size(), [&](size_t m) {
    const Ensemble::Share& share = ensemble.members[m];
    out.members[m] = {.weight = share.weight,
                      .pipeline = std::make_shared<Pipeline>(
                          fitted_on_all(found.trials[share.trial], rows, options, seed, workers))};
  });
  return out;
}

void count(SearchResult& out) {
  for (const Trial& t : out.trials) {
    ++out.plan.trials;
    out.plan.complete += t.complete;
    out.fits += t.fits;
  }
  out.plan.stopped_early = out.plan.trials - out.plan.complete;
  if (out.plan.complete > 1 || out.plan.cut.empty()) return;
  throw Error(ErrorCode::kStudy, "", "the search ended before any setting was tried on all folds",
              "Give it more time: --budget 60s");
}

std::vector<Trial> tried(const SearchOptions& options, Seed seed, const TableShape& shape,
                         const SearchStart& start, Evaluator& evaluator, SearchPlan& plan) {
  if (start.replay) return replayed_trials(*start.memory, shape, evaluator, plan);
  std::vector<Trial> trials = options.method == "auto"
                                  ? auto_trials(options, shape, seed, evaluator, plan)
                                  : listed_trials(options, seed, shape, evaluator);
  evaluator.adopt(trials);
  return trials;
}

// The winner on all training rows, and what its out-of-fold probabilities teach.
void finish(const TrainingRows& rows, const SearchOptions& options, Seed seed,
            const Workers& workers, Evaluator& evaluator, const Mixes& mixes, SearchResult& out) {
  const Ensemble* mixed = out.stack.chosen      ? &out.stack
                          : out.ensemble.chosen ? &out.ensemble
                                                : nullptr;
  if (mixed != nullptr) {
    out.pipeline = fitted_ensemble(*mixed, out, rows, options, seed, workers);
    settle(rows, out.stack.chosen ? mixes.stack : mixes.mean, true, options, out);
  } else {
    const Trial& winner = out.trials.front();
    out.pipeline = fitted_on_all(winner, rows, options, seed, workers);
    settle(rows, evaluator.out_of_fold(winner, out.trials),
           learner_named(winner.learner).capabilities().probabilities, options, out);
  }
}

}  // namespace

SearchResult search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                    const Workers& workers, Progress& progress, const SearchLimits& limits,
                    const SearchStart& start) {
  PERENNIAL_CHECK(start.memory != nullptr || !start.replay);
  SearchResult out;
  const bool higher = metric_named(options.metric).higher_is_better;
  progress.stage("search", 1000);
  Evaluator evaluator(rows, options, seed, workers, progress, limits,
                      start.replay ? nullptr : start.memory);
  out.plan.method = options.method;
  out.plan.budget_seconds = limits.seconds;
  out.trials = tried(options, seed, shape_of(rows.table), start, evaluator, out.plan);
  // A replay ends where its search did.
  out.plan.cut = evaluator.cut().empty() && start.replay ? start.memory->cut : evaluator.cut();
  count(out);
  rank_trials(out.trials, higher);
  out.best_of_learner = best_of_each(out.trials);
  out.comparisons = compare_bests(out.trials, out.best_of_learner, higher);
  Mixes mixes;
  if (options.method == "auto" && out.plan.cut != "interrupted") {
    mixes = make_mixes(rows, options, evaluator, workers, out);
    add_to_board(out, higher);
  }
  finish(rows, options, seed, workers, evaluator, mixes, out);
  const auto last = static_cast<int64_t>(std::max<size_t>(1, out.pipeline.members.size()));
  out.fits += last;
  out.fitted += last;
  out.fitted += evaluator.fitted;
  out.plan.taken_over = evaluator.taken_over;
  out.shared = evaluator.shared_sentences();
  return out;
}

Pipeline fit_again(const Pipeline& winner, const TrainingRows& rows, const SearchOptions& options,
                   Seed seed, const Workers& workers) {
  Pipeline out;
  if (winner.members.empty()) {
    out = fitted_on_all(winner, rows, options, seed, workers);
  } else {
    out.learner = winner.learner;
    out.classes = winner.classes;
    out.intercept = winner.intercept;
    out.members.resize(winner.members.size());
    workers.run(out.members.size(), [&](size_t m) {
      const Member& member = winner.members[m];
      out.members[m] = {.weight = member.weight,
                        .pipeline = std::make_shared<Pipeline>(
                            fitted_on_all(*member.pipeline, rows, options, seed, workers))};
    });
  }
  out.calibration = winner.calibration;
  return out;
}

}  // namespace perennial
