// Risk bands x value bands: every customer is in exactly one cell.
#pragma once

#include <span>
#include <vector>

#include "segment/segments.h"

namespace perennial {

struct Cells {
  std::vector<double> risk_cuts, value_cuts;  // rising; a band begins at its cut
  std::string risk_cut_from;                  // "threshold", "base rate", "study"
  std::vector<Segment> list;                  // name, rule and bands; high risk and value first
  std::vector<int32_t> cell;                  // one a customer: index into list
};

// `value`: the column, nullptr where there is none; a value that is not known is in the lowest
// band. Cells without customers are left out.
Cells make_cells(std::span<const double> risk, const Column* value, const SegmentOptions& options,
                 double threshold, double base_rate);

}  // namespace perennial
