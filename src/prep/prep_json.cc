// The preparation as JSON, and back with every check: a model file may be damaged or hostile.
#include <cmath>
#include <set>

#include "base/error.h"
#include "prep/prep.h"

namespace perennial {
namespace {

[[noreturn]] void damaged(const std::string& what) {
  throw Error(ErrorCode::kData, "the preparation in the model file", what,
              "Save the model again, with this version of the program");
}

const Json& member(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key)) damaged(std::string("there is no ") + key);
  return json.at(key);
}

double finite(const Json& json, const char* key) {
  const Json& value = member(json, key);
  const double number = value.is_number() ? value.get<double>() : kMissing;
  if (!std::isfinite(number)) damaged(std::string(key) + " is not a number");
  return number;
}

bool boolean(const Json& json, const char* key) {
  const Json& value = member(json, key);
  if (!value.is_boolean()) damaged(std::string(key) + " is neither true nor false");
  return value.get<bool>();
}

std::string text(const Json& json, const char* key) {
  const Json& value = member(json, key);
  if (!value.is_string()) damaged(std::string(key) + " is not text");
  return value.get<std::string>();
}

const Json& array(const Json& json, const char* key) {
  const Json& value = member(json, key);
  if (!value.is_array()) damaged(std::string(key) + " is not a list");
  return value;
}

}  // namespace

Json FittedPrep::to_json() const {
  Json columns = Json::array();
  for (const FittedColumn& c : columns_) {
    Json json = {{"name", c.name}, {"type", c.is_text ? "text" : "number"}};
    if (c.is_text) {
      json["categories"] = c.categories;
      json["missing_category"] = c.missing_category;
      json["drop_first"] = c.first_kept == 1;
    } else {
      json["shift"] = c.shift;
      json["scale"] = c.scale;
      json["fill"] = c.fill;
      json["keep_missing"] = c.keep_missing;
      json["indicator"] = c.indicator;
    }
    columns.push_back(std::move(json));
  }
  return {{"encode", encode_}, {"columns", std::move(columns)}};
}

FittedPrep FittedPrep::from_json(const Json& json) {
  FittedPrep prep;
  prep.encode_ = text(json, "encode");
  if (prep.encode_ != "one_hot" && prep.encode_ != "ordinal" && prep.encode_ != "label") {
    damaged("the encoding is unknown");
  }
  for (const Json& from : array(json, "columns")) {
    FittedColumn column;
    column.name = text(from, "name");
    const std::string type = text(from, "type");
    if (type != "text" && type != "number") damaged("the type of a column is unknown");
    column.is_text = type == "text";
    if (column.is_text) {
      std::set<std::string> distinct;
      for (const Json& category : array(from, "categories")) {
        if (!category.is_string()) damaged("a category is not text");
        column.categories.push_back(category.get<std::string>());
      }
      column.missing_category = boolean(from, "missing_category");
      column.first_kept = boolean(from, "drop_first") ? 1 : 0;
      const size_t least = column.missing_category || column.first_kept == 1 ? 1 : 0;
      if (column.categories.size() < least) damaged("a column has too few categories");
      const size_t known = column.categories.size() - (column.missing_category ? 1 : 0);
      distinct.insert(column.categories.begin(),
                      column.categories.begin() + static_cast<ptrdiff_t>(known));
      if (distinct.size() != known) damaged("a category appears twice");
    } else {
      column.shift = finite(from, "shift");
      column.scale = finite(from, "scale");
      column.fill = finite(from, "fill");
      if (column.scale <= 0) damaged("a scale is not positive");
      column.keep_missing = boolean(from, "keep_missing");
      column.indicator = boolean(from, "indicator");
    }
    prep.columns_.push_back(std::move(column));
  }
  prep.lay_out();
  return prep;
}

}  // namespace perennial
