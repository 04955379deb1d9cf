// For tests: random logs of events, and what their features should be, computed plainly.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/seed.h"
#include "feature/event_plan.h"
#include "table/table.h"

namespace perennial {

struct TestEvent {
  std::string id;
  double time = 0;    // NaN: missing
  double amount = 0;  // NaN: missing
  std::string kind;   // attribute
  double until = 0;   // a date beside the time; NaN: missing
};

struct TestLog {
  std::vector<TestEvent> events;
  double cutoff = 0;
};

inline double random_amount(Rng& rng, int style) {
  if (rng.bernoulli(0.05)) return kMissing;
  switch (style) {
    case 0:
      return static_cast<double>(rng.below(100000)) / 100;  // prices
    case 1:
      return std::round(rng.normal() * 50);  // whole, some negative
    case 2:
      return rng.normal() * 1e9;
    default:
      return std::exp(rng.normal() * 3) * 1e-6;
  }
}

inline TestEvent random_event(Rng& rng, double from, double until, bool fractions, int style) {
  static const char* const kKinds[] = {"книги", "food", "a|b", "it's", "toys"};
  TestEvent e{.id = "c" + std::to_string(rng.below(8))};
  e.time = from + rng.uniform() * (until - from);
  if (!fractions) e.time = std::floor(e.time);
  if (e.time >= until) e.time = from;
  e.amount = random_amount(rng, style);
  e.kind = kKinds[std::min(rng.below(5), rng.below(5))];
  e.until = rng.bernoulli(0.3) ? kMissing : e.time + static_cast<double>(rng.below(40));
  return e;
}

// Eight customers at most, three years of events before the cutoff and some months behind it.
inline TestLog random_log(Seed seed) {
  Rng rng(seed);
  TestLog log{.events = {}, .cutoff = 16000 + static_cast<double>(rng.below(1000))};
  const bool fractions = rng.bernoulli(0.5);
  if (fractions && rng.bernoulli(0.5)) log.cutoff += 0.5;
  const auto style = static_cast<int>(rng.below(4));
  const size_t n = 3 + rng.below(80);
  for (size_t i = 0; i < n; ++i) {
    const double back = rng.bernoulli(0.4) ? 120 : 1000;
    log.events.push_back(
        random_event(rng, std::floor(log.cutoff) - back, log.cutoff, fractions, style));
  }
  return log;
}

// Events at or after the cutoff, whatever they hold, at any place among the others.
inline void add_future(TestLog& log, Seed seed) {
  Rng rng(seed);
  const size_t n = rng.below(30);
  for (size_t i = 0; i < n; ++i) {
    TestEvent e = random_event(rng, log.cutoff, log.cutoff + 200, rng.bernoulli(0.5),
                               static_cast<int>(rng.below(4)));
    if (e.time < log.cutoff || rng.bernoulli(0.1)) e.time = log.cutoff;
    if (rng.bernoulli(0.1)) e.amount = rng.normal() * 1e300;
    if (rng.bernoulli(0.2)) e.id = "new" + std::to_string(rng.below(3));
    if (rng.bernoulli(0.2)) e.kind = "kind" + std::to_string(rng.below(3));
    const size_t at = rng.below(log.events.size() + 1);
    log.events.insert(log.events.begin() + static_cast<std::ptrdiff_t>(at), e);
  }
}

inline Table table_of(const TestLog& log) {
  std::vector<std::string> ids, kinds;
  std::vector<double> times, amounts, untils;
  for (const TestEvent& e : log.events) {
    ids.push_back(e.id);
    kinds.push_back(e.kind);
    times.push_back(e.time);
    amounts.push_back(e.amount);
    untils.push_back(e.until);
  }
  Table table;
  table.name = "log";
  table.columns = {Column::text("customer", ids), Column::number("when", times),
                   Column::number("price", amounts), Column::text("kind", kinds),
                   Column::number("until", untils)};
  table.columns[1].type = ColumnType::kDate;
  table.columns[4].type = ColumnType::kDate;
  table.readings.resize(table.columns.size());
  return table;
}

// The customer's events in [from, until), by time.
inline std::vector<TestEvent> events_in(const TestLog& log, const std::string& id, double from,
                                        double until) {
  std::vector<TestEvent> out;
  for (const TestEvent& e : log.events) {
    if (e.id == id && e.time >= from && e.time < until) out.push_back(e);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const TestEvent& a, const TestEvent& b) { return a.time < b.time; });
  return out;
}

// Amounts that are there: of "price", or the days until "until" as far as the cutoff knows them.
inline std::vector<std::pair<double, double>> amounts_of(const std::vector<TestEvent>& events,
                                                         const std::string& column, double cutoff) {
  std::vector<std::pair<double, double>> out;  // time, amount
  for (const TestEvent& e : events) {
    const double x = column == "price" ? e.amount : e.until < cutoff ? e.until - e.time : kMissing;
    if (!std::isnan(x)) out.emplace_back(e.time, x);
  }
  return out;
}

