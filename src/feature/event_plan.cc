#include "feature/event_plan.h"

#include <array>
#include <utility>

#include "base/error.h"

namespace perennial {
namespace {

constexpr std::array<std::pair<Measure, const char*>, 19> kMeasures = {
    {{Measure::kRecency, "recency"},
     {Measure::kTenure, "tenure"},
     {Measure::kCount, "count"},
     {Measure::kSum, "sum"},
     {Measure::kMean, "mean"},
     {Measure::kMin, "min"},
     {Measure::kMax, "max"},
     {Measure::kSpread, "spread"},
     {Measure::kTrend, "trend"},
     {Measure::kMeanGap, "mean gap"},
     {Measure::kLastGap, "last gap"},
     {Measure::kOverdue, "overdue"},
     {Measure::kShift, "shift"},
     {Measure::kDistinct, "distinct"},
     {Measure::kCommon, "common"},
     {Measure::kSessions, "sessions"},
     {Measure::kSessionLength, "session length"},
     {Measure::kSessionEvents, "session events"},
     {Measure::kLastSession, "last session"}}};

bool is_of_sessions(Measure m) {
  return m == Measure::kSessions || m == Measure::kSessionLength || m == Measure::kSessionEvents ||
         m == Measure::kLastSession;
}

[[noreturn]] void damaged(const std::string& what) {
  throw Error(ErrorCode::kData, "feature plan", what, "save the model again with this program");
}

Measure measure_from(const std::string& name) {
  for (const auto& [measure, text] : kMeasures) {
    if (name == text) return measure;
  }
  damaged("there is no measure \"" + name + "\"");
}

ColumnType type_from(const std::string& name) {
  for (const ColumnType type : {ColumnType::kNumber, ColumnType::kDate, ColumnType::kText}) {
    if (name == to_string(type)) return type;
  }
  damaged("there is no column type \"" + name + "\"");
}

std::string text_of(const Duration& duration) { return duration.empty() ? "" : to_text(duration); }

Duration duration_from(const Json& json, const char* key) {
  if (!json.contains(key)) return {};
  const auto text = json.at(key).get<std::string>();
  return text.empty() ? Duration{} : parse_duration(text, "feature plan");
}

Json to_json(const EventFeature& f) {
  Json json = {{"name", f.name}, {"definition", f.definition}, {"measure", to_string(f.measure)}};
  if (!f.column.empty()) json["column"] = f.column;
  if (!f.window.empty()) json["window"] = to_text(f.window);
  if (!f.by.empty()) {
    json["by"] = f.by;
    json["category"] = f.category;
  }
  if (!f.categories.empty()) json["categories"] = f.categories;
  return json;
}

std::string text_or_empty(const Json& json, const char* key) {
  return json.contains(key) ? json.at(key).get<std::string>() : "";
}

EventFeature feature_from(const Json& json) {
  EventFeature f{.measure = measure_from(json.at("measure").get<std::string>()),
                 .name = json.at("name").get<std::string>(),
                 .definition = json.at("definition").get<std::string>(),
                 .column = text_or_empty(json, "column"),
                 .window = duration_from(json, "window"),
                 .by = text_or_empty(json, "by"),
                 .category = text_or_empty(json, "category"),
                 .categories = {}};
  if (json.contains("categories")) {
    f.categories = json.at("categories").get<std::vector<std::string>>();
  }
  return f;
}

Json to_json(const EventTarget& t) {
  Json json = {{"name", t.name}, {"within", to_text(t.within)}};
  if (!t.where.empty()) json["where"] = t.where;
  if (!t.sum.empty()) json["sum"] = t.sum;
  json[t.falls_by > 0 ? "falls_by" : "at_least"] = t.falls_by > 0 ? t.falls_by : t.at_least;
  if (!t.in_any.empty()) json["in_any"] = to_text(t.in_any);
  if (t.everybody) json["everybody"] = true;
  return json;
}

EventTarget target_from(const Json& json) {
  EventTarget t{.name = json.at("name").get<std::string>(),
                .within = duration_from(json, "within"),
                .where = text_or_empty(json, "where"),
                .sum = text_or_empty(json, "sum"),
                .in_any = duration_from(json, "in_any")};
  if (json.contains("falls_by")) t.falls_by = json.at("falls_by").get<double>();
  t.everybody = json.contains("everybody") && json.at("everybody").get<bool>();
  if (json.contains("at_least")) t.at_least = json.at("at_least").get<double>();
  return t;
}

// A plan from a damaged file must not reach the SQL.
void check(const EventPlan& plan) {
  const auto need = [&](const std::string& name, bool number) {
    for (const auto& [column, type] : plan.schema) {
      if (column == name && (!number || type != ColumnType::kText)) return;
    }
    damaged("the events of \"" + plan.table + "\" have no fitting column \"" + name + "\"");
  };
  need(plan.id, false);
  need(plan.time, false);
  for (const EventFeature& f : plan.features) {
    const bool events = f.measure == Measure::kRecency || f.measure == Measure::kTenure ||
                        f.measure == Measure::kCount || f.measure == Measure::kMeanGap ||
                        f.measure == Measure::kLastGap || f.measure == Measure::kOverdue ||
                        f.measure == Measure::kShift || is_of_sessions(f.measure);
    if (!f.column.empty() || !events) need(f.column, false);
    if (!f.by.empty()) need(f.by, false);
    if (f.measure == Measure::kShift && f.window.empty()) damaged("a shift without a window");
    if (is_of_sessions(f.measure) && plan.session_gap.empty()) damaged("sessions without a gap");
    if (f.measure == Measure::kCommon && f.categories.empty()) damaged("a choice among nothing");
  }
}

}  // namespace

const char* to_string(Measure measure) {
  for (const auto& [each, text] : kMeasures) {
    if (each == measure) return text;
  }
  return "";
}

Json to_json(const EventPlan& plan) {
  Json json = {{"table", plan.table}, {"id", plan.id}, {"time", plan.time}};
  json["inputs"] = text_of(plan.lookback);
  if (!plan.session_gap.empty()) json["session_gap"] = to_text(plan.session_gap);
  json["features"] = Json::array();
  for (const EventFeature& f : plan.features) json["features"].push_back(to_json(f));
  if (plan.has_target) json["target"] = to_json(plan.target);
  json["repairs"] = to_json(plan.repairs);
  json["schema"] = Json::array();
  for (const auto& [name, type] : plan.schema) {
    json["schema"].push_back({{"column", name}, {"type", to_string(type)}});
  }
  return json;
}

EventPlan event_plan_from_json(const Json& json) {
  EventPlan plan{.table = json.at("table").get<std::string>(),
                 .id = json.at("id").get<std::string>(),
                 .time = json.at("time").get<std::string>(),
                 .repairs = repair_plan_from_json(json.at("repairs")),
                 .lookback = duration_from(json, "inputs"),
                 .session_gap = duration_from(json, "session_gap")};
  for (const auto& item : json.at("schema")) {
    plan.schema.emplace_back(item.at("column").get<std::string>(),
                             type_from(item.at("type").get<std::string>()));
  }
  for (const auto& item : json.at("features")) plan.features.push_back(feature_from(item));
  plan.has_target = json.contains("target");
  if (plan.has_target) plan.target = target_from(json.at("target"));
  check(plan);
  return plan;
}

}  // namespace perennial
