// A plan as files: who gets which message and why, who is not contacted and why, and the campaign.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "offer/plan.h"

namespace perennial {

// What a customer reads, or (id "") a typical one would.
struct MessagePreview {
  std::string id, offer, channel, language, message;
  bool html = false;
  int64_t customers = 0;  // previews: who get the offer
  int64_t fallbacks = 0;  // of them those for whom a fallback stands in for a field
};

class OfferMessages {
 public:
  // REQUIRES: check_offers accepts terms and input, which must outlive this.
  OfferMessages(const OfferTerms& terms, const OfferInput& input);
  ~OfferMessages();
  OfferMessages(const OfferMessages&) = delete;
  OfferMessages& operator=(const OfferMessages&) = delete;
  // The message of one offer for one customer, in the customer's language: the template of that
  // language, else that of the study's language, else the first.
  MessagePreview of(size_t row, size_t offer) const;
  // A preview for each template of the offer, filled with what is typical of `rows`: the most
  // frequent text (where hardly any share one: the field's name in brackets), the median number.
  // So no customer's data stand in it.
  std::vector<MessagePreview> typical(const std::vector<size_t>& rows, size_t offer) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One row for each customer and offer that is sent; nobody of the control group. Columns: the id
// under its own name, segment, offer, channel, language, message, expected_low, expected_mid,
// expected_high (of all offers of the customer together), cost, reasons. No cell is a formula.
// `reasons`: what else is known of why the risk is what it is, one a customer, or empty.
std::string offers_csv(const OfferPlan& plan, const OfferInput& input,
                       const std::vector<std::string>& reasons);

// Customers who may not be contacted: id, reason.
std::string not_contacted_csv(const OfferPlan& plan, const OfferInput& input);

// Those of every offer that anybody gets, for the report.
std::vector<MessagePreview> message_previews(const OfferPlan& plan, const OfferInput& input);

// Rows: customers who may be contacted, rising by id as in the table. What the caller knows of the
// study (names, hashes, seed) is left to it.
Campaign campaign_of(const OfferPlan& plan, const OfferInput& input);

}  // namespace perennial
