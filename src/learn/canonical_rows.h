// Training rows in an order of their own, for learners that draw rows or columns at random or that
// sum in floats: the order of rows and columns in the file, constant columns, and whether a row
// comes twice or weighs 2 then change nothing, to the last bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/seed.h"
#include "learn/learner.h"

namespace perennial {

struct CanonicalRows {
  std::vector<uint32_t> columns;  // of the matrix: those that vary, in the order of their names
  // One row of the matrix for each distinct pair of features and class, in the order of a hash of
  // the features. The hash does not change when a column is scaled by a power of two.
  std::vector<uint32_t> rows;
  std::vector<int32_t> y;        // the classes of `rows`, numbered within `classes`
  std::vector<double> weight;    // the sum of the weights of the rows that are merged
  std::vector<int32_t> classes;  // the classes that occur, in order

  double class_weight_sum(size_t k) const;  // of the k-th class that occurs
};

// REQUIRES: data passed check_training_set.
CanonicalRows canonical_rows(const TrainingSet& data);

// Multiplies the weights so that the classes that occur weigh the same and the sum stays.
void balance_classes(CanonicalRows& rows);

// For early stopping: true for `fraction` of the distinct rows of each class, drawn by the seed.
// A class keeps at least one row to learn from; where nothing can be spared, all are false.
std::vector<bool> validation_rows(const CanonicalRows& rows, double fraction, Seed seed);

}  // namespace perennial
