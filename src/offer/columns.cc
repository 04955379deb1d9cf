#include "offer/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "segment/rule.h"

namespace perennial {
namespace {

using Values = std::vector<const Column*>;

bool compare(const std::string& op, double a, double b) {
  if (op == "=") return a == b;
  if (op == "!=") return a != b;
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  return a >= b;
}

bool compare(const std::string& op, const std::string& a, const std::string& b) {
  return compare(op, static_cast<double>(a.compare(b)), 0);
}

// The number that a word of conditions stands for: median, mean, q1 .. q99; NaN: no such word.
double number_of(const std::string& word, const Column& column) {
  if (word == "median") return known_quantile(column.numbers, 0.5);
  if (word == "mean") {
    double sum = 0, known = 0;
    for (const double v : column.numbers) {
      if (std::isnan(v)) continue;
      sum += v;
      ++known;
    }
    return sum / known;
  }
  const auto share = word.starts_with("q") ? parse_number(word.substr(1)) : std::nullopt;
  const bool fine = share && *share >= 1 && *share <= 99 && *share == std::floor(*share);
  return fine ? known_quantile(column.numbers, *share / 100) : kMissing;
}

// The value to compare the column with. Errors: see OfferColumns::where.
Condition::Value resolved(const Column& column, const Condition::Value& value,
                          const std::string& where) {
  if (column.is_text() == std::holds_alternative<std::string>(value)) return value;
  if (!column.is_text()) {
    const double number = number_of(std::get<std::string>(value), column);
    if (!std::isnan(number)) return number;
  }
  throw Error(
      ErrorCode::kStudy, where,
      fmt::format("{} holds {}, and is compared with {}", quoted(column.name),
                  column.is_text() ? "text" : "numbers", column.is_text() ? "a number" : "text"),
      column.is_text() ? "Put the value in quotes" : "Compare it with a number");
}

// A comparison with a missing value does not hold.
bool holds(const Column& column, size_t row, const std::string& op, const Condition::Value& value) {
  if (column.missing(row)) return false;
  if (!column.is_text()) return compare(op, column.numbers[row], std::get<double>(value));
  return compare(op, column.dictionary[static_cast<size_t>(column.codes[row])],
                 std::get<std::string>(value));
}

bool has_name(const Column& column, const std::string& name) {
  return column.name == name || column.name == regular_name(name);
}

class Evaluation {
 public:
  Evaluation(const OfferInput& input, const OfferColumns& columns, std::span<const double> value,
             const std::string& where)
      : input_(input), columns_(columns), where_(where) {
    risk_ = Column::number("risk", {input.risk.begin(), input.risk.end()});
    value_ = Column::number("value", {value.begin(), value.end()});
    segment_.name = "segment";
    segment_.type = ColumnType::kText;
    segment_.dictionary = input.segment_names;
    segment_.codes.assign(input.segment.begin(), input.segment.end());
    segment_.codes.resize(input.table.rows(), -1);
  }

  std::vector<uint8_t> of(const Condition& c) const {
    switch (c.kind) {
      case Condition::Kind::kAnd:
      case Condition::Kind::kOr:
        return joined(c);
      case Condition::Kind::kNot: {
        std::vector<uint8_t> out = of(c.parts[0]);
        for (uint8_t& one : out) one = one == 0;
        return out;
      }
      default:
        return compared(c);
    }
  }

 private:
  std::vector<uint8_t> joined(const Condition& c) const {
    std::vector<uint8_t> out = of(c.parts[0]);
    for (size_t k = 1; k < c.parts.size(); ++k) {
      const std::vector<uint8_t> next = of(c.parts[k]);
      for (size_t i = 0; i < out.size(); ++i) {
        const bool both = out[i] != 0 && next[i] != 0, any = out[i] != 0 || next[i] != 0;
        out[i] = c.kind == Condition::Kind::kAnd ? both : any;
      }
    }
    return out;
  }

