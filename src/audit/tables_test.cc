// Hand-made tables: each kind of finding where it belongs, and not where it does not.
#include "audit/test_tables.h"
#include "base/text.h"

namespace perennial {
namespace {

using testing::audit_one;
using testing::listed;
using testing::of_kind;
using testing::table_of;
using testing::text_column;
using Map = std::vector<std::pair<std::string, std::string>>;

TEST(Values, MisspellingIsSafeWhenRareAndClear) {
  const Table table =
      table_of("m", {text_column("plan", {{"standard", 900}, {"premium", 300}, {"standrad", 8}})});
  const auto found = of_kind(audit_one(table), "near-duplicate-values");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].safe);
  EXPECT_EQ(found[0].rows, 8);
  EXPECT_EQ(found[0].repair.at(0).map, (Map{{"standrad", "standard"}}));
  ASSERT_EQ(found[0].examples.size(), 3U);
  EXPECT_EQ(found[0].examples[0].line, 1202);
  EXPECT_EQ(found[0].examples[0].value, "standrad");
}

TEST(Values, FrequentNeighboursAreTwoValues) {
  const Table table =
      table_of("m", {text_column("c", {{"standard", 900}, {"standrad", 300}}),
                     text_column("d", {{"plan_1", 1190}, {"plan_2", 10}}),
                     text_column("e", {{"known", 1190}, {"unknown", 10}}),
                     text_column("f", {{"предыдущий", 1190}, {"препредыдущий", 10}})});
  EXPECT_TRUE(of_kind(audit_one(table), "near-duplicate-values").empty());
}

TEST(Values, LongListsAreNotRepairedUnasked) {
  std::vector<std::pair<std::string, int>> cities{{"Blackburn", 500}, {"Blackbrun", 2}};
  for (char a = 'a'; a < 'z'; ++a)
    cities.emplace_back(std::string(8, a), 30), cities.emplace_back(std::string(6, a) + "zz", 30);
  const auto found =
      of_kind(audit_one(table_of("m", {text_column("city", cities)})), "near-duplicate-values");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].safe);
}

TEST(Values, CaseAndBlankVariants) {
  Table table = table_of("m", {text_column("ok", {{"Да", 50}, {"да ", 3}, {"ДА", 2}, {"нет", 40}}),
                               text_column("unit", {{"M", 50}, {"m", 45}})});
  table.columns[1] = text_column("unit", {{"M", 50}, {"m", 45}});
  auto findings = audit_one(table);
  const auto variants = of_kind(findings, "case-variants");
  ASSERT_EQ(variants.size(), 2U) << listed(findings);
  EXPECT_TRUE(variants[0].safe);
  EXPECT_EQ(variants[0].repair.at(0).map, (Map{{"ДА", "Да"}, {"да", "Да"}}));
  EXPECT_FALSE(variants[1].safe);  // one letter
  const auto spaces = of_kind(findings, "stray-spaces");
  ASSERT_EQ(spaces.size(), 1U);
  EXPECT_EQ(spaces[0].rows, 3);
  const RepairPlan plan = safe_repairs(findings);
  ASSERT_EQ(plan.steps.size(), 2U);
  EXPECT_EQ(plan.steps[0].kind, Repair::Kind::kTrim);
}

TEST(Values, SynonymsAreDoubtful) {
  const Table table = table_of("m", {text_column("pay", {{"Credit Card", 500},
                                                         {"CC", 200},
                                                         {"Cash on Delivery", 100},
                                                         {"blue", 30},
                                                         {"dark blue", 30},
                                                         {"light blue", 30}})});
  const auto found = of_kind(audit_one(table), "synonyms");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].safe);
  EXPECT_EQ(found[0].repair.at(0).map, (Map{{"CC", "Credit Card"}}));
}

TEST(Vocabulary, PeriodsOfTwoTables) {
  const Table money = table_of("money", {text_column("Период", {{"препредыдущий_месяц", 20},
                                                                {"предыдущий_месяц", 20},
                                                                {"текущий_месяц", 20}})});
  const Table time =
      table_of("time", {text_column("Месяц", {{"предыдцщий_месяц", 20}, {"текущий_месяц", 20}})});
  // The misspelled table first: the right spelling must win by its support, not by its place.
  const auto findings = audit_tables(
      {{.table = &time, .pivot_by = "Месяц"}, {.table = &money, .pivot_by = "Период"}}, Workers(1));
  const auto found = of_kind(findings, "vocabulary");
  ASSERT_EQ(found.size(), 1U) << listed(findings);
  EXPECT_EQ(found[0].table, "time");
  EXPECT_EQ(found[0].column, "Месяц");
  EXPECT_EQ(found[0].repair.at(0).map, (Map{{"предыдцщий_месяц", "предыдущий_месяц"}}));
}

