#include "base/duration.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

using Unit = Duration::Unit;

[[noreturn]] void refuse(std::string_view text, const std::string& where) {
  throw Error(ErrorCode::kStudy, where,
              fmt::format("{} is not a length of time", quoted(std::string(text))),
              "Write a number and a unit, such as \"30 minutes\", \"90 days\" or \"three months\"");
}

// 0 where the word is no number from one to twelve.
int64_t number_of(const std::string& word) {
  static constexpr std::array<std::string_view, 12> kWords = {"one",  "two", "three",  "four",
                                                              "five", "six", "seven",  "eight",
                                                              "nine", "ten", "eleven", "twelve"};
  if (word == "a" || word == "an") return 1;
  for (size_t i = 0; i < kWords.size(); ++i) {
    if (word == kWords[i]) return static_cast<int64_t>(i) + 1;
  }
  if (word.empty() || word.size() > 7) return 0;
  if (word.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::stoll(word);
}

struct UnitWord {
  Unit unit;
  int64_t times;
};

// A calendar month later or earlier, on the same day where the month has it, else on its last.
double plus_months(double days, int64_t months) {
  using std::chrono::month_day_last, std::chrono::sys_days, std::chrono::year_month,
      std::chrono::year_month_day, std::chrono::year_month_day_last;
  const double whole = std::floor(days);
  const year_month_day from{sys_days{std::chrono::days{static_cast<int64_t>(whole)}}};
  const year_month to = year_month{from.year(), from.month()} + std::chrono::months{months};
  const std::chrono::day last = year_month_day_last{to.year(), month_day_last{to.month()}}.day();
  const year_month_day there{to.year(), to.month(), std::min(from.day(), last)};
  return static_cast<double>(sys_days{there}.time_since_epoch().count()) + (days - whole);
}

double moved(double days, const Duration& duration, int64_t direction) {
  const int64_t count = direction * duration.count;
  switch (duration.unit) {
    case Unit::kMinute:
      return days + static_cast<double>(count) / 1440.0;
    case Unit::kHour:
      return days + static_cast<double>(count) / 24.0;
    case Unit::kDay:
      return days + static_cast<double>(count);
    case Unit::kMonth:
      break;
  }
  return plus_months(days, count);
}

}  // namespace

Duration parse_duration(std::string_view text, const std::string& where) {
  static const std::map<std::string, UnitWord> kUnits = {
      {"minute", {Unit::kMinute, 1}}, {"hour", {Unit::kHour, 1}},   {"day", {Unit::kDay, 1}},
      {"week", {Unit::kDay, 7}},      {"month", {Unit::kMonth, 1}}, {"quarter", {Unit::kMonth, 3}},
      {"year", {Unit::kMonth, 12}}};
  std::vector<std::string> words;
  for (std::string& word : split(to_lower(trim(text)), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.size() != 2) refuse(text, where);
  std::string unit = words[1];
  if (unit.size() > 1 && unit.back() == 's') unit.pop_back();
  const auto found = kUnits.find(unit);
  const int64_t number = number_of(words[0]);
  if (found == kUnits.end() || number == 0) refuse(text, where);
  const Duration out{.count = number * found->second.times, .unit = found->second.unit};
  constexpr double kThousandYears = 365250;
  if (days_in(out) > kThousandYears) refuse(text, where);
  return out;
}

std::string to_text(const Duration& duration) {
  const int64_t n = duration.count;
  if (duration.unit == Unit::kMinute) return counted(n, "minute");
  if (duration.unit == Unit::kHour) return counted(n, "hour");
  if (duration.unit == Unit::kDay) return counted(n, "day");
  return n % 12 == 0 ? counted(n / 12, "year") : counted(n, "month");
}

double later(double days, const Duration& duration) { return moved(days, duration, 1); }
double earlier(double days, const Duration& duration) { return moved(days, duration, -1); }

double days_in(const Duration& duration) {
  const auto count = static_cast<double>(duration.count);
  if (duration.unit == Unit::kMinute) return count / 1440.0;
  if (duration.unit == Unit::kHour) return count / 24.0;
  return duration.unit == Unit::kDay ? count : count * 30.4375;
}

}  // namespace perennial
