#include "table/text_date.h"

#include <gtest/gtest.h>

#include "table/column.h"

namespace perennial {
namespace {

// The date in ISO form, read in that order; "" when it is none.
std::string iso(std::string_view text, DateOrder order = DateOrder::kDayFirst) {
  const auto date = parse_written_date(text);
  return date ? date_text(date->days(order)) : "";
}

TEST(TextDate, NamesOfMonths) {
  EXPECT_EQ(iso("14-Jan-15"), "2015-01-14");
  EXPECT_EQ(iso("04-DEC-1999"), "1999-12-04");
  EXPECT_EQ(iso("7 Sept. 2021"), "2021-09-07");
  EXPECT_EQ(iso("31 de janeiro de 2015"), "2015-01-31");
  EXPECT_EQ(iso("14 января 2015 г."), "2015-01-14");
  EXPECT_EQ(iso("1 Мая 1970"), "1970-05-01");
  EXPECT_EQ(iso("January 14, 2015"), "2015-01-14");
  EXPECT_EQ(iso("Mar 1st, 2016"), "2016-03-01");
  EXPECT_EQ(iso("2nd of February 2016"), "2016-02-02");
  EXPECT_EQ(iso("2015-Jan-14"), "2015-01-14");
  EXPECT_EQ(iso("14/fev/2015"), "2015-02-14");
  EXPECT_EQ(iso("30-Feb-15"), "") << "there is no such day";
  EXPECT_EQ(iso("14-Jax-15"), "");
  EXPECT_EQ(iso("14-Ma-15"), "") << "March or May";
}

TEST(TextDate, NumbersInEachOrder) {
  EXPECT_EQ(iso("20/01/2027"), "2027-01-20");
  EXPECT_EQ(iso("1/20/2027", DateOrder::kMonthFirst), "2027-01-20");
  EXPECT_EQ(iso("31.05.2024"), "2024-05-31");
  EXPECT_EQ(iso("05/06/2024"), "2024-06-05");
  EXPECT_EQ(iso("05/06/2024", DateOrder::kMonthFirst), "2024-05-06");
  EXPECT_EQ(iso("2024/5/31"), "2024-05-31");
  EXPECT_EQ(iso("24-05-31", DateOrder::kYearFirst), "2024-05-31");
  EXPECT_EQ(iso("20240531"), "2024-05-31");
  EXPECT_EQ(iso("29.02.2024"), "2024-02-29");
  EXPECT_EQ(iso("29.02.2023"), "");
  EXPECT_EQ(iso("31/04/2024"), "");
  for (const char* other : {"12/05", "10.1.2", "1.234.567", "1,5", "2024", "05.2024", "10-20-30-40",
                            "5/6-2024", "+7 912 345", "192.168.10.1", "abc", "", "99999999",
                            "32.13.2024", "14 01 2015", "2024-05-31x"}) {
    EXPECT_FALSE(parse_written_date(other).has_value()) << other;
  }
}

TEST(TextDate, YearsOfTwoDigitsFollowPosix) {
  EXPECT_EQ(iso("14-Jan-68"), "2068-01-14");
  EXPECT_EQ(iso("14-Jan-69"), "1969-01-14");
  EXPECT_EQ(iso("31/12/99"), "1999-12-31");
}

TEST(TextDate, TimesAndZones) {
  EXPECT_EQ(iso("31.05.2024 12:30"), "2024-05-31 12:30:00");
  EXPECT_EQ(iso("31.05.2024, 9:05:07"), "2024-05-31 09:05:07");
  EXPECT_EQ(iso("5/31/2024 12:05 AM", DateOrder::kMonthFirst), "2024-05-31 00:05:00");
  EXPECT_EQ(iso("5/31/2024 1:05PM", DateOrder::kMonthFirst), "2024-05-31 13:05:00");
  EXPECT_EQ(iso("2024-05-31T12:30:00Z"), "2024-05-31 12:30:00");
  EXPECT_EQ(iso("2024-05-31T12:30:00.25+03:00"), "2024-05-31 09:30:00");
  EXPECT_EQ(iso("2024-05-31 23:30:00 -0500"), "2024-06-01 04:30:00");
  EXPECT_TRUE(parse_written_date("2024-05-31T12:30:00+03")->zoned);
  EXPECT_FALSE(parse_written_date("2024-05-31T12:30:00")->zoned);
  EXPECT_DOUBLE_EQ(parse_written_date("1970-01-02 12:00:00.500")->days(DateOrder::kDayFirst),
                   1.5 + 0.5 / 86400);
  for (const char* wrong : {"31.05.2024 24:00", "31.05.2024 12:60", "31.05.2024 12", "31.05.2024T",
                            "2024-05-31T12:30:00+3", "5/31/2024 13:05 PM"}) {
    EXPECT_FALSE(parse_written_date(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace perennial
