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
#include "search/plan.h"

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

Pipeline fitted_on_all(const Trial& trial, const TrainingRows& rows, const SearchOptions& options,
                       Seed seed, const Workers& workers) {
  std::vector<uint32_t> all(rows.table.rows());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
  return fit_pipeline(trial.learner, trial.params, trial.prep_params, rows.table, all,
                      options.category_order,
                      fit_seed(seed, trial.learner, static_cast<size_t>(rows.folds)), &workers);
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

// "0.6 boosted_trees (rank 2) + ...": the settings of the ensemble's row on the board. Ranks as
// they are with that row.
std::string members_text(const Ensemble& ensemble, const std::vector<Trial>& trials) {
  std::string out;
  for (const Ensemble::Share& m : ensemble.members) {
    out += fmt::format("{}{} {} (rank {})", out.empty() ? "" : " + ", fixed(m.weight, 3),
                       trials[m.trial].learner, m.trial + 1);
  }
  return out;
}

// The ensemble takes its place on the board, and indices into the board follow.
void add_to_board(SearchResult& out, bool higher) {
  const size_t at = out.ensemble.chosen ? 0 : 1;
  for (Ensemble::Share& m : out.ensemble.members) m.trial += m.trial >= at;
  Trial row{.learner = kEnsemble, .number = out.trials.size()};
  row.fold_scores = out.ensemble.fold_scores;
  std::vector<Trial> alone = {row};
  rank_trials(alone, higher);
  out.trials.insert(out.trials.begin() + static_cast<std::ptrdiff_t>(at), alone.front());
  out.trials[at].params.set("members", members_text(out.ensemble, out.trials));
  for (size_t& i : out.best_of_learner) i += i >= at;
}

Pipeline fitted_ensemble(const SearchResult& found, const TrainingRows& rows,
                         const SearchOptions& options, Seed seed, const Workers& workers) {
  Pipeline out;
  out.learner = kEnsemble;
  out.classes = static_cast<int>(rows.table.classes.size());
  out.members.resize(found.ensemble.members.size());
  workers.run(out.members.size(), [&](size_t m) {
    const Ensemble::Share& share = found.ensemble.members[m];
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

}  // namespace

SearchResult search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                    const Workers& workers, Progress& progress, const SearchLimits& limits) {
  SearchResult out;
  const bool higher = metric_named(options.metric).higher_is_better;
  progress.stage("search", 1000);
  Evaluator evaluator(rows, options, seed, workers, progress, limits);
  const TableShape shape = shape_of(rows.table);
  out.plan.method = options.method;
  out.plan.budget_seconds = limits.seconds;
  out.trials = options.method == "auto" ? auto_trials(options, shape, seed, evaluator, out.plan)
                                        : listed_trials(options, seed, shape, evaluator);
  out.plan.cut = evaluator.cut();
  count(out);
  rank_trials(out.trials, higher);
  out.best_of_learner = best_of_each(out.trials);
  out.comparisons = compare_bests(out.trials, out.best_of_learner, higher);
  std::vector<double> out_of_fold;
  if (options.method == "auto" && options.ensemble && out.plan.cut != "interrupted") {
    out.ensemble = make_ensemble(rows, out.trials, options, evaluator, workers, out_of_fold);
  }
  if (!out.ensemble.members.empty()) add_to_board(out, higher);
  if (out.ensemble.chosen) {
    out.pipeline = fitted_ensemble(out, rows, options, seed, workers);
    settle(rows, std::move(out_of_fold), true, options, out);
  } else {
    const Trial& winner = out.trials.front();
    out.pipeline = fitted_on_all(winner, rows, options, seed, workers);
    settle(rows, evaluator.out_of_fold(winner),
           learner_named(winner.learner).capabilities().probabilities, options, out);
  }
  const auto last = static_cast<int64_t>(std::max<size_t>(1, out.pipeline.members.size()));
  out.fits += last;
  out.fitted += last;
  out.fitted += evaluator.fitted;
  out.shared = evaluator.shared_sentences();
  return out;
}

}  // namespace perennial
