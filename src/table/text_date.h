// One date as people write it: 14-Jan-15, 20/01/2027, 31.05.2024 12:30, 14 января 2015 г.,
// 2024-05-31T12:30:00+03:00.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace perennial {

// Which of the three numbers is which.
enum class DateOrder : uint8_t { kDayFirst, kMonthFirst, kYearFirst };
inline constexpr std::array kDateOrders = {DateOrder::kDayFirst, DateOrder::kMonthFirst,
                                           DateOrder::kYearFirst};

// How the date itself is written, its time of day apart.
enum class DateForm : uint8_t {
  kNamed,      // with the name of a month: 14-Jan-15, Jan 14, 2015; has one reading
  kYearFirst,  // 2024-05-31, 2024/5/31; has one reading
  kYearLast,   // 20/01/2027: day first or month first
  kShort,      // 20/01/27: any of the three orders
  kCompact,    // 20240531: looks like a number, so it is a date only where the study says so
};

struct WrittenDate {
  DateForm form = DateForm::kNamed;
  char mark = 0;       // between the parts: - / . or a blank; 0 for kCompact
  bool zoned = false;  // carries Z or an offset; `seconds` are then those of UTC
  bool short_year = false;
  // kNamed: day, month, year; else as written. Years of two digits: 69 to 99 are 1969 to 1999, 00
  // to 68 are 2000 to 2068 (POSIX, strptime %y); in kShort they are still as written.
  std::array<int, 3> parts{};
  double seconds = 0;  // of the day; outside it where an offset moves the date

  // Days since 1970-01-01; NaN when there is no such day in that order.
  double days(DateOrder order) const;
};

// Names of months in English, Russian and Portuguese, whole or by three letters or more, in any
// case. Time: H:MM[:SS[.fraction]], perhaps with AM or PM, after a blank, a comma or T; zone: Z,
// UTC, GMT, +03:00, +0300. Blanks at the ends do not matter. std::nullopt when it is no date.
std::optional<WrittenDate> parse_written_date(std::string_view text);

}  // namespace perennial
