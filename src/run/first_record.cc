#include "run/first_record.h"

#include <algorithm>

#include "run/run.h"

namespace perennial {
namespace {

// What is said of a table that the question does not use would only be in the way.
std::vector<Finding> findings_for(const Study& study, const StudyQuestion& question,
                                  const std::vector<Finding>& findings) {
  std::vector<Finding> out;
  for (const Finding& f : findings) {
    const bool other =
        !question.tables.empty() && std::ranges::count(question.tables, f.table) == 0 &&
        std::ranges::any_of(study.tables, [&](const StudyTable& t) { return t.name == f.table; });
    if (!other) out.push_back(f);
  }
  return out;
}

}  // namespace

RunRecord first_record(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                       const TableAudit& audit) {
  RunRecord record{.version = kVersion,
                   .study_name = study.name,
                   .study_file = path_of(study.path).filename().string(),
                   .question = question.name,
                   .target = question.target,
                   .language = study.language,
                   .seed = study.seed,
                   .findings = findings_for(study, question, audit.findings)};
  for (const Table& t : inputs.tables) {
    record.files.insert(record.files.end(), t.files.begin(), t.files.end());
  }
  return record;
}

}  // namespace perennial
