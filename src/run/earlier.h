// The search of an earlier run, to go on with (--resume) or to try again (--replay).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/run.h"
#include "search/memory.h"

namespace perennial {

// What options.resume or options.replay names: the model file of one question, or a folder that
// `run` wrote. nullopt: neither is said.
// Errors: kIo, kData of the file; kData: made by another version, or by one that kept no search;
// kStudy: of another question or seed; kUsage: nothing would be tried that was not.
std::optional<SearchMemory> earlier_search(const RunOptions& options, const Study& study,
                                           const StudyQuestion& question);

// What a reader must know of it afterwards: a note, and a warning where scores differ.
void tell_of_earlier(const RunOptions& options, const SearchPlan& plan,
                     std::vector<std::string>& notes, std::vector<std::string>& warnings);

}  // namespace perennial
