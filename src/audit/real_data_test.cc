// The facts that are known about the real tables (measured with pandas; see the data's README).
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "audit/test_tables.h"
#include "base/test_places.h"
#include "base/text.h"
#include "table/read.h"

namespace perennial {
namespace {

using testing::listed;
using testing::of_kind;
using testing::on_column;

#define NEEDS_DATA(folder)                                                     \
  if (!fs::exists(data_folder() / (folder))) {                                 \
    GTEST_SKIP() << "no real data at " << (data_folder() / (folder)).string(); \
  }

Table read(const std::string& name, const std::string& file) {
  const fs::path path = data_folder() / file;
  ReadOptions options;
  options.files = {path.filename().string()};
  return read_table(name, path.parent_path(), options, Workers(2));
}

const std::string kTarget = "Покупательская активность";
const std::string kActivity = "Период";

struct Shop {
  Table market, revenue, time, profit;
  std::vector<AuditTable> roles() const {
    return {{.table = &market, .id = "id", .target = kTarget},
            {.table = &revenue, .id = "id", .pivot_by = kActivity},
            {.table = &time, .id = "id", .pivot_by = kActivity},
            {.table = &profit, .id = "id", .values = {"Прибыль"}}};
  }
};

Shop shop(const std::string& version) {
  const std::string folder = "shop/" + version + "/";
  return {read("market", folder + "market_file.csv"), read("revenue", folder + "market_money.csv"),
          read("time", folder + "market_time.csv"), read("profit", folder + "money.csv")};
}

// The joined view: long tables as one column a period, in the order of the first table's rows.
struct Joined {
  std::vector<Column> columns;
  EntityView view;
};

void add_pivot(const Table& table, const std::string& value, const std::vector<std::string>& ids,
               std::vector<Column>& columns) {
  std::map<std::string, size_t> row_of;
  for (size_t row = 0; row < ids.size(); ++row) row_of[ids[row]] = row;
  const Column &id = *table.find("id"), &period = *table.find(kActivity);
  for (size_t code = 0; code < period.dictionary.size(); ++code) {
    Column column = Column::number(value + "_" + period.dictionary[code],
                                   std::vector<double>(ids.size(), kMissing));
    for (size_t row = 0; row < table.rows(); ++row) {
      if (period.codes[row] != static_cast<int32_t>(code)) continue;
      column.numbers[row_of.at(id.value_text(row))] = table.find(value)->numbers[row];
    }
    columns.push_back(std::move(column));
  }
}

void fill_view(Joined& joined, const Table& table, const std::string& id, const std::string& target,
               const std::string& positive) {
  EntityView& view = joined.view;
  view.table = table.name;
  view.id_name = id;
  view.positive = positive;
  std::vector<Example> origin;
  for (size_t row = 0; row < table.rows(); ++row) {
    view.ids.push_back(table.find(id)->value_text(row));
    view.y.push_back(table.find(target)->value_text(row) == positive ? 1 : 0);
    view.position.push_back(static_cast<uint32_t>(row));
    origin.push_back(table.example(row, view.ids.back()));
  }
  view.origin = [origin](size_t row) { return origin[row]; };
  for (const Column& column : table.columns) {
    if (column.name != id && column.name != target) joined.columns.push_back(column);
  }
}

void point_at_columns(Joined& joined) {
  for (const Column& column : joined.columns) joined.view.features.push_back(&column);
  joined.view.feature_tables.assign(joined.columns.size(), joined.view.table);
}

Joined joined_shop(const Shop& shop) {
  Joined joined;
  fill_view(joined, shop.market, "id", kTarget, "Снизилась");
  add_pivot(shop.revenue, "Выручка", joined.view.ids, joined.columns);
  add_pivot(shop.time, "минут", joined.view.ids, joined.columns);
  return joined;
}

class ShopVariants : public ::testing::TestWithParam<const char*> {};

TEST_P(ShopVariants, FindsWhatIsKnown) {
  NEEDS_DATA("shop");
  const Shop tables = shop(GetParam());
  std::vector<Finding> findings = audit_tables(tables.roles(), Workers(2));
  SCOPED_TRACE(listed(findings));

  const auto near = of_kind(findings, "near-duplicate-values");
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0].column, "Тип сервиса");
  EXPECT_EQ(near[0].rows, 10);
  EXPECT_TRUE(near[0].safe);
  EXPECT_EQ(near[0].repair.at(0).map,
            (std::vector<std::pair<std::string, std::string>>{{"стандартт", "стандарт"}}));

