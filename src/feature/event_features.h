// The default features of a log of events, the most telling first.
#pragma once

#include <string>
#include <vector>

#include "feature/event_plan.h"

namespace perennial {

// What there is to make features of.
struct EventMaterial {
  std::string table;                                  // its name, for names and definitions
  Duration session_gap = {};                          // empty: no sessions
  std::vector<Duration> windows;                      // shortest first
  std::vector<std::pair<std::string, bool>> amounts;  // column, is it a date
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;  // with their values
};

// Names are distinct, whatever the case of their letters.
std::vector<EventFeature> default_features(const EventMaterial& material);

// Positions of those that are neither constant nor run with an earlier one (a correlation above
// 0.995 on up to 20,000 rows spread evenly over the table), in order. `columns`: one a feature.
std::vector<size_t> distinct_features(const std::vector<const Column*>& columns);

}  // namespace perennial
