// How the answer depends on one feature: partial dependence (Friedman 2001), individual curves
// (Goldstein et al. 2015), accumulated local effects (Apley and Zhu 2020), and the density of the
// data under them.
#pragma once

#include "base/workers.h"
#include "explain/explanation.h"
#include "learn/pipeline.h"

namespace perennial {

struct DependenceOptions {
  size_t most_rows = 300;          // over which partial dependence is averaged
  size_t most_effect_rows = 2000;  // for accumulated local effects, two answers each
  size_t grid = 15;                // points: quantiles of the numbers
  size_t individual = 8;           // customers with a curve of their own
  size_t categories = 12;          // the most frequent ones
  size_t density_bins = 20;
};

// The curve of one feature for class `answer` (an index). Rows are training rows; which of them is
// decided by the seed. A feature with fewer than two values has empty curves.
Dependence dependence_of(const FeatureTable& rows, size_t feature, size_t answer,
                         const Pipeline& pipeline, const DependenceOptions& options, Seed seed);

// Shares of the rows in equal bins between the smallest and the largest number.
void fill_density(const Column& column, size_t bins, Dependence& out);

}  // namespace perennial
