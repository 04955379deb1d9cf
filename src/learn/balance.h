// Balance of classes: what a learner sees of the training rows of a fold, and how its probabilities
// are brought back to the true rate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/params.h"
#include "base/seed.h"
#include "learn/learner.h"

namespace perennial {

// The one declaration of "balance": none | weights | undersample | oversample.
const ParamSpec& balance_param();
// params' "balance"; "none" where it is not named.
std::string balance_of(const Params& params);

// Throws Error{kStudy} where `balance` is "weights" and the learner cannot weigh rows; it names
// what does nearly the same.
void check_balance(const std::string& balance, const Learner& learner);

// What the learner is given instead of all rows.
struct BalancedRows {
  std::vector<uint32_t> rows;   // as given, fewer or some of them twice, in the given order
  std::vector<double> weights;  // empty: all 1; one a row, their sum is the number of rows
  std::vector<double> odds;     // one a class: true rate / rate that the learner sees; empty: all 1
};

// undersample keeps as many rows of each class as the rarest class that occurs has; oversample
// repeats rows until each has as many as the most frequent one; weights makes the classes weigh the
// same. Which rows: those with the lowest hash of seed and row number, so the numbers must be in an
// order of their own (FeatureTable: by id), not that of a file.
// y: the class of each of `rows`.
BalancedRows balanced_rows(const std::string& balance, std::span<const uint32_t> rows,
                           std::span<const int32_t> y, int classes, Seed seed);

// Prior correction, in place: p(k) proportional to p(k) * odds[k]. Two classes: Elkan 2001, theorem
// 2; several: Saerens, Latinne and Decaestecker 2002, equation 2.4. The order of the probabilities
// of two classes does not change. Nothing happens where odds is empty.
// probability: rows x classes, row-major.
void correct_prior(std::span<double> probability, std::span<const double> odds);

}  // namespace perennial
