// A column of values in memory: numbers (and dates, as days) or text by dictionary codes.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

enum class ColumnType {
  kNumber,  // double; NaN is missing
  kDate,    // days since 1970-01-01 as a double (time of day as a fraction); NaN is missing
  kText,    // codes into a dictionary; -1 is missing
};

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class Column {
 public:
  std::string name;
  ColumnType type = ColumnType::kNumber;
  std::vector<double> numbers;          // kNumber, kDate
  std::vector<int32_t> codes;           // kText
  std::vector<std::string> dictionary;  // kText: distinct values, in any order, each used or not

  static Column number(std::string name, std::vector<double> values);
  // Builds codes and dictionary (order of first appearance); "" is a value, not missing.
  static Column text(std::string name, const std::vector<std::string>& values);

  bool is_text() const { return type == ColumnType::kText; }
  size_t size() const { return is_text() ? codes.size() : numbers.size(); }
  bool missing(size_t row) const { return is_text() ? codes[row] < 0 : std::isnan(numbers[row]); }
  // The value as a person would write it: number_text, an ISO date, the text itself; "" if missing.
  std::string value_text(size_t row) const;
  // Rows in the given order (repeats allowed).
  Column take(const std::vector<uint32_t>& rows) const;
};

// Days since 1970-01-01 of a day of the Gregorian calendar; NaN when there is no such day.
double days_since_1970(int year, int month, int day);
// That day with a time of it, rounded once: equal to what a timestamp gives, to the last bit.
double days_at(double day, double seconds);
// Days since 1970-01-01 as "2017-03-01" or "2017-03-01 14:24:17" (seconds only when there are any).
std::string date_text(double days);
// ISO dates only: YYYY-MM-DD, optionally " HH:MM[:SS]" or "THH:MM[:SS]"; NaN when it is not one.
double parse_iso_date(std::string_view text);

const char* to_string(ColumnType type);

}  // namespace perennial
