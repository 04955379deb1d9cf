#include "table/column.h"

#include <unordered_map>

#include "base/text.h"

namespace perennial {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

// Days since 1970-01-01 of a Gregorian date, and back (Hinnant, "chrono-compatible low-level date
// algorithms", 2013).
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Civil {
  int64_t year, month, day;
};

Civil civil_of(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) / 5 + 1};
}

bool leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int64_t days_in(int64_t year, int64_t month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[month - 1];
}

// The number written in text[at, at + length), or -1 when one of them is not a digit.
int64_t digits(std::string_view text, size_t at, size_t length) {
  int64_t value = 0;
  for (size_t i = at; i < at + length; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// " HH:MM[:SS]" or "THH:MM[:SS]" in seconds, or -1.
int64_t parse_time(std::string_view text) {
  if (text.size() != 6 && text.size() != 9) return -1;
  if ((text[0] != ' ' && text[0] != 'T') || text[3] != ':') return -1;
  const int64_t hour = digits(text, 1, 2), minute = digits(text, 4, 2);
  int64_t second = 0;
  if (text.size() == 9) second = text[6] == ':' ? digits(text, 7, 2) : -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  return (hour * 60 + minute) * 60 + second;
}

std::string padded(int64_t value, size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

}  // namespace

Column Column::number(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.numbers = std::move(values);
  return column;
}

Column Column::text(std::string name, const std::vector<std::string>& values) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::kText;
  column.codes.reserve(values.size());
  std::unordered_map<std::string_view, int32_t> code_of;
  for (const std::string& value : values) {
    const auto [at, added] = code_of.try_emplace(value, static_cast<int32_t>(code_of.size()));
    if (added) column.dictionary.push_back(value);
    column.codes.push_back(at->second);
  }
  return column;
}

std::string Column::value_text(size_t row) const {
  if (missing(row)) return "";
  if (type == ColumnType::kText) return dictionary[static_cast<size_t>(codes[row])];
  return type == ColumnType::kDate ? date_text(numbers[row]) : number_text(numbers[row]);
}

Column Column::take(const std::vector<uint32_t>& rows) const {
  Column taken;
  taken.name = name;
  taken.type = type;
  if (is_text()) {
    taken.dictionary = dictionary;
    taken.codes.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) taken.codes[i] = codes[rows[i]];
  } else {
    taken.numbers.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) taken.numbers[i] = numbers[rows[i]];
  }
  return taken;
}

std::string date_text(double days) {
  // Beyond a hundred million days neither a calendar nor the arithmetic below makes sense.
  if (!(std::abs(days) < 1e8)) return std::isnan(days) ? "" : number_text(days);
  const auto seconds = static_cast<int64_t>(std::llround(days * kSecondsPerDay));
  int64_t day = seconds / kSecondsPerDay, rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --day;
  }
  const Civil date = civil_of(day);
  std::string text = date.year < 0 ? "-" + padded(-date.year, 4) : padded(date.year, 4);
  text += "-" + padded(date.month, 2) + "-" + padded(date.day, 2);
  if (rest == 0) return text;
  return text + " " + padded(rest / 3600, 2) + ":" + padded(rest / 60 % 60, 2) + ":" +
         padded(rest % 60, 2);
}

double days_since_1970(int year, int month, int day) {
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return kMissing;
  return static_cast<double>(days_of(year, month, day));
}

double days_at(double day, double seconds) {
  constexpr auto kUnit = static_cast<double>(kSecondsPerDay);
  return (day * kUnit + seconds) / kUnit;
}

double parse_iso_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return kMissing;
  const int64_t year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const double days =
      days_since_1970(static_cast<int>(year), static_cast<int>(month), static_cast<int>(day));
  if (std::isnan(days)) return kMissing;
  if (text.size() == 10) return days;
  const int64_t seconds = parse_time(text.substr(10));
  if (seconds < 0) return kMissing;
  return days_at(days, static_cast<double>(seconds));
}

const char* to_string(ColumnType type) {
  switch (type) {
    case ColumnType::kNumber:
      return "number";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kText:
      break;
  }
  return "text";
}

}  // namespace perennial
