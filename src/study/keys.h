// Every key of the study file, declared once. Parsing, error text, docs/study.md and the generated
// examples come from here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/params.h"

namespace perennial {

// How the value of a key is written.
enum class KeyShape {
  kValue,      // one value of the declared type
  kOneOrMore,  // one text or a list of texts
  kScalar,     // a text, a number, true or false: read as the text a table shows
  kMap,        // { "name" = value, … }: names are free, values are of the declared type
  kSection,    // a section of its own (path of this section + "." + name)
  kNamed,      // sections of its own under names that the user chooses
  kList,       // sections of its own in a list: [[name]]
};

struct KeySpec {
  ParamSpec param;
  KeyShape shape = KeyShape::kValue;
  std::string example{};  // a valid value, as in TOML; "" : made from the declaration
};

// NAME and LEARNER stand for names: "tables.NAME", "question.NAME.learner.LEARNER".
struct SectionSpec {
  std::string path;
  std::string text;     // paragraph of the docs
  std::string example;  // TOML that shows it in the docs; a part of a study, not a whole one
  std::vector<KeySpec> keys;
};

// In the order of the docs. The first has the path "" and lists the top sections. The keys of
// "question.NAME.learner.LEARNER" are those of the learners: see learner_keys().
const std::vector<SectionSpec>& study_sections();
// REQUIRES: there is such a section.
const SectionSpec& section_at(std::string_view path);

// A learner's own parameters, then those of its preparation. Throws Error{kStudy} naming the
// nearest learner when there is none of that name.
std::vector<ParamSpec> learner_keys(const std::string& learner, const std::string& where);

// Learners that a study searches when it names none: the quick ones; the naive baseline is judged
// in every run anyhow.
// Those of a question that names none.
std::vector<std::string> default_learners(const std::string& method = "grid");

}  // namespace perennial
