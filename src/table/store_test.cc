#include "table/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/error.h"
#include "base/files.h"

namespace perennial {
namespace {

Table example_table() {
  Table table;
  table.name = "clients";
  table.columns = {Column::number("id", {1, 2, 3, 4}),
                   Column::text("Тип сервиса", {"стандарт", "премиум", "стандарт", ""}),
                   Column::number("доля", {0.5, kMissing, -2, 1e20})};
  table.columns[1].codes[1] = -1;
  return table;
}

TEST(Store, ShowsATableWithItsNamesRowsAndMissingValues) {
  const Table table = example_table();
  Store store;
  store.add("clients", table);
  const auto columns = store.query("SELECT * FROM clients ORDER BY \"#row\"");
  ASSERT_EQ(columns.size(), 4u);
  EXPECT_EQ(columns[0].name, "id");
  EXPECT_EQ(columns[1].name, "Тип сервиса");
  EXPECT_EQ(columns[1].type, ColumnType::kText);
  EXPECT_EQ(columns[1].value_text(0), "стандарт");
  EXPECT_TRUE(columns[1].missing(1));
  EXPECT_FALSE(columns[1].missing(3));
  EXPECT_EQ(columns[1].value_text(3), "");
  EXPECT_TRUE(columns[2].missing(1));
  EXPECT_EQ(columns[2].numbers[3], 1e20);
  EXPECT_EQ(columns[3].name, "#row");
  EXPECT_EQ(columns[3].numbers, (std::vector<double>{0, 1, 2, 3}));
}

TEST(Store, CountsWithoutReadingAColumn) {
  const Table table = example_table();
  Store store(2);
  store.add("clients", table);
  EXPECT_EQ(store.query("SELECT count(*) FROM clients")[0].numbers[0], 4);
  EXPECT_EQ(store.query("SELECT count(*) FROM clients WHERE id > 2")[0].numbers[0], 2);
  EXPECT_EQ(store.query("SELECT max(\"#row\") FROM clients")[0].numbers[0], 3);
}

TEST(Store, TextWorksInEveryPlaceOfAStatement) {
  const Table table = example_table();
  Store store;
  store.add("clients", table);
  const auto columns = store.query(
      "SELECT a.\"Тип сервиса\" || '!' AS x, count(*) AS n, min(b.\"Тип сервиса\") AS low "
      "FROM clients AS a JOIN clients AS b ON a.\"Тип сервиса\" = b.\"Тип сервиса\" "
      "GROUP BY a.\"Тип сервиса\" ORDER BY x");
  ASSERT_EQ(columns[0].size(), 2u);
  EXPECT_EQ(columns[0].value_text(0), "!");
  EXPECT_EQ(columns[0].value_text(1), "стандарт!");
  EXPECT_EQ(columns[1].numbers, (std::vector<double>{1, 4}));
  EXPECT_EQ(columns[2].value_text(1), "стандарт");
}

// More rows than one vector of the engine, more distinct texts than fit one, missing ones between.
TEST(Store, LargeTablesComeBackUnchangedOnAnyNumberOfThreads) {
  const size_t rows = 100'001;
  Table table;
  std::vector<std::string> texts(rows), names(rows);
  std::vector<double> numbers(rows);
  for (size_t i = 0; i < rows; ++i) {
    texts[i] = "a text longer than twelve bytes " + std::to_string(i * 7919 % rows);
    names[i] = i % 3 == 0 ? "премиум" : "стандарт";
    numbers[i] = i % 11 == 0 ? kMissing : static_cast<double>(i) / 3;
  }
  table.columns = {Column::text("t", texts), Column::number("x", numbers),
                   Column::text("s", names)};
  for (size_t i = 0; i < rows; i += 13) table.columns[0].codes[i] = -1;
  for (const int threads : {1, 2, 4}) {
    Store store(threads);
    store.add("big", table);
    const auto columns = store.query("SELECT t, x, s FROM big ORDER BY \"#row\"");
    ASSERT_EQ(columns[0].size(), rows);
    for (size_t i = 0; i < rows; ++i) {
      ASSERT_EQ(columns[0].missing(i), i % 13 == 0);
      ASSERT_EQ(columns[0].value_text(i), i % 13 == 0 ? "" : texts[i]);
      ASSERT_EQ(columns[1].missing(i), i % 11 == 0);
      ASSERT_EQ(columns[1].value_text(i), Column::number("", {numbers[i]}).value_text(0));
      ASSERT_EQ(columns[2].value_text(i), names[i]);
    }
    EXPECT_EQ(store.query("SELECT count(DISTINCT t) FROM big")[0].numbers[0],
              static_cast<double>(rows - (rows + 12) / 13));
  }
}

TEST(Store, NamesThatOnlyCaseTellsApartStayApart) {
  EXPECT_EQ(
      Store::sql_names({"Name", "name", "NAME", "#ROW", "", "Имя", "имя"}),
      (std::vector<std::string>{"Name", "name #2", "NAME #3", "#ROW #2", "column", "Имя", "имя"}));
  Table table;
  table.columns = {Column::number("A", {1}), Column::number("a", {2}), Column::number("#row", {3})};
  Store store;
  store.add("t", table);
  const auto columns = store.query("SELECT \"A\", \"a #2\", \"#row #2\", \"#row\" FROM t");
  EXPECT_EQ(columns[0].numbers[0], 1);
  EXPECT_EQ(columns[1].numbers[0], 2);
  EXPECT_EQ(columns[2].numbers[0], 3);
  EXPECT_EQ(columns[3].numbers[0], 0);
}

TEST(Store, HostileNamesAndTextsAreQuoted) {
  Table table;
  table.columns = {Column::text("a\"; DROP TABLE x; --", {"it's; \"ok\""})};
  Store store;
  store.add("t\"'; --", table);
  const auto columns = store.query("SELECT " + Store::identifier("a\"; DROP TABLE x; --") +
                                   " FROM " + Store::identifier("t\"'; --") + " WHERE " +
                                   Store::identifier("a\"; DROP TABLE x; --") + " = " +
                                   Store::literal("it's; \"ok\""));
  EXPECT_EQ(columns[0].value_text(0), "it's; \"ok\"");
}

TEST(Store, AnEmptyTableAndAReplacedOne) {
  Table empty, full;
  empty.columns = {Column::number("x", {}), Column::text("t", {})};
  full.columns = {Column::number("x", {5})};
  Store store;
  store.add("t", empty);
  EXPECT_EQ(store.query("SELECT * FROM t")[0].size(), 0u);
  EXPECT_EQ(store.query("SELECT count(*), sum(x) FROM t")[0].numbers[0], 0);
  store.add("t", full);
  EXPECT_EQ(store.query("SELECT x FROM t")[0].numbers[0], 5);
}

TEST(Store, EveryTypeOfResult) {
  Store store;
  const auto c = store.query(
      "SELECT TRUE, 7::TINYINT, -8::SMALLINT, 9::INTEGER, 10::BIGINT, 11::HUGEINT, 1.5::FLOAT, "
      "2.25::DOUBLE, 3.75::DECIMAL(9,2), 1234567890123.25::DECIMAL(18,2), "
      "12345678901234567890.5::DECIMAL(30,1), DATE '1970-01-11', "
      "TIMESTAMP '1970-01-02 12:00:00', NULL::DOUBLE, 'x', NULL::VARCHAR, "
      "200::UTINYINT, 40000::USMALLINT, 3000000000::UINTEGER, 9::UBIGINT, "
      "TIMESTAMP_S '1970-01-03 00:00:00'");
  const std::vector<double> numbers = {
      1, 7, -8, 9, 10, 11, 1.5, 2.25, 3.75, 1234567890123.25, 12345678901234567890.5, 10, 1.5};
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_DOUBLE_EQ(c[i].numbers[0], numbers[i]) << i;
  EXPECT_EQ(c[11].type, ColumnType::kDate);
  EXPECT_EQ(c[12].type, ColumnType::kDate);
  EXPECT_TRUE(c[13].missing(0));
  EXPECT_EQ(c[14].value_text(0), "x");
  EXPECT_TRUE(c[15].missing(0));
  EXPECT_EQ(c[16].numbers[0], 200);
  EXPECT_EQ(c[17].numbers[0], 40000);
  EXPECT_EQ(c[18].numbers[0], 3e9);
  EXPECT_EQ(c[19].numbers[0], 9);
  EXPECT_EQ(c[20].numbers[0], 2);
}

TEST(Store, AnErrorShowsTheStatement) {
  Store store;
  try {
    store.query("SELECT nothing FROM nowhere");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal);
    EXPECT_NE(error.problem().find("SELECT nothing FROM nowhere"), std::string::npos);
  }
  EXPECT_THROW(store.query(std::string("SELECT 'a\0b'", 12)), Error);
  EXPECT_EQ(store.query("SELECT 1")[0].numbers[0], 1);  // and goes on working
}

TEST(Store, MovesAndHoldsItsTables) {
  const Table table = example_table();
  Store first;
  first.add("t", table);
  Store second = std::move(first);
  EXPECT_EQ(second.query("SELECT count(*) FROM t")[0].numbers[0], 4);
}

TEST(Store, NeverReachesForTheNetworkOrTheHomeFolder) {
  Store store(1, 1 << 28);
  for (const char* name : {"autoinstall_known_extensions", "autoload_known_extensions",
                           "allow_community_extensions", "allow_persistent_secrets"}) {
    const auto setting = store.query(std::string("SELECT current_setting('") + name + "') AS v");
    EXPECT_EQ(setting[0].numbers[0], 0) << name;
  }
}

TEST(Store, ReadsParquetInItsOrder) {
  const fs::path folder = fs::temp_directory_path() / "perennial_store_test[1]*";
  fs::create_directories(folder);
  const std::string path = (folder / "клиенты.parquet").string();
  Store store(2);
  store.execute(
      "COPY (SELECT i AS id, 'т' || (i % 3) AS \"Тип\", CASE WHEN i % 5 = 0 THEN NULL ELSE i / 4 "
      "END AS x, DATE '2020-01-01' + CAST(i AS INTEGER) AS d, [i] AS list, 'raw'::BLOB AS b "
      "FROM range(300000) AS r(i) ORDER BY i) TO " +
      Store::literal(path) + " (FORMAT parquet, ROW_GROUP_SIZE 20000)");
  const auto c = store.read_parquet(path);
  ASSERT_EQ(c.size(), 6u);
  ASSERT_EQ(c[0].size(), 300000u);
  for (size_t i = 0; i < c[0].size(); ++i) ASSERT_EQ(c[0].numbers[i], static_cast<double>(i));
  EXPECT_EQ(c[1].name, "Тип");
  EXPECT_EQ(c[1].value_text(7), "т1");
  EXPECT_TRUE(c[2].missing(10));
  EXPECT_EQ(c[2].numbers[6], 1.5);
  EXPECT_EQ(c[3].type, ColumnType::kDate);
  EXPECT_EQ(c[3].value_text(31), "2020-02-01");
  EXPECT_EQ(c[4].value_text(2), "[2]");
  EXPECT_EQ(c[5].value_text(2), "raw");
  fs::remove_all(folder);
}

TEST(Store, RefusesWhatIsNotParquet) {
  const fs::path path = fs::temp_directory_path() / "perennial_store_test.parquet";
  for (const std::string& bytes :
       {std::string("id,x\n1,2\n"), std::string(), std::string("PAR1")}) {
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      Store().read_parquet(path.string());
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
      EXPECT_EQ(error.where(), path.string());
    }
  }
  fs::remove(path);
}

TEST(Store, KnowsItsVersion) { EXPECT_EQ(Store::version().front(), 'v'); }

}  // namespace
}  // namespace perennial
