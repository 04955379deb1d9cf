// Logs of events at a cutoff -> tables with one row a customer, from which the rest of the plan is
// made as from any other table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/workers.h"
#include "feature/event_plan.h"
#include "feature/plan.h"
#include "table/store.h"

namespace perennial {

// What a study says about a log of events.
struct EventRoles {
  const Table* table = nullptr;
  std::string id, time;              // columns as in the file
  std::vector<std::string> ignored;  // columns
  Duration session_gap = {};         // empty: no sessions
  bool operator==(const EventRoles&) const = default;
};

struct EventOptions {
  std::vector<Duration> windows = {{.count = 7}, {.count = 30}, {.count = 90}};
  Duration lookback;          // empty: everything before the cutoff
  size_t most_features = 60;  // a table
  bool operator==(const EventOptions&) const = default;
};

// First and last time of the events that have an id and a time, after the repairs; days. Errors
// (kData, kStudy): the time column is no date, or no event has one.
struct EventSpan {
  double first = 0, last = 0;
  int64_t rows = 0, usable = 0;  // all; with id and time
};
EventSpan event_span(const EventRoles& roles, const RepairPlan& repairs, const Workers& workers);

// The plan with the default features: see docs/methods.md. Which windows, values of attributes and
// features there are depends on events before the cutoff alone. Features that are constant, or run
// with an earlier one, are left out, then all beyond most_features; notes say so. `repairs`: of all
// tables. A feature's name is that of its column or table with what is measured.
struct MadeEvents {
  EventPlan plan;
  Table table;  // derive(plan, …)
  std::vector<std::string> notes;
};
MadeEvents make_event_plan(const EventRoles& roles, const EventOptions& options,
                           const std::optional<EventTarget>& target, double cutoff,
                           const RepairPlan& repairs, const Workers& workers);

// One row a customer with an event among the inputs, in the order in which these stand in the
// file: the id under its name, the features, and with_target the target under its name ("yes",
// "no", or missing). The same bits for any number of threads, any events at or after the cutoff
// (but for the target) and any order of the rows (but for that of the result).
// REQUIRES: raw.name is the plan's. Columns that are missing are taken as empty, which notes say.
Table derive(const EventPlan& plan, const Table& raw, double cutoff, bool with_target,
             const Workers& workers, std::vector<std::string>* notes = nullptr);

// Takes columns out of the plan's schema that nothing in the plan reads.
void keep_needed(EventPlan& plan);

// Adds a row for each of the ids that the derived table lacks: no events, sums of nothing; all else
// is missing. `ids` are those of the table that brings the customers.
void add_customers_without_events(const EventPlan& plan, const Column& ids, Table& derived);

// The tables with each log of events replaced by what is derived from it at the cutoff. `held`
// keeps the derived ones.
std::vector<const Table*> derived_tables(const FeaturePlan& plan,
                                         const std::vector<const Table*>& tables, double cutoff,
                                         bool with_target, const Workers& workers,
                                         std::vector<Table>& held,
                                         std::vector<std::string>* notes = nullptr);

// Latest time of an event in the tables; nullopt where none has one.
std::optional<double> latest_event(const FeaturePlan& plan, const std::vector<const Table*>& tables,
                                   const Workers& workers);

// What is derived from each log at the plan's cutoff, as statements that make tables of its name
// with " at the cutoff" behind it. "" where there is none.
std::string events_sql(const FeaturePlan& plan, const Dialect& dialect = {});

// The tables as files hold them: what to read, under which names and types.
std::vector<PlanTable> input_tables(const FeaturePlan& plan);

}  // namespace perennial
