#include "search/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "learn/all_learners.h"
#include "search/compare.h"

namespace perennial {
namespace {

// Candidates of one learner that share a preparation: fitted together, fold by fold.
struct Group {
  const Learner* learner;
  Params prep;                 // as fitted: `scale` is "none" where scaling changes nothing
  std::vector<size_t> trials;  // indices
  std::vector<Params> params;  // of the distinct candidates that are fitted
  std::vector<size_t> slot;    // trial k of the group reads the scores of candidate slot[k]
};

// For a learner that scaling cannot change, candidates that differ only in it are one.
Params shared_prep(const Learner& learner, const Params& prep) {
  Params out = prep;
  // Ranks and powers are more than a scale: they move what lies between two values.
  const bool scale = prep.has("scale") && prep.get_text("scale") != "quantile" &&
                     prep.get_text("scale") != "power";
  if (learner.capabilities().scale_invariant && scale) out.set("scale", std::string("none"));
  return out;
}

std::vector<Group> groups_of(const std::vector<Trial>& trials) {
  std::map<std::string, size_t> at;
  std::vector<Group> groups;
  std::vector<std::map<std::string, size_t>> distinct;
  for (size_t i = 0; i < trials.size(); ++i) {
    const Learner& learner = learner_named(trials[i].learner);
    const Params prep = shared_prep(learner, trials[i].prep_params);
    const auto [found, is_new] = at.try_emplace(trials[i].learner + to_text(prep), groups.size());
    if (is_new) {
      groups.push_back({.learner = &learner, .prep = prep});
      distinct.emplace_back();
    }
    Group& g = groups[found->second];
    const auto [slot, first] =
        distinct[found->second].try_emplace(to_text(trials[i].params), g.params.size());
    if (first) g.params.push_back(trials[i].params);
    g.trials.push_back(i);
    g.slot.push_back(slot->second);
  }
  return groups;
}

struct FoldRows {
  std::vector<uint32_t> train, held_out;
  std::vector<int32_t> train_y, held_out_y;
};

std::vector<FoldRows> fold_rows(const TrainingRows& rows) {
  if (rows.table.classes.size() != 2) {
    throw Error(ErrorCode::kStudy, "target " + quoted(rows.table.target_name),
                fmt::format("the search ranks settings for two classes, the target has {}",
                            rows.table.classes.size()),
                "Name the positive class of the target");
  }
  std::vector<FoldRows> folds(static_cast<size_t>(rows.folds));
  for (size_t i = 0; i < rows.fold.size(); ++i) {
    for (size_t f = 0; f < folds.size(); ++f) {
      const bool out = static_cast<size_t>(rows.fold[i]) == f;
      (out ? folds[f].held_out : folds[f].train).push_back(static_cast<uint32_t>(i));
      (out ? folds[f].held_out_y : folds[f].train_y).push_back(rows.table.y[i]);
    }
  }
  for (size_t f = 0; f < folds.size(); ++f) {
    for (const std::vector<int32_t>* y : {&folds[f].train_y, &folds[f].held_out_y}) {
      if (std::count(y->begin(), y->end(), 1) == 0 || std::count(y->begin(), y->end(), 0) == 0) {
        throw Error(ErrorCode::kData, fmt::format("fold {}", f + 1), "only one class is left in it",
                    "Use fewer folds, or more customers of the rarer class");
      }
    }
  }
  return folds;
}

// Out-of-fold probabilities of every candidate are kept where they take little memory; otherwise
// the winner is fitted once more on each fold.
bool keeps_all(size_t candidates, size_t rows) {
  constexpr size_t kMostValues = 4'000'000;
  return candidates * rows <= kMostValues / 2;
}

// A learner that looks at no column gets none.
Matrix rows_alone(size_t rows) { return {.rows = rows}; }

// What one task leaves: the metric of each distinct candidate on one fold.
struct TaskResult {
  std::vector<double> scores;
  std::vector<std::vector<double>> kept;  // probabilities of each, row-major; see keeps_all
  size_t fitted = 0;
  double seconds = 0;
};

TaskResult run_task(const TrainingRows& rows, const Group& group, const FoldRows& fold,
                    const SearchOptions& options, bool keep, Seed seed, const Workers& workers) {
  const auto begin = std::chrono::steady_clock::now();
  const bool looks = group.learner->capabilities().uses_features;
  const FittedPrep prep =
      looks ? FittedPrep::fit(rows.table, fold.train, group.prep, options.category_order)
            : FittedPrep();
  const BalancedRows seen =
      balanced_rows(balance_of(group.prep), fold.train, fold.train_y, 2, seed.child("balance"));
  const Matrix x =
      looks ? prep.apply_training(rows.table, seen.rows) : rows_alone(seen.rows.size());
  std::vector<int32_t> y(seen.rows.size());
  for (size_t i = 0; i < y.size(); ++i) y[i] = rows.table.y[seen.rows[i]];
  const Matrix held_out =
      looks ? prep.apply(rows.table, fold.held_out) : rows_alone(fold.held_out.size());
  const MetricInfo& metric = metric_named(options.metric);
  TaskResult result{.scores = std::vector<double>(group.params.size())};
  result.kept.resize(keep ? group.params.size() : 0);
  std::vector<double> p(fold.held_out.size());
  std::vector<double> both;
  result.fitted = group.learner->fit_predict_many(
      {.x = &x, .y = y, .weights = seen.weights, .seed = seed, .workers = &workers}, held_out,
      group.params, [&](size_t candidate, std::span<const double> probability) {
        both.assign(probability.begin(), probability.end());
        correct_prior(both, seen.odds);
        for (size_t i = 0; i < p.size(); ++i) p[i] = both[2 * i + 1];
        result.scores[candidate] = metric.score(fold.held_out_y, p);
        if (keep) result.kept[candidate] = both;
      });
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

Seed fit_seed(Seed seed, const std::string& learner, size_t fold) {
  return seed.child(learner).child(fold);
}

// Every (group, fold) is a task of its own; big groups go first so that no core waits long.
std::vector<TaskResult> run_tasks(const TrainingRows& rows, const std::vector<Group>& groups,
                                  const std::vector<FoldRows>& folds, const SearchOptions& options,
                                  bool keep, Seed seed, const Workers& workers,
                                  Progress& progress) {
  std::vector<size_t> order(groups.size() * folds.size());
  for (size_t t = 0; t < order.size(); ++t) order[t] = t;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return groups[a / folds.size()].params.size() > groups[b / folds.size()].params.size();
  });
  std::vector<TaskResult> results(order.size());
  std::atomic<size_t> done = 0;
  progress.stage("search", order.size());
  workers.run(order.size(), [&](size_t k) {
    const size_t g = order[k] / folds.size(), f = order[k] % folds.size();
    const std::string learner(groups[g].learner->name());
    results[order[k]] =
        run_task(rows, groups[g], folds[f], options, keep, fit_seed(seed, learner, f), workers);
    progress.advance(++done, groups[g].learner->title());
  });
  return results;
}

void collect(const std::vector<Group>& groups, const std::vector<TaskResult>& results, size_t folds,
             SearchResult& out) {
  for (size_t g = 0; g < groups.size(); ++g) {
    for (size_t k = 0; k < groups[g].trials.size(); ++k) {
      Trial& trial = out.trials[groups[g].trials[k]];
      trial.fits = static_cast<int64_t>(folds);
      for (size_t f = 0; f < folds; ++f) {
        const TaskResult& r = results[g * folds + f];
        trial.fold_scores.push_back(r.scores[groups[g].slot[k]]);
        trial.seconds += r.seconds / static_cast<double>(groups[g].trials.size());
      }
    }
  }
  for (const Trial& t : out.trials) out.fits += t.fits;
  for (const TaskResult& r : results) out.fitted += static_cast<int64_t>(r.fitted);
}

// "k nearest neighbours: 300 models came from 10 fits: one set of distances serves ...".
std::vector<std::string> sharing_sentences(const std::vector<Group>& groups,
                                           const std::vector<TaskResult>& results, size_t folds) {
  std::vector<std::string> out;
  for (const auto& learner : all_learners()) {
    size_t models = 0, fits = 0;
    bool scaling_shared = false;
    for (size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].learner != learner.get()) continue;
      models += groups[g].trials.size() * folds;
      for (size_t f = 0; f < folds; ++f) fits += results[g * folds + f].fitted;
      scaling_shared |= groups[g].params.size() < groups[g].trials.size();
    }
    if (fits >= models) continue;
    std::string sentence = fmt::format("{}: {} models came from {}", learner->title(),
                                       grouped(static_cast<int64_t>(models)),
                                       counted(static_cast<int64_t>(fits), "fit"));
    if (!learner->shares().empty()) sentence += fmt::format(": {}", learner->shares());
    if (scaling_shared) sentence += "; settings that differ only in scaling share one fit";
    out.push_back(sentence + ".");
  }
  return out;
}

