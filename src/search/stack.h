// Stacking (Wolpert 1992): how much each setting's log odds count, learned from out-of-fold
// probabilities. Weights are not negative, which keeps them from playing settings that say the same
// off against each other (Breiman 1996).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace perennial {

struct Stack {
  std::vector<double> weights;    // one a setting, >= 0
  std::vector<double> intercept;  // one a class; the first is 0
};

// Minimises the log loss of the stacked probabilities (learn/mix.h) plus half the squared distance
// of the weights from 1 / settings; convex, by Newton's method. Settings that would get a negative
// weight leave one after another, the most negative first. probability: each rows x classes.
// REQUIRES: settings, rows.
Stack fit_stack(std::span<const int32_t> y, const std::vector<std::vector<double>>& probability,
                int classes);

}  // namespace perennial
