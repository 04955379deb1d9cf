// Which features separate customers of much and of little uplift.
#pragma once

#include <string>
#include <vector>

#include "uplift/judge_uplift.h"

namespace perennial {

// Each feature alone: its slices (fifths of a number, where it has more than five values; the most
// frequent categories), how much of the variance of the predicted uplift they explain, and what was
// measured in each. Most first, at most eight an arm. It says where uplift is, not what causes it.
std::vector<UpliftReason> uplift_reasons(const FeatureTable& table,
                                         const std::vector<std::string>& arms, const PerArm& uplift,
                                         const PerArm& scores);

// Sentences on features that were not alike between arms before the offers: then they were not
// dealt at random, or the column was recorded afterwards.
std::vector<std::string> unlike_arms(const UpliftRows& rows, const std::vector<std::string>& arms);

}  // namespace perennial
