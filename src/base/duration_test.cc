#include "base/duration.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace perennial {
namespace {

using Unit = Duration::Unit;

TEST(Duration, ReadsWhatPeopleWrite) {
  const auto read = [](const char* text) { return parse_duration(text, "here"); };
  EXPECT_EQ(read("90 days"), (Duration{90, Unit::kDay}));
  EXPECT_EQ(read("a day"), (Duration{1, Unit::kDay}));
  EXPECT_EQ(read("two weeks"), (Duration{14, Unit::kDay}));
  EXPECT_EQ(read("Three Months"), (Duration{3, Unit::kMonth}));
  EXPECT_EQ(read(" 1  year "), (Duration{12, Unit::kMonth}));
  EXPECT_EQ(read("2 quarters"), (Duration{6, Unit::kMonth}));
  EXPECT_EQ(read("48 hours"), (Duration{48, Unit::kHour}));
  EXPECT_EQ(read("30 minutes"), (Duration{30, Unit::kMinute}));
}

TEST(Duration, TextReadsBack) {
  for (const Duration d :
       {Duration{1, Unit::kDay}, Duration{90, Unit::kDay}, Duration{7, Unit::kMonth},
        Duration{24, Unit::kMonth}, Duration{5, Unit::kHour}, Duration{1, Unit::kMinute}}) {
    EXPECT_EQ(parse_duration(to_text(d), "here"), d) << to_text(d);
  }
  EXPECT_EQ(to_text({24, Unit::kMonth}), "2 years");
  EXPECT_EQ(to_text({1, Unit::kMonth}), "1 month");
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "90", "days", "0 days", "-3 days", "3.5 days", "90 dais", "1 2 days",
                           "99999999 days", "2000 years"}) {
    try {
      parse_duration(text, "study.toml:3");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 1);
      EXPECT_NE(std::string(error.what()).find("study.toml:3"), std::string::npos);
    }
  }
}

// Days since 1970-01-01 by the calendar: 2024-03-31 is 19813, 2024-02-29 is 19782, 2023-02-28 is
// 19416, 2024-06-30 is 19904 (date -d … +%s divided by 86400).
TEST(Duration, MovesByTheCalendar) {
  EXPECT_EQ(earlier(19813, {1, Unit::kMonth}), 19782);
  EXPECT_EQ(earlier(19782, {12, Unit::kMonth}), 19416);
  EXPECT_EQ(later(19813, {3, Unit::kMonth}), 19904);
  EXPECT_EQ(later(19813.25, {3, Unit::kMonth}), 19904.25);
  EXPECT_EQ(later(19813, {10, Unit::kDay}), 19823);
  EXPECT_EQ(earlier(19813, {36, Unit::kHour}), 19811.5);
  EXPECT_EQ(earlier(0, {1, Unit::kMonth}), -31);
}

}  // namespace
}  // namespace perennial
