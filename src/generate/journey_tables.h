// Inside the room: what the study site's people do, in numbers.
#pragma once

#include <array>
#include <string_view>

#include "generate/heuristics.h"

namespace perennial {

// Levels from low to high.
inline constexpr std::array<std::string_view, 4> kEducation = {"school", "bachelor", "master",
                                                               "doctor"};
inline constexpr std::array<std::string_view, 4> kExperience = {"none", "beginner", "advanced",
                                                                "expert"};
inline constexpr std::array<std::string_view, 6> kPackages = {"basics",    "data",       "design",
                                                              "languages", "management", "web"};

Heuristics journey_heuristics();

}  // namespace perennial
