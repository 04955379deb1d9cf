// What a record of a question says before anything is computed.
#pragma once

#include "report/record.h"
#include "run/inputs.h"

namespace perennial {

RunRecord first_record(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                       const TableAudit& audit);

}  // namespace perennial
