// Decision functions for growing C on one kernel: exact, or approximate for many rows.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "learn/svm/svm_model.h"

namespace perennial {

// The training rows in an order that depends on their contents alone, equal rows made one: so
// neither order nor repetition changes a bit.
struct SvmRows {
  RowBlock x;
  std::vector<int32_t> y;
  std::vector<double> weight;
  int classes = 2;
  explicit SvmRows(const TrainingSet& data);
};

struct SvmSettings {
  KernelSpec kernel;
  double c = 1, tolerance = 1e-3;
  bool balanced = false;
  int64_t max_steps = 0, landmarks = 0;
  // Whether two candidates differ in C alone.
  bool same_path(const SvmSettings& other) const;
};

class SvmFitter {
 public:
  virtual ~SvmFitter() = default;
  // REQUIRES: settings on the path of those the fitter was made for, C no smaller than before.
  virtual std::vector<Decision> solve(const SvmSettings& settings) = 0;
  // The rows that the coefficients belong to.
  virtual const RowBlock& support() const = 0;
  virtual SvmMethod method() const = 0;
};

// products: of product_matrix(rows.x, rows.x), or empty. rows must outlive the fitter.
// Approximate where settings.landmarks > 0 or there are more than kMostExactRows rows: Nyström
// features (Williams and Seeger 2001) and dual coordinate descent (Hsieh et al. 2008), the
// intercept penalised like a coefficient; for a linear kernel of few columns the columns
// themselves.
std::unique_ptr<SvmFitter> make_svm_fitter(const SvmRows& rows, const SvmSettings& settings,
                                           std::span<const double> products, Seed seed,
                                           const Workers* workers);

constexpr size_t kMostExactRows = 20'000;
constexpr size_t kKernelBytes = size_t{256} << 20;  // of one kernel matrix in memory

// For the approximations' own file.
std::unique_ptr<SvmFitter> make_approximate_fitter(const SvmRows& rows, const SvmSettings& settings,
                                                   Seed seed, const Workers* workers);
// Which functions there are and which class each tells from the rest: {1} for two classes.
std::vector<int32_t> told_classes(int classes);
// Bounds per unit of C: the row's weight times its class weight (n / (2 n_class), as scikit-learn
// balances).
std::vector<double> unit_bounds(const SvmRows& rows, const std::vector<double>& sign,
                                bool balanced);
// +1 for rows of class `told`, -1 for the rest; empty where no row is of that class.
std::vector<double> signs_of(const SvmRows& rows, int32_t told);

}  // namespace perennial
