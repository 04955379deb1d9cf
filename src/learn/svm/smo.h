// The dual of a support vector machine, solved two variables at a time.
//
//   minimise 1/2 b'Kb - y'b  over  b_i in [min(0, y_i C_i), max(0, y_i C_i)],  sum b = 0
//
// with b_i = y_i alpha_i: the C-SVC of Cortes and Vapnik (1995). Working sets by second-order
// information (Fan, Chen and Lin 2005), the method of LIBSVM. Where that converges slowly (few rows
// between their bounds, a kernel near singular), steps are interleaved with exact solutions for the
// rows between their bounds, each only after the pairs have cost as much as it costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace perennial {

// Rows of a kernel matrix: row(i)[j] = K(x_i, x_j) for j < n, then zeros up to padded(n). A row
// stays valid until two more rows have been asked for.
class KernelRows {
 public:
  virtual ~KernelRows() = default;
  virtual size_t size() const = 0;
  virtual const float* row(size_t i) = 0;
  virtual const std::vector<double>& diagonal() const = 0;
  static size_t padded(size_t n) { return (n + 7) / 8 * 8; }
};

struct SmoState {
  std::vector<double> beta;   // n; feasible start, all zero for a cold one
  std::vector<double> slope;  // n; y - K beta, kept with it
};

struct SmoResult {
  double bias = 0;       // f(x) = sum_i beta_i K(x_i, x) + bias
  double objective = 0;  // of the dual, as LIBSVM prints it
  int64_t steps = 0;     // pairs
  int64_t solves = 0;    // exact solutions for the rows between their bounds
  int64_t rounds = 0;    // subsets of rows
  bool converged = true;
};

// y: +1 or -1. upper: C_i > 0, one a row. Stops when the largest violation of the optimality
// conditions is below `tolerance` (LIBSVM's eps, default 1e-3), or after max_steps.
SmoResult solve_smo(KernelRows& kernel, std::span<const double> y, std::span<const double> upper,
                    double tolerance, int64_t max_steps, SmoState& state);

// Solutions for growing C, each from the last ones. The kernel and y must outlive the path.
class SmoPath {
 public:
  // weight: > 0, one a row; row i's bound at C is C * weight[i].
  SmoPath(KernelRows& kernel, std::vector<double> y, std::vector<double> weight);
  // warm: start from the solutions before, or else from zero. REQUIRES: c is no smaller than
  // before.
  SmoResult solve(double c, double tolerance, int64_t max_steps, bool warm);
  const std::vector<double>& beta() const { return last_.beta; }

 private:
  SmoState start(double c) const;
  SmoState scaled(double ratio) const;
  SmoState extrapolated(double c) const;
  void balance(std::span<const double> high, SmoState& state) const;

  KernelRows& kernel_;
  std::vector<double> y_, weight_;
  SmoState before_, last_;
  double before_c_ = 0, last_c_ = 0;  // 0: none
};

}  // namespace perennial
