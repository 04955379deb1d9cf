// What being drawn for the offer changes on average: differences of means between two arms that
// were drawn at random inside strata. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metric/metric.h"

namespace perennial {

// Customers who were chosen for an offer and whose outcome is known. Each stratum has a share of
// its own that got the offer, so arms are compared inside strata only and the strata's differences
// are averaged by their customers. A stratum that lacks an arm can say nothing: leave it out.
struct Arms {
  std::vector<uint32_t> stratum;  // 0 .. strata - 1, one a customer
  std::vector<uint8_t> offered;   // 1: drawn to get the offer, 0: control
  uint32_t strata = 0;

  size_t customers() const { return stratum.size(); }
};

// An estimate with its variance and the degrees of freedom of that (Satterthwaite 1946).
struct Estimate {
  double value = 0, variance = 0, freedom = 0;
};

// Sum over strata of their share of the customers times (mean of the offered - mean of the
// controls), with the variance of means of independent draws. An arm of one customer takes its
// spread from the same arm of the other strata. NaN where no stratum has both arms.
Estimate stratified_difference(const Arms& arms, std::span<const double> y);

// The outcome minus what a forecast made before the draw explains of it: y - theta (x - mean x),
// theta by least squares inside strata and arms (CUPED: Deng, Xu, Kohavi and Walker 2013). Rows
// whose forecast is NaN take the mean of their stratum's. Without any spread of x: y itself.
std::vector<double> adjusted_outcome(const Arms& arms, std::span<const double> y,
                                     std::span<const double> x);

// One difference over another, with its variance by the delta method (both from the same
// customers): extra money for each unit of cost, effect on those who really got the offer.
Estimate ratio_of_differences(const Arms& arms, std::span<const double> y,
                              std::span<const double> per);

// estimate -+ t quantile * standard error. z > 0: that factor instead.
Figure interval_of(const Estimate& estimate, double alpha, double z = 0);

// Mean of one arm (1 offered, 0 control) over strata, weighted as above.
Estimate stratified_mean(const Arms& arms, std::span<const double> y, size_t arm);

// Customers and successes of an arm of a stratum.
struct Counts {
  double n = 0, successes = 0;
};
// counts[2 * stratum + offered]; y is 0/1.
std::vector<Counts> counts_of(const Arms& arms, std::span<const double> y);

// Difference of proportions averaged over strata: the limits of each arm of each stratum are
// Wilson's, joined by MOVER (Newcombe 1998, method 10; Zou and Donner 2008). Unlike a normal
// interval it holds with few successes. z: of the confidence wanted, 1.96 for 95 %.
Figure proportion_difference(const std::vector<Counts>& counts, double z);

// Wilson's limits at any z.
Figure wilson_at(double successes, double n, double z);

// How far an interval must reach so that it holds at all looks at once, however often one looks:
// the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), as
// a factor of the standard error at n customers, shortest around `planned` customers. REQUIRES: n
// >= 1, planned >= 1, 0 < alpha < 1.
double early_factor(double n, double planned, double alpha);
// The smallest alpha at which a sequence built for `alpha` would exclude nought, where the standard
// error is crossed z times; at most 1.
double early_p_value(double z, double n, double planned, double alpha);

}  // namespace perennial
