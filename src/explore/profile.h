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

inline constexpr size_t kUniformBins = 10;

// Uniform bins as NumPy's linspace puts their borders, the lowest moved down by 1e-14;
// right-closed. NaN or infinite ends: everything is in bin 0.
class UniformBins {
 public:
  UniformBins(double low, double high)
      : low_(low - 1e-14), step_((high - low_) / static_cast<double>(kUniformBins)) {}
  size_t bin(double v) const {
    const double guess = (v - low_) / step_;
    size_t b = guess >= 1 && guess < kUniformBins ? static_cast<size_t>(guess)
               : guess >= kUniformBins            ? kUniformBins - 1
                                                  : 0;
    while (b > 0 && v <= border(b)) --b;
    while (b + 1 < kUniformBins && v > border(b + 1)) ++b;
    return b;
  }

 private:
  double border(size_t b) const { return low_ + static_cast<double>(b) * step_; }
  double low_, step_;
};

// A column as small codes: below the count, or equal to it where the cell is not told apart.
struct Coded {
  static constexpr uint8_t kNone = 255;
  bool number = false, complete = true;  // complete: no cell is missing
  std::vector<uint8_t> groups;  // ColumnProfile::groups; missing cells have a group of their own
  size_t group_count = 0;
  std::vector<uint16_t> groups_by_class;  // group * (classes + 1) + class; unknown: classes
  std::vector<uint8_t>
      bins;  // for φK: ten uniform bins, right-closed, or categories; missing: count
  size_t bin_count = 0;
  // Numbers: less their mean, over the root of the sum of squares, so that products add up to a
  // correlation; 0 where missing. Ranks are average ranks.
  std::vector<double> centred, ranks;
  bool constant = false;
  // Numbers and two classes, against 0/1; NaN otherwise.
  double kendall_with_target = kMissing;
};

// `y` below 0: the class is not known.
ColumnProfile profile_of(const Column& column, const std::string& type, std::span<const int32_t> y,
                         const FeatureTable& table, const ExploreOptions& options, Coded& coded);

// Rows counted by two codes; rows whose code is the count are left out. Empty rows and columns too.
Contingency counted_by(const std::vector<uint8_t>& a, size_t a_count, const std::vector<uint8_t>& b,
                       size_t b_count);

// Slices with their counts by class and Wilson's intervals, from a code a row.
void count_classes(std::vector<Slice>& slices, const std::vector<uint8_t>& codes,
                   std::span<const int32_t> y, size_t classes);

}  // namespace perennial
