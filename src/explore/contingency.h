// Two-way tables of counts and what they say about dependence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace perennial {

// Counts of row x column, row by row.
struct Contingency {
  size_t rows = 0, columns = 0;
  std::vector<double> counts;

  Contingency() = default;
  Contingency(size_t r, size_t c) : rows(r), columns(c), counts(r * c, 0) {}
  double& at(size_t r, size_t c) { return counts[r * columns + c]; }
  double at(size_t r, size_t c) const { return counts[r * columns + c]; }
  Contingency transposed() const;
  Contingency without_empty() const;  // rows and columns that hold somebody
};

// Dependence in a table without empty rows and columns. All NaN but n when it has fewer than two
// rows or columns.
struct Dependence {
  double n = 0;
  double chi_square = 0;  // Pearson's, no continuity correction
  double g = 0;           // 2 sum O log(O / E)
  double degrees = 0;     // (r - 1)(c - 1)
  // The mean of G under independence: below `degrees` in sparse tables, where G of Poisson cells is
  // far from chi-squared (the effective degrees of freedom of Baak et al. 2018, found there by
  // simulation, here from the mean of Poisson's deviance in every cell and margin).
  double effective_degrees = 0;
  double log_p = 0;                  // of G, with effective_degrees
  double p_value = 1;                // exp(log_p)
  double significance = 0;           // the z of log_p: one-sided, in standard deviations
  double cramers_v = 0;              // bias-corrected (Bergsma 2013)
  double mutual_information = 0;     // nats, as counted
  double corrected_information = 0;  // less (r - 1)(c - 1) / 2n (Miller and Madow 1955), at least 0
};
Dependence dependence(const Contingency& table);

// How unlikely each cell's count is, given the other cells, in standard deviations (above 0: more):
// expected B C / D of the rest of its row, of its column, and of neither; a Poisson count whose
// expectation is uncertain itself (Linnemann 2003), mid-p; as Baak et al. 2018, section 6. NaN
// where D = 0. Row by row.
struct CellOutliers {
  std::vector<double> expected, significance;
};
CellOutliers cell_outliers(const Contingency& table);

// p-values adjusted for how many were made; NaN stays NaN and is not counted.
std::vector<double> holm(const std::vector<double>& p);  // family-wise (Holm 1979)
std::vector<double> benjamini_hochberg(
    const std::vector<double>& p);  // false discovery rate (1995)

}  // namespace perennial
