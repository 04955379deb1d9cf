// Correlations of two columns of numbers. Pairs of rows with NaN in either must be left out before.
#pragma once

#include <span>
#include <vector>

namespace perennial {

double pearson(std::span<const double> a, std::span<const double> b);  // NaN for a constant
std::vector<double> average_ranks(std::span<const double> values);     // from 1; ties share theirs
// Kendall's tau-b in O(n log n) (Knight 1966); NaN for a constant.
double kendall(std::span<const double> a, std::span<const double> b);
// Root of the share of the variance that lies between groups (Pearson 1911); NaN for a constant.
double correlation_ratio(std::span<const double> values, std::span<const int> groups, size_t count);

// Order of columns in which kin stand side by side: average linkage on 1 - strength; of two equally
// near pairs the one with the earlier columns; parts are turned so that near ends touch.
std::vector<size_t> clustered_order(const std::vector<std::vector<double>>& strength);

}  // namespace perennial
