// What a run found, as plain data: the only thing the report sees.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/json.h"
#include "explain/explanation.h"
#include "explore/exploration.h"
#include "feature/feature_table.h"
#include "judge/judge.h"
#include "learn/loss_curve.h"
#include "search/search.h"
#include "segment/segments.h"

namespace perennial {

struct ScoreRow {
  std::string id, role;  // train, validation, test
  int32_t y = -1;
  std::vector<double> probability;  // one a class
  int32_t predicted = 0;
};

struct RunRecord {
  std::string version, study_name, study_file, question;
  std::string target, positive, id_name;  // positive "": more than two classes
  std::string language;                   // of the page: en, ru, pt or auto
  std::vector<std::string> classes;
  uint64_t seed = 0;
  std::vector<FileReading> files;
  std::vector<Finding> findings;
  int64_t customers = 0;  // before any drop
  std::vector<DropStep> dropped;
  std::map<std::string, int64_t> rows;  // train, validation, test
  std::vector<double> class_rates;      // share of each class among all rows kept
  int64_t positives = 0;                // two classes: of all rows kept
  double base_rate = 0;                 // two classes: positives / rows kept
  std::vector<std::string> features;
  SearchOptions search_options;
  // From the search (the pipeline itself is not needed).
  std::vector<Trial> trials;
  std::vector<size_t> best_of_learner;
  SearchPlan plan;
  Ensemble ensemble;
  NestedScores nested;
  std::vector<LearnerComparison> comparisons;
  int64_t fits = 0, fitted = 0;
  std::vector<std::string> shared;
  CalibrationChoice calibration;
  std::optional<LossCurve> loss_curve;       // of the winner's last fit, where it goes in steps
  std::map<std::string, Figure> validation;  // as Verdict::test; empty: no validation rows
  Verdict verdict;
  Explanation explanation;
  Exploration exploration;            // of all rows; nothing of it reaches a model
  std::vector<std::string> notes;     // what was decided about columns and rows
  std::vector<std::string> warnings;  // sentences
  std::vector<ScoreRow> scores;       // ordered as the feature table
  // Whom to contact, beside scores: 1 or 0; empty unless the study chooses by share or money.
  std::vector<uint8_t> contact;
  // Beside scores; empty: none. A customer's is "" where nothing was looked up.
  std::vector<std::string> reasons;
  Segments segments;  // empty where the study and the tables ask for none
  std::vector<std::pair<std::string, double>> seconds;  // stage -> s, in order
  uint64_t peak_rss_bytes = 0;
};

}  // namespace perennial
