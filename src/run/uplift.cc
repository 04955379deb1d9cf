#include "run/uplift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "judge/judge.h"
#include "learn/pipeline.h"
#include "report/report.h"
#include "run/first_record.h"
#include "run/run.h"
#include "run/splits.h"
#include "run/uplift_page.h"
#include "run/uplift_text.h"
#include "uplift/reasons.h"

namespace perennial {
namespace {

std::string question_place(const Study& study, const StudyQuestion& question, const char* key) {
  return fmt::format("{}:{}, question {}, key {}", study.path, question.uplift->line,
                     quoted(question.name), quoted(key));
}

// Replacements that the repairs make in the treatment column.
std::map<std::string, std::string> repaired_values(const RepairPlan& repairs,
                                                   const std::string& table,
                                                   const std::string& column) {
  std::map<std::string, std::string> out;
  for (const Repair& r : repairs.steps) {
    if (r.kind != Repair::Kind::kReplaceValues || r.table != table) continue;
    if (r.column != column && r.column != regular_name(column)) continue;
    for (const auto& [from, to] : r.map) out[from] = to;
  }
  return out;
}

struct Treatment {
  std::vector<std::string> arms;  // the control first, the others by name
  std::vector<int32_t> arm;       // one a row of the feature table
};

Treatment treatment_of(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                       const RepairPlan& repairs, const FeatureTable& table) {
  const UpliftOptions& options = *question.uplift;
  const Column& column =
      question_column(study, inputs, question, options.treatment, "treatment.column");
  const Table& file = inputs.tables[entity_table(study, inputs, question)];
  const auto repaired = repaired_values(repairs, file.name, column.name);
  std::vector<std::string> value;
  std::map<std::string, int32_t> number;
  for (size_t i = 0; i < table.rows(); ++i) {
    const uint32_t row = table.position[i];
    if (column.missing(row)) {
      const Example place = file.example(row, table.ids[i]);
      throw Error(
          ErrorCode::kData, fmt::format("{}:{}", place.file, place.line),
          fmt::format("the customer {} has no {}, so it is not known what they got",
                      quoted(table.ids[i]), quoted(column.name)),
          fmt::format("Leave such customers out: cohort = \"{} is not missing\"", column.name));
    }
    value.emplace_back(trim(column.value_text(row)));
    if (const auto found = repaired.find(value.back()); found != repaired.end()) {
      value.back() = found->second;
    }
    number.emplace(value.back(), 0);
  }
  std::vector<std::string> names;
  for (const auto& [name, unused] : number) names.push_back(name);
  if (!number.contains(options.control)) {
    throw Error(ErrorCode::kStudy, question_place(study, question, "treatment.control"),
                fmt::format("nobody has {} = {}{}", quoted(column.name), quoted(options.control),
                            did_you_mean(options.control, names)),
                "Its values: " + join(names, ", "));
  }
  constexpr size_t kMostArms = 20;
  if (names.size() < 2 || names.size() > kMostArms) {
    throw Error(ErrorCode::kData, question_place(study, question, "treatment.column"),
                fmt::format("the column {} has {}", quoted(column.name),
                            counted(static_cast<int64_t>(names.size()), "value")),
                fmt::format("It says which offer a customer got: 2 to {} values", kMostArms));
  }
  Treatment out;
  out.arms = {options.control};
  for (const std::string& name : names) {
    if (name != options.control) out.arms.push_back(name);
  }
  for (size_t a = 0; a < out.arms.size(); ++a) number[out.arms[a]] = static_cast<int32_t>(a);
  for (const std::string& v : value) out.arm.push_back(number[v]);
  return out;
}

void check_shares(const Study& study, const StudyQuestion& question,
                  const std::vector<std::string>& arms) {
  const UpliftOptions& options = *question.uplift;
  if (options.propensity != "given") return;
  for (const std::string& arm : arms) {
    if (options.shares.contains(arm)) continue;
    throw Error(ErrorCode::kStudy, question_place(study, question, "treatment.shares"),
                fmt::format("the share of {} is missing", quoted(arm)),
                "Give the chance of every arm: " + join(arms, ", "));
  }
  for (const auto& [name, share] : options.shares) {
    if (std::find(arms.begin(), arms.end(), name) != arms.end()) continue;
    throw Error(ErrorCode::kStudy, question_place(study, question, "treatment.shares"),
                fmt::format("nobody got {}{}", quoted(name), did_you_mean(name, arms)),
                "Arms: " + join(arms, ", "));
  }
}

// Settings of the learners: one value each.
std::vector<UpliftLearner> learners_of(const Study& study, const StudyQuestion& question) {
  std::vector<UpliftLearner> out;
  for (const LearnerSpace& space : question.search.spaces) {
    const Learner& learner = learner_named(space.learner);
    if (!learner.capabilities().probabilities || !learner.capabilities().sample_weights) {
      throw Error(
          ErrorCode::kStudy,
          fmt::format("{}:{}, question {}", study.path, question.line, quoted(question.name)),
          fmt::format("{} cannot learn uplift: it takes no weights of rows", learner.title()),
          "Name other learners, for example logistic or boosted_trees");
    }
    Params params = smoother_params(space.learner), prep;
    const std::vector<ParamSpec>& own = learner.params();
    for (const auto& [name, values] : space.values) {
      if (values.size() != 1) {
        throw Error(ErrorCode::kStudy,
                    fmt::format("{}:{}, question {}, key \"learner.{}.{}\"", study.path,
                                question.line, quoted(question.name), space.learner, name),
                    "a question of uplift takes one value, not a list", "Keep one of them");
      }
      const bool is_own = std::any_of(own.begin(), own.end(),
                                      [&n = name](const ParamSpec& s) { return s.name == n; });
      (is_own ? params : prep).set(name, values[0]);
    }
    out.push_back({space.learner, complete(own, params, space.learner),
                   complete(pipeline_params(learner), prep, space.learner)});
  }
  return out;
}

// The same rows with arm and outcome together for a class: each part of the split gets its share of
// every one.
FeatureTable by_arm_and_outcome(FeatureTable table, const Treatment& treatment) {
  std::vector<std::string> classes;
  for (const std::string& arm : treatment.arms) {
    for (const std::string& c : table.classes) classes.push_back(fmt::format("{}, {}", arm, c));
  }
  for (size_t i = 0; i < table.y.size(); ++i) {
    table.y[i] += 2 * treatment.arm[i];
  }
  table.classes = std::move(classes);
  return table;
}

std::vector<int32_t> arms_of(const Treatment& treatment, const FeatureTable& all,
                             const FeatureTable& part) {
  std::map<uint32_t, int32_t> at;
  for (size_t i = 0; i < all.rows(); ++i) at[all.position[i]] = treatment.arm[i];
  std::vector<int32_t> out;
  for (const uint32_t position : part.position) out.push_back(at.at(position));
  return out;
}

void check_target(const Study& study, const StudyQuestion& question, const FeatureTable& table) {
  if (table.classes.size() == 2) return;
  throw Error(ErrorCode::kStudy,
              fmt::format("{}:{}, question {}, key \"target\"", study.path, question.line,
                          quoted(question.name)),
              fmt::format("the target has {} classes", table.classes.size()),
              "Uplift is of one outcome that comes or not: say which value counts, positive = …");
}

void write_outputs(const RunRecord& record, const UpliftRecord& uplift, const FeatureTable& table,
                   const fs::path& folder) {
  StagedFolder staged(folder);
  write_file(staged.path() / "report.html", uplift_page(record, uplift));
  write_file(staged.path() / "metrics.json", record.other->metrics_json);
  write_file(staged.path() / "leaderboard.csv", uplift_leaderboard_csv(uplift));
  write_file(staged.path() / "scores.csv", uplift_scores_csv(record, uplift, table));
  write_file(staged.path() / "uplift.csv", uplift_curves_csv(uplift));
  write_file(staged.path() / "audit.json", audit_json(record.findings, record.files));
  staged.commit({"metrics.json", "leaderboard.csv", "scores.csv", "uplift.csv", "audit.json",
                 "report.html", "importance.csv", "explore.json", "model.perennial", "splits"});
}

void describe_rows(const QuestionRows& rows, RunRecord& record) {
  const FeatureTable& table = rows.built.table;
  record.findings.insert(record.findings.end(), rows.audit.findings.begin(),
                         rows.audit.findings.end());
  for (const Finding& f : record.findings) {
    if (f.severity != Severity::kInfo && !f.applied) record.warnings.push_back(f.message);
  }
  record.notes = rows.plan.notes;
  record.customers = rows.built.customers;
  record.dropped = rows.built.dropped;
  record.classes = table.classes;
  record.positive = table.classes.back();
  record.id_name = table.id_name;
  record.positives = std::count(table.y.begin(), table.y.end(), 1);
  record.base_rate = static_cast<double>(record.positives) / static_cast<double>(table.rows());
  for (const Column& c : table.features) record.features.push_back(c.name);
}

}  // namespace

RunRecord run_uplift(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                     const TableAudit& audit, const fs::path& folder, const Workers& workers,
                     Progress& progress, Clock clock) {
  RunRecord record = first_record(study, question, inputs, audit);

  // One row a customer; the treatment column is no feature.
  clock.stage(progress, "features");
  QuestionRows rows = build_question(study, inputs, question, audit.repairs, workers);
  const FeatureTable table = rows.built.table;
  check_target(study, question, table);
  describe_rows(rows, record);
  const Treatment treatment = treatment_of(study, inputs, question, audit.repairs, table);
  check_shares(study, question, treatment.arms);
  const std::vector<UpliftLearner> learners = learners_of(study, question);
  UpliftRecord uplift{.treatment = question.uplift->treatment,
                      .arms = treatment.arms,
                      .effects = average_effects({table, treatment.arm}, treatment.arms),
                      .options = *question.uplift};
  if (question.uplift->propensity == "shares") {
    for (std::string& w : unlike_arms({table, treatment.arm}, treatment.arms)) {
      record.warnings.push_back(std::move(w));
    }
  }

  // The test rows are sealed; every part has its share of each arm and outcome.
  clock.stage(progress, "split");
  const Seed seed{study.seed};
  rows.built.table = by_arm_and_outcome(table, treatment);
  const QuestionSplit settled =
      split_question(study, inputs, question, rows, seed.child("split"), workers);
  for (const std::string& note : settled.notes) record.notes.push_back(note);
  for (const std::string& warning : settled.warnings) record.warnings.push_back(warning);
  SplitRows parts = seal(table, settled.plan, &workers);
  record.rows = {{"train", 0}, {"validation", 0}, {"test", 0}};
  for (const Role role : settled.plan.role) {
    ++record.rows[to_string(role)];
    uplift.role.emplace_back(to_string(role));
  }

  // Methods and learners are compared out of fold, on training rows only.
  clock.stage(progress, "uplift");
  const UpliftRows training{parts.training.table, arms_of(treatment, table, parts.training.table)};
  uplift.fit = fit_uplift(training, treatment.arms, parts.training.fold, parts.training.folds,
                          learners, *question.uplift, seed.child("uplift"), workers);
  record.fits = uplift.fit.fits;

  // The seal is broken once.
  clock.stage(progress, "judge");
  const auto opened = open_rows(std::move(parts.sealed));
  const UpliftRows sealed{opened->table(), arms_of(treatment, table, opened->table())};
  uplift.verdict = judge_uplift(sealed, treatment.arms, uplift.fit.best->predict(sealed.table),
                                uplift.fit.nuisance(sealed.table), uplift.fit.average);

  // Which arm for whom.
  clock.stage(progress, "score");
  uplift.uplift = uplift.fit.best->predict(table);
  uplift.arm = treatment.arm;
  uplift.best = best_arms(uplift.uplift, treatment.arms.size());
  clock.stop();
  record.seconds = clock.seconds();
  record.peak_rss_bytes = peak_rss();
  const fs::path to = folder / path_of(question.name);
  record.other = OtherAnswer{.metrics_json = uplift_metrics_json(record, uplift),
                             .summary = uplift_summary(record, uplift, to.string())};
  progress.stage("write", 0);
  write_outputs(record, uplift, table, to);
  return record;
}

}  // namespace perennial
