// The real files of ../shared/data: rows, columns and types as its README and pandas 1.5.3 say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/test_places.h"
#include "base/text.h"
#include "table/read.h"

namespace perennial {
namespace {

class RealData : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(data_folder() / "shop")) GTEST_SKIP() << "no real data at " << data_folder();
  }
  Table read(const std::string& file, ReadOptions options = {}) {
    options.files = {file};
    return read_table("t", data_folder(), options, workers_);
  }
  Workers workers_{2};
};

std::string types_of(const Table& table) {
  std::string types;
  for (const Column& column : table.columns) types += to_string(column.type)[0];
  return types;
}

double sum(const Column& column) {
  double total = 0;
  for (const double value : column.numbers) total += std::isnan(value) ? 0 : value;
  return total;
}

int64_t missing(const Table& table, const std::string& column, const std::string& marker) {
  const auto& markers = table.readings[static_cast<size_t>(table.index_of(column))].missing_markers;
  const auto found = markers.find(marker);
  return found == markers.end() ? 0 : found->second;
}

struct Expected {
  std::string file;
  size_t rows;
  std::string types;  // n number, t text, d date
  size_t notes = 0;   // beside that on a missing header
};

TEST_F(RealData, RowsColumnsAndTypes) {
  const std::vector<Expected> files = {
      {"audiobooks/audiobooks.csv", 14084, "nnnnnnnnnnnn"},
      {"audiobooks/corrupt.csv", 14084, "nnnnnnnnnnnn"},
      {"audiobooks/headerless.csv", 14084, "nnnnnnnnnnnn"},
      {"audiobooks/na.csv", 14084, "nnnnnnnnnnnn"},
      {"bank_marketing_full/bank_market.csv", 45211, "nnttttntttntnnnntt"},
      {"ecommerce_churn/E_Commerce_Dataset.csv", 5630, "nnntnnttnntntnnnnnnn"},
      {"email_campaign/Train_psolI3n.csv", 68353, "tnnntnnnnnnn"},
      {"hillstrom_email/hillstrom.csv", 64000, "ntnnntnttnnn"},
      {"olist_funnel/olist_closed_deals_dataset.csv", 842, "ttttdtttttttnn"},
      {"olist_funnel/olist_marketing_qualified_leads_dataset.csv", 8000, "tdtt"},
      {"oracles/fake_insurance_data.csv.gz", 2000, "tntnt"},
      {"retail_response/Retail_Data_Response.csv", 6884, "tn"},
      {"retail_response/Retail_Data_Transactions.csv", 125000, "tdn", 1},  // years of two digits
      {"telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv", 7043,
       "ttnttntttttttttttt"
       "nnt"},
      {"telecom_interconnect/contract.csv", 7043, "tdttttnn"},
      {"telecom_interconnect/internet.csv", 5517, "tttttttt"},
      {"telecom_interconnect/personal.csv", 7043, "ttntt"},
      {"telecom_interconnect/phone.csv", 6361, "tt"},
      {"telecom_subscribers/Charges.csv", 112595, "ndn"},
      {"telecom_subscribers/Suspended.csv", 4063, "nddt"},
      {"telecom_subscribers/Tariff_plans_change.csv", 12344, "nndd"},
  };
  for (const Expected& expected : files) {
    const Table table = read(expected.file);
    EXPECT_EQ(table.rows(), expected.rows) << expected.file;
    EXPECT_EQ(types_of(table), expected.types) << expected.file;
    EXPECT_EQ(table.files[0].encoding, "utf-8") << expected.file;
    EXPECT_EQ(table.files[0].notes.size(), expected.notes + (table.files[0].header ? 0U : 1U))
        << expected.file;
    EXPECT_EQ(table.row_line.size(), expected.rows) << expected.file;
  }
}

// 14-Jan-15 is the first; Python 3.11 (strptime, %d-%b-%y) has 2011-05-16 to 2015-03-16.
TEST_F(RealData, RetailDatesAreRead) {
  const Table table = read("retail_response/Retail_Data_Transactions.csv");
  const Column& dates = *table.find("trans_date");
  EXPECT_EQ(dates.value_text(0), "2015-01-14");
  const auto [low, high] = std::minmax_element(dates.numbers.begin(), dates.numbers.end());
  EXPECT_EQ(date_text(*low), "2011-05-16");
  EXPECT_EQ(date_text(*high), "2015-03-16");
}

