// Inside the room: do columns change along the file, or along a date?
#pragma once

#include <vector>

#include "base/workers.h"
#include "explore/cells.h"
#include "explore/profile.h"

namespace perennial {

// Ten blocks of equal size by `position`; empty for fewer than 100 rows.
std::vector<uint8_t> file_blocks(const std::vector<uint32_t>& position);

// Every column and the target along the file and along each date. Kept are the target's and the
// columns with an adjusted p below 0.05 and a strength of at least 0.05: by `along` (the file
// first), the target first, then the strongest; at most 20 columns for each.
// `columns`, `profiles`, `coded`: alike in order. Never changes with the order of the rows given.
std::vector<Drift> drift_of(const FeatureTable& table, const std::vector<const Column*>& columns,
                            const std::vector<ColumnProfile>& profiles,
                            const std::vector<Coded>& coded, const std::vector<uint8_t>& target,
                            const Workers& workers);

}  // namespace perennial
