// From what the study says about money to whom to contact.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "judge/money.h"
#include "search/search.h"
#include "study/study.h"

namespace perennial {

// Errors (kStudy, at the section's line) before anything is searched: several classes, a value
// column that is not there. Returns a note about customers without a value, or "".
std::string check_money(const Study& study, const StudyQuestion& question,
                        const FeatureTable& table);

// nullopt where the study says nothing about money. Where it chooses by share or money on the
// probability alone, the search's threshold becomes the cut, so that "predicted" says the same.
std::optional<ContactPlan> settle_contacts(const StudyQuestion& question,
                                           const FeatureTable& training, SearchResult& found);

// 1: to be contacted. Empty unless the study chooses by share or money. `probability`: rows x 2.
std::vector<uint8_t> whom_to_contact(const std::optional<ContactPlan>& plan,
                                     const FeatureTable& table,
                                     std::span<const double> probability);

}  // namespace perennial
