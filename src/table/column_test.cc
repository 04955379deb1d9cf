#include "table/column.h"

#include <gtest/gtest.h>

#include "table/table.h"

namespace perennial {
namespace {

TEST(Column, TextKeepsTheOrderOfFirstAppearanceAndEmptyIsAValue) {
  const Column column = Column::text("город", {"Тверь", "", "Москва", "Тверь"});
  EXPECT_EQ(column.dictionary, (std::vector<std::string>{"Тверь", "", "Москва"}));
  EXPECT_EQ(column.codes, (std::vector<int32_t>{0, 1, 2, 0}));
  EXPECT_FALSE(column.missing(1));
  EXPECT_EQ(column.value_text(3), "Тверь");
}

TEST(Column, TakeRepeatsAndReorders) {
  const Column number = Column::number("x", {1, kMissing, 3}).take({2, 0, 2, 1});
  EXPECT_EQ(number.size(), 4U);
  EXPECT_EQ(number.numbers[0], 3);
  EXPECT_EQ(number.numbers[2], 3);
  EXPECT_TRUE(number.missing(3));
  EXPECT_EQ(number.value_text(3), "");
  const Column text = Column::text("t", {"a", "b"}).take({1, 1});
  EXPECT_EQ(text.value_text(0) + text.value_text(1), "bb");
}

// Day numbers from Python: (datetime.date(y, m, d) - datetime.date(1970, 1, 1)).days.
TEST(Column, IsoDatesAreDaysSince1970) {
  EXPECT_EQ(parse_iso_date("1970-01-01"), 0);
  EXPECT_EQ(parse_iso_date("2017-03-01"), 17226);
  EXPECT_EQ(parse_iso_date("2000-02-29"), 11016);
  EXPECT_EQ(parse_iso_date("1899-12-31"), -25568);
  EXPECT_EQ(parse_iso_date("0001-01-01"), -719162);
  EXPECT_EQ(parse_iso_date("9999-12-31"), 2932896);
  EXPECT_EQ(parse_iso_date("2017-03-01 12:00"), 17226.5);
  EXPECT_EQ(parse_iso_date("2017-03-01T06:00:00"), 17226.25);
}

TEST(Column, WhatIsNoIsoDateIsMissing) {
  for (const char* text :
       {"", "2017-3-1", "2017-02-29", "2017-13-01", "2017-00-10", "2017-01-32", "01-02-2017",
        "2017-01-01 ", "2017-01-01 24:00", "2017-01-01 10:60", "2017-01-01 10:00:60",
        "2017-01-01x10:00", "2017-01-01 1:00", "14-Jan-15", "2017-01-01 10:00:00.5"}) {
    EXPECT_TRUE(std::isnan(parse_iso_date(text))) << text;
  }
}

TEST(Column, DatesReadBackAsWritten) {
  for (const char* text : {"2017-03-01", "2017-03-11 14:24:17", "1969-12-31 23:59:59", "0001-01-01",
                           "2400-02-29", "1900-03-01"}) {
    EXPECT_EQ(date_text(parse_iso_date(text)), text);
  }
  EXPECT_EQ(date_text(kMissing), "");
  EXPECT_EQ(date_text(parse_iso_date("2017-03-01T14:24")), "2017-03-01 14:24:00");
}

TEST(Table, FindsByExactNameBeforeTheRegularForm) {
  Table table;
  table.columns = {Column::number("тип_сервиса", {1}), Column::number("Тип сервиса", {2})};
  EXPECT_EQ(table.index_of("Тип сервиса"), 1);
  EXPECT_EQ(table.index_of("ТИП СЕРВИСА"), 0);
  EXPECT_EQ(table.find("нет"), nullptr);
  EXPECT_EQ(table.index_of("нет"), -1);
}

}  // namespace
}  // namespace perennial
