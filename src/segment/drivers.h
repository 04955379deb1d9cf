// What drives the risk of a segment's customers: mean SHAP values.
#pragma once

#include "explain/shap.h"
#include "segment/segments.h"

namespace perennial {

struct DriverOptions {
  size_t exact_rows = 200, sampled_rows = 16;  // customers drawn from each segment, at most
  size_t sampled_references = 8;
  double exact_budget = 1e9;  // steps (Explainer::cost() a customer), shared by the segments
  size_t fewest_rows = 8;     // fewer: nothing is said
  size_t most = 5;            // drivers of a segment
};

// Fills drivers, driver_rows and driver_space: means over customers drawn from each segment with
// their t intervals, of the contribution to the positive class against the average customer.
// Features whose interval holds 0 are left out.
void fill_drivers(Segments& segments, const Explainer& explainer, const FeatureTable& table,
                  const DriverOptions& options, Seed seed, const Workers& workers);

}  // namespace perennial
