// Minimises a Problem. See logistic.h for the methods and where they come from.
#pragma once

#include <span>
#include <vector>

#include "learn/logistic/kernels.h"

namespace perennial::logistic {

struct Stop {
  // The largest entry of the (sub)gradient, each divided by the square root of its curvature and of
  // the total weight: about the error of a coefficient in units in which 1 turns odds over.
  double tolerance = 1e-10;
  int max_iterations = 100;
};

struct Solution {
  std::vector<double> beta;
  double value = 0;  // of what is minimised
  int iterations = 0;
  bool converged = false;
};

// loss + penalties.
double objective(const Problem& problem, std::span<const double> beta);

// start: one a column, or empty for zeros. The solution does not depend on it but for the
// tolerance. Penalties of 0 everywhere and separable rows: ends when the mean loss is below 1e-10.
Solution solve(const Problem& problem, std::span<const double> start, const Stop& stop);

// The parts of solve(), for tables of few and of many columns.
Solution solve_newton(const Problem& problem, std::span<const double> start, const Stop& stop);
Solution solve_lbfgs(const Problem& problem, std::span<const double> start, const Stop& stop);
Solution solve_working_set(const Problem& problem, std::span<const double> start, const Stop& stop);

}  // namespace perennial::logistic
