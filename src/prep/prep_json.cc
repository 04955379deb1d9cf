// The preparation as JSON, and back with every check: a model file may be damaged or hostile.
#include <algorithm>
#include <cmath>
#include <functional>
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

bool ascending(const std::vector<double>& values) {
  return std::is_sorted(values.begin(), values.end());
}

std::vector<double> numbers(const Json& json, const char* key) {
  std::vector<double> out;
  for (const Json& value : array(json, key)) {
    const double number = value.is_number() ? value.get<double>() : kMissing;
    if (!std::isfinite(number)) damaged(std::string(key) + " holds what is no number");
    out.push_back(number);
  }
  return out;
}

// Distinct texts.
std::vector<std::string> texts(const Json& json, const char* key) {
  std::vector<std::string> out;
  for (const Json& value : array(json, key)) {
    if (!value.is_string()) damaged(std::string(key) + " holds what is no text");
    out.push_back(value.get<std::string>());
  }
  if (std::set<std::string>(out.begin(), out.end()).size() != out.size()) {
    damaged(std::string(key) + " holds a text twice");
  }
  return out;
}

Json curve_json(const Curve& curve) {
  Json out = Json::object();
  if (curve.warp == "quantile") out = {{"warp", curve.warp}, {"quantiles", curve.quantiles}};
  if (curve.warp == "power") {
    out = {{"warp", curve.warp},
           {"lambda", curve.lambda},
           {"center", curve.center},
           {"spread", curve.spread}};
  }
  if (curve.basis != "linear") {
    out["basis"] = curve.basis;
    out["knots"] = curve.knots;
  }
  return out;
}

Curve curve_from_json(const Json& json) {
  Curve out;
  if (json.is_object() && json.contains("warp")) {
    out.warp = text(json, "warp");
    if (out.warp == "quantile") {
      out.quantiles = numbers(json, "quantiles");
      if (out.quantiles.size() < 2 || !ascending(out.quantiles)) damaged("quantiles do not rise");
    } else if (out.warp == "power") {
      out.lambda = finite(json, "lambda");
      out.center = finite(json, "center");
      out.spread = finite(json, "spread");
      if (out.spread <= 0) damaged("a spread is not positive");
    } else {
      damaged("a transformation of numbers is unknown");
    }
  }
  if (json.is_object() && json.contains("basis")) {
    out.basis = text(json, "basis");
    if (out.basis != "bins" && out.basis != "splines") damaged("a basis is unknown");
    out.knots = numbers(json, "knots");
    const bool rise = std::adjacent_find(out.knots.begin(), out.knots.end(),
                                         std::greater_equal<>()) == out.knots.end();
    if (out.knots.size() < 2 || !rise) damaged("knots do not rise");
  }
  return out;
}

// Preparations that this program can replay; the first had none of the later keys.
constexpr int64_t kPlainVersion = 1, kVersion = 2;

}  // namespace

bool FittedPrep::plain() const {
  const auto is_plain = [](const FittedColumn& c) {
    return c.rare.empty() && !c.is_set() && c.curve.plain();
  };
  return !interactions_ && encode_ != "target" &&
         std::all_of(columns_.begin(), columns_.end(), is_plain);
}

Json FittedPrep::to_json() const {
  Json columns = Json::array();
  for (const FittedColumn& c : columns_) {
    Json json = {{"name", c.name}, {"type", c.is_text ? "text" : "number"}};
    if (c.is_text) {
      json["categories"] = c.categories;
      json["missing_category"] = c.missing_category;
      json["drop_first"] = c.first_kept == 1;
      if (!c.rare.empty()) json["rare"] = c.rare;
      if (c.is_set()) json["separator"] = c.separator;
      if (!c.codes.empty()) json["codes"] = c.codes;
    } else {
      json["shift"] = c.shift;
      json["scale"] = c.scale;
      json["fill"] = c.fill;
      json["keep_missing"] = c.keep_missing;
      json["indicator"] = c.indicator;
      if (!c.curve.plain()) json["curve"] = curve_json(c.curve);
    }
    columns.push_back(std::move(json));
  }
  Json out = {{"encode", encode_}, {"columns", std::move(columns)}};
  // Programs that know the plain preparation alone must not misread another.
  if (!plain()) out["version"] = kVersion;
  if (interactions_) out["interactions"] = true;
  if (encode_ == "target") out["classes"] = coded_classes_;
  return out;
}

FittedPrep FittedPrep::from_json(const Json& json) {
  FittedPrep prep;
  prep.encode_ = text(json, "encode");
  static const std::set<std::string> kEncodings = {"one_hot", "ordinal", "label", "target"};
  if (!kEncodings.contains(prep.encode_)) damaged("the encoding is unknown");
  if (json.contains("version")) {
    const double version = finite(json, "version");
    if (version < kPlainVersion || version > kVersion) {
      throw Error(ErrorCode::kData, "the preparation in the model file",
                  "it was written by a later version of the program",
                  "Score with that version, or fit the model again");
    }
  }
  if (json.contains("interactions")) prep.interactions_ = boolean(json, "interactions");
  if (prep.encode_ == "target") {
    prep.coded_classes_ = texts(json, "classes");
    const size_t given = prep.coded_classes_.size();
    if (given == 0 || given == 2) damaged("the classes are not those of a target");
  }
  const size_t coded = prep.coded_classes_.size();
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
      if (from.contains("rare")) column.rare = texts(from, "rare");
      if (from.contains("separator")) column.separator = text(from, "separator");
      if (from.contains("separator") && column.separator.size() != 1) damaged("a sign is too long");
      const size_t places = (column.rare.empty() ? 0 : 1) + (column.missing_category ? 1 : 0);
      if (column.categories.size() < places) damaged("a column has too few categories");
      const size_t known = column.known();
      if (prep.encode_ == "target" && !column.is_set()) {
        column.codes = numbers(from, "codes");
        if (column.codes.size() != (column.categories.size() + 1) * (coded == 1 ? 2 : coded)) {
          damaged("the codes do not fit the categories");
        }
      }
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
      if (from.contains("curve")) column.curve = curve_from_json(member(from, "curve"));
    }
    prep.columns_.push_back(std::move(column));
  }
  prep.lay_out();
  return prep;
}

}  // namespace perennial
