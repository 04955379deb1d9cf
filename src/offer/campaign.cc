#include "offer/campaign.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "offer/messages.h"

namespace perennial {
namespace {

constexpr std::array<const char*, 11> kColumns = {
    "segment", "offer",        "channel",      "arm",           "propensity", "score",
    "value",   "expected_low", "expected_mid", "expected_high", "cost"};

std::string text_cell(const std::string& text) { return csv_field(guarded(text)); }

void add_row(std::string& out, const CampaignRow& row) {
  out += text_cell(row.id);
  for (const std::string* text : {&row.segment, &row.offer, &row.channel, &row.arm}) {
    out += "," + text_cell(*text);
  }
  for (const double number : {row.propensity, row.score, row.value, row.expected_low,
                              row.expected_mid, row.expected_high, row.cost}) {
    out += "," + number_text(number);
  }
  out += "\n";
}

[[noreturn]] void not_a_campaign(const std::string& where, const std::string& what) {
  throw Error(ErrorCode::kData, where, what,
              "Give the campaign.json that `perennial run` wrote, with campaign.csv beside it");
}

// Records of a CSV after RFC 4180, each with its line.
struct Record {
  int64_t line = 1;
  std::vector<std::string> cells;
};

std::vector<Record> records(std::string_view text, const std::string& where) {
  std::vector<Record> out;
  int64_t line = 1;
  for (size_t i = 0; i < text.size();) {
    Record record{.line = line};
    for (bool more = true; more;) {
      std::string cell;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i >= text.size()) not_a_campaign(where, "a quote is not closed");
          if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"')) break;
          if (text[i] == '"') ++i;
          line += text[i] == '\n';
          cell += text[i];
        }
        ++i;
      } else {
        while (i < text.size() && text[i] != ',' && text[i] != '\n' && text[i] != '\r') {
          cell += text[i++];
        }
      }
      record.cells.push_back(std::move(cell));
      more = i < text.size() && text[i] == ',';
      if (more) ++i;
    }
    if (i < text.size() && text[i] == '\r') ++i;
    if (i < text.size() && text[i] != '\n') {
      not_a_campaign(fmt::format("{}:{}", where, line), "text stands behind a closing quote");
    }
    ++i;
    ++line;
    out.push_back(std::move(record));
  }
  return out;
}

CampaignRow row_of(const Record& record, const std::string& file) {
  const std::string where = fmt::format("{}:{}", file, record.line);
  if (record.cells.size() != kColumns.size() + 1) {
    not_a_campaign(where, fmt::format("the row has {} cells in place of {}", record.cells.size(),
                                      kColumns.size() + 1));
  }
  std::array<double, 7> numbers{};
  for (size_t k = 0; k < numbers.size(); ++k) {
    const auto number = parse_number(record.cells[5 + k]);
    if (!number) {
      not_a_campaign(fmt::format("{}, column {}", where, quoted(kColumns[4 + k])),
                     fmt::format("{} is not a number", quoted(record.cells[5 + k])));
    }
    numbers[k] = *number;
  }
  const std::string& arm = record.cells[4];
  if (arm != "offer" && arm != "control" && arm != "none") {
    not_a_campaign(where + ", column \"arm\"", fmt::format("there is no arm {}", quoted(arm)));
  }
  return {.id = unguarded(record.cells[0]),
          .segment = unguarded(record.cells[1]),
          .offer = unguarded(record.cells[2]),
          .channel = unguarded(record.cells[3]),
          .arm = arm,
          .propensity = numbers[0],
          .score = numbers[1],
          .value = numbers[2],
          .expected_low = numbers[3],
          .expected_mid = numbers[4],
          .expected_high = numbers[5],
          .cost = numbers[6]};
}

Json offer_json(const CampaignOffer& o) {
  return {{"name", o.name},
          {"channel", o.channel},
          {"template", o.message},
          {"cost", o.cost},
          {"cost_share", o.cost_share},
          {"fixed_cost", o.fixed_cost},
          {"effect", {o.effect.low, o.effect.mid, o.effect.high}},
          {"effect_is", o.points ? "points" : "relative"}};
}

std::string text_of(const Json& j, const char* key) { return j.at(key).get<std::string>(); }
double number_of(const Json& j, const char* key) { return j.at(key).get<double>(); }

CampaignOffer offer_of(const Json& j) {
  const auto effect = j.at("effect").get<std::array<double, 3>>();
  return {.name = text_of(j, "name"),
          .channel = text_of(j, "channel"),
          .message = text_of(j, "template"),
          .cost = number_of(j, "cost"),
          .cost_share = number_of(j, "cost_share"),
          .fixed_cost = number_of(j, "fixed_cost"),
          .effect = {.low = effect[0], .mid = effect[1], .high = effect[2]},
          .points = text_of(j, "effect_is") == "points"};
}

