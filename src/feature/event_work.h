// What the questions of a study ask of the same events, done once: features do not depend on the
// target, so questions with one cutoff share them and add their own answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "feature/events.h"

namespace perennial {

// Its answers are those of event_span, make_event_plan and derive, to the bit. Not for several
// threads at once. REQUIRES: the tables stay as they are while it is used.
class EventWork {
 public:
  // remember: false where nobody will ask twice.
  explicit EventWork(bool remember) : remember_(remember) {}

  EventSpan span(const EventRoles& roles, const RepairPlan& repairs, const Workers& workers);
  MadeEvents make_plan(const EventRoles& roles, const EventOptions& options,
                       const std::optional<EventTarget>& target, double cutoff,
                       const RepairPlan& repairs, const Workers& workers);
  // With the target, where the plan has one.
  Table derive(const EventPlan& plan, const Table& raw, double cutoff, const Workers& workers);

 private:
  // Where a target has customers without events, they are rows too: nothing is shared.
  bool shares(const EventTarget& target) const { return remember_ && !target.everybody; }

  struct SpanKey {
    EventRoles roles;
    RepairPlan repairs;
    bool operator==(const SpanKey&) const = default;
  };
  struct PlanKey {
    EventRoles roles;
    EventOptions options;
    double cutoff = 0;
    RepairPlan repairs;
    bool operator==(const PlanKey&) const = default;
  };
  struct TableKey {
    EventPlan plan;
    const Table* raw = nullptr;
    double cutoff = 0;
    bool operator==(const TableKey&) const = default;
  };
  template <typename Key, typename Value>
  using Known = std::vector<std::pair<Key, Value>>;

  const bool remember_;
  Known<SpanKey, EventSpan> spans_;
  Known<PlanKey, MadeEvents> plans_;
  Known<TableKey, Table> tables_;
};

}  // namespace perennial
