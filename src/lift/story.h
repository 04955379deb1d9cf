// The answer in plain words.
#pragma once

#include <string>

#include "lift/measure.h"

namespace perennial {

// One or two sentences: it worked, it did not, or it cannot be told yet and what it would take.
std::string lift_sentence(const LiftGroup& group, const LiftOptions& options);

}  // namespace perennial
