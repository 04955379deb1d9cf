#include "base/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

const char* type_name(ParamType type) {
  switch (type) {
    case ParamType::kBool:
      return "true or false";
    case ParamType::kInt:
      return "integer";
    case ParamType::kReal:
      return "real";
    case ParamType::kText:
      return "text";
    case ParamType::kChoice:
      return "one of";
    case ParamType::kTextList:
      return "list of texts";
    case ParamType::kRealList:
      return "list of numbers";
  }
  return "";
}

bool is_numeric(ParamType type) {
  return type == ParamType::kInt || type == ParamType::kReal || type == ParamType::kRealList;
}

// " > 0", " from 0 to 1", " >= 1 and < 2": what may follow "integer" or "real".
std::string bounds_text(const ParamSpec& spec) {
  const bool low = std::isfinite(spec.min), high = std::isfinite(spec.max);
  if (low && high && !spec.min_open) {
    return fmt::format(" from {} to {}", number_text(spec.min), number_text(spec.max));
  }
  std::string text;
  if (low) text = fmt::format(" {} {}", spec.min_open ? ">" : ">=", number_text(spec.min));
  if (high) text += fmt::format("{} <= {}", low ? " and" : "", number_text(spec.max));
  return text;
}

std::string choices_text(const ParamSpec& spec, const char* mark) {
  std::string text;
  for (const std::string& choice : spec.choices) {
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", mark, choice, mark);
  }
  return text;
}

// "a real > 0": what a message says should have been there.
std::string wanted_text(const ParamSpec& spec) {
  if (spec.type == ParamType::kBool) return "true or false";
  if (spec.type == ParamType::kChoice) return "one of " + choices_text(spec, "\"");
  std::string text =
      fmt::format("{} {}{}", spec.type == ParamType::kInt ? "an" : "a", type_name(spec.type),
                  is_numeric(spec.type) ? bounds_text(spec) : "");
  if (!spec.choices.empty()) text += " out of " + choices_text(spec, "\"");
  return text;
}

[[noreturn]] void refuse(const ParamSpec& spec, const ParamValue& value, const std::string& where,
                         const std::string& tail = "") {
  throw Error(ErrorCode::kStudy, where,
              fmt::format("\"{}\" must be {}, not {}{}", spec.name, wanted_text(spec),
                          std::holds_alternative<std::monostate>(value)
                              ? "none"
                              : to_json(value).dump(-1, ' ', false, Json::error_handler_t::replace),
                          tail),
              spec.description);
}

bool in_bounds(const ParamSpec& spec, double v) {
  if (!std::isfinite(v)) return false;
  return (spec.min_open ? v > spec.min : v >= spec.min) && v <= spec.max;
}

void check_choice(const ParamSpec& spec, const std::string& item, const ParamValue& value,
                  const std::string& where) {
  if (std::ranges::find(spec.choices, item) == spec.choices.end()) {
    refuse(spec, value, where, did_you_mean(item, spec.choices));
  }
}

ParamValue checked_number(const ParamSpec& spec, const ParamValue& value,
                          const std::string& where) {
  const auto* whole = std::get_if<int64_t>(&value);
  if (spec.type == ParamType::kInt) {
    if (whole == nullptr || !in_bounds(spec, static_cast<double>(*whole)))
      refuse(spec, value, where);
    return value;
  }
  const auto* real = std::get_if<double>(&value);
  if (whole == nullptr && real == nullptr) refuse(spec, value, where);
  const double v = whole != nullptr ? static_cast<double>(*whole) : *real;
  if (!in_bounds(spec, v)) refuse(spec, value, where);
  return v;
}

ParamValue checked_text_list(const ParamSpec& spec, const ParamValue& value,
                             const std::string& where) {
  // An empty list of unknown item type arrives as a list of numbers.
  const auto* numbers = std::get_if<std::vector<double>>(&value);
  if (numbers != nullptr && numbers->empty()) return std::vector<std::string>{};
  const auto* items = std::get_if<std::vector<std::string>>(&value);
  if (items == nullptr) refuse(spec, value, where);
  if (!spec.choices.empty()) {
    for (const std::string& item : *items) check_choice(spec, item, value, where);
  }
  return value;
}

ParamValue checked_real_list(const ParamSpec& spec, const ParamValue& value,
                             const std::string& where) {
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  if (texts != nullptr && texts->empty()) return std::vector<double>{};
  const auto* items = std::get_if<std::vector<double>>(&value);
  if (items == nullptr) refuse(spec, value, where);
  for (const double item : *items) {
    if (!in_bounds(spec, item)) refuse(spec, value, where);
  }
  return value;
}

ParamValue value_from_json(const Json& json, const std::string& name) {
  if (json.is_null()) return std::monostate{};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer() &&
      !(json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{INT64_MAX})) {
    return json.get<int64_t>();
  }
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) {
    if (std::ranges::all_of(json, [](const Json& item) { return item.is_number(); })) {
      return json.get<std::vector<double>>();
    }
    if (std::ranges::all_of(json, [](const Json& item) { return item.is_string(); })) {
      return json.get<std::vector<std::string>>();
    }
  }
  throw Error(ErrorCode::kStudy, "", fmt::format("\"{}\" has a value of a wrong type", name));
}

}  // namespace