TEST(Vocabulary, UnlikeValuesAndOtherColumnsAreLeftAlone) {
  const Table a = table_of("a", {text_column("period", {{"previous", 20}, {"current", 20}}),
                                 text_column("city", {{"Moscow", 20}, {"Kazan", 20}})});
  const Table b = table_of("b", {text_column("period", {{"preprevious", 20}, {"current", 20}}),
                                 text_column("town", {{"Moscwo", 20}, {"Kazan", 20}})});
  const auto findings = audit_tables(
      {{.table = &a, .pivot_by = "period"}, {.table = &b, .pivot_by = "period"}}, Workers(1));
  EXPECT_TRUE(of_kind(findings, "vocabulary").empty()) << listed(findings);
}

TEST(Numbers, DecimalCommas) {
  const Table table = table_of("m", {Column::text("good", {"0,98", "4,1", "3", "12,75"}),
                                     Column::text("mixed", {"0,98", "4.1", "3", "12,75"}),
                                     Column::text("thousands", {"1,234", "2,345", "3", "4,567"}),
                                     Column::text("words", {"0,98", "no", "3", "12,75"})});
  const auto found = of_kind(audit_one(table), "decimal-commas");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].column, "good");
  EXPECT_TRUE(found[0].safe);
  EXPECT_EQ(found[0].rows, 3);
  EXPECT_EQ(found[0].repair.at(0).kind, Repair::Kind::kParseNumber);
  EXPECT_EQ(found[0].repair.at(0).decimal, ',');
  EXPECT_FALSE(found[1].safe);
  EXPECT_TRUE(found[1].repair.empty());
  EXPECT_FALSE(found[2].safe);
}

TEST(Numbers, AFewBadCells) {
  std::vector<std::string> values, codes;
  for (int i = 0; i < 97; ++i)
    values.push_back(std::to_string(i)), codes.push_back("00" + values.back());
  values.insert(values.end(), {"unknown", "?", "?"});
  codes.insert(codes.end(), {"x", "y", "z"});
  const Table table = table_of("m", {Column::text("v", values), Column::text("code", codes)});
  const auto found = of_kind(audit_one(table), "numbers-as-text");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].column, "v");
  EXPECT_EQ(found[0].rows, 3);
  EXPECT_FALSE(found[0].safe);
}

TEST(Names, OneRepairATable) {
  const Table table =
      table_of("m", {Column::number("id", {1, 2}), Column::number("Тип сервиса", {1, 2}),
                     Column::number("тип_сервиса", {1, 2}), Column::number("Price ($)", {1, 2})});
  const auto found = of_kind(audit_one(table), "irregular-names");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].safe);
  EXPECT_EQ(found[0].repair.at(0).map, (Map{{"Price ($)", "price"}}));  // the other name is taken
  EXPECT_TRUE(
      of_kind(audit_one(table_of("m", {Column::number("a_b", {1})})), "irregular-names").empty());
}

TEST(Ids, DuplicateRowsAndIds) {
  const Table table = table_of("m", {Column::number("id", {1, 2, 3, 4, 5, 6, 7, 8, 2, 3}),
                                     Column::number("x", {1, 2, 3, 4, 5, 6, 7, 8, 2, 9})});
  const auto findings = audit_one(table, {.id = "id"});
  const auto rows = of_kind(findings, "duplicate-rows");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].rows, 1);
  EXPECT_TRUE(rows[0].safe);
  EXPECT_EQ(rows[0].examples.at(0).line, 10);
  const auto ids = of_kind(findings, "duplicate-ids");
  ASSERT_EQ(ids.size(), 1U);
  EXPECT_EQ(ids[0].rows, 2);
  EXPECT_EQ(findings[0].severity, ids[0].severity);  // the worst comes first
  // In a long table the same rows say less.
  const auto in_long = audit_one(table, {.id = "id", .pivot_by = "x"});
  EXPECT_TRUE(of_kind(in_long, "duplicate-ids").empty());
  EXPECT_FALSE(of_kind(in_long, "duplicate-rows").at(0).safe);
}

TEST(Ids, MissingFromATable) {
  std::vector<double> all, some;
  for (int i = 0; i < 200; ++i) all.push_back(i);
  for (int i = 10; i < 203; ++i) some.push_back(i);
  std::vector<std::string> as_text;
  for (const double id : all) as_text.push_back(number_text(id));
  const Table main_table = table_of("main", {Column::number("id", all)});
  const Table part = table_of("part", {Column::number("id", some)});
  const Table text = table_of("text", {Column::text("id", as_text)});
  const Table other = table_of("other", {Column::text("id", {"a", "b"})});
  const auto findings = audit_tables({{.table = &main_table, .id = "id", .target = "y"},
                                      {.table = &part, .id = "id"},
                                      {.table = &text, .id = "id"},
                                      {.table = &other, .id = "id"}},
                                     Workers(1));
  const auto found = of_kind(findings, "missing-ids");
  ASSERT_EQ(found.size(), 3U) << listed(findings);
  EXPECT_EQ(found[0].severity, Severity::kError);
  EXPECT_EQ(found[0].table, "other");
  EXPECT_EQ(found[1].rows, 10);  // of main, not in part
  EXPECT_EQ(found[2].rows, 3);   // of part, not in main
}

