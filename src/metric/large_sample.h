// Intervals for many rows, where draws cost much and normal theory is exact enough.
#pragma once

#include "metric/metric.h"

namespace perennial {

// True where large_sample_figures stands in for draws: at least 5,000 rows, 500 a bin and 200 of
// each class.
bool is_large_sample(Labels y, int bins);

// What bootstrap_figures needs, in O(n log n). The standard error is the infinitesimal jackknife's
// (Jaeckel 1972; Efron 1992), which is what the bootstrap's spread tends to, and the interval is
// normal on the logit scale. REQUIRES: is_large_sample(y, bins), no score is NaN.
struct LargeSample {
  Figure average_precision, f1;
};
LargeSample large_sample(Labels y, Scores p, double threshold, int bins);

}  // namespace perennial
