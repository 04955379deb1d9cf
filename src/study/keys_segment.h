// The keys about segments; study/keys.cc puts them in their place.
#pragma once

#include "study/keys.h"
#include "study/section.h"
#include "study/study.h"

namespace perennial {

SectionSpec segments_section();  // [question.NAME.segments]
SectionSpec segment_section();   // [question.NAME.segment.NAME]

// What the question's two kinds of sections mean. Errors (kStudy) name file, line and key.
void read_segments(const Section& question, const std::string& path, StudyQuestion& out);

}  // namespace perennial