// E-mails of one person in other letters are two ids to a join; that is said where they are missed.
TEST(Ids, MissedForTheirSpelling) {
  std::vector<std::string> users, visits;
  for (int i = 0; i < 60; ++i) users.push_back("user" + std::to_string(i) + "@example.org");
  visits = users;
  visits[3] = "USER3@EXAMPLE.ORG";
  visits[4] = "user4@example.org ";
  visits[5] = "nobody@example.org";
  const Table a = table_of("users", {Column::text("email", users)});
  const Table b = table_of("visits", {Column::text("email", visits)});
  const auto findings = audit_tables(
      {{.table = &a, .id = "email", .target = "y"}, {.table = &b, .id = "email"}}, Workers(1));
  const auto found = of_kind(findings, "missing-ids");
  ASSERT_EQ(found.size(), 2U) << listed(findings);
  bool said = false;
  for (const Finding& f : found) {
    EXPECT_EQ(f.rows, 2);  // blanks at the ends are no letters
    said = said || f.message.find(" 1 of them is there with other capitals") != std::string::npos;
  }
  EXPECT_TRUE(said) << found[0].message << found[1].message;
}

TEST(Columns, ConstantNearUniqueAndIdLike) {
  std::vector<double> counted, spread;
  std::vector<std::string> names, codes;
  for (int i = 0; i < 300; ++i) {
    counted.push_back(5000 + (i * 7) % 300);
    spread.push_back(i * i * 31.0);
    names.push_back("person " + std::to_string(i));
    codes.push_back("c" + std::to_string(i % 20));
  }
  const Table table = table_of("m", {Column::number("nr", counted), Column::number("sum", spread),
                                     Column::text("name", names), Column::text("code", codes),
                                     Column::number("one", std::vector<double>(300, 1)),
                                     Column::number("none", std::vector<double>(300, kMissing))});
  const auto findings = audit_one(table);
  SCOPED_TRACE(listed(findings));
  ASSERT_EQ(of_kind(findings, "id-like-column").size(), 1U);
  EXPECT_EQ(of_kind(findings, "id-like-column")[0].column, "nr");
  ASSERT_EQ(of_kind(findings, "near-unique-text").size(), 1U);
  EXPECT_EQ(of_kind(findings, "near-unique-text")[0].column, "name");
  EXPECT_EQ(of_kind(findings, "constant-column").size(), 2U);
  EXPECT_TRUE(of_kind(audit_one(table, {.id = "nr"}), "id-like-column").empty());
}

TEST(Columns, MissingMarkersAndReadingNotes) {
  Table table = table_of("m", {Column::number("x", {1, kMissing, kMissing, 4})});
  table.readings.resize(1);
  table.readings[0].missing_markers = {{"", 1}, {"#N/A", 1}};
  table.files[0].notes = {"Read as windows-1251."};
  const auto findings = audit_one(table);
  const auto markers = of_kind(findings, "missing-markers");
  ASSERT_EQ(markers.size(), 1U);
  EXPECT_EQ(markers[0].rows, 2);
  EXPECT_EQ(markers[0].severity, Severity::kInfo);
  ASSERT_EQ(of_kind(findings, "reading-choice").size(), 1U);
}

TEST(Tables, EmptyAndTinyTablesAreFine) {
  const Table none = table_of("none", {});
  const Table no_rows = table_of("no_rows", {Column::number("id", {}), Column::text("t", {})});
  const Table one_row = table_of("one", {Column::number("id", {7}), Column::text("t", {"x"})});
  const auto findings = audit_tables({{.table = &none},
                                      {.table = &no_rows, .id = "id"},
                                      {.table = &one_row, .id = "id", .target = "t"}},
                                     Workers(2));
  for (const Finding& finding : findings) EXPECT_FALSE(finding.safe) << listed(findings);
}

TEST(Tables, SameFindingsForAnyNumberOfThreads) {
  const Table table =
      table_of("m", {text_column("plan", {{"standard", 900}, {"premium", 300}, {"standrad", 8}}),
                     text_column("Ok", {{"Да", 600}, {"да", 608}})});
  const AuditTable roles{.table = &table};
  EXPECT_EQ(listed(audit_tables({roles}, Workers(1))), listed(audit_tables({roles}, Workers(4))));
}

}  // namespace
}  // namespace perennial
