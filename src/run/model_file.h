// What a run leaves in model.perennial.
#pragma once

#include "artifact/artifact.h"
#include "report/record.h"
#include "run/inputs.h"

namespace perennial {

// Everything that scoring needs; picture, history and reference are the caller's.
Artifact artifact_of(const Study& study, const Inputs& inputs, const RunRecord& record,
                     const FeaturePlan& plan, Pipeline pipeline);

// What later data are to be compared with: the training rows and how the sealed ones scored.
TrainingPicture picture_of_run(const FeatureTable& training, const Verdict& verdict,
                               const Workers& workers);

}  // namespace perennial
