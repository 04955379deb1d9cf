// φK: the correlation of a bivariate normal distribution whose table, binned alike, is as far from
// independence as the one at hand (Baak, Koopman, Snoek and Klous 2018, arXiv:1811.11440).
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "explore/contingency.h"

namespace perennial {

// How far the normal distribution with correlation rho is from independence in r x k cells, uniform
// on [-5, 5]: sum of (p(rho) - p(0))^2 / p(0). Up to rho = 0.95 by Mehler's series (1866): powers
// of rho with coefficients that are found once for a shape; beyond it by quadrature.
class PhikShape {
 public:
  PhikShape(size_t r, size_t k);
  double distance(double rho) const;  // 0 <= rho <= 1; rises strictly
  double at_one() const { return at_one_; }

 private:
  double by_quadrature(double rho) const;
  size_t r_, k_;
  std::vector<double> powers_;  // coefficient of rho^i
  double at_one_ = 0;
};

// Shapes made so far; may be shared by threads.
class PhikShapes {
 public:
  const PhikShape& shape(size_t r, size_t k);

 private:
  struct Place {
    std::once_flag once;
    std::unique_ptr<PhikShape> shape;
  };
  std::mutex mutex_;  // of the map; a shape is made outside of it
  std::map<std::pair<size_t, size_t>, Place> shapes_;
};

// Pearson's chi-squared that correlation rho gives n rows, and back. `pedestal`: what noise adds,
// its degrees of freedom.
double chi_square_of_phik(const PhikShape& shape, double rho, double n, size_t r, size_t k,
                          double pedestal);
double phik_of_chi_square(const PhikShape& shape, double chi_square, double n, size_t r, size_t k,
                          double pedestal);

// Of a table without empty rows and columns, noise corrected; NaN with fewer than two of either.
// No continuity correction for 2 x 2 tables (the authors' package makes one).
double phik(PhikShapes& shapes, const Contingency& table, const Dependence& dependence);

// Global φK of each column of a φK matrix: how much all others together tell of it. NaN where the
// matrix cannot be inverted.
std::vector<double> global_phik(const std::vector<std::vector<double>>& matrix);

}  // namespace perennial
