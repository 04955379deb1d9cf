// Lengths of time as people say them: "90 days", "three months", "a year", "48 hours",
// "30 minutes". Months and
// years are calendar ones: a month before 31 March is the last day of February.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace perennial {

struct Duration {
  enum class Unit { kMinute, kHour, kDay, kMonth };
  int64_t count = 0;  // 0: no length given
  Unit unit = Unit::kDay;
  bool empty() const { return count == 0; }
  bool operator==(const Duration&) const = default;
};

// Weeks are read as days, quarters and years as months. Throws Error{kStudy} at `where` when the
// text is none, is not above zero, or is longer than a thousand years.
Duration parse_duration(std::string_view text, const std::string& where);
// "90 days", "1 month", "2 years": parse_duration reads it back as an equal duration.
std::string to_text(const Duration& duration);

// `days` (since 1970-01-01, time of day as a fraction) so much later or earlier.
double later(double days, const Duration& duration);
double earlier(double days, const Duration& duration);
// Its length in days; a month counts 30.4375.
double days_in(const Duration& duration);

}  // namespace perennial
