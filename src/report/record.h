// What a run found, as plain data: the only thing the report sees.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/json.h"
#include "explain/explanation.h"
#include "explore/exploration.h"
#include "feature/feature_table.h"
#include "judge/judge.h"
#include "learn/loss_curve.h"
#include "offer/outputs.h"
#include "search/search.h"
#include "segment/segments.h"

namespace perennial {

// Everybody's probabilities: one row a customer, or a customer and cutoff, in the order of the
// feature table.
struct ScoreTable {
  size_t classes = 0;
  std::vector<std::string> id;
  std::vector<const char*> role;  // train, validation, test
  std::vector<int32_t> y;         // -1: not known
  std::vector<int32_t> predicted;
  std::vector<double> probability;  // rows x classes
  // Where customers have several classes: all of them, as a|b. Where they have a row for each of
  // several cutoffs: its day.
  std::vector<std::string> truth, moment;

  size_t rows() const { return id.size(); }
  std::span<const double> of(size_t row) const {
    return std::span(probability).subspan(classes * row, classes);
  }
};

// The winner's settings, learned from the rows of all earlier cutoffs and tried on those of one.
struct Backtest {
  std::string cutoff;
  int64_t learned_from = 0, rows = 0;
  double base_rate = 0;
  std::map<std::string, Figure> figures;
};

// A question of another kind than "which class" (uplift) brings its answers ready made.
struct OtherAnswer {
  std::string metrics_json, summary;
};

struct RunRecord {
  std::optional<OtherAnswer> other;
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
  bool refit = false;                   // the final model learned from the validation rows too
  std::vector<double> class_rates;      // share of each class among all rows kept
  int64_t positives = 0;                // two classes: of all rows kept
  double base_rate = 0;                 // two classes: positives / rows kept
  std::vector<std::string> features;
  // Features made of events: name -> what it is, in a sentence.
  std::vector<std::pair<std::string, std::string>> definitions;
  std::vector<std::string> cutoffs;  // dates, earliest first; empty without tables of events
  std::vector<Backtest> backtest;    // from the second cutoff on
  SearchOptions search_options;
  // From the search (the pipeline itself is not needed).
  std::vector<Trial> trials;
  std::vector<size_t> best_of_learner;
  SearchPlan plan;
  Ensemble ensemble, stack;
  NestedScores nested;
  std::vector<LearnerComparison> comparisons;
  int64_t fits = 0, fitted = 0;
  std::vector<std::string> shared;
  CalibrationChoice calibration;
  std::optional<LossCurve> loss_curve;  // of the winner's last fit, where it goes in steps
  // As Verdict::test; empty: no validation rows. With `refit` of the model before it learned from
  // them.
  std::map<std::string, Figure> validation;
  Verdict verdict;
  Explanation explanation;
  Exploration exploration;            // of all rows; nothing of it reaches a model
  std::vector<std::string> notes;     // what was decided about columns and rows
  std::vector<std::string> warnings;  // sentences
  ScoreTable scores;
  // Whom to contact, beside scores: 1 or 0; empty unless the study chooses by share or money.
  std::vector<uint8_t> contact;
  // Beside scores; empty: none. A customer's is "" where nothing was looked up.
  std::vector<std::string> reasons;
  Segments segments;                // empty where the study and the tables ask for none
  std::optional<OfferPlan> offers;  // where the study has a catalogue
  std::vector<MessagePreview> message_previews;
  std::vector<std::pair<std::string, double>> seconds;  // stage -> s, in order
  uint64_t peak_rss_bytes = 0;
};

}  // namespace perennial
