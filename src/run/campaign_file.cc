#include "run/campaign_file.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "base/text.h"
#include "table/read.h"

namespace perennial {
namespace {

constexpr int kFormat = 1;

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kData, where, what, hint);
}

Json read_json_file(const fs::path& path) {
  const std::string bytes = read_file(path);
  Json json = Json::parse(bytes, nullptr, false);
  if (!json.is_object() || !json.contains("format") || !json.contains("csv_hash")) {
    fail(path.string(), "this is not a campaign",
         "Give the campaign.json that perennial run wrote, with campaign.csv beside it");
  }
  if (json["format"] != kFormat) {
    fail(path.string(), fmt::format("campaigns of format {} are not known", json["format"].dump()),
         "Use the version of perennial that wrote it, or a newer one");
  }
  return json;
}

std::string text_of(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

double real_of(const Json& json, const char* key, double otherwise) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>() : otherwise;
}

std::vector<CampaignOffer> offers_of(const Json& json) {
  std::vector<CampaignOffer> out;
  if (!json.contains("offers") || !json["offers"].is_array()) return out;
  for (const Json& o : json["offers"]) {
    if (!o.is_object()) continue;
    out.push_back({.name = text_of(o, "name"), .points = text_of(o, "effect_is") == "points"});
  }
  return out;
}

std::vector<CampaignStratum> strata_of(const Json& json) {
  std::vector<CampaignStratum> out;
  if (!json.contains("strata") || !json["strata"].is_array()) return out;
  for (const Json& s : json["strata"]) {
    if (!s.is_object()) continue;
    out.push_back({.segment = text_of(s, "segment"),
                   .offer = text_of(s, "offer"),
                   .smallest_effect = real_of(s, "smallest_effect", 1)});
  }
  return out;
}

class Columns {
 public:
  Columns(const Table& table, std::string file) : table_(table), file_(std::move(file)) {}

  const Column& named(const std::string& name) const {
    for (const Column& c : table_.columns) {
      if (c.name == name) return c;
    }
    fail(file_, fmt::format("the column {} is missing", quoted(name)),
         "Use campaign.csv as it was written");
  }
  double number(const Column& column, size_t row) const {
    if (column.missing(row)) return kMissing;
    const auto value = column.is_text() ? parse_number(column.value_text(row))
                                        : std::optional<double>(column.numbers[row]);
    if (value) return *value;
    const Example place = table_.example(row, column.value_text(row));
    fail(fmt::format("{}:{}, column {}", place.file, place.line, quoted(column.name)),
         quoted(place.value) + " is not a number", "Use campaign.csv as it was written");
  }

 private:
  const Table& table_;
  std::string file_;
};

void check_row(const CampaignRow& row, const Example& place) {
  const std::string where = fmt::format("{}:{}", place.file, place.line);
  if (row.arm != "offer" && row.arm != "control" && row.arm != "none") {
    fail(where + ", column \"arm\"", fmt::format("there is no arm {}", quoted(row.arm)),
         "Arms are offer, control and none");
  }
  if (row.arm != "none" && !(row.propensity > 0 && row.propensity <= 1)) {
    fail(where + ", column \"propensity\"", "the chance of getting the offer is not known",
         "It is above 0 and at most 1 for whoever was chosen");
  }
}

void read_rows(const Table& table, const std::string& file, Campaign& out) {
  const Columns columns(table, file);
  const Column &id = columns.named(out.id_name), &segment = columns.named("segment"),
               &offer = columns.named("offer"), &arm = columns.named("arm"),
               &propensity = columns.named("propensity"), &score = columns.named("score"),
               &value = columns.named("value"), &cost = columns.named("cost");
  std::set<std::string> seen;
  for (size_t i = 0; i < table.rows(); ++i) {
    CampaignRow row{.id = id.value_text(i),
                    .segment = segment.value_text(i),
                    .offer = offer.value_text(i),
                    .arm = arm.value_text(i),
                    .propensity = columns.number(propensity, i),
                    .score = columns.number(score, i),
                    .value = columns.number(value, i),
                    .cost = columns.number(cost, i)};
    const Example place = table.example(i, row.id);
    check_row(row, place);
    if (!seen.insert(row.id).second) {
      fail(fmt::format("{}:{}", place.file, place.line),
           fmt::format("the customer {} stands twice", quoted(row.id)),
           "Use campaign.csv as it was written");
    }
    out.rows.push_back(std::move(row));
  }
}

}  // namespace

Campaign read_campaign(const fs::path& json_path, const Workers& workers) {
  const Json json = read_json_file(json_path);
  Campaign out{.study = text_of(json, "study"),
               .question = text_of(json, "question"),
               .id_name = text_of(json, "id"),
               .target = text_of(json, "target"),
               .positive = text_of(json, "positive"),
               .aim = text_of(json, "aim"),
               .alpha = real_of(json, "alpha", 0.05),
               .power = real_of(json, "power", 0.8),
               .offers = offers_of(json),
               .strata = strata_of(json)};
  if (out.aim.empty()) out.aim = "avoid";
  if (out.aim != "avoid" && out.aim != "reach") {
    fail(json_path.string() + ", key \"aim\"", quoted(out.aim) + " is no aim",
         "It is avoid or reach");
  }
  if (!(out.alpha > 0 && out.alpha < 1 && out.power > 0 && out.power < 1)) {
    fail(json_path.string(), "alpha and power are not between 0 and 1",
         "Use campaign.json as it was written");
  }
  const fs::path csv = json_path.parent_path() / "campaign.csv";
  if (sha256_hex(read_file(csv)) != json["csv_hash"]) {
    fail(csv.string(), "the file is not as it was when the campaign was drawn",
         "Take it back as it was written: who is in which group must be fixed before outcomes are "
         "known");
  }
  ReadOptions read{.files = {csv.string()}, .separator = ',', .decimal = '.', .header = true};
  read.types = {{out.id_name, "text"}, {"segment", "text"}, {"offer", "text"}, {"arm", "text"}};
  read.keep_markers = true;
  read_rows(read_table("campaign", {}, read, workers), csv.string(), out);
  return out;
}

}  // namespace perennial
