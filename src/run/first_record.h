// What a record of a question says before anything is computed.
#pragma once

#include "report/record.h"
#include "run/inputs.h"

namespace perennial {

RunRecord first_record(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                       const TableAudit& audit);

// What misleads in how the question is asked, where its rows cannot be made. Error (kStudy): it is
// not known whom it asks about.
std::vector<Finding> asked_findings(const Study& study, const Inputs& inputs,
                                    const StudyQuestion& question);

}  // namespace perennial