  const auto vocabulary = of_kind(findings, "vocabulary");
  ASSERT_EQ(vocabulary.size(), 1U);
  EXPECT_EQ(vocabulary[0].table, "time");
  EXPECT_EQ(vocabulary[0].rows, 1300);
  EXPECT_TRUE(vocabulary[0].safe);
  EXPECT_EQ(
      vocabulary[0].repair.at(0).map,
      (std::vector<std::pair<std::string, std::string>>{{"предыдцщий_месяц", "предыдущий_месяц"}}));

  const auto extreme = of_kind(findings, "extreme-numbers");
  ASSERT_EQ(extreme.size(), 1U);
  EXPECT_EQ(extreme[0].rows, 1);
  EXPECT_EQ(extreme[0].examples.at(0).value, "106862.2");
  EXPECT_FALSE(extreme[0].safe);
  EXPECT_EQ(to_toml(extreme[0].repair.at(0)),
            "[[repair]]\ntable = \"revenue\"\nwhere = \"Выручка > 100000\"\ndrop = \"customer\"\n");

  const auto zeros = of_kind(findings, "isolated-zeros");
  ASSERT_EQ(zeros.size(), 1U);
  EXPECT_NE(zeros[0].message.find("of 3 customers"), std::string::npos);

  const bool commas = std::string(GetParam()) != "v1";
  const auto decimal = of_kind(findings, "decimal-commas");
  ASSERT_EQ(decimal.size(), commas ? 1U : 0U);
  if (commas) {
    EXPECT_TRUE(decimal[0].safe);
  }

  for (const char* kind : {"missing-ids", "duplicate-ids", "duplicate-rows", "constant-column",
                           "id-like-column", "near-unique-text", "negative-numbers",
                           "sentinel-numbers", "case-variants", "synonyms", "filled-values"}) {
    EXPECT_TRUE(of_kind(findings, kind).empty()) << kind;
  }
  const RepairPlan plan = safe_repairs(findings);
  for (const Repair& step : plan.steps) {
    EXPECT_NE(step.kind, Repair::Kind::kDropCustomers);
    EXPECT_NE(step.kind, Repair::Kind::kDropRows);
  }
}

INSTANTIATE_TEST_SUITE_P(Real, ShopVariants, ::testing::Values("v1", "v2", "v3"));

TEST(RealShop, CopiesAndOrder) {
  NEEDS_DATA("shop");
  const Shop tables = shop("v1");
  Joined joined = joined_shop(tables);
  point_at_columns(joined);
  const EntityAudit audit = audit_entities(joined.view, Workers(2));
  SCOPED_TRACE(listed(audit.findings));

  const auto copies = of_kind(audit.findings, "copies");
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies[0].rows, 11);
  EXPECT_NE(copies[0].message.find("215685–215695 are copies of 215895–215905"), std::string::npos);
  int64_t shared = 0;
  for (size_t row = 0; row < audit.copy_group.size(); ++row) shared += audit.copy_group[row] != row;
  EXPECT_EQ(shared, 11);

  // sklearn.metrics.roc_auc_score of id on these data: 0.98.
  const auto id = of_kind(audit.findings, "id-predicts-target");
  ASSERT_EQ(id.size(), 1U);
  EXPECT_NE(id[0].message.find("ROC-AUC 0.98"), std::string::npos);
  EXPECT_EQ(of_kind(audit.findings, "order-predicts-target").size(), 1U);
  EXPECT_EQ(audit.findings.size(), 3U);  // no column is suspicious
}

Joined one_table(const Table& table, const std::string& id, const std::string& target) {
  Joined joined;
  fill_view(joined, table, id, target, "1");
  return joined;
}

TEST(RealAudiobooks, OneSidedColumnsAndFilledMeans) {
  NEEDS_DATA("audiobooks");
  const Table table = read("customers", "audiobooks/audiobooks.csv");
  const auto findings = testing::audit_one(table, {.id = "CustomerID", .target = "Purchase"});
  SCOPED_TRACE(listed(findings));
  const auto filled = of_kind(findings, "filled-values");
  ASSERT_EQ(filled.size(), 1U);
  EXPECT_EQ(filled[0].rows, 11616);
  EXPECT_TRUE(of_kind(findings, "extreme-numbers").empty());

  Joined joined = one_table(table, "CustomerID", "Purchase");
  point_at_columns(joined);
  const EntityAudit audit = audit_entities(joined.view, Workers(2));
  SCOPED_TRACE(listed(audit.findings));
  for (const char* column : {"Completion", "Total Mins Listened"}) {
    const auto one = on_column(of_kind(audit.findings, "one-sided-column"), column);
    ASSERT_EQ(one.size(), 1U) << column;
    EXPECT_EQ(one[0].rows, 5789);
    EXPECT_NE(one[0].message.find("None of the 5,789 customers"), std::string::npos);
  }
  EXPECT_TRUE(of_kind(audit.findings, "column-sorted-alone").empty());
  EXPECT_TRUE(of_kind(audit.findings, "copies").empty());
}

