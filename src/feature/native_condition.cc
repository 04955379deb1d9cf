#include "feature/native_condition.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace perennial {
namespace {

using Mask = std::vector<uint8_t>;

template <typename T>
bool compare(const std::string& op, const T& a, const T& b) {
  if (op == "=") return a == b;
  if (op == "!=") return a != b;
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  return a >= b;
}

// A comparison with NaN, which stands for a missing value, is false except for "!=".
template <typename Test>
void mark_numbers(const std::vector<double>& values, Mask& mask, Test test) {
  for (size_t i = 0; i < mask.size(); ++i) {
    mask[i] = static_cast<uint8_t>(test(values[i]) && !std::isnan(values[i]));
  }
}

class Evaluator {
 public:
  Evaluator(const ColumnsOf& columns_of, const ValuesOf& values_of, size_t rows)
      : columns_of_(columns_of), values_of_(values_of), rows_(rows) {}

  // Empty and certain_ false where the SQL might see it otherwise.
  Mask evaluate(const Condition& c) {
    switch (c.kind) {
      case Condition::Kind::kAnd:
      case Condition::Kind::kOr:
        return joined(c);
      case Condition::Kind::kNot: {
        Mask mask = evaluate(c.parts.at(0));
        for (uint8_t& row : mask) row = row == 0;
        return mask;
      }
      default:
        return over_columns(c);
    }
  }
  bool certain() const { return certain_; }

 private:
  static void combine(Mask& all, const Mask& part, bool conjunction) {
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = static_cast<uint8_t>(conjunction ? all[i] & part[i] : all[i] | part[i]);
    }
  }

  Mask joined(const Condition& c) {
    Mask all = evaluate(c.parts.at(0));
    for (size_t i = 1; i < c.parts.size(); ++i) {
      combine(all, evaluate(c.parts[i]), c.kind == Condition::Kind::kAnd);
    }
    return all;
  }

  Mask over_columns(const Condition& c) {
    Mask all(rows_, 0);
    bool first = true;
    for (const SqlColumn& column : columns_of_(c.name, c.over)) {
      Mask one = on_column(c, column);
      if (first) {
        all = std::move(one);
      } else {
        combine(all, one, c.over == Condition::Over::kEvery);
      }
      first = false;
    }
    return all;
  }

  Mask on_column(const Condition& c, const SqlColumn& column) {
    Mask mask(rows_, 0);
    const Column* values = values_of_(column);
    if (values == nullptr || values->size() != rows_ || values->is_text() != column.is_text) {
      certain_ = false;
      return mask;
    }
    if (c.kind == Condition::Kind::kIsMissing) {
      for (size_t i = 0; i < rows_; ++i) mask[i] = values->missing(i) ? 1 : 0;
      return mask;
    }
    if (values->is_text()) {
      on_text(c, *values, mask);
    } else {
      on_numbers(c, column, values->numbers, mask);
    }
    return mask;
  }

  void on_text(const Condition& c, const Column& values, Mask& mask) const {
    std::vector<std::string> wanted;
    for (const auto& value : c.values) {
      const auto* number = std::get_if<double>(&value);
      wanted.push_back(number ? number_text(*number) : std::get<std::string>(value));
    }
    Mask by_code(values.dictionary.size(), 0);
    for (size_t code = 0; code < by_code.size(); ++code) {
      const std::string& text = values.dictionary[code];
      by_code[code] = c.kind == Condition::Kind::kIn
                          ? std::find(wanted.begin(), wanted.end(), text) != wanted.end()
                          : compare(c.op, text, wanted.at(0));
    }
    for (size_t i = 0; i < mask.size(); ++i) {
      const int32_t code = values.codes[i];
      mask[i] = code < 0 ? 0 : by_code[static_cast<size_t>(code)];
    }
  }

  void on_numbers(const Condition& c, const SqlColumn& column, const std::vector<double>& values,
                  Mask& mask) {
    std::vector<double> wanted;
    for (const auto& value : c.values) {
      const auto* number = std::get_if<double>(&value);
      wanted.push_back(number ? *number : parse_iso_date(std::get<std::string>(value)));
      certain_ = certain_ && exact_in_sql(wanted.back()) && (number || column.is_date);
    }
    const double first = wanted.at(0);
    if (c.kind == Condition::Kind::kIn) {
      mark_numbers(values, mask, [&](double x) {
        return std::find(wanted.begin(), wanted.end(), x) != wanted.end();
      });
    } else if (c.op == ">") {  // the two that are common, without a look at the operator a row
      mark_numbers(values, mask, [first](double x) { return x > first; });
    } else if (c.op == "<") {
      mark_numbers(values, mask, [first](double x) { return x < first; });
    } else {
      mark_numbers(values, mask, [&](double x) { return compare(c.op, x, first); });
    }
  }

  const ColumnsOf& columns_of_;
  const ValuesOf& values_of_;
  const size_t rows_;
  bool certain_ = true;
};

}  // namespace

bool exact_in_sql(double value) {
  if (!std::isfinite(value)) return false;
  const std::string text = number_text(value);
  if (text.find('.') == std::string::npos || text.find('e') != std::string::npos) return true;
  constexpr std::ptrdiff_t kExactDigits = 15;
  return std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) <=
         kExactDigits;
}

std::optional<std::vector<uint8_t>> rows_where(const Condition& condition,
                                               const ColumnsOf& columns_of,
                                               const ValuesOf& values_of, size_t rows) {
  Evaluator evaluator(columns_of, values_of, rows);
  std::vector<uint8_t> mask = evaluator.evaluate(condition);
  if (!evaluator.certain()) return std::nullopt;
  return mask;
}

std::vector<uint8_t> rows_that_hold(const Condition& condition, const ColumnsOf& columns_of,
                                    const ValuesOf& values_of, size_t rows) {
  return Evaluator(columns_of, values_of, rows).evaluate(condition);
}

}  // namespace perennial
