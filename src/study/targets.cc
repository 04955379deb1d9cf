// What a question asks for, and at which moments.
#include "study/targets.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "table/condition.h"

namespace perennial {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kStudy, where, what, hint);
}

// What belongs to a target made of events has no use elsewhere.
void refuse_event_keys(const Section& target) {
  for (const char* key : {"within", "sum", "at_least", "falls_by", "in_any"}) {
    if (!target.has(key)) continue;
    fail(target.where(key), fmt::format("\"{}\" belongs to a target made of events", key),
         "Say which table holds them: event = \"…\", or remove this key");
  }
}

void check_event_keys(const Section& target) {
  for (const char* key : {"column", "positive", "each"}) {
    if (!target.has(key)) continue;
    fail(target.where(key), fmt::format("the target has both \"event\" and \"{}\"", key),
         "Events say by themselves who is to be found: keep one of the two");
  }
  if (!target.has("within")) {
    fail(target.where("event"), "the key \"within\" is missing",
         "Say how long after the cutoff the target looks: within = \"90 days\"");
  }
  if (target.has("falls_by") && target.has("at_least")) {
    fail(target.where("falls_by"), "the target has both \"at_least\" and \"falls_by\"",
         "Keep one of the two");
  }
  if (!target.has("in_any")) return;
  for (const char* key : {"sum", "falls_by"}) {
    if (!target.has(key)) continue;
    fail(target.where("in_any"), fmt::format("in_any counts events and has no use for \"{}\"", key),
         "Keep one of the two");
  }
}

// "purchases within 90 days", "sum of price of purchases falls by 50 % within 3 months".
std::string event_name(const StudyEvent& event) {
  const EventTarget& t = event.target;
  const std::string what =
      t.sum.empty() ? event.table : fmt::format("{} of {}", t.sum, event.table);
  const std::string where = t.where.empty() ? "" : fmt::format(" where {}", t.where);
  const std::string within = " within " + to_text(t.within);
  if (t.falls_by > 0) {
    return fmt::format("{}{} falls by {} %{}", what, where, number_text(100 * t.falls_by), within);
  }
  const std::string run = t.in_any.empty() ? "" : fmt::format(" in any {}", to_text(t.in_any));
  if (t.at_least == 1 && t.sum.empty()) return what + where + within;
  return fmt::format("{}{} at least {}{}{}", what, where, number_text(t.at_least), run, within);
}

StudyEvent read_event(const Section& target) {
  check_event_keys(target);
  StudyEvent out{.table = target.get_text("event"), .target = {}};
  EventTarget& t = out.target;
  t.within = parse_duration(target.get_text("within"), target.where("within"));
  t.where = target.get_text("where");
  t.sum = target.get_text("sum");
  if (!t.where.empty()) parse_condition(t.where, target.where("where"));
  if (target.has("at_least")) t.at_least = target.get_real("at_least");
  if (target.has("falls_by")) t.falls_by = target.get_real("falls_by");
  if (target.has("in_any")) {
    t.in_any = parse_duration(target.get_text("in_any"), target.where("in_any"));
    if (t.at_least != std::floor(t.at_least)) {
      fail(target.where("at_least"), "in_any counts events, and that is no whole number",
           "Say how many events it takes: at_least = 3");
    }
  }
  t.name = event_name(out);
  return out;
}

}  // namespace

void read_target(const Section& target, const std::string& path, StudyQuestion& out) {
  out.table = target.get_text("table");
  out.target_line = target.line();
  if (target.has("event")) {
    out.event = read_event(target);
    out.target = out.event->target.name;
    out.positive = "yes";
    return;
  }
  refuse_event_keys(target);
  out.target_where = target.get_text("where");
  if (out.target_where.empty()) {
    if (!target.has("column")) {
      fail(fmt::format("{}:{}, section [{}]", path, target.line(), target.name()),
           "the key \"column\" is missing",
           "Say target = { column = \"…\", positive = \"…\" }, target = { where = \"…\" } or "
           "target = { event = \"…\", within = \"…\" }");
    }
    out.target = target.get_text("column");
    out.positive = target.get_text("positive");
    out.target_each = target.get_text("each");
    if (!out.target_each.empty() && target.has("positive")) {
      fail(target.where("each"), "the target has both \"each\" and \"positive\"",
           "With each, every value is a class of its own: keep one of the two");
    }
    return;
  }
  for (const char* key : {"column", "positive", "each"}) {
    if (!target.has(key)) continue;
    fail(target.where(key), fmt::format("the target has both \"where\" and \"{}\"", key),
         "A condition says by itself who is to be found: keep one of the two");
  }
  parse_condition(out.target_where, target.where("where"));
  out.target = out.target_where;
  out.positive = "yes";
}

namespace {

double read_date(const std::string& text, const std::string& where) {
  const double date = parse_iso_date(text);
  if (!std::isnan(date)) return date;
  fail(where, fmt::format("{} is not a date", quoted(text)),
       "Write it as 2024-03-01, with a time of day as 2024-03-01 12:30");
}

}  // namespace

void read_times(const Section& section, StudyQuestion& out) {
  if (section.has("cutoff") && section.has("cutoffs")) {
    fail(section.where("cutoffs"), "there are both \"cutoff\" and \"cutoffs\"",
         "Keep one of the two");
  }
  for (const char* key : {"cutoff", "cutoffs"}) {
    if (section.has(key)) out.cutoff_line = section.find(key)->line;
  }
  const std::string one = section.get_text("cutoff");
  if (!one.empty() && one != "latest") {
    out.cutoffs.push_back(read_date(one, section.where("cutoff")));
  }
  for (const std::string& text : section.get_texts("cutoffs")) {
    const double date = read_date(text, section.where("cutoffs"));
    if (!out.cutoffs.empty() && date <= out.cutoffs.back()) {
      fail(section.where("cutoffs"), "the cutoffs are not in the order of time",
           "Name the earliest first, each once");
    }
    out.cutoffs.push_back(date);
  }
  const std::string inputs = section.get_text("inputs");
  if (!inputs.empty()) out.inputs.lookback = parse_duration(inputs, section.where("inputs"));
  out.inputs.windows.clear();
  for (const std::string& text : section.get_texts("windows")) {
    out.inputs.windows.push_back(parse_duration(text, section.where("windows")));
  }
  out.inputs.most_features = static_cast<size_t>(section.get_int("most_features"));
}

}  // namespace perennial
