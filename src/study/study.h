// The study file (TOML) -> plain options, with defaults. Every key is declared once
// (study/keys.cc); docs/study.md is generated from those declarations.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/files.h"
#include "feature/events.h"
#include "metric/profit.h"
#include "offer/catalogue.h"
#include "search/search.h"
#include "segment/options.h"
#include "split/split.h"
#include "table/read.h"
#include "uplift/uplift.h"

namespace perennial {

struct StudyTable {
  std::string name;
  ReadOptions read;    // files, separator, decimal, encoding, header, names, missing, types
  std::string splits;  // folder of .npz files instead of read.files; "": none
  std::string id;      // "" : the only column all tables share
  std::string pivot_by;
  std::vector<std::string> pivot_values;
  std::string aggregate = "sum";
  std::string time;                // a log of events: the column with their time; "": none
  Duration session_gap;            // of events; empty: no sessions
  std::vector<std::string> value;  // value role
  std::vector<std::string> ignore;
  std::map<std::string, std::vector<std::string>> order;  // column -> categories, low to high
  int line = 0;                                           // of [tables.x] in the study file
};

// A target made of events: `name` is what it is called in reports.
struct StudyEvent {
  std::string table;  // of the events
  EventTarget target;
};

// Several classes as things to recommend.
struct RecommendTerms {
  int k = 3;            // length of the list that counts
  std::string exclude;  // feature with the classes that a customer has already; "": none
};

struct StudyQuestion {
  std::string name;
  std::string table;  // that holds the target; "": the one that has the column
  // The column and its value that counts as yes; or, with `target_where`, the condition that makes
  // the target: then `target` is its text and `positive` "yes".
  std::string target, positive;
  std::string target_where;
  std::optional<StudyEvent> event;  // or events: then `target` is its name and `positive` "yes"
  std::vector<double> cutoffs;      // days, earliest first; empty: the latest that can be
  EventOptions inputs;              // what events turn into
  int cutoff_line = 0;              // 0: the key does not stand there
  std::string target_each;          // sign between several values in the target column; "": one
  std::vector<std::string> tables;  // to use; empty: all
  std::optional<RecommendTerms> recommend;
  int recommend_line = 0;
  std::string cohort;
  SplitOptions validation;
  bool refit = false;         // the final model learns from the validation rows too
  std::string save = "none";  // parts as .npz with float32 or float64; none: not written
  SearchOptions search;
  std::optional<MoneyTerms> money;
  int money_line = 0;  // of its section
  SegmentOptions segments;
  bool segments_asked = false;   // by a section; else made where the tables allow it
  bool segments_enabled = true;  // false: not made at all
  int64_t reasons = 3;           // of each customer, in scores.csv; 0: none
  std::optional<OfferTerms> offers;
  std::optional<UpliftOptions> uplift;   // a question of uplift
  std::vector<std::string> ignore;       // features (by name) not to be used for this question
  bool explore = true;                   // explore.json is made
  bool explain = true;                   // importance.csv is made, and what the report says of it
  int line = 0;                          // of [question.x] in the study file
  int target_line = 0, cohort_line = 0;  // 0: the key does not stand there
};

struct Study {
  std::string name;               // title; the stem of the file where the study has none
  std::string path;               // of the file, for messages
  std::string language = "auto";  // of the report: auto, en, ru, pt
  uint64_t seed = 0;
  bool automatic_repair = true;
  std::vector<StudyTable> tables;
  RepairPlan repairs;  // [[repair]]: accepted by the user
  std::vector<int> repair_lines;
  std::vector<StudyQuestion> questions;
};

// Errors (kStudy) name file, line and key: TOML syntax, unknown key (nearest named), wrong type,
// out of bounds, a question or table missing, two tables of one name.
Study parse_study(const std::string& text, const std::string& path);
Study load_study(const fs::path& path);

// docs/study.md, whole.
std::string study_reference();
// One valid and several invalid examples for each key, generated from the declarations (tests).
struct KeyExample {
  std::string key, toml, expected_error;  // expected_error "" for a valid one
};
std::vector<KeyExample> key_examples();

}  // namespace perennial
