// The naive baseline: for every row the rates of the classes among the training rows. What any
// other learner must beat to be worth anything.
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_naive();

}  // namespace perennial
