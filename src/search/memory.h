// What a search tried, as data: enough to go on with it, or to try the same again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "search/search.h"

namespace perennial {

struct SearchMemory {
  // What the scores hang on: the options without budget and trials, and hashes of the training
  // rows (customers, columns, values, target, folds).
  Json asked;
  std::map<std::string, std::string> rows;
  // How far it went.
  double budget_seconds = 0;  // planned for
  int64_t trials = 0;         // asked; 0: not said
  int rounds = 0;
  std::string cut;           // as SearchPlan::cut
  std::vector<Trial> tried;  // in the order in which they came up, with the scores of the folds
};

// The ensembles of the board are left out: they are made anew.
SearchMemory remember(const SearchResult& result, const TrainingRows& rows,
                      const SearchOptions& options);

// Settings that a learner's first trial has too are written once. Times are left out, so that the
// same search gives the same text.
Json to_json(const SearchMemory& memory);
// Errors (kData): not what to_json wrote; `where`: the file.
SearchMemory search_memory_from_json(const Json& json, const std::string& where);

// Error (kStudy): the rows or what is asked of the search differ from what is remembered; the
// message says in what.
void check_same_search(const SearchMemory& memory, const TrainingRows& rows,
                       const SearchOptions& options, const std::string& where);

}  // namespace perennial
