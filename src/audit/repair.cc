// Findings and repairs as JSON, as TOML and as sentences.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/audit.h"
#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

struct KindName {
  Repair::Kind kind;
  const char* name;
};

constexpr std::array<KindName, 9> kKindNames{{
    {Repair::Kind::kReplaceValues, "replace-values"},
    {Repair::Kind::kTrim, "trim"},
    {Repair::Kind::kParseNumber, "parse-number"},
    {Repair::Kind::kRenameColumns, "rename-columns"},
    {Repair::Kind::kDropRows, "drop-rows"},
    {Repair::Kind::kDropCustomers, "drop-customers"},
    {Repair::Kind::kMissingRows, "missing-rows"},
    {Repair::Kind::kDropDuplicates, "drop-duplicates"},
    {Repair::Kind::kIgnoreColumn, "ignore-column"},
}};

const char* name_of(Repair::Kind kind) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == kind) return entry.name;
  }
  return "";
}

Repair::Kind kind_of(const std::string& name) {
  for (const KindName& entry : kKindNames) {
    if (name == entry.name) return entry.kind;
  }
  throw Error(ErrorCode::kData, "repair plan", fmt::format("unknown repair {}", quoted(name)),
              "Was it written by a newer version?");
}

// A TOML basic string.
std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\u{:04X}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string toml_map(const std::vector<std::pair<std::string, std::string>>& map) {
  std::vector<std::string> parts;
  for (const auto& [from, to] : map) {
    parts.push_back(fmt::format("{} = {}", toml_text(from), toml_text(to)));
  }
  return fmt::format("{{ {} }}", join(parts, ", "));
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) parts.push_back(toml_text(text));
  return "[" + join(parts, ", ") + "]";
}

std::string what_to_do(const Repair& repair) {
  const auto where = [&](const char* drop) {
    return fmt::format("where = {}\ndrop = \"{}\"\n", toml_text(repair.where), drop);
  };
  switch (repair.kind) {
    case Repair::Kind::kReplaceValues:
      return fmt::format("replace = {}\n", toml_map(repair.map));
    case Repair::Kind::kTrim:
      return "trim = true\n";
    case Repair::Kind::kParseNumber:
      return fmt::format("decimal = \"{}\"\n", repair.decimal) +
             (repair.remove.empty() ? "" : fmt::format("remove = {}\n", toml_list(repair.remove)));
    case Repair::Kind::kRenameColumns:
      return fmt::format("rename = {}\n", toml_map(repair.map));
    case Repair::Kind::kDropRows:
      return where("row");
    case Repair::Kind::kDropCustomers:
      return where("customer");
    case Repair::Kind::kMissingRows:
      return where("value");
    case Repair::Kind::kDropDuplicates:
      return "drop = \"duplicates\"\n";
    case Repair::Kind::kIgnoreColumn:
      return "ignore = true\n";
  }
  return "";
}

std::string described_map(const std::vector<std::pair<std::string, std::string>>& map,
                          const char* link) {
  std::vector<std::string> parts;
  for (const auto& [from, to] : map) parts.push_back(fmt::format("«{}» {} «{}»", from, link, to));
  return join(parts, ", ");
}

// Repairs of values come before those that look at values; names change last, because all others
// speak of columns as the file names them.
int rank_of(Repair::Kind kind) {
  switch (kind) {
    case Repair::Kind::kTrim:
      return 0;
    case Repair::Kind::kReplaceValues:
      return 1;
    case Repair::Kind::kParseNumber:
      return 2;
    case Repair::Kind::kMissingRows:
      return 3;
    case Repair::Kind::kDropDuplicates:
      return 4;
    case Repair::Kind::kDropRows:
      return 5;
    case Repair::Kind::kDropCustomers:
      return 6;
    case Repair::Kind::kIgnoreColumn:
      return 7;
    case Repair::Kind::kRenameColumns:
      return 8;
  }
  return 9;
}

std::string text_at(const Json& json, const char* key) {
  if (!json.contains(key)) return "";
  if (!json.at(key).is_string()) {
    throw Error(ErrorCode::kData, "repair plan", fmt::format("\"{}\" is not text", key));
  }
  return json.at(key).get<std::string>();
}

Repair repair_from_json(const Json& json) {
  if (!json.is_object()) {
    throw Error(ErrorCode::kData, "repair plan", "a repair is not an object");
  }
  Repair repair{.kind = kind_of(text_at(json, "kind")),
                .table = text_at(json, "table"),
                .column = text_at(json, "column"),
                .where = text_at(json, "where")};
  if (json.contains("map")) {
    const Json& map = json.at("map");
    if (!map.is_array()) throw Error(ErrorCode::kData, "repair plan", "\"map\" is not a list");
    for (const Json& pair : map) {
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
        throw Error(ErrorCode::kData, "repair plan", "\"map\" holds something else than pairs");
      }
      repair.map.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    }
  }
  if (json.contains("remove")) {
    if (!json.at("remove").is_array()) {
      throw Error(ErrorCode::kData, "repair plan", "\"remove\" is not a list");
    }
    for (const Json& part : json.at("remove")) {
      if (!part.is_string() || part.get<std::string>().empty()) {
        throw Error(ErrorCode::kData, "repair plan", "\"remove\" holds something else than texts");
      }
      repair.remove.push_back(part.get<std::string>());
    }
  }
  const std::string decimal = text_at(json, "decimal");
  if (!decimal.empty()) repair.decimal = decimal[0];
  return repair;
}