  std::vector<uint8_t> compared(const Condition& c) const {
    const Values columns = columns_of(c);
    std::vector<std::vector<Condition::Value>> values(columns.size());
    for (size_t k = 0; k < columns.size(); ++k) {
      for (const Condition::Value& value : c.values) {
        values[k].push_back(resolved(*columns[k], value, where_));
      }
    }
    std::vector<uint8_t> out(input_.table.rows());
    for (size_t i = 0; i < out.size(); ++i) {
      const auto one = [&](const Column* const& column) {
        if (c.kind == Condition::Kind::kIsMissing) return column->missing(i);
        const auto& wanted = values[static_cast<size_t>(&column - columns.data())];
        const std::string& op = c.kind == Condition::Kind::kIn ? kEqual : c.op;
        return std::ranges::any_of(wanted,
                                   [&](const auto& value) { return holds(*column, i, op, value); });
      };
      out[i] = c.over == Condition::Over::kAny ? std::ranges::any_of(columns, one)
                                               : std::ranges::all_of(columns, one);
    }
    return out;
  }

  Values columns_of(const Condition& c) const {
    if (c.over != Condition::Over::kOne) {
      Values out;
      for (size_t k = 0; k < input_.table.features.size(); ++k) {
        if (input_.table.feature_tables[k] == c.name) out.push_back(&input_.table.features[k]);
      }
      if (!out.empty()) return out;
      throw Error(ErrorCode::kStudy, where_, fmt::format("no table is called {}", quoted(c.name)),
                  "After every and any stands the name of a table");
    }
    if (c.name == "risk") return {&risk_};
    if (c.name == "value") return {&value_};
    if (c.name == "segment") return {&segment_};
    return {&columns_.at(c.name, where_)};
  }

  inline static const std::string kEqual = "=";
  const OfferInput& input_;
  const OfferColumns& columns_;
  const std::string& where_;
  Column risk_, value_, segment_;
};

}  // namespace

const Column* OfferColumns::find(const std::string& name) const {
  for (const auto* columns : {&input_.table.features, &input_.table.values, &input_.extra}) {
    const auto found =
        std::ranges::find_if(*columns, [&](const Column& c) { return has_name(c, name); });
    if (found != columns->end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string> OfferColumns::names() const {
  std::vector<std::string> out;
  for (const auto* columns : {&input_.table.features, &input_.table.values, &input_.extra}) {
    for (const Column& column : *columns) out.push_back(column.name);
  }
  return out;
}

const Column& OfferColumns::at(const std::string& name, const std::string& where) const {
  if (const Column* found = find(name)) return *found;
  const std::vector<std::string> all = names();
  throw Error(ErrorCode::kStudy, where,
              fmt::format("there is no column {}{}", quoted(name), did_you_mean(name, all)),
              "Columns: " + join(all, ", "));
}

const Column& OfferColumns::numbers_at(const std::string& name, const std::string& where) const {
  const Column& found = at(name, where);
  if (!found.is_text()) return found;
  throw Error(ErrorCode::kStudy, where, fmt::format("{} holds text, not numbers", quoted(name)),
              "Name a column with numbers");
}

std::vector<uint8_t> OfferColumns::where(const Condition& condition, std::span<const double> value,
                                         const std::string& where) const {
  return Evaluation(input_, *this, value, where).of(condition);
}

std::vector<std::string> OfferColumns::unknown_texts(const Condition& condition) const {
  std::vector<std::string> out;
  for (const Condition& part : condition.parts) {
    for (std::string& one : unknown_texts(part)) out.push_back(std::move(one));
  }
  const Column* column = find(condition.name);
  const bool segment = condition.name == "segment";
  if (condition.over != Condition::Over::kOne || !(segment || column)) return out;
  if (!segment && !column->is_text()) return out;
  const std::vector<std::string>& known = segment ? input_.segment_names : column->dictionary;
  for (const Condition::Value& value : condition.values) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr || std::ranges::find(known, *text) != known.end()) continue;
    out.push_back(
        fmt::format("{} in {}{}", quoted(*text), condition.name, did_you_mean(*text, known)));
  }
  return out;
}

}  // namespace perennial
