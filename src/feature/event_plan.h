// How a log of events becomes one row a customer at a moment, the cutoff: features look at events
// strictly before it, the target at events from it on. Plain data; see event_sql.h for its SQL.
#pragma once

#include <string>
#include <vector>

#include "audit/finding.h"
#include "base/duration.h"
#include "base/json.h"
#include "table/table.h"

namespace perennial {

// One feature. Amounts are the table's numbers, and the days from an event's time to another date
// of it; attributes are its texts and numbers that are ids.
enum class Measure {
  kRecency,   // days from the last event to the cutoff
  kTenure,    // days from the first event to the cutoff
  kCount,     // events in the window, or those with one value of an attribute
  kSum,       // of an amount, in the window, or where an attribute has one value
  kMean,      // of an amount
  kMin,       // of an amount
  kMax,       // of an amount
  kSpread,    // standard deviation of an amount
  kTrend,     // of an amount: change in 30 days by a straight line through the events
  kMeanGap,   // days between events, on average
  kLastGap,   // days between the last two events
  kOverdue,   // recency divided by the mean gap
  kShift,     // of the events (or the amount) in the last two windows, the share in the last one
  kDistinct,  // different values of an attribute
  kCommon,    // the value that an attribute has most often
  // Of sessions: events that follow each other with no longer pause than the plan's session_gap.
  kSessions,       // how many there are
  kSessionLength,  // minutes from a session's first event to its last, on average
  kSessionEvents,  // events in a session, on average
  kLastSession,    // minutes of the last session
};
const char* to_string(Measure measure);

struct EventFeature {
  Measure measure = Measure::kCount;
  std::string name;                     // of the feature
  std::string definition;               // a sentence for people
  std::string column;                   // amount or attribute; "" where the events are looked at
  Duration window;                      // empty: all events that the inputs may look at
  std::string by;                       // kCount, kSum: attribute …
  std::string category;                 // … and its value
  std::vector<std::string> categories;  // kCommon: the values that are told apart
  bool operator==(const EventFeature&) const = default;
};

// What the target asks of the events of one table from the cutoff on.
struct EventTarget {
  std::string name;        // what it is called: "purchases within 90 days"
  Duration within;         // the horizon
  std::string where;       // condition on the events that count; "" for all
  std::string sum;         // amount that is summed; "": events are counted
  double at_least = 1;     // yes: the sum or count reaches it
  double falls_by = 0;     // above 0, in place of at_least: yes where the sum or count is lower by
                           // this share than in as long a time before the cutoff; who had none then
                           // has no answer
  Duration in_any;         // yes: at_least events within some time of this length
  bool everybody = false;  // another table brings the customers, some without an event before
  bool operator==(const EventTarget&) const = default;
};

struct EventPlan {
  std::string table, id, time;                             // columns as in the file
  std::vector<std::pair<std::string, ColumnType>> schema;  // columns that are read, with types
  RepairPlan repairs;                                      // of this table
  Duration lookback;                                       // empty: everything before the cutoff
  Duration session_gap;                                    // empty: no sessions
  std::vector<EventFeature> features;
  bool has_target = false;
  EventTarget target;
  bool operator==(const EventPlan&) const = default;
};

Json to_json(const EventPlan& plan);
// Throws what the JSON library throws, or Error{kData}, when it is none.
EventPlan event_plan_from_json(const Json& json);

}  // namespace perennial
