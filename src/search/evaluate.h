// Trials on folds: who is fitted together, in which order, until when, and what is remembered.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "search/search.h"
#include "search/space.h"

namespace perennial {

struct FoldRows {
  std::vector<uint32_t> train, held_out;
  std::vector<int32_t> train_y, held_out_y;
};

// Error (kData): a class is absent from a fold or from the rest.
std::vector<FoldRows> fold_rows(const TrainingRows& rows);

// Seed of a learner's fit on all rows but fold `fold`; fold = folds: on all rows.
Seed fit_seed(Seed seed, const std::string& learner, size_t fold);

// Probabilities of a fold's held-out rows, put in their places among all training rows.
void place(std::span<const double> probability, std::span<const uint32_t> rows, size_t classes,
           std::vector<double>& out);

class Evaluator {
 public:
  Evaluator(const TrainingRows& rows, const SearchOptions& options, Seed seed,
            const Workers& workers, Progress& progress, const SearchLimits& limits,
            const SearchMemory* memory = nullptr);

  // Fills in the scores of trials[i], i in `which`, on `folds`, where they are not known yet. Every
  // (candidates that share work, fold) is a task; none begins once a limit is reached (unless
  // `must`). False: some were left out.
  bool evaluate(std::vector<Trial>& trials, std::span<const size_t> which,
                std::span<const size_t> folds, bool must = false);

  // Out-of-fold probabilities of a complete trial (rows x classes): kept ones, or fitted anew. In a
  // grid it is fitted with those of `board` that it was tried with: their shared fits differ in the
  // last bits from fits alone.
  std::vector<double> out_of_fold(const Trial& trial, std::span<const Trial> board);
  // Puts what the memory knows and `trials` lack among them.
  void adopt(std::vector<Trial>& trials);
  // "" while nothing was left out; "budget", "interrupted".
  const std::string& cut() const { return cut_; }
  bool over() const;
  const std::vector<FoldRows>& folds() const { return folds_; }
  // Seconds of one core that the plan is thought to take in all: for the bar and the time left.
  void expect(double cost) { expected_ = std::max(expected_, cost); }
  // The best so far, for the bar.
  void best(const Trial& trial);

  int64_t fitted = 0;      // models fitted from nothing
  int64_t taken_over = 0;  // scores that the memory knew
  std::vector<std::string> shared_sentences() const;

 private:
  struct Group;
  struct Task;
  struct Result;
  struct Sharing {
    int64_t models = 0, fits = 0;
    bool scaling = false;
  };
  std::vector<Group> groups_of(const std::vector<Trial>& trials, std::span<const size_t> which,
                               size_t fold) const;
  Result run_task(const Task& task, bool keep) const;
  // How many tasks, sorted by falling cost, go one after another before the rest.
  size_t left_over(const std::vector<Task>& tasks) const;
  void recall(std::vector<Trial>& trials, std::span<const size_t> which,
              std::span<const size_t> folds);
  void collect(const Task& task, const Result& result, std::vector<Trial>& trials);
  void show(const Task& task, double done) const;

  const TrainingRows& rows_;
  const SearchOptions& options_;
  const Seed seed_;
  const Workers& workers_;
  Progress& progress_;
  const SearchLimits& limits_;
  const TableShape shape_;
  const std::vector<FoldRows> folds_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::map<std::string, Trial> known_;  // of the memory, by settings
  std::string cut_, best_;
  double expected_ = 0, done_ = 0;
  std::map<std::string, std::vector<std::vector<double>>> kept_;  // settings -> fold -> probability
  size_t kept_values_ = 0;
  std::map<std::string, Sharing> sharing_;  // by learner
};

}  // namespace perennial
