#include "run/measure.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "offer/campaign.h"
#include "run/measure_text.h"
#include "table/read.h"

namespace perennial {
namespace {

// What the outcomes file says about one customer.
struct Outcome {
  int positive = -1;  // -1: the cell is empty
  int received = -1;
  double money = kMissing;
  size_t row = 0;
};

struct Outcomes {
  std::unordered_map<std::string, Outcome> of;
  int64_t repeated = 0, positives = 0;
};

const Column& column_of(const Table& table, const std::string& name, const std::string& option) {
  if (const Column* found = table.find(name)) return *found;
  throw Error(
      ErrorCode::kData, table.files.empty() ? "the outcomes" : table.files[0].file,
      fmt::format("there is no column {}{}", quoted(name),
                  did_you_mean(name, table.column_names())),
      fmt::format("Name it with {} (columns: {})", option, join(table.column_names(), ", ")));
}

// Empty, 0, no and their like: did not get it. Everything else did.
int received_of(const Column& column, size_t row) {
  if (column.missing(row)) return 0;
  static const std::vector<std::string> kNo = {"", "0", "no", "n", "false", "нет", "não", "nao"};
  const std::string text = to_lower(trim(column.value_text(row)));
  return std::find(kNo.begin(), kNo.end(), text) == kNo.end() ? 1 : 0;
}

double money_of(const Table& table, const Column& column, size_t row) {
  if (column.missing(row)) return kMissing;
  if (!column.is_text()) return column.numbers[row];
  if (const auto value = parse_number(trim(column.value_text(row)))) return *value;
  const Example place = table.example(row, column.value_text(row));
  throw Error(ErrorCode::kData,
              fmt::format("{}:{}, column {}", place.file, place.line, quoted(column.name)),
              quoted(place.value) + " is not a number", "Write money as 12.5");
}

bool same(const Outcome& a, const Outcome& b) {
  const bool money = a.money == b.money || (std::isnan(a.money) && std::isnan(b.money));
  return a.positive == b.positive && a.received == b.received && money;
}

Outcomes read_outcomes(const MeasureOptions& options, const Campaign& campaign,
                       const Workers& workers) {
  ReadOptions read{.files = {options.outcomes}};
  read.types = {{campaign.id_name, "text"}};
  read.types_may_lack = true;
  const Table table = read_table("outcomes", {}, read, workers);
  const Column& id = column_of(table, campaign.id_name, "the header");
  const Column& outcome =
      column_of(table, options.outcome.value_or(campaign.target), "--outcome COLUMN");
  const Column* money = options.money ? &column_of(table, *options.money, "--money") : nullptr;
  const Column* received =
      options.received ? &column_of(table, *options.received, "--received") : nullptr;
  const std::string positive = options.positive.value_or(campaign.positive);
  Outcomes out;
  for (size_t i = 0; i < table.rows(); ++i) {
    Outcome o{.row = i};
    if (!outcome.missing(i)) o.positive = trim(outcome.value_text(i)) == positive ? 1 : 0;
    if (money != nullptr) o.money = money_of(table, *money, i);
    if (received != nullptr) o.received = received_of(*received, i);
    out.positives += o.positive == 1 ? 1 : 0;
    const auto [place, is_new] = out.of.try_emplace(id.value_text(i), o);
    if (is_new) continue;
    ++out.repeated;
    if (same(place->second, o)) continue;
    const Example here = table.example(i, id.value_text(i));
    const Example before = table.example(place->second.row, id.value_text(i));
    throw Error(ErrorCode::kData, fmt::format("{}:{}", here.file, here.line),
                fmt::format("the customer {} stands here and in line {} with different outcomes",
                            quoted(here.value), before.line),
                "Keep one row a customer: what happened to them by the end of the campaign");
  }
  return out;
}

struct Joined {
  std::vector<LiftStratum> strata;
  std::vector<LiftCustomer> customers;
  int64_t matched = 0, money_missing = 0;
};

// What the offers of one stratum must do to be worth their while, over its customers.
struct Worth {
  double cost = 0, value = 0, assumed = 0;
  int64_t customers = 0;
};

void add_worth(const CampaignRow& row, const Campaign& campaign, Worth& worth) {
  ++worth.customers;
  if (std::isfinite(row.cost)) worth.cost += row.cost;
  if (std::isfinite(row.value)) worth.value += row.value;
  for (const std::string& name : split(row.offer, '+')) {
    for (const CampaignOffer& offer : campaign.offers) {
      if (offer.name == name) worth.assumed += offer.effect.low * (offer.points ? 1 : row.score);
    }
  }
}

// In points: the least that the study assumed, or what pays the offer's cost where that is more; 0
// where neither is known.
double worth_seeing(const Worth& worth) {
  const double assumed = std::max(0.0, worth.assumed / static_cast<double>(worth.customers));
  const double pays = worth.cost > 0 && worth.value > 0 ? worth.cost / worth.value : 0;
  return std::min(1.0, std::max(assumed, pays));
}

LiftCustomer customer_of(const CampaignRow& row, const Campaign& campaign,
                         const MeasureOptions& options, const Outcome* outcome) {
  const bool avoid = campaign.aim == "avoid";
  LiftCustomer c{.offered = row.arm == "offer",
                 .propensity = row.propensity,
                 .expected = avoid ? 1 - row.score : row.score,
                 .cost = std::isfinite(row.cost) ? row.cost : 0};
  c.expected_money = row.value * c.expected;
  int positive = outcome != nullptr ? outcome->positive : -1;
  if (positive < 0 && options.absent_is_no && outcome == nullptr) positive = 0;
  if (positive >= 0) c.success = avoid ? 1 - positive : positive;
  if (outcome != nullptr) c.received = outcome->received;
  if (options.received && outcome == nullptr && options.absent_is_no) c.received = 0;
  if (options.money) {
    c.money = outcome != nullptr ? outcome->money : options.absent_is_no ? 0 : kMissing;
  } else if (c.success >= 0) {
    c.money = row.value * c.success;
  }
  return c;
}

Joined join_outcomes(const Campaign& campaign, const Outcomes& outcomes,
                     const MeasureOptions& options) {
  Joined out;
  std::map<std::pair<std::string, std::string>, uint32_t> number;
  std::vector<Worth> worth;
  for (const CampaignRow& row : campaign.rows) {
    const auto found = outcomes.of.find(row.id);
    const Outcome* outcome = found == outcomes.of.end() ? nullptr : &found->second;
    out.matched += outcome != nullptr ? 1 : 0;
    if (row.arm == "none") continue;
    LiftCustomer c = customer_of(row, campaign, options, outcome);
    const auto [place, is_new] =
        number.try_emplace({row.segment, row.offer}, static_cast<uint32_t>(out.strata.size()));
    if (is_new) {
      out.strata.push_back({.segment = row.segment, .offer = row.offer});
      worth.emplace_back();
    }
    c.stratum = place->second;
    add_worth(row, campaign, worth[c.stratum]);
    if (c.success >= 0 && options.money && std::isnan(c.money)) ++out.money_missing;
    out.customers.push_back(c);
  }
  for (size_t s = 0; s < worth.size(); ++s) out.strata[s].smallest_effect = worth_seeing(worth[s]);
  return out;
}

void warn(const Campaign& campaign, const MeasureOptions& options, const Outcomes& outcomes,
          const Joined& joined, std::vector<std::string>& warnings) {
  const int64_t unknown = static_cast<int64_t>(outcomes.of.size()) - joined.matched;
  if (unknown > 0) {
    warnings.push_back(fmt::format("{} in the outcomes {} not in the campaign file and left out.",
                                   counted(unknown, "customer"), unknown == 1 ? "is" : "are"));
  }
  if (outcomes.repeated > 0) {
    warnings.push_back(fmt::format("{} of the outcomes {} another one and left out.",
                                   counted(outcomes.repeated, "row"),
                                   outcomes.repeated == 1 ? "repeats" : "repeat"));
  }
  if (outcomes.positives == 0) {
    warnings.push_back(
        fmt::format("No row of the outcomes has the value {}. Check --outcome and --positive.",
                    quoted(options.positive.value_or(campaign.positive))));
  }
  if (joined.money_missing > 0) {
    warnings.push_back(
        fmt::format("{} with an outcome have no money in the column {}: profit cannot be told.",
                    counted(joined.money_missing, "customer"), quoted(*options.money)));
  }
}

}  // namespace

MeasureResult measure_campaign(const MeasureOptions& options, Progress& progress) {
  const Workers workers(options.threads);
  progress.stage("read", 0);
  const Campaign campaign = read_campaign(path_of(options.campaign));
  const Outcomes outcomes = read_outcomes(options, campaign, workers);
  const Joined joined = join_outcomes(campaign, outcomes, options);
  if (joined.matched == 0) {
    throw Error(ErrorCode::kData, options.outcomes, "no customer of the campaign is in it",
                fmt::format("Check that the column {} holds ids as {} has them",
                            quoted(campaign.id_name), "campaign.csv"));
  }
  progress.stage("measure", 0);
  MeasureResult out;
  out.lift =
      measure_lift(joined.strata, joined.customers,
                   {.alpha = campaign.alpha, .power = campaign.power, .early = options.early});
  warn(campaign, options, outcomes, joined, out.lift.checks.warnings);
  out.text = measure_text(campaign, options, out.lift);
  out.json = measure_json(campaign, options, out.lift);
  return out;
}

}  // namespace perennial