TEST_F(RealData, TheThreeVariantsOfTheShopAreEqual) {
  for (const std::string name :
       {"market_file.csv", "market_money.csv", "market_time.csv", "money.csv"}) {
    const Table first = read("shop/v1/" + name);
    for (const std::string variant : {"v2", "v3"}) {
      ReadOptions options;
      if (name == "money.csv") options.decimal = ',';
      const Table other = read("shop/" + variant + "/" + name, options);
      ASSERT_EQ(other.column_names(), first.column_names());
      for (size_t c = 0; c < first.columns.size(); ++c) {
        EXPECT_EQ(other.columns[c].type, first.columns[c].type);
        EXPECT_EQ(other.columns[c].numbers, first.columns[c].numbers) << variant << " " << name;
        EXPECT_EQ(other.columns[c].codes, first.columns[c].codes) << variant << " " << name;
        EXPECT_EQ(other.columns[c].dictionary, first.columns[c].dictionary);
      }
    }
  }
}

TEST_F(RealData, ShopAsDescribed) {
  const Table market = read("shop/v1/market_file.csv");
  EXPECT_EQ(types_of(market),
            "nttt"
            "nnnn"
            "t"
            "nnnn");
  const Column& service = *market.find("Тип сервиса");
  std::map<std::string, int> count;
  for (size_t row = 0; row < market.rows(); ++row) ++count[service.value_text(row)];
  EXPECT_EQ(count,
            (std::map<std::string, int>{{"стандарт", 914}, {"премиум", 376}, {"стандартт", 10}}));
  EXPECT_EQ(read("shop/v1/market_time.csv").find("Период")->dictionary[1], "предыдцщий_месяц");
  const Table money = read("shop/v2/money.csv");
  EXPECT_EQ(money.files[0].separator, ';');
  EXPECT_EQ(money.files[0].line_end, "crlf");
  EXPECT_EQ(money.files[0].decimal, ',');
  EXPECT_EQ(money.columns[1].type, ColumnType::kText);
  // grep -c ',' money.csv
  EXPECT_EQ(money.readings[1].decimal_comma, 1284);
  EXPECT_EQ(money.readings[1].not_numbers, 0);
  EXPECT_EQ(money.readings[1].decimal_comma_examples[0].value, "0,98");
  EXPECT_EQ(money.readings[1].decimal_comma_examples[0].line, 2);
}

TEST_F(RealData, AudiobooksWithoutHeaderAndWithMarkers) {
  const Table plain = read("audiobooks/audiobooks.csv");
  const Table headerless = read("audiobooks/headerless.csv");
  EXPECT_FALSE(headerless.files[0].header);
  EXPECT_EQ(headerless.columns[0].name, "column_1");
  EXPECT_EQ(headerless.row_line[0], 1U);
  EXPECT_EQ(headerless.columns[0].numbers, plain.columns[0].numbers);
  EXPECT_EQ(headerless.columns[11].numbers, plain.columns[11].numbers);
  const Table named = read("audiobooks/headerless.csv", {.names = plain.column_names()});
  EXPECT_EQ(named.column_names(), plain.column_names());
  EXPECT_TRUE(named.files[0].notes.empty());
  const Table na = read("audiobooks/na.csv");
  EXPECT_EQ(missing(na, "Review 10/10", "#N/A"), 11616);
  EXPECT_EQ(na.columns[8].numbers, plain.columns[8].numbers);
  EXPECT_EQ(sum(plain.columns[11]), 2237) << "15.9 % buy again";
}

TEST_F(RealData, MissingMarkersMarksAndBlanks) {
  const Table shop = read("ecommerce_churn/E_Commerce_Dataset.csv");
  EXPECT_TRUE(shop.files[0].bom);
  EXPECT_EQ(shop.files[0].separator, ';');
  EXPECT_EQ(shop.files[0].line_end, "crlf");
  EXPECT_EQ(shop.columns[0].name, "CustomerID") << "the mark is no part of the name";
  EXPECT_EQ(missing(shop, "Tenure", ""), 264);
  const Table tariffs = read("telecom_subscribers/Tariff_plans_change.csv");
  EXPECT_EQ(missing(tariffs, "END_DTTM", "$null$"), 5938);
  EXPECT_EQ(tariffs.find("START_DTTM")->value_text(0), "2013-11-22 21:10:08");
  const Table telco = read("telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv");
  EXPECT_EQ(missing(telco, "TotalCharges", " "), 11);
  EXPECT_EQ(telco.find("TotalCharges")->type, ColumnType::kNumber);
  EXPECT_EQ(read("oracles/fake_insurance_data.csv.gz").files[0].compression, "gzip");
}

}  // namespace
}  // namespace perennial