// Of the least-squares line; times count to the minute.
inline double slope(std::vector<std::pair<double, double>> points, double cutoff) {
  double mt = 0, mx = 0, tt = 0, tx = 0;
  const auto n = static_cast<double>(points.size());
  for (auto& [t, x] : points) t = -std::round((cutoff - t) * 1440) / 1440;
  for (const auto& [t, x] : points) {
    mt += t / n;
    mx += x / n;
  }
  for (const auto& [t, x] : points) {
    tt += (t - mt) * (t - mt);
    tx += (t - mt) * (x - mx);
  }
  return points.size() > 2 && tt > 1e-9 ? tx / tt : kMissing;
}

// Sessions of events that stand in order: from, until and how many events. Pauses count to the
// second.
struct TestSession {
  double from = 0, until = 0, events = 0, seconds = 0;
};

inline std::vector<TestSession> sessions_of(const std::vector<TestEvent>& events,
                                            const Duration& gap) {
  std::vector<TestSession> out;
  for (const TestEvent& e : events) {
    const double pause = out.empty() ? 0 : std::round((e.time - out.back().until) * 86400);
    if (out.empty() || pause > days_in(gap) * 86400) {
      out.push_back({.from = e.time, .until = e.time, .events = 1});
    } else {
      out.back().until = e.time;
      out.back().seconds += pause;
      ++out.back().events;
    }
  }
  return out;
}

inline double expected_of_sessions(const std::vector<TestEvent>& events, Measure measure,
                                   const Duration& gap) {
  const std::vector<TestSession> sessions = sessions_of(events, gap);
  const auto n = static_cast<double>(sessions.size());
  if (measure == Measure::kSessions) return n;
  if (sessions.empty()) return kMissing;
  const TestSession& last = sessions.back();
  if (measure == Measure::kLastSession) return std::round((last.until - last.from) * 86400) / 60;
  double seconds = 0, count = 0;
  for (const TestSession& s : sessions) {
    seconds += s.seconds;
    count += s.events;
  }
  return measure == Measure::kSessionLength ? seconds / 60 / n : count / n;
}

// The value that the feature should have for the customer, by loops over the events in doubles; NaN
// where it is missing. Not for kCommon.
inline double expected_value(const TestLog& log, const std::string& id, const EventFeature& f,
                             const Duration& lookback, const Duration& session_gap = {}) {
  const double cutoff = log.cutoff;
  const double oldest = lookback.empty() ? -1e9 : earlier(cutoff, lookback);
  double from = f.window.empty() ? oldest : std::max(oldest, earlier(cutoff, f.window));
  std::vector<TestEvent> events = events_in(log, id, from, cutoff);
  if (!f.by.empty()) std::erase_if(events, [&](const auto& e) { return e.kind != f.category; });
  const auto amounts = amounts_of(events, f.column, cutoff);
  const auto n = static_cast<double>(events.size()), m = static_cast<double>(amounts.size());
  double sum = 0, least = INFINITY, most = -INFINITY;
  for (const auto& [t, x] : amounts) {
    sum += x;
    least = std::min(least, x);
    most = std::max(most, x);
  }
  double squares = 0;
  for (const auto& [t, x] : amounts) squares += (x - sum / m) * (x - sum / m);
  std::set<std::string> kinds;
  for (const TestEvent& e : events) kinds.insert(e.kind);
  const double gap = n > 1 ? (events.back().time - events.front().time) / (n - 1) : kMissing;
  switch (f.measure) {
    case Measure::kRecency:
      return n > 0 ? cutoff - events.back().time : kMissing;
    case Measure::kTenure:
      return n > 0 ? cutoff - events.front().time : kMissing;
    case Measure::kCount:
      return n;
    case Measure::kSum:
      return sum;
    case Measure::kMean:
      return m > 0 ? sum / m : kMissing;
    case Measure::kMin:
      return m > 0 ? least : kMissing;
    case Measure::kMax:
      return m > 0 ? most : kMissing;
    case Measure::kSpread:
      return m > 1 ? std::sqrt(squares / (m - 1)) : kMissing;
    case Measure::kTrend:
      return 30 * slope(amounts, cutoff);
    case Measure::kMeanGap:
      return gap;
    case Measure::kLastGap:
      return n > 1 ? events.back().time - events[events.size() - 2].time : kMissing;
    case Measure::kOverdue:
      return gap > 0 ? (cutoff - events.back().time) / gap : kMissing;
    case Measure::kShift: {
      const double earliest = std::max(oldest, earlier(earlier(cutoff, f.window), f.window));
      const auto then = events_in(log, id, earliest, earlier(cutoff, f.window));
      double now = n, before = static_cast<double>(then.size());
      if (!f.column.empty()) {
        now = sum;
        before = 0;
        for (const auto& [t, x] : amounts_of(then, f.column, cutoff)) before += x;
      }
      return now >= 0 && before >= 0 && now + before > 0 ? now / (now + before) : kMissing;
    }
    case Measure::kDistinct:
      return static_cast<double>(kinds.size());
    case Measure::kSessions:
    case Measure::kSessionLength:
    case Measure::kSessionEvents:
    case Measure::kLastSession:
      return expected_of_sessions(events, f.measure, session_gap);
    case Measure::kCommon:
      break;
  }
  return kMissing;
}

}  // namespace perennial
