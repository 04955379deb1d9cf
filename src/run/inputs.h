// The first steps of every command: tables read, roles settled, audited, repairs decided.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "base/progress.h"
#include "base/workers.h"
#include "feature/build.h"
#include "feature/event_work.h"
#include "study/study.h"

namespace perennial {

// A study's tables in memory, in the study's order.
struct Inputs {
  std::vector<Table> tables;
  std::vector<std::string> ids;  // id column of each, as in the file
  // Of tables as read: what several questions ask of their events. Remembers, and so saves time;
  // it changes no answer.
  std::shared_ptr<EventWork> events = {};
};

// Reads every table of the study (files side by side) and settles the id columns: the study's word,
// else the only column name that all tables share. Errors (kStudy, kData) name table, column, line.
Inputs read_inputs(const Study& study, const fs::path& folder, const Workers& workers);

// Index of the table that holds the question's target. Errors name the nearest column.
size_t entity_table(const Study& study, const Inputs& inputs, const StudyQuestion& question);

// The column of the question's table that a key names ("validation.group"). Errors (kStudy) name
// the nearest column.
const Column& question_column(const Study& study, const Inputs& inputs,
                              const StudyQuestion& question, const std::string& column,
                              const char* key);

// Findings on the tables; the repairs to apply: safe ones (unless switched off), then the study's
// own.
struct TableAudit {
  std::vector<Finding> findings;
  RepairPlan repairs;
};
TableAudit audit_inputs(const Study& study, const Inputs& inputs, const Workers& workers);

// The plan of one question. With tables of events: see run/moments.h.
FeaturePlan plan_question(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                          const RepairPlan& repairs, const Workers* workers = nullptr);

// Customers and target, and what their joined view shows.
struct QuestionRows {
  FeaturePlan plan;
  BuildResult built;
  EntityAudit audit;
  // Where a customer has a row for each of several cutoffs: that of the row, in days (the table's
  // `position` is empty then); else empty.
  std::vector<double> moment;
  // Where tables hold events: the inputs with the derived tables in their place.
  std::shared_ptr<const Inputs> derived;
};
QuestionRows build_question(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                            const RepairPlan& repairs, const Workers& workers);

// The steps of build_question after the plan, for one set of tables and the plan made of them.
BuildResult build_rows(const FeaturePlan& plan, const Inputs& inputs, const Workers& workers);
// Throws Error{kStudy} where the plan has no feature.
void require_features(const Study& study, const StudyQuestion& question, const FeaturePlan& plan);

// What misleads in how the question is asked, where its rows cannot be made. Error (kStudy): it is
// not known whom it asks about.
std::vector<Finding> asked_findings(const Study& study, const Inputs& inputs,
                                    const StudyQuestion& question);

}  // namespace perennial
