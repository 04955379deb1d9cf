#include "feature/event_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"

namespace perennial {
namespace {

class Lister {
 public:
  explicit Lister(const EventMaterial& material) : m_(material) {}

  std::vector<EventFeature> list() {
    const std::string& t = m_.table;
    add(Measure::kRecency, t + " days since last", "Days from the last event to the cutoff.");
    counts();
    for (const auto& [column, is_date] : m_.amounts) sums(column, called(column, is_date));
    add(Measure::kTenure, t + " days since first", "Days from the first event to the cutoff.");
    add(Measure::kMeanGap, t + " mean gap", "Days between two events, on average.");
    add(Measure::kOverdue, t + " overdue",
        "Days since the last event, divided by the mean gap between events.");
    if (!m_.session_gap.empty()) sessions();
    for (const auto& [column, is_date] : m_.amounts) levels(column, called(column, is_date));
    shifts();
    add(Measure::kLastGap, t + " last gap", "Days between the last two events.");
    for (const auto& [column, values] : m_.attributes) attribute(column, values);
    return std::move(out_);
  }

 private:
  // Dates beside the event's own give the days between the two.
  std::string called(const std::string& column, bool is_date) const {
    return is_date ? column + " days after" : column;
  }

  static std::string ended(const Duration& window) {
    return window.empty() ? " before the cutoff"
                          : fmt::format(" in the {} before the cutoff", to_text(window));
  }

  static std::string tail(const Duration& window) {
    return window.empty() ? "" : " " + to_text(window);
  }

  EventFeature& add(Measure measure, const std::string& name, const std::string& definition,
                    const std::string& column = "", const Duration& window = {}) {
    std::string unique = name;
    for (int i = 2; !taken_.insert(to_lower(unique)).second; ++i) {
      unique = fmt::format("{} {}", name, i);
    }
    out_.push_back({.measure = measure,
                    .name = unique,
                    .definition = fmt::format("{} (table {})", definition, quoted(m_.table)),
                    .column = column,
                    .window = window});
    return out_.back();
  }

  // Everything first, then the longest window.
  std::vector<Duration> windows_and_all() const {
    std::vector<Duration> out = {{}};
    out.insert(out.end(), m_.windows.rbegin(), m_.windows.rend());
    return out;
  }

  void counts() {
    for (const Duration& w : windows_and_all()) {
      add(Measure::kCount, m_.table + " count" + tail(w),
          "How many events there are" + ended(w) + ".", "", w);
    }
  }

  void sums(const std::string& column, const std::string& name) {
    for (const Duration& w : windows_and_all()) {
      add(Measure::kSum, name + " sum" + tail(w), fmt::format("Sum of {}{}.", name, ended(w)),
          column, w);
    }
    add(Measure::kMean, name + " mean", fmt::format("Mean of {} over the events.", name), column);
  }

  void levels(const std::string& column, const std::string& name) {
    for (const Duration& w : m_.windows) {
      if (w != m_.windows.back()) continue;
      add(Measure::kMean, name + " mean" + tail(w), fmt::format("Mean of {}{}.", name, ended(w)),
          column, w);
    }
    add(Measure::kSpread, name + " spread",
        fmt::format("Standard deviation of {} over the events.", name), column);
    add(Measure::kTrend, name + " trend",
        fmt::format("Change of {} in 30 days, by a straight line through the events.", name),
        column);
    add(Measure::kMax, name + " max", fmt::format("Largest {}.", name), column);
    add(Measure::kMin, name + " min", fmt::format("Smallest {}.", name), column);
  }

  void sessions() {
    const std::string& t = m_.table;
    const std::string cut =
        fmt::format("cut where nothing happens for more than {}", to_text(m_.session_gap));
    add(Measure::kSessions, t + " sessions", fmt::format("How many sessions there are, {}.", cut));
    add(Measure::kSessionLength, t + " session minutes",
        fmt::format(
            "Minutes from a session's first event to its last, on average; sessions are {}.", cut));
    add(Measure::kSessionEvents, t + " events a session",
        fmt::format("Events in a session, on average; sessions are {}.", cut));
    add(Measure::kLastSession, t + " last session minutes",
        fmt::format("Minutes from the last session's first event to its last; sessions are {}.",
                    cut));
  }

