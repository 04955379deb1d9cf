// Which columns of a file become dates, in which reading, and what is said about it.
#include "table/date_columns.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "table/store.h"

namespace perennial {
namespace {

Table read(const std::string& rows, const ReadOptions& options = {}) {
  return read_csv_bytes("t", "f.csv", "id;when\n" + rows, options, Workers(2));
}

// Type and values of the second column: "date: 2015-01-14, 2014-07-16".
std::string column_text(const Table& table) {
  const Column& column = table.columns[1];
  std::vector<std::string> values;
  for (size_t row = 0; row < column.size(); ++row) {
    values.push_back(column.missing(row) ? "~" : column.value_text(row));
  }
  return std::string(to_string(column.type)) + ": " + join(values, ", ");
}

std::string notes_of(const Table& table) { return join(table.files[0].notes, "\n"); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string message(const std::string& rows, const ReadOptions& options) {
  try {
    read(rows, options);
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_code(), 1);
    return e.what();
  }
  return "no error";
}

ReadOptions typed(const std::string& type) { return {.types = {{"when", type}}}; }

TEST(DateColumns, NamedMonthsHaveOneReading) {
  const Table table = read("1;14-Jan-15\n2;\n3;16-Jul-14\n");
  EXPECT_EQ(column_text(table), "date: 2015-01-14, ~, 2014-07-16");
  EXPECT_EQ(table.readings[1].date_order, "dmy");
  EXPECT_TRUE(contains(notes_of(table),
                       "column \"when\" holds «14-Jan-15» and the like, read as "
                       "dates; years 00 to 68 are taken as 2000 to 2068"));
}

TEST(DateColumns, ANumberAboveTwelveTellsTheOrder) {
  const Table day = read("1;05/06/2024\n2;20/01/2027\n");
  EXPECT_EQ(column_text(day), "date: 2024-06-05, 2027-01-20");
  EXPECT_TRUE(contains(notes_of(day), "day first: read month first, «20/01/2027» would be no day"));
  const Table month = read("1;05/06/2024\n2;1/20/2027\n");
  EXPECT_EQ(column_text(month), "date: 2024-05-06, 2027-01-20");
  EXPECT_EQ(month.readings[1].date_order, "mdy");
  EXPECT_EQ(column_text(read("1;2024/05/31\n2;2024/6/1\n")), "date: 2024-05-31, 2024-06-01");
}

TEST(DateColumns, WhereBothReadingsRemainItAsks) {
  const std::string rows = "1;05/06/2024\n2;07/06/2024\n3;01/12/2023\n";
  const Table table = read(rows);
  EXPECT_EQ(column_text(table), "text: 05/06/2024, 07/06/2024, 01/12/2023");
  EXPECT_TRUE(table.readings[1].date_question);
  EXPECT_EQ(table.readings[1].text_dates, 3);
  ASSERT_EQ(table.readings[1].date_examples.size(), 3U);
  EXPECT_EQ(table.readings[1].date_examples[0].line, 2);
  EXPECT_EQ(column_text(read(rows, typed("date dmy"))), "date: 2024-06-05, 2024-06-07, 2023-12-01");
  EXPECT_EQ(column_text(read(rows, typed("date mdy"))), "date: 2024-05-06, 2024-07-06, 2023-01-12");
  EXPECT_TRUE(contains(message(rows, typed("date")),
                       "f.csv:2, column \"when\": \"05/06/2024\" can be read in two ways: the day "
                       "or the month first"));
  EXPECT_TRUE(contains(message(rows, typed("date")), "types = { \"when\" = \"date dmy\" }"));
}

TEST(DateColumns, PointsStandForDayMonthYear) {
  const Table table = read("1;05.06.2024\n2;07.06.2024 12:30\n");
  EXPECT_EQ(column_text(table), "date: 2024-06-05, 2024-06-07 12:30:00");
  EXPECT_TRUE(contains(notes_of(table),
                       "day first, as is usual with points; another order is said "
                       "with types = { \"when\" = \"date mdy\" }"));
  EXPECT_EQ(column_text(read("1;05.06.2024\n2;07.16.2024\n")), "date: 2024-05-06, 2024-07-16")
      << "evidence before convention";
}

TEST(DateColumns, AnotherColumnOfTheTableMayTell) {
  const Table table = read_csv_bytes("t", "f.csv",
                                     "a;b;c\n01/02/2024;13/01/2024;01-02-2024\n"
                                     "03/02/2024;14/01/2024;03-02-2024\n"
                                     "05/02/2024;14/01/2024;04-02-2024\n",
                                     {}, Workers(1));
  EXPECT_EQ(table.columns[0].value_text(1), "2024-02-03");
  EXPECT_TRUE(contains(notes_of(table), "day first, as in the column \"b\""));
  EXPECT_TRUE(table.columns[2].is_text()) << "another mark";
  EXPECT_TRUE(table.readings[2].date_question);
}

TEST(DateColumns, ShortYears) {
  std::string rows;
  for (int day = 1; day <= 28; ++day) {
    rows += std::to_string(day) + ";24-05-" + (day < 10 ? "0" : "") + std::to_string(day) + "\n";
  }
  const Table year_first = read(rows);
  EXPECT_EQ(year_first.columns[1].value_text(27), "2024-05-28");
  EXPECT_TRUE(contains(notes_of(year_first),
                       "year first: the last number has 28 different values, the first 1"));
  EXPECT_EQ(column_text(read("1;20-05-24\n2;21-06-24\n")), "text: 20-05-24, 21-06-24")
      << "20 May 2024 or 24 May 2020: too few to tell";
  EXPECT_EQ(column_text(read("1;05/31/24\n2;06/30/24\n")), "date: 2024-05-31, 2024-06-30")
      << "only the month can come first";
  EXPECT_EQ(column_text(read("1;10.1.2\n2;10.2.3\n3;11.0.1\n")).substr(0, 4), "text") << "versions";
}

TEST(DateColumns, OtherCellsLeaveItText) {
  const Table table = read("1;14-Jan-15\n2;unknown\n3;16-Jul-14\n4;17-Jul-14\n");
  EXPECT_EQ(column_text(table).substr(0, 4), "text");
  EXPECT_EQ(table.readings[1].text_dates, 3);
  EXPECT_EQ(table.readings[1].not_dates, 1);
  EXPECT_EQ(table.readings[1].date_examples.at(0).line, 3);
  EXPECT_EQ(table.readings[1].date_examples.at(0).value, "unknown");
  EXPECT_TRUE(contains(message("1;14-Jan-15\n2;unknown\n", typed("date")),
                       "f.csv:3, column \"when\": \"unknown\" is not a date, as the study says"));
  EXPECT_TRUE(contains(message("1;31/05/2024\n2;05/31/2024\n", typed("date mdy")),
                       "f.csv:2, column \"when\": \"31/05/2024\" is not a date, month first"));
  EXPECT_EQ(column_text(read("1;31/05/2024\n2;05/31/2024\n3;05/30/2024\n")).substr(0, 4), "text");
  ReadOptions marked;
  marked.missing = {"unknown"};
  EXPECT_EQ(column_text(read("1;14-Jan-15\n2;unknown\n", marked)), "date: 2015-01-14, ~");
}

TEST(DateColumns, SeveralWaysNeedTheStudy) {
  const std::string rows = "1;31/05/2024\n2;2024-06-01\n3;2-Jun-24\n";
  const Table table = read(rows);
  EXPECT_EQ(column_text(table).substr(0, 4), "text");
  EXPECT_EQ(table.readings[1].text_dates, 3);
  EXPECT_EQ(table.readings[1].not_dates, 0);
  EXPECT_FALSE(table.readings[1].date_question);
  EXPECT_EQ(column_text(read(rows, typed("date dmy"))), "date: 2024-05-31, 2024-06-01, 2024-06-02");
  EXPECT_EQ(
      column_text(read("1;2024-05-31 12:00\n2;2024-05-31T12:00:00Z\n3;2024-05-31\n")).substr(0, 4),
      "text")
      << "a zone in one cell alone";
}

TEST(DateColumns, ZonesBecomeUtc) {
  const Table table = read("1;2024-05-31T12:30:00+03:00\n2;2024-05-31T12:30:00Z\n");
  EXPECT_EQ(column_text(table), "date: 2024-05-31 09:30:00, 2024-05-31 12:30:00");
  EXPECT_TRUE(contains(notes_of(table), "turned into UTC"));
}

TEST(DateColumns, DigitsAreDatesWhereTheStudySaysSo) {
  EXPECT_EQ(column_text(read("1;20240531\n2;20240601\n")), "number: 20240531, 20240601");
  EXPECT_EQ(column_text(read("1;20240531\n2;20240601\n", typed("date ymd"))),
            "date: 2024-05-31, 2024-06-01");
}

TEST(DateColumns, NothingToReadStaysMissing) {
  EXPECT_EQ(column_text(read("1;\n2;\n", typed("date dmy"))), "date: ~, ~");
  EXPECT_EQ(column_text(read("1;14-Jan-15\n2;16-Jul-14\n", typed("text"))),
            "text: 14-Jan-15, 16-Jul-14");
}

TEST(DateColumns, SameForAnyNumberOfThreadsAndPieces) {
  std::string rows;
  for (int i = 0; i < 200000; ++i) {
    rows += std::to_string(i) + ";" + std::to_string(i % 28 + 1) + "/" +
            std::to_string(i % 12 + 1) + "/20" + std::to_string(10 + i % 15) + "\n";
  }
  const Table one = read_csv_bytes("t", "f.csv", "id;when\n" + rows, {}, Workers(1));
  const Table two = read_csv_bytes("t", "f.csv", "id;when\n" + rows, {}, Workers(2));
  ASSERT_EQ(one.columns[1].type, ColumnType::kDate);
  EXPECT_EQ(one.columns[1].numbers, two.columns[1].numbers);
  EXPECT_EQ(one.files[0].notes, two.files[0].notes);
}

}  // namespace
}  // namespace perennial