// The winner's kept probabilities, as one row-major table of the training rows.
std::vector<double> kept_out_of_fold(const Trial& winner, const std::vector<Group>& groups,
                                     const std::vector<TaskResult>& results,
                                     const std::vector<FoldRows>& folds, size_t rows) {
  std::vector<double> out(2 * rows);
  for (size_t g = 0; g < groups.size(); ++g) {
    const auto& trials = groups[g].trials;
    const auto found = std::find(trials.begin(), trials.end(), winner.number);
    if (found == trials.end()) continue;
    const size_t slot = groups[g].slot[static_cast<size_t>(found - trials.begin())];
    for (size_t f = 0; f < folds.size(); ++f) {
      const std::vector<double>& both = results[g * folds.size() + f].kept[slot];
      for (size_t i = 0; i < both.size(); ++i) out[2 * folds[f].held_out[i / 2] + i % 2] = both[i];
    }
  }
  return out;
}

// The winner fitted once more on each fold.
std::vector<double> refitted_out_of_fold(const Trial& winner, const TrainingRows& rows,
                                         const std::vector<FoldRows>& folds,
                                         const SearchOptions& options, Seed seed,
                                         const Workers& workers) {
  std::vector<double> out(2 * rows.table.rows());
  workers.run(folds.size(), [&](size_t f) {
    const Pipeline p =
        fit_pipeline(winner.learner, winner.params, winner.prep_params, rows.table, folds[f].train,
                     options.category_order, fit_seed(seed, winner.learner, f), &workers);
    const std::vector<double> both = p.predict(rows.table.take(folds[f].held_out));
    for (size_t i = 0; i < both.size(); ++i) out[2 * folds[f].held_out[i / 2] + i % 2] = both[i];
  });
  return out;
}