TEST(RealAudiobooks, CorruptFileIsSortedAndDisplaced) {
  NEEDS_DATA("audiobooks");
  const Table table = read("customers", "audiobooks/corrupt.csv");
  Joined joined = one_table(table, "ID", "Targets");
  point_at_columns(joined);
  const EntityAudit audit = audit_entities(joined.view, Workers(2));
  SCOPED_TRACE(listed(audit.findings));
  const auto order = of_kind(audit.findings, "order-predicts-target");
  ASSERT_EQ(order.size(), 1U);
  EXPECT_NE(order[0].message.find("sorted by the target"), std::string::npos);
  const auto moved = of_kind(audit.findings, "column-sorted-alone");
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].column, "Completion");  // the header is wrong too: it holds the minutes
}

TEST(RealCommerce, SynonymsAndCopies) {
  NEEDS_DATA("ecommerce_churn");
  const Table table = read("customers", "ecommerce_churn/E_Commerce_Dataset.csv");
  const auto findings = testing::audit_one(table, {.id = "CustomerID", .target = "Churn"});
  SCOPED_TRACE(listed(findings));
  const auto synonyms = of_kind(findings, "synonyms");
  std::string told;
  for (const Finding& finding : synonyms) {
    EXPECT_FALSE(finding.safe);
    told += finding.message;
  }
  EXPECT_NE(told.find("«CC» (273 rows) and «Credit Card»"), std::string::npos);
  EXPECT_NE(told.find("«COD» (365 rows) and «Cash on Delivery»"), std::string::npos);
  EXPECT_NE(told.find("«Phone» (1,231 rows) and «Mobile Phone»"), std::string::npos);
  EXPECT_TRUE(of_kind(findings, "near-duplicate-values").empty());

  Joined joined = one_table(table, "CustomerID", "Churn");
  point_at_columns(joined);
  const EntityAudit audit = audit_entities(joined.view, Workers(2));
  SCOPED_TRACE(listed(audit.findings));
  const auto copies = of_kind(audit.findings, "copies");
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies[0].rows, 556);
}

TEST(RealTelco, EqualRowsByChanceAreNoCopies) {
  NEEDS_DATA("telco_ibm");
  const Table table = read("customers", "telco_ibm/WA_Fn-UseC_-Telco-Customer-Churn.csv");
  Joined joined;
  fill_view(joined, table, "customerID", "Churn", "Yes");
  point_at_columns(joined);
  const EntityAudit audit = audit_entities(joined.view, Workers(2));
  SCOPED_TRACE(listed(audit.findings));
  EXPECT_TRUE(of_kind(audit.findings, "copies").empty());
  auto findings = testing::audit_one(table, {.id = "customerID", .target = "Churn"});
  SCOPED_TRACE(listed(findings));
  for (const Repair& step : safe_repairs(findings).steps) {
    EXPECT_EQ(step.kind, Repair::Kind::kRenameColumns) << describe(step);
  }
}

// Clean public tables: nothing but names may be repaired unasked.
TEST(RealTables, NothingElseIsRepairedUnasked) {
  NEEDS_DATA("hillstrom_email");
  for (const auto& [file, id] : std::vector<std::pair<std::string, std::string>>{
           {"bank_marketing_full/bank_market.csv", "Cust_num"},
           {"hillstrom_email/hillstrom.csv", ""},
           {"email_campaign/Train_psolI3n.csv", "Email_ID"},
           {"telecom_interconnect/internet.csv", "customerID"}}) {
    const Table table = read("t", file);
    auto findings = testing::audit_one(table, {.id = id});
    SCOPED_TRACE(file + "\n" + listed(findings));
    for (const Repair& step : safe_repairs(findings).steps) {
      EXPECT_EQ(step.kind, Repair::Kind::kRenameColumns) << describe(step);
    }
    if (std::getenv("PERENNIAL_SHOW") != nullptr) std::puts(listed(findings).c_str());
  }
}

}  // namespace
}  // namespace perennial
