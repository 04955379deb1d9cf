// What drives the risk of a segment's customers: mean SHAP values.
#pragma once

#include "explain/short_reasons.h"
#include "segment/segments.h"

namespace perennial {

struct DriverOptions {
  size_t exact_rows = 200, sampled_rows = 16;  // customers drawn from each segment, at most
  double exact_budget = 1e9;  // steps (Explainer::cost() a customer), shared by the segments
  size_t fewest_rows = 8;     // fewer: nothing is said
  size_t most = 5;            // drivers of a segment
};

// The customers drawn from each segment; none where they are too few.
std::vector<std::vector<uint32_t>> driver_rows(const Segments& segments, const Explainer& explainer,
                                               const DriverOptions& options, Seed seed);

// Fills drivers, driver_rows and driver_space: means over the customers drawn from each segment
// with their t intervals, of the contribution to the positive class against the average customer.
// Features whose interval holds 0 are left out. `known` has the contributions of all that were
// drawn.
void fill_drivers(Segments& segments, const std::vector<std::vector<uint32_t>>& drawn,
                  const KeptContributions& known, const ShapMethod& method,
                  const FeatureTable& table, const DriverOptions& options);

}  // namespace perennial
