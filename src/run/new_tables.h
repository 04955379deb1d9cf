// New tables through the plan of a saved model (score.cc).
#pragma once

#include "artifact/artifact.h"
#include "feature/build.h"
#include "run/run.h"

namespace perennial {

// One row a customer. `need_target`: with their outcomes, as in training (cohort and repairs that
// drop customers apply, rows without an outcome are left out).
BuildResult rows_for(const Artifact& model, const ScoreOptions& options, const Workers& workers,
                     bool need_target = false);

}  // namespace perennial
