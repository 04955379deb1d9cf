#include "feature/event_work.h"

#include <algorithm>

#include "base/error.h"

namespace perennial {
namespace {

// What is known under the key; made and remembered the first time.
template <typename Key, typename Value, typename Make>
const Value& known(std::vector<std::pair<Key, Value>>& all, const Key& key, const Make& make) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.first == key; });
  if (found != all.end()) return found->second;
  all.emplace_back(key, make());
  return all.back().second;
}

// The plan's own answers behind features that were derived without them. Customers are those with
// an event among the inputs, in the order of the file, with or without a target.
void add_answers(const EventPlan& plan, const Table& raw, double cutoff, const Workers& workers,
                 Table& derived) {
  EventPlan alone = plan;
  alone.features.clear();
  keep_needed(alone);
  Table answers = derive(alone, raw, cutoff, true, workers);
  PERENNIAL_CHECK(answers.rows() == derived.rows());
  derived.columns.push_back(std::move(answers.columns.back()));
  derived.readings.resize(derived.columns.size());
}

}  // namespace

EventSpan EventWork::span(const EventRoles& roles, const RepairPlan& repairs,
                          const Workers& workers) {
  const auto make = [&] { return event_span(roles, repairs, workers); };
  return remember_ ? known(spans_, SpanKey{roles, repairs}, make) : make();
}

MadeEvents EventWork::make_plan(const EventRoles& roles, const EventOptions& options,
                                const std::optional<EventTarget>& target, double cutoff,
                                const RepairPlan& repairs, const Workers& workers) {
  if (!shares(target.value_or(EventTarget{}))) {
    return make_event_plan(roles, options, target, cutoff, repairs, workers);
  }
  MadeEvents out = known(plans_, PlanKey{roles, options, cutoff, repairs}, [&] {
    return make_event_plan(roles, options, {}, cutoff, repairs, workers);
  });
  if (!target) return out;
  out.plan.has_target = true;
  out.plan.target = *target;
  out.plan.schema.clear();
  for (const Column& column : roles.table->columns) {
    out.plan.schema.emplace_back(column.name, column.type);
  }
  keep_needed(out.plan);
  add_answers(out.plan, *roles.table, cutoff, workers, out.table);
  return out;
}

Table EventWork::derive(const EventPlan& plan, const Table& raw, double cutoff,
                        const Workers& workers) {
  if (!shares(plan.target)) {
    return perennial::derive(plan, raw, cutoff, plan.has_target, workers);
  }
  EventPlan features = plan;
  features.has_target = false;
  features.target = {};
  keep_needed(features);
  Table out = known(tables_, TableKey{features, &raw, cutoff},
                    [&] { return perennial::derive(features, raw, cutoff, false, workers); });
  if (plan.has_target) add_answers(plan, raw, cutoff, workers, out);
  return out;
}

}  // namespace perennial
