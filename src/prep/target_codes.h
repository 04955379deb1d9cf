// Categories as what their customers did: the smoothed share of each class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace perennial {

// As scikit-learn's TargetEncoder with a number for `smooth`:
//   (rows of the class in the category + smooth x share of the class) / (rows + smooth)
// places: category of each row, -1 for none; y: class, -1 for unknown (such rows tell nothing).
// Returns (places + 1) x classes: the last line holds the shares of all rows, for what is unseen.
std::vector<double> target_codes(std::span<const int32_t> places, std::span<const int32_t> y,
                                 size_t categories, size_t classes, double smooth);

inline constexpr int kInnerFolds = 5;

// Which of kInnerFolds each row is held out in while its own code is learned: stratified by class,
// by a hash of the id, so that neither the order of the rows nor their number elsewhere matters.
std::vector<int8_t> inner_folds(std::span<const std::string> ids, std::span<const int32_t> y);

}  // namespace perennial
