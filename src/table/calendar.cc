#include "table/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

using Days = std::chrono::sys_days;

Days day_of(double days) { return Days{std::chrono::days{static_cast<int>(std::floor(days))}}; }

unsigned month_of(double days) {
  return static_cast<unsigned>(std::chrono::year_month_day(day_of(days)).month());
}

struct Part {
  const char* name;
  unsigned first, last;
  int width;
  unsigned (*of)(double days);
};

constexpr Part kParts[] = {
    {.name = "month", .first = 1, .last = 12, .width = 2, .of = month_of},
    {.name = "quarter",
     .first = 1,
     .last = 4,
     .width = 1,
     .of = [](double days) { return (month_of(days) + 2) / 3; }},
    {.name = "weekday",
     .first = 1,
     .last = 7,
     .width = 1,
     .of = [](double days) { return std::chrono::weekday(day_of(days)).iso_encoding(); }},
    {.name = "hour",
     .first = 0,
     .last = 23,
     .width = 2,
     .of =
         [](double days) {
           // Times are fractions of days: half a second of rounding must not move the hour.
           constexpr double kSecond = 1.0 / 86400;
           const double fraction = days + 0.5 * kSecond - std::floor(days + 0.5 * kSecond);
           return static_cast<unsigned>(fraction * 24);
         }},
};

Column part_of(const Column& dates, const Part& part) {
  Column out;
  out.name = dates.name + "_" + part.name;
  out.type = ColumnType::kText;
  for (unsigned value = part.first; value <= part.last; ++value) {
    out.dictionary.push_back(fmt::format("{:0{}}", value, part.width));
  }
  out.codes.reserve(dates.size());
  for (const double days : dates.numbers) {
    out.codes.push_back(std::isnan(days) ? -1 : static_cast<int32_t>(part.of(days) - part.first));
  }
  return out;
}

}  // namespace

const std::vector<std::string>& calendar_parts() {
  static const std::vector<std::string> kNames = {"month", "quarter", "weekday", "hour"};
  return kNames;
}

void add_calendar(Table& table, const std::string& column, const std::vector<std::string>& parts,
                  bool may_lack) {
  const std::string where = fmt::format("table {}, key \"calendar\"", quoted(table.name));
  const int index = table.index_of(column);
  if (index < 0 && may_lack) return;
  if (index < 0) {
    throw Error(ErrorCode::kStudy, where,
                fmt::format("the table has no column {}{}", quoted(column),
                            did_you_mean(column, table.column_names())),
                "Its columns: " + join(table.column_names(), ", "));
  }
  const Column dates = table.columns[static_cast<size_t>(index)];
  if (dates.type != ColumnType::kDate) {
    throw Error(
        ErrorCode::kStudy, where,
        fmt::format("the column {} holds {}s, not dates", quoted(column), to_string(dates.type)),
        fmt::format("Say types = {{ {} = \"date\" }} if they are dates such as 2024-03-01",
                    quoted(column)));
  }
  for (const std::string& name : parts) {
    const auto part = std::find_if(std::begin(kParts), std::end(kParts),
                                   [&](const Part& p) { return name == p.name; });
    PERENNIAL_CHECK(part != std::end(kParts));
    Column made = part_of(dates, *part);
    if (table.find(made.name) != nullptr) {
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("the table has a column {} already", quoted(made.name)),
                  "Use that column, or rename it by a repair");
    }
    table.columns.push_back(std::move(made));
    table.readings.resize(table.columns.size());
  }
}

}  // namespace perennial
