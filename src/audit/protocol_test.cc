#include "audit/protocol.h"

#include <gtest/gtest.h>

namespace perennial {
namespace {

Table visits() {
  Table table;
  table.name = "visits";
  std::vector<std::string> emails;
  std::vector<double> days, bought;
  for (int i = 0; i < 200; ++i) {
    emails.push_back("user" + std::to_string(i / 2) + "@example.org");
    days.push_back(20'000 + i);
    bought.push_back(i % 3 == 0);
  }
  Column date = Column::number("date", days);
  date.type = ColumnType::kDate;
  table.columns = {Column::text("email", emails), date, Column::number("bought", bought)};
  return table;
}

std::vector<std::string> kinds(const ProtocolView& view) {
  std::vector<std::string> out;
  for (const Finding& f : audit_protocol(view)) out.push_back(f.kind + " " + f.column);
  return out;
}

using Kinds = std::vector<std::string>;

TEST(Protocol, SeveralRowsOfOnePerson) {
  const Table table = visits();
  ProtocolView view{.entity = &table, .id = "#row", .target = {"bought"}};
  EXPECT_EQ(kinds(view), Kinds{"rows-of-one-person email"});
  EXPECT_EQ(audit_protocol(view)[0].rows, 200);
  view.group = "email";
  EXPECT_EQ(kinds(view), Kinds{});
  view.group = "";
  view.id = "email";
  EXPECT_EQ(kinds(view), Kinds{});
}

TEST(Protocol, OneRowEachIsFine) {
  Table table = visits();
  std::vector<std::string> emails;
  for (int i = 0; i < 200; ++i) emails.push_back("user" + std::to_string(i) + "@example.org");
  table.columns[0] = Column::text("email", emails);
  EXPECT_EQ(kinds({.entity = &table, .id = "#row", .target = {"bought"}}), Kinds{});
}

TEST(Protocol, AFilterThatLooksAtTheTarget) {
  const Table table = visits();
  ProtocolView view{.entity = &table, .id = "email", .target = {"bought"}};
  view.filters = {{.table = "", .where = "bought = 1 or date > 3", .key = "cohort"}};
  EXPECT_EQ(kinds(view), Kinds{"filter-looks-at-target bought"});
  view.filters = {{.table = "visits", .where = "bought = 0", .key = "[[repair]]"}};
  EXPECT_EQ(kinds(view), Kinds{"filter-looks-at-target bought"});
  view.filters = {{.table = "other", .where = "bought = 0", .key = "[[repair]]"},
                  {.table = "", .where = "date > 3", .key = "cohort"}};
  EXPECT_EQ(kinds(view), Kinds{});
}

TEST(Protocol, DatedRowsAddedUpOverAllDates) {
  const Table table = visits();
  Table users;
  users.name = "users";
  users.columns = {Column::text("email", {"a@example.org"})};
  ProtocolView view{.entity = &users, .id = "email", .target = {}};
  view.sums = {{.table = &table, .bounded = false}};
  EXPECT_EQ(kinds(view), Kinds{"sums-without-cutoff date"});
  view.sums[0].bounded = true;
  EXPECT_EQ(kinds(view), Kinds{});
}

}  // namespace
}  // namespace perennial