  void shifts() {
    for (const Duration& w : m_.windows) {
      const std::string text = to_text(w);
      add(Measure::kShift, fmt::format("{} count share of last {}", m_.table, text),
          fmt::format("Of the events in the last two times {} before the cutoff, the share in the "
                      "last one: above one half, they become more.",
                      text),
          "", w);
      for (const auto& [column, is_date] : m_.amounts) {
        const std::string name = called(column, is_date);
        add(Measure::kShift, fmt::format("{} sum share of last {}", name, text),
            fmt::format("Of the sum of {} in the last two times {} before the cutoff, the share in "
                        "the last one.",
                        name, text),
            column, w);
      }
    }
  }

  void attribute(const std::string& column, const std::vector<std::string>& values) {
    add(Measure::kDistinct, column + " distinct", fmt::format("Different values of {}.", column),
        column);
    if (values.empty()) return;
    add(Measure::kCommon, column + " most common",
        fmt::format("The value of {} that most events have, among: {}.", column,
                    join(values, ", ")),
        column)
        .categories = values;
    for (const std::string& value : values) {
      EventFeature& f = add(
          Measure::kCount, fmt::format("{} {} count", column, value),
          fmt::format("How many events with {} = {} there are before the cutoff.", column, value));
      f.by = column;
      f.category = value;
    }
    if (m_.amounts.empty()) return;
    const auto& [amount, is_date] = m_.amounts.front();
    for (const std::string& value : values) {
      EventFeature& f =
          add(Measure::kSum, fmt::format("{} {} {} sum", column, value, called(amount, is_date)),
              fmt::format("Sum of {} over the events with {} = {}.", called(amount, is_date),
                          column, value),
              amount);
      f.by = column;
      f.category = value;
    }
  }

  const EventMaterial& m_;
  std::set<std::string> taken_;
  std::vector<EventFeature> out_;
};

// A column at some rows, less its mean and to length 1; missing values as 0. Empty: constant.
struct Direction {
  std::vector<float> values;
  std::vector<char> missing;
};

Direction direction_of(const Column& column, const std::vector<uint32_t>& rows) {
  Direction out;
  std::vector<double> x;
  double sum = 0;
  size_t present = 0;
  for (const uint32_t row : rows) {
    const bool missing = column.missing(row);
    out.missing.push_back(missing);
    x.push_back(missing ? 0 : column.numbers[row]);
    if (!missing) sum += x.back();
    present += !missing;
  }
  const double mean = present == 0 ? 0 : sum / static_cast<double>(present);
  double squares = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = out.missing[i] ? 0 : x[i] - mean;
    squares += x[i] * x[i];
  }
  const double length = std::sqrt(squares);
  if (!(length > 1e-12 * (1 + std::abs(mean)))) return out;
  for (const double v : x) out.values.push_back(static_cast<float>(v / length));
  return out;
}

bool constant(const Column& column, const std::vector<uint32_t>& rows, const Direction& direction) {
  if (!column.is_text()) {
    const bool some_missing =
        std::any_of(direction.missing.begin(), direction.missing.end(), [](char m) { return m; });
    const bool all_missing =
        std::all_of(direction.missing.begin(), direction.missing.end(), [](char m) { return m; });
    return direction.values.empty() && (!some_missing || all_missing);
  }
  return std::all_of(rows.begin(), rows.end(),
                     [&](uint32_t row) { return column.codes[row] == column.codes[rows[0]]; });
}

bool run_together(const Direction& a, const Direction& b) {
  constexpr double kSame = 0.995;
  if (a.values.empty() || b.values.empty() || a.missing != b.missing) return false;
  double r = 0;
  for (size_t i = 0; i < a.values.size(); ++i) r += static_cast<double>(a.values[i]) * b.values[i];
  return std::abs(r) > kSame;
}

}  // namespace

std::vector<EventFeature> default_features(const EventMaterial& material) {
  return Lister(material).list();
}

std::vector<size_t> distinct_features(const std::vector<const Column*>& columns) {
  std::vector<size_t> kept;
  if (columns.empty() || columns[0]->size() == 0) return kept;
  constexpr size_t kRows = 20000;
  std::vector<uint32_t> rows;
  const size_t n = columns[0]->size(), step = (n + kRows - 1) / kRows;
  for (size_t row = 0; row < n; row += step) rows.push_back(static_cast<uint32_t>(row));
  std::vector<Direction> directions;
  for (size_t i = 0; i < columns.size(); ++i) {
    Direction direction;
    if (!columns[i]->is_text()) direction = direction_of(*columns[i], rows);
    if (constant(*columns[i], rows, direction)) continue;
    if (std::any_of(directions.begin(), directions.end(),
                    [&](const Direction& earlier) { return run_together(earlier, direction); })) {
      continue;
    }
    kept.push_back(i);
    directions.push_back(std::move(direction));
  }
  return kept;
}

}  // namespace perennial
