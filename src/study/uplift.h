// The part of a question that is about uplift: its keys, and what they mean.
#pragma once

#include "study/keys.h"
#include "study/section.h"
#include "study/study.h"

namespace perennial {

SectionSpec treatment_section();

// Learners of a question of uplift that names none.
std::vector<std::string> default_uplift_learners();

// Settles question.uplift. Errors (kStudy) name file, line and key: a kind that lacks its treatment
// or has one it does not need, shares without propensity = "given", parts of a study that uplift
// has no use for.
void read_uplift(const Section& question, StudyQuestion& out);

}  // namespace perennial
