// What becomes of a number after it was shifted and scaled: warped, cut into bins, or bent by
// splines. Fitted on training values.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace perennial {

// quantile: to the normal distribution, as scikit-learn's QuantileTransformer with
// output_distribution = "normal" (at most 256 quantiles). power: Yeo and Johnson (2000), lambda by
// maximum likelihood in [-8, 8], then to mean 0 and standard deviation 1.
// bins: one 0/1 column a bin, as KBinsDiscretizer with strategy = "quantile". splines: cubic
// B-splines with knots at quantiles, as SplineTransformer with knots = "quantile", include_bias =
// False and extrapolation = "constant". NaN stays NaN in every column.
struct Curve {
  std::string warp = "none";      // none | quantile | power
  std::vector<double> quantiles;  // ascending
  double lambda = 1, center = 0, spread = 1;
  std::string basis = "linear";  // linear | bins | splines
  std::vector<double> knots;     // ascending, at least two; bins: their edges

  bool plain() const { return warp == "none" && basis == "linear"; }
  size_t columns() const;
  double warped(double v) const;
  // The columns of one value, `stride` apart.
  void write(double v, double* out, size_t stride) const;
  // Of column k, for people: "bin 2 (20 to 30)", "spline 3"; REQUIRES: basis is not linear.
  std::string column_name(size_t k) const;
};

// warp: none | quantile | power. values: at least one, finite. A column that is constant, or too
// wide for differences to be numbers, keeps the plain curve.
Curve fit_warp(const std::string& warp, std::vector<double> values);
// basis: bins | splines; pieces: bins, or intervals between the knots (fewer where quantiles fall
// together).
Curve fit_basis(const std::string& basis, size_t pieces, std::vector<double> values);

// At share p in [0, 1] of the sorted values, between two of them in proportion (as numpy does).
double quantile_of(std::span<const double> sorted, double p);

}  // namespace perennial
