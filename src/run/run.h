// The composition root: a study in, a folder of answers out.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "artifact/artifact.h"
#include "base/error.h"
#include "base/progress.h"
#include "base/workers.h"
#include "explain/explanation.h"
#include "report/record.h"
#include "study/study.h"

namespace perennial {

inline constexpr const char* kVersion = "0.1.0";

struct RunOptions {
  std::string study;                        // path of the study file
  std::optional<std::string> data;          // folder of the tables; default: the study's own
  std::optional<std::string> question;      // one question only; default: all
  std::optional<uint64_t> seed;             // instead of the study's
  int threads = 0;                          // 0: all cores
  std::optional<double> budget;             // seconds of a search, instead of the study's
  std::optional<int64_t> trials;            // settings to try, instead of the study's
  bool nested = false;                      // also the whole search, fold by fold
  std::optional<std::string> resume;        // an earlier run to go on with: its model or folder
  std::optional<std::string> replay;        // an earlier run whose trials are tried again
  const std::atomic<bool>* stop = nullptr;  // set: the search ends and keeps the best so far
};

// What was asked of the tables, question by question; nothing is trained.
struct AuditRecord {
  std::vector<Finding> findings;
  std::vector<FileReading> files;
  std::optional<Error> problem;  // why a question cannot be answered yet (the first such one)
};
AuditRecord audit_study(const RunOptions& options, Progress& progress);

// What the data of each question look like; nothing is trained.
struct QuestionExploration {
  std::string question;
  Exploration exploration;
};
std::vector<QuestionExploration> explore_study(const RunOptions& options, Progress& progress);

// The plan as `run --plan` prints it: JSON of the plan and its SQL, a question after another.
std::string plan_text(const RunOptions& options);

// Runs each question and writes out_dir/<question>/ whole (or nothing of it). Returns the records.
std::vector<RunRecord> run_study(const RunOptions& options, const std::string& out_dir,
                                 Progress& progress);

// perennial init: the study proposed for the tables (text of a TOML file). File names in it are
// relative to `home`, the folder the study will stand in. target, positive: "" to be found out.
std::string init_study(const std::vector<std::string>& files, const std::string& target,
                       const std::string& positive, const fs::path& home);

struct ScoreOptions {
  std::string model;
  std::vector<std::string> tables;  // files, in any order: matched to the plan by their columns
  // Models of events: the moment of the scores, a date; "" or "latest": the day after the last
  // event of the tables.
  std::string cutoff;
  int threads = 0;
};
struct ScoreResult {
  std::string csv;  // the id, a probability a class, the predicted class
  int64_t rows = 0;
  std::vector<std::string> notes;  // unseen categories, missing columns, unseen periods
};
ScoreResult score_tables(const ScoreOptions& options, Progress& progress);

// perennial check: is the model still good on later tables?
struct CheckOptions {
  ScoreOptions score;
  bool outcomes = false;    // the tables have the target column
  std::string recalibrate;  // model file to write, with new probabilities; "": none
};
struct CheckResult {
  std::string verdict;  // "still good", "recalibrate", "retrain"
  std::string text, json;
  std::vector<std::string> notes;
};
// Errors (kData): a model made before models could be checked; rows of one outcome only.
CheckResult check_tables(const CheckOptions& options, Progress& progress);

// perennial explain: why one customer got this score, by a saved model.
struct ExplainRequest {
  ScoreOptions score;
  std::string id;
};
struct ExplainResult {
  CustomerExplanation customer;
  ShapMethod method;
  std::string text, json;
  std::vector<std::string> notes;
};
// Errors (kData): no such customer; a model made before models could explain.
ExplainResult explain_tables(const ExplainRequest& request, Progress& progress);

}  // namespace perennial
