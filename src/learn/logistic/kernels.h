// The passes over the data: everything that costs time when there are many rows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/workers.h"

namespace perennial::logistic {

// Minimise over beta:
//   sum_i weight[i] * log(1 + exp(sign[i] * <row i, beta>)) + sum_j l1[j] |beta[j]| + l2[j]/2
//   beta[j]^2
// A row of class 1 has sign -1, one of class 0 has +1. An intercept is a column of ones whose l1
// and l2 are 0; it is marked by a null pointer and costs no memory.
struct Problem {
  std::vector<const double*> columns;  // each `rows` long
  size_t rows = 0;
  std::span<const double> sign, weight;
  std::vector<double> l1, l2;  // one a column
  double total_weight = 0;     // of the rows
  const Workers* workers = nullptr;

  size_t size() const { return columns.size(); }
};

// Sums over all rows at one beta.
struct Sums {
  double loss = 0;
  std::vector<double> gradient;  // of the loss, one a column
  std::vector<double> gram;  // second derivatives of the loss; [j * stride + k], valid for k >= j
  size_t stride = 0;
};

// The same bits for any number of threads: blocks of rows are fixed, and added in their order.
// Without want_gram the gram of `sums` is left as it was.
void pass(const Problem& problem, std::span<const double> beta, bool want_gram, Sums& sums);

// scores[i] = <row i, beta>; a row's score depends on that row alone.
void scores(std::span<const double* const> columns, size_t rows, std::span<const double> beta,
            double intercept, std::span<double> out);

// probability[2 i] and [2 i + 1]: of class 0 and class 1 at score z[i].
void two_class_probability(std::span<const double> z, std::span<double> probability);

// At least the largest magnitude, at most the root of the sum of squares; infinity where a value is
// infinite or missing.
double largest_magnitude(std::span<const double> values);

// Tests only: logistic_terms for each of t.
void terms_of(std::span<const double> t, std::span<double> loss, std::span<double> slope,
              std::span<double> curvature);

}  // namespace perennial::logistic
