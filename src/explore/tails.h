// Tails of distributions, as logarithms: they reach far beyond what a p-value holds as a double.
#pragma once

namespace perennial {

// log P(X >= x) of chi-squared with df > 0 degrees of freedom (any real); x <= 0: 0. Series and
// continued fraction of the incomplete gamma function (Numerical Recipes, third edition, 6.2).
double log_chi2_tail(double x, double df);

// log I_x(a, b), the regularised incomplete beta function, for a, b > 0 and 0 < x < 1, and
// log(1 - I_x(a, b)).
struct LogTails {
  double lower = 0, upper = 0;
};
LogTails log_beta_tails(double a, double b, double x);

// The z with P(Z >= z) = p for a standard normal Z; -infinity for p = 1.
double z_of_log_p(double log_p);

// Mean of Poisson's deviance 2 X log(X / mu) for X with mean mu >= 0: 0 at 0, near 1 from about 3
// on. To 1e-4.
double mean_poisson_deviance(double mu);

}  // namespace perennial
