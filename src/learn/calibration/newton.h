// The small convex fits of calibration.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace perennial {

// Slopes of the columns (at most two) and then the intercept of
// logit(target) = offset + columns * slopes + intercept, by maximum likelihood; target in [0, 1];
// offset empty: 0. Newton's method with backtracking (Lin, Lin and Weng 2007).
std::vector<double> fit_logit(const std::vector<const std::vector<double>*>& columns,
                              std::span<const double> offset, std::span<const double> target);

// The power a from lowest to highest with which softmax(a * logs) fits y best. logs: rows x
// classes.
double fit_power(std::span<const double> logs, std::span<const int32_t> y, int classes,
                 double lowest, double highest);

}  // namespace perennial
