// Where the default search looks: strong settings to begin with, the ranges around them, and what a
// fit is expected to cost. Pure functions of the options and the shape of the table.
#pragma once

#include <string>
#include <vector>

#include "base/seed.h"
#include "search/search.h"

namespace perennial {

// What the plan of trials may depend on.
struct TableShape {
  size_t rows = 0;     // training rows
  size_t columns = 0;  // after encoding, about: a text counts as its categories, at most 30
  size_t classes = 2;
};
TableShape shape_of(const FeatureTable& table);

// The first round: for every learner of the options, settings that did well on tables of customers
// (docs/methods.md says which and why), the most promising first. A setting with a series of
// n_estimators stands as several trials, one after another, that share one fit.
// Errors (kStudy): as plan_trials.
std::vector<std::vector<Trial>> portfolio(const SearchOptions& options, const TableShape& shape);

// A further setting near `from` or, for one in four, anywhere in the learner's ranges.
std::vector<Trial> proposal(const Trial& from, const SearchOptions& options,
                            const TableShape& shape, Rng& rng);

// Seconds of one core that a fit on `rows` rows takes, about; measured on one machine of 2024. Only
// decides how much is planned and which task begins first.
double fit_cost(const Trial& trial, const TableShape& shape, size_t rows);

// fit_predict_many gives the same bits whatever candidates are fitted together.
bool shares_exactly(const std::string& learner);

}  // namespace perennial
