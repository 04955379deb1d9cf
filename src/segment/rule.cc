#include "segment/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"
#include "feature/native_condition.h"

namespace perennial {
namespace {

constexpr const char* kRisk = "risk";
constexpr const char* kValue = "value";

double mean_of(std::span<const double> numbers) {
  double sum = 0, n = 0;
  for (const double v : numbers) {
    if (std::isnan(v)) continue;
    sum += v;
    n += 1;
  }
  return n > 0 ? sum / n : kMissing;
}

// q1 .. q99 -> 0.01 .. 0.99; 0: something else.
double quantile_word(const std::string& text) {
  if (text.size() < 2 || text.size() > 3 || text[0] != 'q') return 0;
  int number = 0;
  for (const char c : text.substr(1)) {
    if (c < '0' || c > '9') return 0;
    number = 10 * number + (c - '0');
  }
  return number / 100.0;
}

}  // namespace

double known_quantile(std::span<const double> numbers, double share) {
  std::vector<double> known;
  known.reserve(numbers.size());
  for (const double v : numbers) {
    if (!std::isnan(v)) known.push_back(v);
  }
  if (known.empty()) return kMissing;
  const double at = share * static_cast<double>(known.size() - 1);
  const auto below = static_cast<size_t>(at);
  const auto first = known.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(known.begin(), first, known.end());
  const double low = *first;
  if (below + 1 == known.size()) return low;
  const double high = *std::min_element(first + 1, known.end());
  return low + (at - static_cast<double>(below)) * (high - low);
}

std::vector<std::string> features_in(const Condition& condition) {
  std::vector<std::string> names = names_in(condition);
  std::erase_if(names, [](const std::string& name) { return name == kRisk || name == kValue; });
  return names;
}

RuleSpace::RuleSpace(const FeatureTable& table, std::span<const double> risk, const Column* value,
                     double threshold, double base_rate)
    : table_(table), value_(value), threshold_(threshold), base_rate_(base_rate) {
  risk_ = Column::number(kRisk, {risk.begin(), risk.end()});
}

std::vector<std::string> RuleSpace::names() const {
  std::vector<std::string> out;
  for (const Column& c : table_.features) out.push_back(c.name);
  for (const Column& c : table_.values) out.push_back(c.name);
  return out;
}

const Column* RuleSpace::find(const std::string& name) const {
  if (name == kRisk) return &risk_;
  if (name == kValue && value_ != nullptr) return value_;
  const int at = find_name(names(), name);
  if (at < 0) return nullptr;
  const auto i = static_cast<size_t>(at);
  return i < table_.features.size() ? &table_.features[i]
                                    : &table_.values[i - table_.features.size()];
}

const Column& RuleSpace::column(const std::string& name, const std::string& place) const {
  if (const Column* found = find(name)) return *found;
  if (name == kValue) {
    throw Error(ErrorCode::kStudy, place, "the study has no value column to compare",
                "Name a column with money in its table's `value`");
  }
  std::vector<std::string> all = names();
  all.insert(all.end(), {kRisk, kValue});
  const std::string close = did_you_mean(name, all);
  throw Error(ErrorCode::kStudy, place,
              fmt::format("there is no feature {}{}", quoted(name), close),
              "Conditions of segments are about features, `risk` and `value`");
}

const Column& RuleSpace::category_feature(const std::string& name, const std::string& place) const {
  const Column& found = column(name, place);
  if (found.is_text()) return found;
  throw Error(ErrorCode::kStudy, place,
              fmt::format("{} is a number, and segments are made by categories", quoted(name)),
              fmt::format("Say where = \"{} > median\", or name a text feature", found.name));
}

double RuleSpace::word(const std::string& text, const Column& column) const {
  if (text == "median") return known_quantile(column.numbers, 0.5);
  if (text == "mean") return mean_of(column.numbers);
  if (const double share = quantile_word(text); share > 0) {
    return known_quantile(column.numbers, share);
  }
  if (&column != &risk_) return kMissing;
  if (text == "threshold") return threshold_;
  return text == "base_rate" ? base_rate_ : kMissing;
}

void RuleSpace::settle_values(Condition& c, const Column& column, const std::string& place) const {
  for (Condition::Value& value : c.values) {
    const auto* text = std::get_if<std::string>(&value);
    if (column.is_text()) {
      if (text == nullptr && c.op != "=" && c.op != "!=" && c.kind == Condition::Kind::kCompare) {
        throw Error(ErrorCode::kStudy, place,
                    fmt::format("{} is text and is compared with a number", quoted(column.name)),
                    "Compare it with a text: plan = \"basic\"");
      }
      continue;
    }
    if (text == nullptr) continue;
    const bool date = column.type == ColumnType::kDate;
    double number = word(*text, column);
    if (std::isnan(number) && date && !std::isnan(parse_iso_date(*text))) continue;
    if (!std::isnan(number) && date) {
      value = date_text(number);
      continue;
    }
    if (std::isnan(number)) {
      throw Error(ErrorCode::kStudy, place,
                  fmt::format("{} is a {} and is compared with {}", quoted(column.name),
                              date ? "date" : "number", quoted(*text)),
                  &column == &risk_
                      ? "Take a number, or one of median, mean, q1 .. q99, threshold, base_rate"
                      : fmt::format("Take {}, or one of median, mean, q1 .. q99",
                                    date ? "a date such as \"2024-03-01\"" : "a number"));
    }
    value = number;
  }
}

void RuleSpace::resolve(Condition& c, const std::string& place) const {
  for (Condition& part : c.parts) resolve(part, place);
  if (c.name.empty()) return;
  if (c.over != Condition::Over::kOne) {
    throw Error(ErrorCode::kStudy, place, "segments have no use for `every` and `any`",
                "Name the features one by one, joined by `and` or `or`");
  }
  const Column& found = column(c.name, place);
  settle_values(c, found, place);
  if (&found != value_ && &found != &risk_) c.name = found.name;
  if (&found == value_) c.name = kValue;
}

Condition RuleSpace::resolved(const std::string& where, const std::string& place) const {
  Condition condition = parse_condition(where, place);
  resolve(condition, place);
  return condition;
}

std::vector<uint8_t> RuleSpace::holds(const Condition& condition) const {
  const ColumnsOf columns_of = [&](const std::string& name, Condition::Over) {
    const Column& column = *find(name);
    return std::vector<SqlColumn>{{.expression = name,
                                   .is_text = column.is_text(),
                                   .is_date = column.type == ColumnType::kDate}};
  };
  const ValuesOf values_of = [&](const SqlColumn& column) { return find(column.expression); };
  return rows_that_hold(condition, columns_of, values_of, table_.rows());
}

}  // namespace perennial
