// Which settings are best, by cross-validation on training rows only. Cannot see sealed rows.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/workers.h"
#include "learn/pipeline.h"
#include "metric/metric.h"
#include "split/split.h"

namespace perennial {

// Values to try for a learner's or its preparation's parameters. A parameter that is not named
// keeps its default in a random search and takes its declared grid in a grid search.
struct LearnerSpace {
  std::string learner;
  std::map<std::string, std::vector<ParamValue>> values;
};

struct SearchOptions {
  std::string method = "auto";  // auto | grid | random
  int64_t trials = 0;           // fixes the work: random 100, auto by the budget where it is 0
  double budget_seconds = 60;   // auto: how much work is planned; see SearchLimits for the clock
  std::string metric = "roc_auc";
  bool ensemble = true;              // auto: whether one is made
  bool stacking = false;             // auto: whether a stacked one is tried beside it
  std::string calibration = "auto";  // see calibration_param()
  std::vector<LearnerSpace> spaces;  // one a learner to search
  std::map<std::string, std::vector<std::string>> category_order;
};

struct Trial {
  std::string learner;
  Params params, prep_params;
  size_t number = 0;  // place in the plan of trials
  // Metric on each held-out fold; NaN where it was not tried, because the setting was stopped early
  // or the search was cut short.
  std::vector<double> fold_scores;
  double cv_mean = 0, cv_sd = 0;  // sd over folds, ddof 1
  int64_t fits = 0;               // models this trial stands for: folds tried
  double seconds = 0;             // its share of the time
  bool complete = true;           // all folds tried
};

// What may end a search early; what is planned does not depend on it.
struct SearchLimits {
  double seconds = 0;                       // of wall time; 0: no limit
  const std::atomic<bool>* stop = nullptr;  // set when the user has had enough
};

struct SearchMemory;  // search/memory.h

// Where a search begins.
struct SearchStart {
  // An earlier search of the same rows and options: what it tried is not tried again, and stays on
  // the board. nullptr: none.
  const SearchMemory* memory = nullptr;
  // Its trials again, fold by fold, and nothing else; they are all fitted anew.
  bool replay = false;
};

// How the plan of trials went.
struct SearchPlan {
  std::string method;
  double budget_seconds = 0;  // asked; 0: none
  int64_t trials = 0, complete = 0, stopped_early = 0;
  int rounds = 0;   // auto: rounds of settings around the best, after the first
  std::string cut;  // "": went to its end; "budget" | "interrupted": the clock or the user ended it
  int64_t taken_over = 0;  // models of an earlier search that were not fitted again
  // Replay: scores compared with those of the search, how many differ, and the most by which.
  int64_t replayed = 0, differ = 0;
  double most_difference = 0;
};

// A learner's best against another learner's best.
struct LearnerComparison {
  std::string better, worse;  // by mean
  PairedTest test;            // corrected paired t over the folds, better minus worse
  double adjusted_p = 1;      // Holm over all comparisons of the run
  bool tie = true;            // cannot be told apart: adjusted_p >= 0.05
};

// Several settings' probabilities put together, against what is simpler: averaged by weight against
// one setting alone, chosen for each fold on the others; stacked (search/stack.h) against the
// better of these two.
struct Ensemble {
  struct Share {
    size_t trial = 0;  // index into SearchResult::trials
    double weight = 0;
  };
  std::vector<Share> members;  // empty: none was made
  // One a class where the shares are weights of log odds (0 in a mean of them); else empty.
  std::vector<double> intercept;
  std::vector<double> fold_scores;  // on each fold with weights chosen on the others
  PairedTest gain;  // over what is simpler, positive for better; corrected for the folds
  // Kept before what is simpler: a mean where it gains anything, a stack where it gains more than
  // the standard error.
  bool chosen = false;
};

// What the whole search scores on rows that it knows nothing of (search/nested.h).
struct NestedScores {
  std::vector<double> fold_scores;   // empty: not asked for
  std::vector<std::string> winners;  // learner of each fold's winner
  PairedTest score;                  // mean and interval, corrected for the folds
  std::string cut;                   // as SearchPlan::cut, where one of the searches was cut short
};

struct SearchResult {
  // Best first; ties by simpler learner order, then params text. An ensemble that was made is a
  // trial of the learner kEnsemble: before what is simpler where it was chosen, after it otherwise.
  std::vector<Trial> trials;
  std::vector<size_t>
      best_of_learner;  // index into trials, best learner first; no naive, no ensemble
  std::vector<LearnerComparison> comparisons;  // all pairs of best_of_learner
  Ensemble ensemble, stack;
  Pipeline pipeline;                // the winner, refitted on all training rows and calibrated
  CalibrationChoice calibration;    // learned from the winner's out-of-fold probabilities
  std::vector<double> out_of_fold;  // those of the training rows x classes, calibrated
  double threshold = 0.5;           // two classes: that gives the best F1 out of fold
  int64_t fits = 0;                 // models that trials stand for (+ refit)
  int64_t fitted = 0;               // models really fitted from nothing; the rest shared work
  std::vector<std::string> shared;  // sentences: what was shared
  SearchPlan plan;
};

SearchResult search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                    const Workers& workers, Progress& progress, const SearchLimits& limits = {},
                    const SearchStart& start = {});

// A search's winner fitted on other rows as search() fits it in the end: the same settings, weights
// and seeds (`seed`: the search's), and the calibration as it is, since it was learned out of fold.
Pipeline fit_again(const Pipeline& winner, const TrainingRows& rows, const SearchOptions& options,
                   Seed seed, const Workers& workers);

// The candidates of a grid or a random search, in the order in which they are tried (no data).
std::vector<Trial> plan_trials(const SearchOptions& options, Seed seed);

}  // namespace perennial
