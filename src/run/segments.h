// From scores to segments and reasons, as the study asks for them.
#pragma once

#include "explain/short_reasons.h"
#include "report/record.h"
#include "run/inputs.h"
#include "segment/segments.h"

namespace perennial {

// Errors (kStudy) before anything is searched.
void check_segments_of(const StudyQuestion& question, const FeatureTable& table);

// Of the positive class, by a model that had not seen the customer: out of fold for training rows
// (`out_of_fold`: rows x classes, in their order), `scored` for all others.
std::vector<double> unseen_risk(const std::vector<ScoreRow>& scored, const SplitPlan& split,
                                std::span<const double> out_of_fold);

// Fills segments, reasons and a note about them.
void add_segments_and_reasons(const StudyQuestion& question, const FeatureTable& table,
                              const SplitPlan& split, std::span<const double> out_of_fold,
                              const Pipeline& pipeline, const ExplainReference& reference,
                              double threshold, Seed seed, const Workers& workers,
                              RunRecord& record);

}  // namespace perennial
