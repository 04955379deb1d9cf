// Pieces of the incomplete beta function, shared by the t distribution and by tails in logarithms.
#pragma once

namespace perennial {

// Without the global sign of lgamma, which threads would race for.
double log_gamma(double x);

// The continued fraction of I_x(a, b) by the modified Lentz method (Numerical Recipes, third
// edition, 6.4), until it changes by less than `tolerance`. Converges fast for
// x < (a + 1) / (a + b + 2), after about sqrt(max(a, b)) steps.
double beta_fraction(double a, double b, double x, double tolerance);

}  // namespace perennial