// The whole part of a number without its thousands marks; empty where they do not part groups of
// three digits.
std::string ungrouped(std::string_view whole, char mark) {
  const size_t sign = !whole.empty() && (whole[0] == '+' || whole[0] == '-') ? 1 : 0;
  std::string plain(whole.substr(0, sign));
  size_t group = 0;
  bool first = true;
  for (const char c : whole.substr(sign)) {
    if (c != mark) {
      plain += c;
      ++group;
      continue;
    }
    if (first ? group < 1 || group > 3 : group != 3) return "";
    first = false;
    group = 0;
  }
  return group == 3 ? plain : "";
}

}  // namespace

char thousands_mark(const Repair& repair) {
  for (const std::string& part : repair.remove) {
    if ((part == "." || part == ",") && part[0] != repair.decimal) return part[0];
  }
  return 0;
}

std::optional<double> repaired_number(std::string text, const Repair& repair) {
  const char mark = thousands_mark(repair);
  for (const std::string& part : repair.remove) {
    if (mark == 0 || part != std::string(1, mark)) text = without(std::move(text), part);
  }
  const size_t end = std::min(text.find(repair.decimal), text.find_first_of("eE"));
  const std::string_view whole = std::string_view(text).substr(0, end);
  if (mark == 0 || whole.find(mark) == std::string_view::npos) {
    return parse_number(text, repair.decimal);
  }
  const std::string plain = ungrouped(whole, mark);
  if (plain.empty()) return std::nullopt;
  return parse_number(plain + text.substr(std::min(end, text.size())), repair.decimal);
}

Json to_json(const Repair& repair) {
  Json json;
  json["kind"] = name_of(repair.kind);
  json["table"] = repair.table;
  if (!repair.column.empty()) json["column"] = repair.column;
  if (!repair.map.empty()) {
    // Pairs, because the order matters and an object would merge equal keys.
    Json map = Json::array();
    for (const auto& [from, to] : repair.map) map.push_back(Json::array({from, to}));
    json["map"] = std::move(map);
  }
  if (!repair.where.empty()) json["where"] = repair.where;
  if (repair.kind == Repair::Kind::kParseNumber) json["decimal"] = std::string(1, repair.decimal);
  if (!repair.remove.empty()) json["remove"] = repair.remove;
  return json;
}

Json to_json(const RepairPlan& plan) {
  Json json = Json::array();
  for (const Repair& step : plan.steps) json.push_back(to_json(step));
  return json;
}

RepairPlan repair_plan_from_json(const Json& json) {
  if (!json.is_array()) throw Error(ErrorCode::kData, "repair plan", "it is not a list");
  RepairPlan plan;
  for (const Json& step : json) plan.steps.push_back(repair_from_json(step));
  return plan;
}

std::string to_toml(const Repair& repair) {
  std::string text = fmt::format("[[repair]]\ntable = {}\n", toml_text(repair.table));
  if (!repair.column.empty()) text += fmt::format("column = {}\n", toml_text(repair.column));
  return text + what_to_do(repair);
}

std::string describe(const Repair& repair) {
  const std::string column = fmt::format("{}.{}", repair.table, repair.column);
  switch (repair.kind) {
    case Repair::Kind::kReplaceValues:
      return fmt::format("in {}, replace {}", column, described_map(repair.map, "by"));
    case Repair::Kind::kTrim:
      return fmt::format("in {}, remove blanks at the ends", column);
    case Repair::Kind::kParseNumber:
      return fmt::format(
          "read {} as numbers with a decimal {}{}", column,
          repair.decimal == ',' ? "comma" : "point",
          repair.remove.empty() ? "" : fmt::format(", without «{}»", join(repair.remove, "», «")));
    case Repair::Kind::kRenameColumns:
      return fmt::format("in {}, rename {}", repair.table, described_map(repair.map, "to"));
    case Repair::Kind::kDropRows:
      return fmt::format("in {}, leave out rows where {}", repair.table, repair.where);
    case Repair::Kind::kDropCustomers:
      return fmt::format("leave out customers with a row in {} where {}", repair.table,
                         repair.where);
    case Repair::Kind::kMissingRows:
      return fmt::format("take {} as missing where {}", column, repair.where);
    case Repair::Kind::kDropDuplicates:
      return fmt::format("in {}, keep equal rows once", repair.table);
    case Repair::Kind::kIgnoreColumn:
      return fmt::format("do not use {}", column);
  }
  return "";
}

const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

Json to_json(const Finding& finding) {
  Json json;
  json["kind"] = finding.kind;
  json["severity"] = to_string(finding.severity);
  json["table"] = finding.table;
  json["column"] = finding.column;
  json["rows"] = finding.rows;
  json["examples"] = Json::array();
  for (const Example& example : finding.examples) {
    Json one;
    one["file"] = example.file;
    one["line"] = example.line;
    one["value"] = example.value;
    json["examples"].push_back(std::move(one));
  }
  json["message"] = finding.message;
  if (!finding.facts.empty()) json["facts"] = finding.facts;
  json["confidence"] = finding.confidence;
  json["repair"] = Json::array();
  for (const Repair& repair : finding.repair) json["repair"].push_back(to_json(repair));
  json["applied"] = finding.applied;
  return json;
}

RepairPlan safe_repairs(std::vector<Finding>& findings) {
  RepairPlan plan;
  for (Finding& finding : findings) {
    if (!finding.safe || finding.repair.empty()) continue;
    finding.applied = true;
    for (const Repair& repair : finding.repair) {
      // Two findings may ask for the same thing; a table needs it once.
      if (std::find(plan.steps.begin(), plan.steps.end(), repair) == plan.steps.end()) {
        plan.steps.push_back(repair);
      }
    }
  }
  std::stable_sort(plan.steps.begin(), plan.steps.end(), [](const Repair& a, const Repair& b) {
    return rank_of(a.kind) < rank_of(b.kind);
  });
  return plan;
}

}  // namespace perennial
