#include "table/calendar.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace perennial {
namespace {

Table with_dates() {
  Table table;
  table.name = "visits";
  Column dates = Column::number(
      "date", {parse_iso_date("2024-02-29"), parse_iso_date("2026-11-26 09:31:12"), kMissing,
               parse_iso_date("1969-12-31"), parse_iso_date("2025-01-01 23:59:59")});
  dates.type = ColumnType::kDate;
  table.columns = {dates, Column::number("seconds", {1, 2, 3, 4, 5})};
  table.readings.resize(2);
  return table;
}

std::vector<std::string> texts(const Table& table, const char* name) {
  std::vector<std::string> out;
  for (size_t i = 0; i < table.rows(); ++i) out.push_back(table.find(name)->value_text(i));
  return out;
}

// Expected values: `date -d` of GNU coreutils.
TEST(Calendar, PartsOfDates) {
  Table table = with_dates();
  add_calendar(table, "date", {"month", "quarter", "weekday", "hour"}, false);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts(table, "date_month"), (Texts{"02", "11", "", "12", "01"}));
  EXPECT_EQ(texts(table, "date_quarter"), (Texts{"1", "4", "", "4", "1"}));
  EXPECT_EQ(texts(table, "date_weekday"), (Texts{"4", "4", "", "3", "3"}));
  EXPECT_EQ(texts(table, "date_hour"), (Texts{"00", "09", "", "00", "23"}));
  EXPECT_EQ(table.readings.size(), table.columns.size());
}

TEST(Calendar, RefusesWhatIsNoDate) {
  Table table = with_dates();
  EXPECT_THROW(add_calendar(table, "seconds", {"month"}, false), Error);
  EXPECT_THROW(add_calendar(table, "dat", {"month"}, false), Error);
  add_calendar(table, "dat", {"month"}, true);
  EXPECT_EQ(table.columns.size(), 2u);
  add_calendar(table, "date", {"month"}, false);
  EXPECT_THROW(add_calendar(table, "date", {"month"}, false), Error);
}

}  // namespace
}  // namespace perennial
