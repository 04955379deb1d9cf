#include "run/first_record.h"

#include "run/run.h"

namespace perennial {

RunRecord first_record(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                       const TableAudit& audit) {
  RunRecord record{.version = kVersion,
                   .study_name = study.name,
                   .study_file = path_of(study.path).filename().string(),
                   .question = question.name,
                   .target = question.target,
                   .language = study.language,
                   .seed = study.seed,
                   .findings = audit.findings};
  for (const Table& t : inputs.tables) {
    record.files.insert(record.files.end(), t.files.begin(), t.files.end());
  }
  return record;
}

}  // namespace perennial
