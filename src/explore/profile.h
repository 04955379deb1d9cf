// Inside the room: what one column looks like, and the codes that tables of counts are made from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "explore/contingency.h"
#include "explore/exploration.h"
#include "explore/explore.h"

namespace perennial {

inline constexpr size_t kMostCategories = 100;  // that φK tells apart; the others are one

// A column as small codes. kNone: the cell is missing.
struct Coded {
  static constexpr uint8_t kNone = 255;
  bool number = false;
  std::vector<uint8_t> groups;  // ColumnProfile::groups; missing cells have a group of their own
  size_t group_count = 0;
  std::vector<uint8_t> bins;  // for φK: ten uniform bins, right-closed, or categories; kNone
  size_t bin_count = 0;
  std::vector<double> ranks;  // numbers: average ranks, from 1; NaN where missing
};

// `y` below 0: the class is not known.
ColumnProfile profile_of(const Column& column, const std::string& type, std::span<const int32_t> y,
                         const FeatureTable& table, const ExploreOptions& options, Coded& coded);

// Rows counted by two codes; rows with kNone in either are left out. Empty rows and columns too.
Contingency counted_by(std::span<const uint8_t> a, size_t a_count, std::span<const uint8_t> b,
                       size_t b_count);

// Slices with their counts by class and Wilson's intervals, from a code a row.
void count_classes(std::vector<Slice>& slices, std::span<const uint8_t> codes,
                   std::span<const int32_t> y, size_t classes);

}  // namespace perennial
