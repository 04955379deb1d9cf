// Who may be offered what: consent, do-not-contact list, cap on contacts, whom an offer is for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/files.h"
#include "offer/catalogue.h"
#include "offer/columns.h"

namespace perennial {

// In the order in which they are looked at; the first that applies counts.
enum class Refusal : uint8_t { kNone, kNoConsent, kOnList, kContactedEnough, kNoValue };
const char* to_string(Refusal refusal);  // "", "no consent", "on the do-not-contact list", …

struct Eligibility {
  std::vector<Refusal> refusal;   // one a customer
  std::vector<uint8_t> most;      // offers that the customer may get at most; 0 when refused
  std::vector<uint8_t> allowed;   // customers x offers: 1 where the offer is for the customer
  std::vector<int64_t> outside;   // one an offer: customers not refused whom it is not for
  std::vector<int64_t> eligible;  // one an offer
  int64_t listed_unknown = 0;     // ids of the list that are no customers
  int64_t count(Refusal r) const;
};

// `value`: of each customer, NaN where it is not known. `where`: of the question's sections in the
// study, without their names ("study.toml:12, section [question.leaves"). Errors (kStudy): a column
// that is not there, a consent that no customer gave, a condition that cannot be.
Eligibility eligible_for(const OfferTerms& terms, const OfferInput& input,
                         const std::vector<double>& value, const std::string& where);

// Ids of a do-not-contact file: one a line, or the first column of a CSV (`;`, `,` or tab); the
// name of the id column in the first line is passed over. Error kIo.
std::vector<std::string> read_id_list(const fs::path& path, const std::string& id_name);

// The value of each customer, as the study names it. Errors (kStudy): no such column, several value
// columns and none named, none at all.
std::vector<double> values_of(const OfferTerms& terms, const OfferInput& input,
                              const std::string& where);

// Section of an offer, for messages.
std::string offer_place(const std::string& where, const Offer& offer);

}  // namespace perennial
