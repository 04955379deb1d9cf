// The names of the learners in the order of the table: from simple to less simple.
#pragma once

#include <string>
#include <vector>

#include "learn/learner.h"

namespace perennial {

std::vector<std::string> learner_names();
// Place in all_learners(); ties between learners go to the simpler one.
// REQUIRES: there is such a learner.
size_t learner_rank(const std::string& name);

}  // namespace perennial
