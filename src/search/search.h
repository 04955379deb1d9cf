// Which settings are best, by cross-validation on training rows only. Cannot see sealed rows.
#pragma once

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
  std::string method = "grid";  // grid | random
  int64_t trials = 100;         // random: how many
  std::string metric = "roc_auc";
  std::string calibration = "auto";  // see calibration_param()
  std::vector<LearnerSpace> spaces;  // one a learner to search
  std::map<std::string, std::vector<std::string>> category_order;
};

struct Trial {
  std::string learner;
  Params params, prep_params;
  size_t number = 0;                // place in the plan of trials
  std::vector<double> fold_scores;  // metric on each held-out fold
  double cv_mean = 0, cv_sd = 0;    // sd over folds, ddof 1
  int64_t fits = 0;                 // models this trial stands for: folds
  double seconds = 0;               // its share of the time
};

// A learner's best against another learner's best.
struct LearnerComparison {
  std::string better, worse;  // by mean
  PairedTest test;            // corrected paired t over the folds, better minus worse
  double adjusted_p = 1;      // Holm over all comparisons of the run
  bool tie = true;            // cannot be told apart: adjusted_p >= 0.05
};

struct SearchResult {
  std::vector<Trial> trials;  // best first; ties by simpler learner order, then params text
  std::vector<size_t> best_of_learner;  // index into trials, best learner first; naive excluded
  std::vector<LearnerComparison> comparisons;  // all pairs of best_of_learner
  Pipeline pipeline;                // the winner, refitted on all training rows and calibrated
  CalibrationChoice calibration;    // learned from the winner's out-of-fold probabilities
  std::vector<double> out_of_fold;  // those of the training rows x classes, calibrated
  double threshold = 0.5;           // two classes: that gives the best F1 out of fold
  int64_t fits = 0;                 // models that trials stand for (+ refit)
  int64_t fitted = 0;               // models really fitted from nothing; the rest shared work
  std::vector<std::string> shared;  // sentences: what was shared
};

SearchResult search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                    const Workers& workers, Progress& progress);

// The candidates of the options, in the order in which they are tried (pure; no data).
std::vector<Trial> plan_trials(const SearchOptions& options, Seed seed);

}  // namespace perennial
