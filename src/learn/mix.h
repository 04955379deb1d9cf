// How the probabilities of several models become one.
//   mean      their weighted mean (no intercept)
//   stacked   proportional to exp(intercept + the sum of weight times log probability): for two
//             classes logistic regression on the models' log odds (Wolpert 1992). With weights
//             that sum to 1 and intercepts of 0 it is the mean of the log odds
#pragma once

#include <span>
#include <vector>

namespace perennial {

// Before their logarithm is taken, probabilities are held so far above 0: a forest that says
// "never" must not outvote all others for ever.
inline constexpr double kLeastLogged = 1e-4;

// One more model's probabilities (rows x classes) added to the sum, which begins empty.
void add_to_mix(std::span<const double> probability, double weight, bool stacked,
                std::vector<double>& sum);

// The finished sum as probabilities. intercept: one a class where stacked, else empty.
void finish_mix(std::span<const double> intercept, std::vector<double>& sum);

}  // namespace perennial
