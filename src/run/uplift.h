// One question of uplift, from repaired tables to a folder of answers.
#pragma once

#include "base/files.h"
#include "base/progress.h"
#include "base/workers.h"
#include "report/record.h"
#include "run/clock.h"
#include "run/inputs.h"
#include "study/study.h"

namespace perennial {

// Writes folder/<question>/ whole: report.html, metrics.json, leaderboard.csv, scores.csv,
// uplift.csv, audit.json. The record's `other` holds what is printed. REQUIRES: question.uplift.
// Errors (kStudy, kData): the treatment column or one of its values is not there, an arm with too
// few customers, a target with more than two classes, settings with several values for one
// parameter.
RunRecord run_uplift(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                     const TableAudit& audit, const fs::path& folder, const Workers& workers,
                     Progress& progress, Clock clock);

}  // namespace perennial
