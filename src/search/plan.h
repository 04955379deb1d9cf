// What a search tries, as data: the axes of a learner's space.
#pragma once

#include <string>
#include <vector>

#include "search/search.h"

namespace perennial {

inline constexpr int64_t kRandomTrials = 100;  // of a random search that does not say how many

// One parameter of a learner or of what is set around it, with the values to try.
struct Axis {
  ParamSpec spec;
  bool of_prep;
  bool named;  // the study names it
  std::vector<ParamValue> values;
};

// All parameters of a learner. Errors (kStudy): an unknown name, a value out of bounds.
std::vector<Axis> axes_of(const Learner& learner, const LearnerSpace& space);

void set(Trial& trial, const Axis& axis, const ParamValue& value);

// Learner and settings as one text: equal for equal trials.
std::string settings_text(const Trial& trial);

}  // namespace perennial