const ParamValue& Params::at(const std::string& name) const {
  const auto it = values_.find(name);
  if (it == values_.end()) {
    throw Error(ErrorCode::kInternal, "params", fmt::format("no parameter \"{}\"", name));
  }
  return it->second;
}

bool Params::get_bool(const std::string& name) const {
  const bool* v = std::get_if<bool>(&at(name));
  PERENNIAL_CHECK(v != nullptr);
  return *v;
}

int64_t Params::get_int(const std::string& name) const {
  const int64_t* v = std::get_if<int64_t>(&at(name));
  PERENNIAL_CHECK(v != nullptr);
  return *v;
}

double Params::get_real(const std::string& name) const {
  const ParamValue& value = at(name);
  if (const int64_t* whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
  const double* v = std::get_if<double>(&value);
  PERENNIAL_CHECK(v != nullptr);
  return *v;
}

const std::string& Params::get_text(const std::string& name) const {
  const std::string* v = std::get_if<std::string>(&at(name));
  PERENNIAL_CHECK(v != nullptr);
  return *v;
}

ParamValue checked(const ParamSpec& spec, const ParamValue& value, const std::string& where) {
  if (std::holds_alternative<std::monostate>(value)) {
    const bool optional =
        !spec.required && std::holds_alternative<std::monostate>(spec.default_value);
    if (!optional) refuse(spec, value, where);
    return value;
  }
  switch (spec.type) {
    case ParamType::kBool:
      if (!std::holds_alternative<bool>(value)) refuse(spec, value, where);
      return value;
    case ParamType::kInt:
    case ParamType::kReal:
      return checked_number(spec, value, where);
    case ParamType::kText:
      if (!std::holds_alternative<std::string>(value)) refuse(spec, value, where);
      return value;
    case ParamType::kChoice: {
      const auto* text = std::get_if<std::string>(&value);
      if (text == nullptr) refuse(spec, value, where);
      check_choice(spec, *text, value, where);
      return value;
    }
    case ParamType::kTextList:
      return checked_text_list(spec, value, where);
    case ParamType::kRealList:
      return checked_real_list(spec, value, where);
  }
  refuse(spec, value, where);
}

Params complete(std::span<const ParamSpec> specs, const Params& given, const std::string& where) {
  std::vector<std::string> names;
  for (const ParamSpec& spec : specs) names.push_back(spec.name);
  for (const auto& [name, value] : given.values()) {
    if (std::ranges::find(names, name) == names.end()) {
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("unknown key {}{}", quoted(name), did_you_mean(name, names)),
                  names.empty() ? "It takes no keys" : "Valid keys: " + join(names, ", "));
    }
  }
  Params all;
  for (const ParamSpec& spec : specs) {
    ParamValue value = spec.default_value;
    if (given.has(spec.name)) {
      value = checked(spec, given.values().at(spec.name), where);
    } else if (spec.required) {
      throw Error(ErrorCode::kStudy, where, fmt::format("the key \"{}\" is missing", spec.name),
                  spec.description);
    }
    if (!std::holds_alternative<std::monostate>(value)) all.set(spec.name, std::move(value));
  }
  return all;
}

Json to_json(const ParamValue& value) {
  return std::visit(
      [](const auto& v) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) {
          return nullptr;
        } else {
          return v;
        }
      },
      value);
}

Json to_json(const Params& params) {
  Json json = Json::object();
  for (const auto& [name, value] : params.values()) json[name] = to_json(value);
  return json;
}

Params params_from_json(std::span<const ParamSpec> specs, const Json& json) {
  if (!json.is_object()) {
    throw Error(ErrorCode::kStudy, "", "parameters must be a table of names and values");
  }
  Params given;
  for (const auto& [name, value] : json.items()) given.set(name, value_from_json(value, name));
  return complete(specs, given, "");
}

std::string to_text(const Params& params) {
  std::string text = "{";
  for (const auto& [name, value] : params.values()) {
    if (text.size() > 1) text += ",";
    text += Json(name).dump(-1, ' ', false, Json::error_handler_t::replace) + ":";
    const auto* real = std::get_if<double>(&value);
    text += real != nullptr && std::isfinite(*real)
                ? number_text(*real)
                : to_json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return text + "}";
}

std::string markdown_row(const ParamSpec& spec) {
  std::string type = type_name(spec.type);
  if (is_numeric(spec.type)) type += bounds_text(spec);
  if (spec.type == ParamType::kChoice) {
    type += " " + choices_text(spec, "`");
  } else if (!spec.choices.empty()) {
    type += " out of " + choices_text(spec, "`");
  }
  std::string value = spec.required ? "required" : "none";
  if (const auto* real = std::get_if<double>(&spec.default_value)) {
    value = number_text(*real);
  } else if (!std::holds_alternative<std::monostate>(spec.default_value)) {
    value = to_json(spec.default_value).dump();
  }
  const auto cell = [](const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
  };
  return fmt::format("| `{}` | {} | {} | {} |", spec.name, cell(type), cell(value),
                     cell(spec.description));
}

}  // namespace perennial
