// A customer's columns by name, and conditions on them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "feature/feature_table.h"
#include "table/condition.h"

namespace perennial {

// What offers know of the customers, one entry a customer each.
struct OfferInput {
  const FeatureTable& table;
  // Probability of the positive class, by a model that had not seen the customer's outcome.
  std::span<const double> risk;
  std::span<const int32_t> segment;  // index into segment_names; empty: nobody has a segment
  std::vector<std::string> segment_names;
  // Columns of the customers' own table that are no features (consent, language).
  std::vector<Column> extra;
  // Ends of a 95 % range of the risk, as factors: 0.9 and 1.1 for ten per cent either way.
  double risk_low = 1, risk_high = 1;
  std::vector<std::string> do_not_contact;  // ids
  std::string language = "en";              // of customers without a language of their own
};

class OfferColumns {
 public:
  explicit OfferColumns(const OfferInput& input) : input_(input) {}

  // Features, then value columns, then the others; by name or by its regular form. nullptr: none.
  const Column* find(const std::string& name) const;
  // Errors (kStudy) at `where` name the nearest column.
  const Column& at(const std::string& name, const std::string& where) const;
  // The same, of numbers.
  const Column& numbers_at(const std::string& name, const std::string& where) const;
  std::vector<std::string> names() const;

  // 1 for every customer for whom it holds. Beside columns it knows `risk`, `value` (as given) and
  // `segment`, and numbers may be compared with median, mean and q1 to q99; "every x" and "any x"
  // range over the columns that come from the table x. Errors (kStudy): no such column, text
  // compared with a number.
  std::vector<uint8_t> where(const Condition& condition, std::span<const double> value,
                             const std::string& where) const;

  // Texts of the condition that no customer has in their column, as words: `"hihg" in segment, did
  // you mean "high"?`. Of conditions that where() has taken.
  std::vector<std::string> unknown_texts(const Condition& condition) const;

 private:
  const OfferInput& input_;
};

}  // namespace perennial
