#include "run/read_json.h"

namespace perennial {
namespace {

void put(Json& json, const char* key, const std::optional<char>& value) {
  if (value) json[key] = std::string(1, *value);
}

std::optional<char> one_char(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  const std::string text = json.at(key).get<std::string>();
  if (text.empty()) return std::nullopt;
  return text[0];
}

}  // namespace

Json to_json(const ReadOptions& o) {
  Json json = {{"files", o.files}};
  put(json, "separator", o.separator);
  put(json, "decimal", o.decimal);
  put(json, "quote", o.quote);
  if (o.encoding) json["encoding"] = *o.encoding;
  if (o.header) json["header"] = *o.header;
  if (!o.names.empty()) json["names"] = o.names;
  if (!o.missing.empty()) json["missing"] = o.missing;
  if (!o.types.empty()) json["types"] = o.types;
  if (!o.calendar.empty()) json["calendar"] = o.calendar;
  if (o.keep_markers) json["keep_markers"] = true;
  return json;
}

ReadOptions read_options_from_json(const Json& json) {
  ReadOptions o;
  o.files = json.at("files").get<std::vector<std::string>>();
  o.separator = one_char(json, "separator");
  o.decimal = one_char(json, "decimal");
  o.quote = one_char(json, "quote");
  if (json.contains("encoding")) o.encoding = json.at("encoding").get<std::string>();
  if (json.contains("header")) o.header = json.at("header").get<bool>();
  if (json.contains("names")) o.names = json.at("names").get<std::vector<std::string>>();
  if (json.contains("missing")) o.missing = json.at("missing").get<std::vector<std::string>>();
  if (json.contains("types")) {
    o.types = json.at("types").get<std::map<std::string, std::string>>();
  }
  if (json.contains("calendar")) {
    o.calendar = json.at("calendar").get<std::map<std::string, std::vector<std::string>>>();
  }
  o.keep_markers = json.value("keep_markers", false);
  return o;
}

}  // namespace perennial