// The winner on all training rows; calibration and threshold from its out-of-fold probabilities.
void settle_winner(const TrainingRows& rows, std::vector<double> out_of_fold,
                   const SearchOptions& options, Seed seed, const Workers& workers,
                   SearchResult& out) {
  const Trial& winner = out.trials.front();
  std::vector<uint32_t> all(rows.table.rows());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
  out.pipeline = fit_pipeline(
      winner.learner, winner.params, winner.prep_params, rows.table, all, options.category_order,
      fit_seed(seed, winner.learner, static_cast<size_t>(rows.folds)), &workers);
  out.calibration = choose_calibration(options.calibration,
                                       learner_named(winner.learner).capabilities().probabilities,
                                       rows.table.y, out_of_fold, 2, rows.fold, rows.folds);
  out.pipeline.calibration = out.calibration.chosen;
  out.calibration.chosen.apply(out_of_fold, 2);
  out.out_of_fold.resize(rows.table.rows());
  for (size_t i = 0; i < out.out_of_fold.size(); ++i) out.out_of_fold[i] = out_of_fold[2 * i + 1];
  ++out.fits;
  ++out.fitted;
  out.threshold = best_f1_threshold(rows.table.y, out.out_of_fold);
}

}  // namespace

SearchResult search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                    const Workers& workers, Progress& progress) {
  SearchResult out;
  out.trials = plan_trials(options, seed);
  for (size_t i = 0; i < out.trials.size(); ++i) out.trials[i].number = i;
  const bool higher = metric_named(options.metric).higher_is_better;
  const std::vector<FoldRows> folds = fold_rows(rows);
  const std::vector<Group> groups = groups_of(out.trials);
  const bool keep = keeps_all(out.trials.size(), rows.table.rows());
  const std::vector<TaskResult> results =
      run_tasks(rows, groups, folds, options, keep, seed, workers, progress);
  collect(groups, results, folds.size(), out);
  out.shared = sharing_sentences(groups, results, folds.size());
  rank_trials(out.trials, higher);
  out.best_of_learner = best_of_each(out.trials);
  out.comparisons = compare_bests(out.trials, out.best_of_learner, higher);
  const Trial& winner = out.trials.front();
  if (!keep) {
    out.fits += rows.folds;
    out.fitted += rows.folds;
  }
  settle_winner(rows,
                keep ? kept_out_of_fold(winner, groups, results, folds, rows.table.rows())
                     : refitted_out_of_fold(winner, rows, folds, options, seed, workers),
                options, seed, workers, out);
  return out;
}

}  // namespace perennial
