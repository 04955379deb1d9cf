#include "run/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "feature/events.h"
#include "feature/names.h"

namespace perennial {
namespace {

std::string place(const Study& study, const StudyQuestion& question) {
  return fmt::format("{}:{}, question {}", study.path, question.line, quoted(question.name));
}

// The columns of a table that the study takes out.
std::vector<std::string> ignored(const StudyTable& said, const StudyQuestion& question,
                                 const Table& table) {
  std::vector<std::string> out;
  for (const auto* names : {&said.ignore, &question.ignore}) {
    for (const std::string& name : *names) {
      if (const Column* found = table.find(name)) out.push_back(found->name);
    }
  }
  return out;
}

EventRoles roles_of(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                    size_t t) {
  const StudyTable& said = study.tables[t];
  const Table& table = inputs.tables[t];
  const Column* time = table.find(said.time);
  if (time == nullptr) {
    throw Error(
        ErrorCode::kStudy,
        fmt::format("{}:{}, table {}, key \"time\"", study.path, said.line, quoted(said.name)),
        fmt::format("the table has no column {}{}", quoted(said.time),
                    did_you_mean(said.time, table.column_names())),
        "Its columns: " + join(table.column_names(), ", "));
  }
  return {.table = &table,
          .id = inputs.ids[t],
          .time = time->name,
          .ignored = ignored(said, question, table),
          .session_gap = said.session_gap};
}

// The repairs of one-row tables: those of events stand in the events' own plans.
RepairPlan without_events(const Study& study, const RepairPlan& repairs) {
  RepairPlan out;
  for (const Repair& repair : repairs.steps) {
    const bool events = std::any_of(study.tables.begin(), study.tables.end(), [&](const auto& t) {
      return t.name == repair.table && !t.time.empty();
    });
    if (!events) out.steps.push_back(repair);
  }
  return out;
}

// The target of the events as a column of the table that brings the customers. Who has no event at
// all did not do it; whether it fell cannot be said of them.
void give_target(const EventPlan& plan, const Table& derived, const std::string& id,
                 Table& entity) {
  const Column& from = derived.columns.back();
  std::unordered_map<std::string, int32_t> answers;
  for (size_t i = 0; i < derived.rows(); ++i) {
    answers[derived.columns[0].value_text(i)] = from.codes[i];
  }
  Column target;
  target.name = plan.target.name;
  target.type = ColumnType::kText;
  target.dictionary = from.dictionary;
  const auto no = static_cast<int32_t>(target.dictionary.size());
  target.dictionary.emplace_back(kHoldsNot);
  const Column& ids = *entity.find(id);
  for (size_t row = 0; row < ids.size(); ++row) {
    const auto found = answers.find(ids.value_text(row));
    const int32_t without = plan.target.falls_by > 0 ? -1 : no;
    target.codes.push_back(found == answers.end() ? without : found->second);
  }
  entity.columns.push_back(std::move(target));
  entity.readings.resize(entity.columns.size());
}

// The inputs at one cutoff, by plans that are made already.
class Derivation {
 public:
  Derivation(const Study& study, const Inputs& inputs, size_t entity)
      : study_(study), inputs_(inputs), entity_(entity) {}

  // made: one a table of events, as it stands in the study.
  Inputs inputs(const std::vector<EventPlan>& plans, std::vector<Table> made) const {
    Inputs out{.tables = {}, .ids = inputs_.ids};
    size_t next = 0;
    for (size_t t = 0; t < study_.tables.size(); ++t) {
      if (study_.tables[t].time.empty()) {
        out.tables.push_back(inputs_.tables[t]);
      } else {
        out.tables.push_back(std::move(made[next++]));
      }
    }
    next = 0;
    for (size_t t = 0; t < study_.tables.size(); ++t) {
      if (study_.tables[t].time.empty()) continue;
      const EventPlan& plan = plans[next++];
      if (t == entity_) continue;
      if (plan.has_target) {
        give_target(plan, out.tables[t], out.ids[entity_], out.tables[entity_]);
        out.tables[t].columns.pop_back();
      }
      add_customers_without_events(plan, *out.tables[entity_].find(out.ids[entity_]),
                                   out.tables[t]);
    }
    return out;
  }

