// From scores to segments and reasons, as the study asks for them.
#pragma once

#include "explain/short_reasons.h"
#include "report/record.h"
#include "run/inputs.h"
#include "segment/segments.h"

namespace perennial {

// Errors (kStudy) before anything is searched.
void check_segments_of(const StudyQuestion& question, const FeatureTable& table);

// What models that had not seen them said of the customers that the final model learned from:
// rows x classes, in the order of the table.
struct UnseenProbability {
  std::vector<double> training;    // out of fold
  std::vector<double> validation;  // by the model before the refit; empty: there was none
};

// Of the positive class, by a model that had not seen the customer: `scored` for those that the
// final model did not learn from.
std::vector<double> unseen_risk(const ScoreTable& scored, const SplitPlan& split,
                                const UnseenProbability& unseen);

// Fills segments, reasons and a note about them.
void add_segments_and_reasons(const StudyQuestion& question, const FeatureTable& table,
                              const SplitPlan& split, const UnseenProbability& unseen,
                              const Pipeline& pipeline, const ExplainReference& reference,
                              double threshold, Seed seed, const Workers& workers,
                              RunRecord& record);

}  // namespace perennial
