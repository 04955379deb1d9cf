// The last fit of a settled model, where the study wants it to learn from the validation rows too.
#pragma once

#include <vector>

#include "report/record.h"
#include "search/search.h"
#include "study/study.h"

namespace perennial {

// Error (kStudy) before anything is searched: a refit is asked for, and no row is of the validation
// part (the given files have none, say).
void check_refit(const Study& study, const StudyQuestion& question, const SplitPlan& split);

// Fits the winner again on training and validation rows, which are parts.training from here on;
// what was settled on the training rows (settings, weights, calibration, threshold, out-of-fold
// probabilities) stays as it is. `seed`: the search's. Returns what the model before said of the
// validation rows, which it had not seen (rows x classes). The validation figures come first.
std::vector<double> refit(const FeatureTable& table, const SplitPlan& split, Seed seed,
                          const Workers& workers, SplitRows& parts, SearchResult& found,
                          RunRecord& record);

}  // namespace perennial