Json stratum_json(const CampaignStratum& s) {
  return {{"segment", s.segment}, {"offer", s.offer}, {"chosen", s.chosen},
          {"control", s.control}, {"share", s.share}, {"smallest_effect", s.smallest_effect}};
}

CampaignStratum stratum_of(const Json& j) {
  return {.segment = text_of(j, "segment"),
          .offer = text_of(j, "offer"),
          .chosen = j.at("chosen").get<int64_t>(),
          .control = j.at("control").get<int64_t>(),
          .share = number_of(j, "share"),
          .smallest_effect = number_of(j, "smallest_effect")};
}

Campaign head_of(const Json& j) {
  Campaign out{.format = j.at("format").get<int>(),
               .study = text_of(j, "study"),
               .question = text_of(j, "question"),
               .model_hash = text_of(j, "model"),
               .study_hash = text_of(j, "study_hash"),
               .program_version = text_of(j, "program_version"),
               .seed = j.at("seed").get<uint64_t>(),
               .created = j.contains("created") ? text_of(j, "created") : "",
               .target = text_of(j, "target"),
               .positive = text_of(j, "positive"),
               .id_name = text_of(j, "id"),
               .aim = text_of(j, "aim"),
               .unit = text_of(j, "unit"),
               .alpha = number_of(j, "alpha"),
               .power = number_of(j, "power")};
  for (const Json& offer : j.at("offers")) out.offers.push_back(offer_of(offer));
  for (const Json& stratum : j.at("strata")) out.strata.push_back(stratum_of(stratum));
  return out;
}

Campaign head_from(const fs::path& path, std::string& csv_hash) {
  const std::string where = path.string();
  const Json json = Json::parse(read_file(path), nullptr, false);
  if (!json.is_object() || !json.contains("format") || !json.contains("csv_hash")) {
    not_a_campaign(where, "this is not the file of a campaign");
  }
  if (!json["format"].is_number_integer()) {
    not_a_campaign(where, "this is not the file of a campaign");
  }
  if (json["format"].get<int>() > kCampaignFormat) {
    throw Error(
        ErrorCode::kData, where, "the campaign was written by a newer program",
        fmt::format("This one knows the format {}: take the newer program", kCampaignFormat));
  }
  try {
    csv_hash = text_of(json, "csv_hash");
    return head_of(json);
  } catch (const Json::exception& error) {
    not_a_campaign(where, fmt::format("the campaign cannot be read ({})", error.what()));
  }
}

}  // namespace

std::string campaign_csv(const Campaign& campaign) {
  std::string out = text_cell(campaign.id_name);
  for (const char* column : kColumns) out += std::string(",") + column;
  out += "\n";
  for (const CampaignRow& row : campaign.rows) add_row(out, row);
  return out;
}

std::string campaign_json(const Campaign& c, const std::string& csv) {
  Json out = {
      {"format", c.format},    {"study", c.study},           {"question", c.question},
      {"model", c.model_hash}, {"study_hash", c.study_hash}, {"program_version", c.program_version},
      {"seed", c.seed}};
  if (!c.created.empty()) out["created"] = c.created;
  out["target"] = c.target;
  out["positive"] = c.positive;
  out["id"] = c.id_name;
  out["aim"] = c.aim;
  out["unit"] = c.unit;
  out["alpha"] = c.alpha;
  out["power"] = c.power;
  out["offers"] = Json::array();
  for (const CampaignOffer& offer : c.offers) out["offers"].push_back(offer_json(offer));
  out["strata"] = Json::array();
  for (const CampaignStratum& stratum : c.strata) out["strata"].push_back(stratum_json(stratum));
  out["csv_hash"] = sha256_hex(csv);
  return json_text(out);
}

Campaign read_campaign(const fs::path& json) {
  std::string hash;
  Campaign out = head_from(json, hash);
  const fs::path file = json.parent_path() / "campaign.csv";
  const std::string csv = read_file(file);
  if (sha256_hex(csv) != hash) {
    throw Error(ErrorCode::kData, file.string(),
                "the file is not the one that was written with this campaign.json",
                "Assignments must stay as they were drawn: take the file back from where the run "
                "wrote it, and keep outcomes in a file of their own");
  }
  const std::vector<Record> rows = records(csv, file.string());
  if (rows.empty()) not_a_campaign(file.string(), "the file is empty");
  for (size_t k = 1; k < rows.size(); ++k) out.rows.push_back(row_of(rows[k], file.string()));
  return out;
}

}  // namespace perennial
