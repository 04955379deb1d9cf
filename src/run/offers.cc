#include "run/offers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "offer/messages.h"
#include "offer/outputs.h"
#include "report/page_data.h"

namespace perennial {
namespace {

std::string place_of(const OfferSource& source) {
  return fmt::format("{}:{}, section [question.{}", source.study.path, source.question.offers->line,
                     source.question.name);
}

void add_fields(const std::string& message, std::set<std::string>& names) {
  if (message.empty()) return;
  for (const MessagePart& part : parse_message(message, "")) names.insert(part.field);
}

// Every column that the offers speak of.
std::set<std::string> names_of(const OfferTerms& terms) {
  std::set<std::string> names = {terms.consent_column, terms.contacts_column,
                                 terms.language_column};
  for (const Offer& offer : terms.offers) {
    names.insert(offer.cost_share_of);
    add_fields(offer.message, names);
    for (const auto& [language, message] : offer.messages) add_fields(message, names);
    if (offer.where.empty()) continue;
    for (const std::string& name : names_in(parse_condition(offer.where, ""))) names.insert(name);
  }
  names.erase("");
  return names;
}

// Those of the question's own table that are neither features nor money. Never the target: who is
// contacted must not depend on it.
std::vector<Column> extra_columns(const OfferSource& source, const OfferInput& input) {
  const Table& table =
      source.inputs.tables[entity_table(source.study, source.inputs, source.question)];
  const OfferColumns known(input);
  std::vector<Column> out;
  for (const std::string& name : names_of(*source.question.offers)) {
    const Column* column = known.find(name) != nullptr ? nullptr : table.find(name);
    if (column != nullptr && column->name != source.table.target_name) {
      out.push_back(column->take(source.table.position));
    }
  }
  return out;
}

OfferInput input_of(const OfferSource& source, const std::vector<double>& risk) {
  const OfferTerms& terms = *source.question.offers;
  OfferInput input{.table = source.table, .risk = risk};
  input.extra = extra_columns(source, input);
  if (!terms.do_not_contact.empty()) {
    const fs::path file = source.data / path_of(terms.do_not_contact);
    input.do_not_contact = read_id_list(file, source.table.id_name);
  }
  return input;
}

// How far the risk is off on customers that no model had seen: the interval of the rate over the
// mean probability.
void add_risk_range(const RunRecord& record, OfferInput& input) {
  int64_t rows = 0, cases = 0;
  double sum = 0;
  const ScoreTable& scores = record.scores;
  for (size_t i = 0; i < scores.rows(); ++i) {
    if (scores.role[i] != std::string_view("test") || scores.y[i] < 0) continue;
    ++rows;
    cases += scores.y[i] == 1;
    sum += scores.of(i)[1];
  }
  if (rows == 0 || sum <= 0) return;
  const Figure rate = wilson(cases, rows);
  const double mean = sum / static_cast<double>(rows);
  input.risk_low = std::min(1.0, rate.low / mean);
  input.risk_high = std::max(1.0, rate.high / mean);
}

OfferInput planned_input(const OfferSource& source, const std::vector<double>& risk,
                         const RunRecord& record) {
  OfferInput input = input_of(source, risk);
  input.language = page_language(record);
  add_risk_range(record, input);
  if (record.segments.computed()) {
    input.segment = record.segments.primary;
    for (const Segment& s : record.segments.list) input.segment_names.push_back(s.name);
  }
  return input;
}

// Only where a run is to be dated: SOURCE_DATE_EPOCH, the common word for reproducible output.
std::string created_at() {
  const char* said = std::getenv("SOURCE_DATE_EPOCH");
  if (said == nullptr) return "";
  const auto seconds = parse_number(said);
  if (!seconds || *seconds < 0) return "";
  std::string text = date_text(*seconds / 86400);
  if (text.find(' ') == std::string::npos) text += " 00:00";
  std::ranges::replace(text, ' ', 'T');
  return text + "Z";
}

}  // namespace

void check_offers_of(const OfferSource& source) {
  if (!source.question.offers) return;
  const std::string where = place_of(source);
  if (source.table.classes.size() != 2) {
    throw Error(ErrorCode::kStudy, where + ".offers]",
                fmt::format("{} has {} classes, and offers need one that is to be avoided or "
                            "reached",
                            quoted(source.table.target_name), source.table.classes.size()),
                "Say which in target: positive = \"…\"");
  }
  const std::vector<double> any(source.table.rows(), 0.5);
  check_offers(*source.question.offers, input_of(source, any), where);
}

void add_offers(const OfferSource& source, const std::vector<double>& risk, Seed seed,
                const Workers& workers, RunRecord& record) {
  if (!source.question.offers) return;
  const OfferInput input = planned_input(source, risk, record);
  OfferPlan plan = plan_offers(*source.question.offers, input, place_of(source), seed, workers);
  for (const std::string& note : plan.notes) record.notes.push_back(note);
  record.message_previews = message_previews(plan, input);
  record.offers = std::move(plan);
}

void write_offers(const OfferSource& source, const std::vector<double>& risk,
                  const RunRecord& record, const fs::path& folder) {
  const OfferInput input = planned_input(source, risk, record);
  write_file(folder / "offers.csv", offers_csv(*record.offers, input, record.reasons));
  write_file(folder / "not_contacted.csv", not_contacted_csv(*record.offers, input));
  Campaign campaign = campaign_of(*record.offers, input);
  campaign.study = record.study_name;
  campaign.question = record.question;
  campaign.model_hash = sha256_hex(read_file(folder / "model.perennial"));
  campaign.study_hash = sha256_hex(read_file(path_of(source.study.path)));
  campaign.program_version = record.version;
  campaign.seed = record.seed;
  campaign.created = created_at();
  campaign.target = record.target;
  campaign.positive = record.positive;
  const std::string csv = campaign_csv(campaign);
  write_file(folder / "campaign.csv", csv);
  write_file(folder / "campaign.json", campaign_json(campaign, csv));
}

}  // namespace perennial
