// A FeaturePlan as JSON and back.
#include "base/error.h"
#include "feature/plan.h"

namespace perennial {
namespace {

ColumnType column_type(const Json& json) {
  const auto name = json.get<std::string>();
  for (const ColumnType type : {ColumnType::kNumber, ColumnType::kDate, ColumnType::kText}) {
    if (name == to_string(type)) return type;
  }
  throw Error(ErrorCode::kData, "feature plan", "there is no column type \"" + name + "\"",
              "save the model again with this program");
}

Json to_json(const std::vector<PlanFeature>& features) {
  Json json = Json::array();
  for (const auto& feature : features) {
    json.push_back(
        {{"column", feature.column}, {"name", feature.name}, {"type", to_string(feature.type)}});
  }
  return json;
}

std::vector<PlanFeature> features_from(const Json& json) {
  std::vector<PlanFeature> features;
  for (const auto& item : json) {
    features.push_back({.column = item.at("column").get<std::string>(),
                        .name = item.at("name").get<std::string>(),
                        .type = column_type(item.at("type"))});
  }
  return features;
}

Json to_json(const PlanTable& table) {
  Json json = {{"name", table.name}, {"id", table.id}};
  if (!table.pivot_by.empty()) {
    json["pivot_by"] = table.pivot_by;
    json["periods"] = table.periods;
    json["aggregate"] = table.aggregate;
    json["several"] = table.several;
  }
  json["features"] = to_json(table.features);
  json["values"] = to_json(table.values);
  json["schema"] = Json::array();
  for (const auto& [name, type] : table.schema) {
    json["schema"].push_back({{"column", name}, {"type", to_string(type)}});
  }
  return json;
}

PlanTable table_from(const Json& json) {
  PlanTable table;
  table.name = json.at("name").get<std::string>();
  table.id = json.at("id").get<std::string>();
  if (json.contains("pivot_by")) {
    table.pivot_by = json.at("pivot_by").get<std::string>();
    table.periods = json.at("periods").get<std::vector<std::string>>();
    table.aggregate = json.at("aggregate").get<std::string>();
    table.several = json.at("several").get<bool>();
  }
  table.features = features_from(json.at("features"));
  table.values = features_from(json.at("values"));
  for (const auto& item : json.at("schema")) {
    table.schema.emplace_back(item.at("column").get<std::string>(), column_type(item.at("type")));
  }
  return table;
}

// A plan from a damaged file must not reach the SQL: all columns it names are in the schema.
void check(const FeaturePlan& plan) {
  const auto fail = [](const std::string& what) {
    throw Error(ErrorCode::kData, "feature plan", what, "save the model again with this program");
  };
  if (plan.tables.empty()) fail("it has no tables");
  for (const auto& table : plan.tables) {
    const auto need = [&](const std::string& name) {
      for (const auto& [column, type] : table.schema) {
        if (column == name) return;
      }
      fail("the table \"" + table.name + "\" names a column \"" + name +
           "\" that it does not read");
    };
    need(table.id);
    if (!table.pivot_by.empty()) need(table.pivot_by);
    for (const auto& feature : table.features) need(feature.column);
    for (const auto& value : table.values) need(value.column);
    if (&table == &plan.tables[0] && !plan.target.empty()) need(plan.target);
  }
}

}  // namespace

Json to_json(const FeaturePlan& plan) {
  Json json = {{"target", plan.target}, {"positive", plan.positive}, {"cohort", plan.cohort}};
  if (!plan.target_where.empty()) json["target_where"] = plan.target_where;
  if (!plan.target_each.empty()) json["target_each"] = plan.target_each;
  json["tables"] = Json::array();
  for (const auto& table : plan.tables) json["tables"].push_back(to_json(table));
  if (!plan.events.empty()) {
    json["cutoff"] = plan.cutoff.value_or(0);
    json["events"] = Json::array();
    for (const auto& events : plan.events) json["events"].push_back(to_json(events));
  }
  json["repairs"] = to_json(plan.repairs);
  json["notes"] = plan.notes;
  return json;
}

FeaturePlan feature_plan_from_json(const Json& json) {
  FeaturePlan plan;
  try {
    plan.target = json.at("target").get<std::string>();
    plan.positive = json.at("positive").get<std::string>();
    plan.cohort = json.at("cohort").get<std::string>();
    if (json.contains("target_where")) {
      plan.target_where = json.at("target_where").get<std::string>();
    }
    plan.target_each = json.value("target_each", "");
    for (const auto& table : json.at("tables")) plan.tables.push_back(table_from(table));
    if (json.contains("events")) {
      plan.cutoff = json.at("cutoff").get<double>();
      for (const auto& events : json.at("events")) {
        plan.events.push_back(event_plan_from_json(events));
      }
    }
    plan.repairs = repair_plan_from_json(json.at("repairs"));
    plan.notes = json.at("notes").get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kData, "feature plan", std::string("it is damaged: ") + error.what(),
                "save the model again with this program");
  }
  check(plan);
  return plan;
}

}  // namespace perennial
