// Rules of segments: conditions on features, on `risk` and on `value`.
//
// The language is that of table/condition.h for one row a customer (no `every`, no `any`). A number
// may be compared with a word instead of a number:
//   median, mean, q1 .. q99   of all customers that have a value (quantiles by interpolation)
//   threshold, base_rate      of risk alone
// `risk` is the probability of the positive class; `value` the value column of the segments. Other
// names are features or columns of the value role, as in the study or in their regular form.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "feature/feature_table.h"
#include "table/condition.h"

namespace perennial {

class RuleSpace {
 public:
  // `value`: nullptr where there is none. The table and the column must outlive it.
  RuleSpace(const FeatureTable& table, std::span<const double> risk, const Column* value,
            double threshold, double base_rate);

  // Every name found, every word a number. Errors (kStudy) name `place`: see above.
  Condition resolved(const std::string& where, const std::string& place) const;
  // One of 0 and 1 a customer. REQUIRES: resolved() made it.
  std::vector<uint8_t> holds(const Condition& condition) const;
  // nullptr where there is no such name.
  const Column* find(const std::string& name) const;
  // The text feature of that name. Errors (kStudy): there is none; it is not text.
  const Column& category_feature(const std::string& name, const std::string& place) const;

 private:
  void resolve(Condition& condition, const std::string& place) const;
  const Column& column(const std::string& name, const std::string& place) const;
  void settle_values(Condition& condition, const Column& column, const std::string& place) const;
  double word(const std::string& text, const Column& column) const;  // NaN: no such word
  std::vector<std::string> names() const;

  const FeatureTable& table_;
  Column risk_;
  const Column* value_;
  double threshold_, base_rate_;
};

// By interpolation between the values of `numbers` that are known (numpy's default); NaN: none is.
double known_quantile(std::span<const double> numbers, double share);

// Features that a condition is about: all its names but risk and value.
std::vector<std::string> features_in(const Condition& condition);

}  // namespace perennial
