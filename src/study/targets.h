// The parts of a question that say what is asked for, and at which moments.
#pragma once

#include <string>

#include "study/section.h"
#include "study/study.h"

namespace perennial {

// A column with its positive value, a condition, or events: one of the three. `path` is that of the
// study's file. Throws Error{kStudy} naming line and key.
void read_target(const Section& target, const std::string& path, StudyQuestion& out);

// The keys cutoff, cutoffs, inputs, windows and most_features of a question.
void read_times(const Section& section, StudyQuestion& out);

}  // namespace perennial