 private:
  const Study& study_;
  const Inputs& inputs_;
  const size_t entity_;
};

// A day begins, so the day after the last event is the first moment that has seen all of them.
double after(double time) { return std::floor(time) + 1; }

void check_roles_apart(const Study& study, const StudyQuestion& question,
                       const std::vector<double>& cutoffs) {
  const std::vector<Role> roles = roles_by_moment(cutoffs);
  const Duration& within = question.event->target.within;
  for (size_t i = 0; i + 1 < cutoffs.size(); ++i) {
    for (size_t j = i + 1; j < cutoffs.size(); ++j) {
      if (roles[i] == roles[j] || cutoffs[j] >= later(cutoffs[i], within)) continue;
      throw Error(ErrorCode::kStudy, place(study, question) + ", key \"cutoffs\"",
                  fmt::format("the target looks {} ahead from {}, beyond {}, where the {} rows "
                              "begin: what is learned would know a part of their answers",
                              to_text(within), date_text(cutoffs[i]), date_text(cutoffs[j]),
                              to_string(roles[j])),
                  fmt::format("Name cutoffs that are at least {} apart", to_text(within)));
    }
  }
}

// Rows of one cutoff behind those of the earlier ones.
void append(Column& all, const Column& next) {
  if (!all.is_text()) {
    all.numbers.insert(all.numbers.end(), next.numbers.begin(), next.numbers.end());
    return;
  }
  std::unordered_map<std::string, int32_t> codes;
  for (const std::string& text : all.dictionary) {
    codes.emplace(text, static_cast<int32_t>(codes.size()));
  }
  std::vector<int32_t> code_of;
  for (const std::string& text : next.dictionary) {
    const auto [found, fresh] = codes.try_emplace(text, static_cast<int32_t>(codes.size()));
    if (fresh) all.dictionary.push_back(text);
    code_of.push_back(found->second);
  }
  for (const int32_t code : next.codes) {
    all.codes.push_back(code < 0 ? -1 : code_of[static_cast<size_t>(code)]);
  }
}

void append(BuildResult& all, BuildResult next) {
  if (all.table.rows() == 0) {
    all = std::move(next);
    all.table.position.clear();
  } else {
    FeatureTable& to = all.table;
    FeatureTable& from = next.table;
    PERENNIAL_CHECK(to.features.size() == from.features.size() && to.classes == from.classes);
    to.ids.insert(to.ids.end(), from.ids.begin(), from.ids.end());
    to.y.insert(to.y.end(), from.y.begin(), from.y.end());
    for (size_t i = 0; i < to.features.size(); ++i) append(to.features[i], from.features[i]);
    for (size_t i = 0; i < to.values.size(); ++i) append(to.values[i], from.values[i]);
    all.customers += next.customers;
    for (DropStep& step : next.dropped) {
      const auto same = std::find_if(all.dropped.begin(), all.dropped.end(),
                                     [&](const DropStep& s) { return s.reason == step.reason; });
      if (same == all.dropped.end()) {
        all.dropped.push_back(std::move(step));
      } else {
        same->customers += step.customers;
      }
    }
    for (std::string& note : next.notes) {
      if (std::find(all.notes.begin(), all.notes.end(), note) == all.notes.end()) {
        all.notes.push_back(std::move(note));
      }
    }
  }
}

// A table without times shows its customers as they are now: what was changed after the cutoff
// would tell the model of the future.
std::vector<Finding> current_state(const Study& study, const FeaturePlan& plan) {
  std::vector<Finding> out;
  for (const StudyTable& said : study.tables) {
    if (!said.time.empty()) continue;
    for (const PlanTable& table : plan.tables) {
      if (table.name != said.name || table.features.empty()) continue;
      std::vector<std::string> columns;
      for (const PlanFeature& f : table.features) columns.push_back(quoted(f.column));
      Finding finding{.kind = "current-state", .severity = Severity::kWarning, .table = table.name};
      finding.message = fmt::format(
          "The table {} does not say when its values are from: {} may have been changed after the "
          "cutoff, and would then tell of the future. Keep what cannot change, and put the rest "
          "into ignore.",
          quoted(table.name), join(columns, ", "));
      finding.confidence = 0.3;
      out.push_back(std::move(finding));
    }
  }
  return out;
}

std::string moment_note(const StudyQuestion& question, const std::vector<double>& cutoffs) {
  std::vector<std::string> dates;
  for (const double cutoff : cutoffs) dates.push_back(date_text(cutoff));
  const std::string look =
      question.inputs.lookback.empty()
          ? "Inputs look only before it"
          : fmt::format("Inputs look only at the {} before it", to_text(question.inputs.lookback));
  const std::string target = question.event ? fmt::format(", the target at the {} from it on",
                                                          to_text(question.event->target.within))
                                            : "";
  return cutoffs.size() == 1
             ? fmt::format("The cutoff is {}. {}{}.", dates[0], look, target)
             : fmt::format("Every customer gives a row at each of the cutoffs {}. {}{}.",
                           join(dates, ", "), look, target);
}

}  // namespace

bool has_events(const Study& study) {
  return std::any_of(study.tables.begin(), study.tables.end(),
                     [](const StudyTable& table) { return !table.time.empty(); });
}

std::vector<Role> roles_by_moment(const std::vector<double>& moment) {
  const std::set<double> distinct(moment.begin(), moment.end());
  const std::vector<double> order(distinct.begin(), distinct.end());
  std::vector<Role> out;
  for (const double m : moment) {
    const bool test = m == order.back();
    const bool validation = order.size() > 2 && m == order[order.size() - 2];
    out.push_back(test ? Role::kTest : validation ? Role::kValidation : Role::kTrain);
  }
  return out;
}

Moments moments_of(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                   const RepairPlan& repairs, const Workers& workers) {
  double last = -INFINITY, last_of_target = -INFINITY;
  Moments out{.cutoffs = question.cutoffs, .notes = {}};
  for (size_t t = 0; t < study.tables.size(); ++t) {
    if (study.tables[t].time.empty()) continue;
    const EventSpan span =
        inputs.events->span(roles_of(study, inputs, question, t), repairs, workers);
    last = std::max(last, span.last);
    if (question.event && study.tables[t].name == question.event->table) last_of_target = span.last;
    if (span.usable < span.rows) {
      out.notes.push_back(fmt::format("table {}: {} without a customer or a time left out",
                                      quoted(study.tables[t].name),
                                      counted(span.rows - span.usable, "event")));
    }
  }
  if (out.cutoffs.empty()) {
    out.cutoffs = {question.event ? earlier(after(last_of_target), question.event->target.within)
                                  : after(last)};
  }
  if (question.event) {
    const double end = later(out.cutoffs.back(), question.event->target.within);
    if (end > after(last_of_target)) {
      out.notes.push_back(fmt::format(
          "The target looks until {}, and the last event in {} is of {}: what is missing counts as "
          "not having happened.",
          date_text(end), quoted(question.event->table), date_text(last_of_target)));
    }
    check_roles_apart(study, question, out.cutoffs);
  } else if (out.cutoffs.size() > 1) {
    throw Error(ErrorCode::kStudy, place(study, question) + ", key \"cutoffs\"",
                "the target is a column, which is the same at every cutoff",
                "Name one cutoff, or a target made of events: target = { event = \"…\", within = "
                "\"…\" }");
  }
  out.notes.push_back(moment_note(question, out.cutoffs));
  return out;
}

PlannedEvents plan_events(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                          const RepairPlan& repairs, const Workers& workers) {
  PlannedEvents out;
  out.moments = moments_of(study, inputs, question, repairs, workers);
  const size_t entity = entity_table(study, inputs, question);
  std::vector<EventPlan> plans;
  std::vector<Table> made;
  std::vector<std::string> notes;
  for (size_t t = 0; t < study.tables.size(); ++t) {
    if (study.tables[t].time.empty()) continue;
    std::optional<EventTarget> target;
    if (question.event && question.event->table == study.tables[t].name) {
      target = question.event->target;
      target->everybody = t != entity;
    }
    MadeEvents events =
        inputs.events->make_plan(roles_of(study, inputs, question, t), question.inputs, target,
                                 out.moments.cutoffs[0], repairs, workers);
    notes.insert(notes.end(), events.notes.begin(), events.notes.end());
    plans.push_back(std::move(events.plan));
    made.push_back(std::move(events.table));
  }
  out.derived = Derivation(study, inputs, entity).inputs(plans, std::move(made));
  out.plan = plan_question(study, out.derived, question, without_events(study, repairs), &workers);
  out.plan.events = std::move(plans);
  out.plan.cutoff = out.moments.cutoffs.back();
  out.plan.notes.insert(out.plan.notes.begin(), notes.begin(), notes.end());
  out.plan.notes.insert(out.plan.notes.begin(), out.moments.notes.begin(), out.moments.notes.end());
  return out;
}

QuestionRows build_at_moments(const Study& study, const Inputs& inputs,
                              const StudyQuestion& question, const RepairPlan& repairs,
                              const Workers& workers) {
  PlannedEvents planned = plan_events(study, inputs, question, repairs, workers);
  require_features(study, question, planned.plan);
  QuestionRows rows;
  const auto& cutoffs = planned.moments.cutoffs;
  if (cutoffs.size() == 1) {
    rows.built = build_rows(planned.plan, planned.derived, workers);
  } else {
    const Derivation derivation(study, inputs, entity_table(study, inputs, question));
    for (size_t c = 0; c < cutoffs.size(); ++c) {
      if (c > 0) {
        std::vector<Table> made;
        for (const EventPlan& plan : planned.plan.events) {
          for (const Table& table : inputs.tables) {
            if (table.name != plan.table) continue;
            made.push_back(inputs.events->derive(plan, table, cutoffs[c], workers));
          }
        }
        planned.derived = derivation.inputs(planned.plan.events, std::move(made));
      }
      BuildResult built = build_rows(planned.plan, planned.derived, workers);
      rows.moment.insert(rows.moment.end(), built.table.rows(), cutoffs[c]);
      append(rows.built, std::move(built));
    }
  }
  rows.audit.findings = current_state(study, planned.plan);
  rows.plan = std::move(planned.plan);
  rows.derived = std::make_shared<const Inputs>(std::move(planned.derived));
  return rows;
}

void describe_events(const QuestionRows& rows, RunRecord& record) {
  const FeaturePlan& plan = rows.plan;
  if (plan.events.empty()) return;
  std::set<double> cutoffs(rows.moment.begin(), rows.moment.end());
  if (cutoffs.empty()) cutoffs.insert(plan.cutoff.value_or(0));
  for (const double cutoff : cutoffs) record.cutoffs.push_back(date_text(cutoff));
  const std::vector<std::string> names = feature_names(plan);
  size_t next = 0;
  for (const PlanTable& own : plan.tables) {
    const auto events = std::find_if(plan.events.begin(), plan.events.end(),
                                     [&](const EventPlan& e) { return e.table == own.name; });
    for (const PlanFeature& feature : own.features) {
      if (events == plan.events.end()) {
        next += names_of(own, feature).size();
        continue;
      }
      for (const EventFeature& f : events->features) {
        if (f.name == feature.column) record.definitions.emplace_back(names[next], f.definition);
      }
      ++next;
    }
  }
}

std::vector<Backtest> backtest(const BacktestInputs& inputs, Seed seed, const Workers& workers) {
  std::vector<Backtest> out;
  const std::vector<double>& moment = inputs.rows.moment;
  const FeatureTable& table = inputs.rows.built.table;
  if (moment.empty() || table.classes.size() != 2) return out;
  std::set<double> moments;
  for (size_t row = 0; row < moment.size(); ++row) {
    if (inputs.split.role[row] != Role::kTest) moments.insert(moment[row]);
  }
  for (auto m = std::next(moments.begin()); m != moments.end(); ++m) {
    std::vector<uint32_t> before, at;
    for (uint32_t row = 0; row < moment.size(); ++row) {
      if (inputs.split.role[row] == Role::kTest) continue;
      if (moment[row] < *m) before.push_back(row);
      if (moment[row] == *m) at.push_back(row);
    }
    const FeatureTable tried = table.take(at);
    const std::string date = date_text(*m);
    const Pipeline fitted =
        fit_like(inputs.winner, table, before, inputs.category_order, seed.child(date), &workers);
    const auto positives = std::count(tried.y.begin(), tried.y.end(), 1);
    const auto figures =
        open_figures(tried, fitted, {}, seed.child(date).child("figures"), &workers);
    Backtest b{.cutoff = date,
               .learned_from = static_cast<int64_t>(before.size()),
               .rows = static_cast<int64_t>(tried.rows()),
               .base_rate = static_cast<double>(positives) / static_cast<double>(tried.rows()),
               .figures = {}};
    for (const char* name : {"roc_auc", "average_precision"}) b.figures[name] = figures.at(name);
    out.push_back(std::move(b));
  }
  return out;
}

}  // namespace perennial
