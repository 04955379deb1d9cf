#include "offer/eligible.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

// Who said yes. Only the very word counts; anything else, a missing one included, is a no.
std::vector<uint8_t> consents(const OfferTerms& terms, const OfferColumns& columns,
                              const std::string& where, size_t rows) {
  const Column& column = columns.at(terms.consent_column, where);
  std::vector<uint8_t> out(rows, 0);
  std::set<std::string> seen;
  bool any = false;
  for (size_t i = 0; i < rows; ++i) {
    const std::string said = column.value_text(i);
    out[i] = trim(said) == terms.consent_yes;
    any = any || out[i] != 0;
    if (seen.size() < 10) seen.insert(said);
  }
  if (any) return out;
  const std::vector<std::string> values(seen.begin(), seen.end());
  throw Error(ErrorCode::kStudy, where,
              fmt::format("no customer has {} in {}{}", quoted(terms.consent_yes),
                          quoted(terms.consent_column), did_you_mean(terms.consent_yes, values)),
              "Values of the column: " + join(values, ", "));
}

void refuse(Eligibility& out, size_t customer, Refusal why) {
  if (out.refusal[customer] == Refusal::kNone) out.refusal[customer] = why;
}

// The list may write an id in another way than the table does: 007 is not 7, but " 7" is.
void refuse_listed(const OfferInput& input, Eligibility& out) {
  const std::set<std::string> listed(input.do_not_contact.begin(), input.do_not_contact.end());
  int64_t found = 0;
  for (size_t i = 0; i < input.table.rows(); ++i) {
    if (!listed.contains(std::string(trim(input.table.ids[i])))) continue;
    ++found;
    refuse(out, i, Refusal::kOnList);
  }
  out.listed_unknown = static_cast<int64_t>(listed.size()) - found;
}

// How many contacts are left; an unknown number of earlier ones leaves none.
void cap(const OfferTerms& terms, const OfferColumns& columns, const std::string& where,
         Eligibility& out) {
  if (terms.contacts_column.empty()) return;
  const Column& column = columns.numbers_at(terms.contacts_column, where);
  for (size_t i = 0; i < out.most.size(); ++i) {
    const double left = std::floor(terms.contacts_most - column.numbers[i]);
    if (!(left >= 1)) refuse(out, i, Refusal::kContactedEnough);
    if (left < out.most[i]) out.most[i] = static_cast<uint8_t>(std::max(0.0, left));
  }
}

}  // namespace

const char* to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "";
    case Refusal::kNoConsent:
      return "no consent";
    case Refusal::kOnList:
      return "on the do-not-contact list";
    case Refusal::kContactedEnough:
      return "contacted often enough";
    case Refusal::kNoValue:
      return "value not known";
  }
  return "";
}

int64_t Eligibility::count(Refusal r) const { return std::ranges::count(refusal, r); }

std::string offer_place(const std::string& where, const Offer& offer) {
  return fmt::format("{}.offer.{}]", where, offer.name);
}

Eligibility eligible_for(const OfferTerms& terms, const OfferInput& input,
                         const std::vector<double>& value, const std::string& where) {
  const OfferColumns columns(input);
  const size_t rows = input.table.rows(), offers = terms.offers.size();
  Eligibility out;
  out.refusal.assign(rows, Refusal::kNone);
  out.most.assign(rows, static_cast<uint8_t>(terms.max_per_customer));
  if (!terms.consent_column.empty()) {
    const auto said = consents(terms, columns, where + ".offers], key \"consent\"", rows);
    for (size_t i = 0; i < rows; ++i) {
      if (!said[i]) refuse(out, i, Refusal::kNoConsent);
    }
  }
  refuse_listed(input, out);
  cap(terms, columns, where + ".offers], key \"contacts\"", out);
  for (size_t i = 0; i < rows; ++i) {
    if (std::isnan(value[i])) refuse(out, i, Refusal::kNoValue);
    if (out.refusal[i] != Refusal::kNone) out.most[i] = 0;
  }
  out.allowed.assign(rows * offers, 0);
  for (size_t j = 0; j < offers; ++j) {
    const Offer& offer = terms.offers[j];
    const std::string at = offer_place(where, offer) + ", key \"where\"";
    const auto holds = offer.where.empty()
                           ? std::vector<uint8_t>(rows, 1)
                           : columns.where(parse_condition(offer.where, at), value, at);
    int64_t inside = 0, outside = 0;
    for (size_t i = 0; i < rows; ++i) {
      if (out.refusal[i] != Refusal::kNone) continue;
      out.allowed[i * offers + j] = holds[i];
      (holds[i] ? inside : outside) += 1;
    }
    out.eligible.push_back(inside);
    out.outside.push_back(outside);
  }
  return out;
}

std::vector<std::string> read_id_list(const fs::path& path, const std::string& id_name) {
  std::string text = read_file(path);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::vector<std::string> out;
  for (const std::string& line : split(text, '\n')) {
    std::string_view cell = trim(line);
    cell = trim(cell.substr(0, cell.find_first_of(",;\t")));
    if (cell.size() > 1 && cell.front() == '"' && cell.back() == '"') {
      cell = cell.substr(1, cell.size() - 2);
    }
    if (cell.empty() || (out.empty() && regular_name(cell) == regular_name(id_name))) continue;
    out.emplace_back(cell);
  }
  return out;
}

std::vector<double> values_of(const OfferTerms& terms, const OfferInput& input,
                              const std::string& where) {
  if (terms.value) return std::vector<double>(input.table.rows(), *terms.value);
  const std::string at = where + ".offers], key \"value\"";
  if (!terms.value_column.empty()) {
    return OfferColumns(input).numbers_at(terms.value_column, at).numbers;
  }
  if (input.table.values.size() == 1) return input.table.values[0].numbers;
  std::vector<std::string> names;
  for (const Column& c : input.table.values) names.push_back(c.name);
  throw Error(ErrorCode::kStudy, at,
              names.empty() ? "nothing says what a customer is worth"
                            : "several columns could be what a customer is worth",
              names.empty() ? "Say value = 40, or name a column with money in its table's `value`"
                            : "Name one of them: " + join(names, ", "));
}

}  // namespace perennial
