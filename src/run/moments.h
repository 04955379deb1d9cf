// Questions about events: at which moments the inputs end, and the rows at each of them.
#pragma once

#include <string>
#include <vector>

#include "report/record.h"
#include "run/inputs.h"
#include "split/split.h"

namespace perennial {

bool has_events(const Study& study);

// The cutoffs of a question, earliest first: those of the study, or the latest that leaves room for
// the target. Errors (kStudy): cutoffs outside the events, or so near to each other that the target
// of one part would look into another.
struct Moments {
  std::vector<double> cutoffs;
  std::vector<std::string> notes;
};
Moments moments_of(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                   const RepairPlan& repairs, const Workers& workers);

// The plan of a question about events, made at the first cutoff, and the inputs with every table of
// events replaced by what it gives there (the target too, as a column of the table that brings the
// customers). `repairs`: all that apply.
struct PlannedEvents {
  FeaturePlan plan;
  Inputs derived;
  Moments moments;
};
PlannedEvents plan_events(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                          const RepairPlan& repairs, const Workers& workers);

// One row a customer and cutoff, with findings on what is not known to be of that time.
QuestionRows build_at_moments(const Study& study, const Inputs& inputs,
                              const StudyQuestion& question, const RepairPlan& repairs,
                              const Workers& workers);

// By cutoff: the last is the test, of three or more the one before it the validation.
std::vector<Role> roles_by_moment(const std::vector<double>& moment);

// What a reader has to know of the features that events gave, and of the cutoffs.
void describe_events(const FeaturePlan& plan, const FeatureTable& table, RunRecord& record);

// How the winner's settings do when they learn from the rows of all earlier cutoffs and are tried
// on those of the next: one for each cutoff but the first and the test's, by ROC-AUC and average
// precision (two classes). Nothing where there are fewer than three cutoffs.
struct BacktestInputs {
  const FeatureTable& training;
  const FeatureTable& validation;
  const Pipeline& winner;
  const std::map<std::string, std::vector<std::string>>& category_order;
};
std::vector<Backtest> backtest(const BacktestInputs& inputs, Seed seed, const Workers& workers);

}  // namespace perennial
