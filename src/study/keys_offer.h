// The keys about offers; study/keys.cc puts them in their place.
#pragma once

#include "study/keys.h"
#include "study/section.h"
#include "study/study.h"

namespace perennial {

// [question.NAME.offers], its sections consent, contacts and control, and
// [question.NAME.offer.NAME].
std::vector<SectionSpec> offer_sections();

// What they mean. Errors (kStudy) name file, line and key.
void read_offers(const Section& question, const std::string& path, StudyQuestion& out);

}  // namespace perennial
