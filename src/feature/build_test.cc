#include "feature/build.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "base/error.h"
#include "base/seed.h"
#include "base/test_places.h"
#include "feature/id_order.h"
#include "table/read.h"

namespace perennial {
namespace {

// --- A small shop by hand. ---

// Customers 1 to 6. 4 has an impossible revenue, 5 was idle in March, 6 has no target.
struct SmallShop {
  Table market, revenue, money;

  SmallShop() {
    market.name = "market";
    market.columns = {Column::number("id", {3, 1, 2, 4, 5, 6}),
                      Column::text("Активность", {"Снизилась", "Прежняя", "Снизилась", "Прежняя",
                                                  "Снизилась", ""}),
                      Column::text("Тип сервиса", {"стандарт", "стандартт", "премиум", "стандарт",
                                                   "премиум", "премиум"}),
                      Column::number("Визиты", {30, 10, 20, 40, 50, 60})};
    market.columns[1].codes[5] = -1;
    market.files.push_back({.file = "market.csv"});
    market.row_line = {2, 3, 4, 5, 6, 7};
    revenue.name = "revenue";
    std::vector<double> ids, sums;
    std::vector<std::string> periods;
    for (const double id : {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 77.0}) {
      for (const char* period : {"март", "апрель"}) {
        ids.push_back(id);
        periods.push_back(period);
        sums.push_back(id * 100 + (periods.back() == "март" ? 1 : 2));
      }
    }
    sums[7] = 106862.2;  // customer 4 in April
    sums[8] = 0;         // customer 5 in March
    revenue.columns = {Column::number("id", ids), Column::text("Период", periods),
                       Column::number("Выручка", sums)};
    revenue.files.push_back({.file = "revenue.csv"});
    money.name = "money";
    money.columns = {Column::number("id", {1, 2, 3, 4, 5, 6}),
                     Column::text("Прибыль", {"0,5", "1,25", "-2", "3e1", ",5", "x"})};
    money.files.push_back({.file = "money.csv"});
  }

  std::vector<const Table*> tables() const { return {&market, &revenue, &money}; }
  std::vector<TableRoles> roles() const {
    return {{.table = &market, .id = "id"},
            {.table = &revenue, .id = "id", .pivot_by = "Период", .pivot_values = {"Выручка"}},
            {.table = &money, .id = "id", .values = {"Прибыль"}}};
  }
  static RepairPlan repairs() {
    return {
        {{.kind = Repair::Kind::kRenameColumns,
          .table = "market",
          .map = {{"Тип сервиса", "тип_сервиса"}, {"Визиты", "визиты"}}},
         {.kind = Repair::Kind::kRenameColumns,
          .table = "revenue",
          .map = {{"Выручка", "выручка"}}},
         {.kind = Repair::Kind::kReplaceValues,
          .table = "market",
          .column = "Тип сервиса",
          .map = {{"стандартт", "стандарт"}}},
         {.kind = Repair::Kind::kParseNumber,
          .table = "money",
          .column = "Прибыль",
          .decimal = ','},
         {.kind = Repair::Kind::kDropCustomers, .table = "revenue", .where = "Выручка > 100000"}}};
  }
  FeaturePlan plan(const std::string& cohort = "every revenue > 0",
                   const RepairPlan& with = repairs()) const {
    return make_plan(roles(), "market", "Активность", "Снизилась", cohort, with);
  }
};

const Column& feature(const FeatureTable& table, const std::string& name) {
  const auto found = std::find_if(table.features.begin(), table.features.end(),
                                  [&](const Column& column) { return column.name == name; });
  if (found == table.features.end()) throw std::runtime_error("no feature " + name);
  return *found;
}

void expect_same(const FeatureTable& a, const FeatureTable& b) {
  EXPECT_EQ(a.ids, b.ids);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.y, b.y);
  ASSERT_EQ(a.features.size(), b.features.size());
  const auto same_column = [](const Column& x, const Column& y) {
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.type, y.type) << x.name;
    EXPECT_EQ(x.dictionary, y.dictionary) << x.name;
    EXPECT_EQ(x.codes, y.codes) << x.name;
    ASSERT_EQ(x.numbers.size(), y.numbers.size()) << x.name;
    for (size_t i = 0; i < x.numbers.size(); ++i) {
      ASSERT_TRUE(x.numbers[i] == y.numbers[i] || (x.missing(i) && y.missing(i))) << x.name << i;
    }
  };
  for (size_t i = 0; i < a.features.size(); ++i) same_column(a.features[i], b.features[i]);
  ASSERT_EQ(a.values.size(), b.values.size());
  for (size_t i = 0; i < a.values.size(); ++i) same_column(a.values[i], b.values[i]);
}

Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorCode::kInternal, "", ""};
}

TEST(Features, TablesBecomeOneRowACustomer) {
  const SmallShop shop;
  const auto built = build_features(shop.plan(), shop.tables(), true, Workers(2));
  const FeatureTable& table = built.table;
  EXPECT_EQ(table.ids, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(table.id_name, "id");
  EXPECT_EQ(table.target_name, "Активность");
  EXPECT_EQ(table.classes, (std::vector<std::string>{"Прежняя", "Снизилась"}));
  EXPECT_EQ(table.y, (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(table.position, (std::vector<uint32_t>{1, 2, 0}));
  ASSERT_EQ(table.features.size(), 4u);
  EXPECT_EQ(table.features[0].name, "тип_сервиса");
  EXPECT_EQ(table.features[0].dictionary, (std::vector<std::string>{"премиум", "стандарт"}));
  EXPECT_EQ(table.features[0].codes, (std::vector<int32_t>{1, 0, 1}));
  EXPECT_EQ(feature(table, "визиты").numbers, (std::vector<double>{10, 20, 30}));
  EXPECT_EQ(feature(table, "выручка_март").numbers, (std::vector<double>{101, 201, 301}));
  EXPECT_EQ(feature(table, "выручка_апрель").numbers, (std::vector<double>{102, 202, 302}));
  EXPECT_EQ(table.feature_tables,
            (std::vector<std::string>{"market", "market", "revenue", "revenue"}));
  ASSERT_EQ(table.values.size(), 1u);
  EXPECT_EQ(table.values[0].name, "Прибыль");
  EXPECT_EQ(table.values[0].numbers, (std::vector<double>{0.5, 1.25, -2}));
}

TEST(Features, WhatARepairReplacesIsNotCalledUnreadable) {
  const SmallShop shop;
  FeaturePlan plan = shop.plan();
  plan.repairs.steps.insert(plan.repairs.steps.begin(), {.kind = Repair::Kind::kReplaceValues,
                                                         .table = "money",
                                                         .column = "Прибыль",
                                                         .map = {{"x", "7"}}});
  const auto built = build_features(plan, shop.tables(), false, Workers(1));
  ASSERT_EQ(built.notes.size(), 1u) << built.notes[0];  // the stranger in revenue
  EXPECT_EQ(built.table.values.at(0).numbers.at(5), 7);
}

// Ids of twenty digits are whole numbers too: they do not turn the order of all others into that of
// texts.
TEST(Features, LargeIdsAreOrderedAsNumbers) {
  const Workers workers(1);
  const IdOrder order(Column::number("id", {10000000000000000000.0, 10, 2, 1}), workers);
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < order.size(); ++i) rows.push_back(order.row(i));
  EXPECT_EQ(rows, (std::vector<uint32_t>{3, 2, 1, 0}));
}

TEST(Features, EveryLostCustomerHasAReason) {
  const SmallShop shop;
  const auto built = build_features(shop.plan(), shop.tables(), true, Workers(1));
  EXPECT_EQ(built.customers, 6);
  ASSERT_EQ(built.dropped.size(), 3u);
  EXPECT_EQ(built.dropped[0].reason, "Выручка > 100000 in the table \"revenue\"");
  EXPECT_EQ(built.dropped[0].customers, 1);
  ASSERT_EQ(built.dropped[0].examples.size(), 1u);
  EXPECT_EQ(built.dropped[0].examples[0].value, "4");
  EXPECT_EQ(built.dropped[0].examples[0].file, "market.csv");
  EXPECT_EQ(built.dropped[0].examples[0].line, 5);
  EXPECT_EQ(built.dropped[1].reason, "not in the cohort \"every revenue > 0\"");
  EXPECT_EQ(built.dropped[1].examples[0].value, "5");
  EXPECT_EQ(built.dropped[2].reason, "no value in the target \"Активность\"");
  EXPECT_EQ(built.dropped[2].customers, 1);
  ASSERT_EQ(built.notes.size(), 1u);
  EXPECT_EQ(built.notes[0],
            "table \"revenue\": 1 customer is not in the table \"market\" and left out");
}

TEST(Features, ScoringKeepsEveryCustomerAndNeedsNoTarget) {
  SmallShop shop;
  const FeaturePlan plan = shop.plan();
  const auto trained = build_features(plan, shop.tables(), true, Workers(1)).table;
  shop.market.columns.erase(shop.market.columns.begin() + 1);
  const auto built = build_features(plan, shop.tables(), false, Workers(1));
  EXPECT_EQ(built.table.ids, (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(built.table.y, std::vector<int32_t>(6, -1));
  EXPECT_TRUE(built.dropped.empty());
  // The profit "x", and the stranger in revenue.
  ASSERT_EQ(built.notes.size(), 2u);
  EXPECT_EQ(built.notes[0],
            "table \"money\": 1 value of the column \"Прибыль\" cannot be read as numbers and "
            "counts as missing");
  for (size_t i = 0; i < trained.features.size(); ++i) {
    for (size_t row = 0; row < 3; ++row) {
      EXPECT_EQ(built.table.features[i].value_text(row), trained.features[i].value_text(row));
    }
  }
  EXPECT_TRUE(built.table.values[0].missing(5));  // "x" is no number
}

TEST(Features, ScoringTakesTablesThatDoNotFit) {
  SmallShop shop;
  const FeaturePlan plan = shop.plan();
  shop.money.columns[1] = Column::number("Прибыль", {0.5, 1.25, -2, 30, 0.5, kMissing});
  shop.market.columns[3] = Column::text("ВИЗИТЫ", {"30", "10", "2,5", "много", "50", "60"});
  for (size_t i = 1; i < shop.revenue.rows(); i += 2) {
    shop.revenue.columns[1].codes[i] = 2;
  }
  shop.revenue.columns[1].dictionary.push_back("май");
  auto built = build_features(plan, shop.tables(), false, Workers(1));
  EXPECT_EQ(built.table.values[0].numbers[1], 1.25);
  EXPECT_EQ(feature(built.table, "визиты").numbers[1], 2.5);
  EXPECT_TRUE(feature(built.table, "визиты").missing(3));
  EXPECT_TRUE(feature(built.table, "выручка_апрель").missing(0));
  ASSERT_EQ(built.notes.size(), 3u);
  EXPECT_EQ(built.notes[0],
            "table \"market\": 1 value of the column \"Визиты\" is no number and taken as missing");
  EXPECT_EQ(built.notes[1],
            "table \"revenue\": \"Период\" \"май\" was not there in training and is left out");

  built = build_features(plan, {&shop.market}, false, Workers(1));
  EXPECT_EQ(built.table.rows(), 6u);
  EXPECT_TRUE(feature(built.table, "выручка_март").missing(0));
  EXPECT_EQ(built.notes.size(), 3u);
}

TEST(Features, TrainingNeedsAllTablesAndColumns) {
  SmallShop shop;
  const FeaturePlan plan = shop.plan();
  EXPECT_EQ(error_of([&] { build_features(plan, {&shop.market}, true, Workers(1)); }).where(),
            "table \"revenue\"");
  shop.market.columns[3].name = "Визит";
  const Error error = error_of([&] { build_features(plan, shop.tables(), true, Workers(1)); });
  EXPECT_EQ(error.code(), ErrorCode::kData);
  EXPECT_EQ(error.problem(), "the column \"Визиты\" is not there, did you mean \"Визит\"?");
}

TEST(Features, RowOrderAndThreadsChangeNothing) {
  const SmallShop shop;
  const FeaturePlan plan = shop.plan();
  const auto expected = build_features(plan, shop.tables(), true, Workers(1)).table;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SmallShop other;
    Rng rng(Seed{seed});
    for (Table* table : {&other.market, &other.revenue, &other.money}) {
      std::vector<uint32_t> order(table->rows());
      std::iota(order.begin(), order.end(), 0u);
      rng.shuffle(order);
      for (auto& column : table->columns) column = column.take(order);
      for (auto& column : table->columns) {  // dictionaries in another order, with unused entries
        if (!column.is_text()) continue;
        std::reverse(column.dictionary.begin(), column.dictionary.end());
        column.dictionary.push_back("никто");
        for (auto& code : column.codes) {
          if (code >= 0) code = static_cast<int32_t>(column.dictionary.size()) - 2 - code;
        }
      }
    }
    const FeaturePlan same = other.plan();
    EXPECT_EQ(same, plan);
    expect_same(build_features(same, other.tables(), true, Workers(2)).table, expected);
  }
}

TEST(Features, SeveralRowsOfAPeriodAreAggregated) {
  SmallShop shop;
  Table& revenue = shop.revenue;
  for (const double sum : {1e16, 1.0, -1e16}) {  // whose sum depends on the order of adding
    revenue.columns[0].numbers.push_back(1);
    revenue.columns[1].codes.push_back(0);
    revenue.columns[2].numbers.push_back(sum);
  }
  const std::map<std::string, double> expected = {
      {"sum", ((-1e16 + 1.0) + 101.0) + 1e16},  // in ascending order
      {"min", -1e16},
      {"max", 1e16},
      {"count", 4}};
  RepairPlan repairs = SmallShop::repairs();
  repairs.steps.pop_back();  // nobody is dropped
  for (const auto& [aggregate, value] : expected) {
    auto roles = shop.roles();
    roles[1].aggregate = aggregate;
    const auto plan = make_plan(roles, "market", "Активность", "Снизилась", "", repairs);
    EXPECT_TRUE(plan.tables[1].several);
    const auto built = build_features(plan, shop.tables(), true, Workers(2));
    EXPECT_EQ(feature(built.table, "выручка_март").numbers[0], value) << aggregate;
  }
}

TEST(Features, DuplicatesThatOnlyScoringSeesAreAddedToo) {
  SmallShop shop;
  const FeaturePlan plan = shop.plan();
  EXPECT_FALSE(plan.tables[1].several);
  shop.revenue.columns[0].numbers.push_back(1);
  shop.revenue.columns[1].codes.push_back(0);
  shop.revenue.columns[2].numbers.push_back(5);
  const auto built = build_features(plan, shop.tables(), false, Workers(1));
  EXPECT_EQ(feature(built.table, "выручка_март").numbers[0], 106);
}

TEST(Features, ACustomerWithoutRowsIsMissingOrCountsZero) {
  SmallShop shop;
  shop.market.columns[0].numbers[0] = 33;
  auto roles = shop.roles();
  auto plan = make_plan(roles, "market", "Активность", "", "", SmallShop::repairs());
  auto built = build_features(plan, shop.tables(), true, Workers(1));
  EXPECT_EQ(built.table.ids.back(), "33");
  EXPECT_TRUE(feature(built.table, "выручка_март").missing(built.table.rows() - 1));
  roles[1].aggregate = "count";
  plan = make_plan(roles, "market", "Активность", "", "", SmallShop::repairs());
  built = build_features(plan, shop.tables(), true, Workers(1));
  EXPECT_EQ(feature(built.table, "выручка_март").numbers.back(), 0);
}

TEST(Features, RepairsApplyInTheirOrder) {
  SmallShop shop;
  shop.market.columns[2] = Column::text(
      "Тип сервиса", {" стандарт", "стандартт\u00a0", "премиум ", "премиум", "?", "премиум"});
  using Kind = Repair::Kind;
  const RepairPlan repairs = {
      {{.kind = Kind::kTrim, .table = "market", .column = "Тип сервиса"},
       {.kind = Kind::kReplaceValues,
        .table = "market",
        .column = "Тип сервиса",
        .map = {{"стандартт", "стандарт"}, {"?", "неизвестно"}}},
       {.kind = Kind::kMissingRows,
        .table = "market",
        .column = "Тип сервиса",
        .where = "Тип_сервиса = неизвестно"},
       {.kind = Kind::kMissingRows, .table = "market", .column = "Визиты", .where = "Визиты = 10"},
       {.kind = Kind::kDropRows, .table = "revenue", .where = "Выручка > 100000"},
       {.kind = Kind::kDropRows, .table = "market", .where = "id = 2"},
       {.kind = Kind::kIgnoreColumn, .table = "money", .column = "Прибыль"}}};
  const FeaturePlan plan = shop.plan("", repairs);
  const auto built = build_features(plan, shop.tables(), true, Workers(1));
  EXPECT_EQ(built.table.ids, (std::vector<std::string>{"1", "3", "4", "5"}));
  const Column& service = feature(built.table, "Тип сервиса");
  EXPECT_EQ(service.dictionary, (std::vector<std::string>{"премиум", "стандарт"}));
  EXPECT_EQ(service.codes, (std::vector<int32_t>{1, 1, 0, -1}));
  EXPECT_TRUE(feature(built.table, "Визиты").missing(0));
  EXPECT_TRUE(feature(built.table, "Выручка_апрель").missing(2));
  ASSERT_EQ(built.dropped.size(), 2u);
  EXPECT_EQ(built.dropped[0].reason, "id = 2 in the table \"market\"");
  // Scoring drops nobody.
  EXPECT_EQ(build_features(plan, shop.tables(), false, Workers(1)).table.rows(), 6u);
}

TEST(Features, EqualRowsAreKeptOnce) {
  SmallShop shop;
  for (auto& column : shop.market.columns) {
    column = column.take({0, 1, 2, 3, 4, 5, 1, 0});
  }
  shop.market.row_line = {2, 3, 4, 5, 6, 7, 8, 9};
  const Error error =
      error_of([&] { build_features(shop.plan(), shop.tables(), true, Workers(1)); });
  EXPECT_EQ(error.code(), ErrorCode::kData);
  EXPECT_EQ(error.where(), "market.csv:9");
  EXPECT_EQ(error.problem(),
            "the customer \"3\" has 2 rows (the first is in line 2), and the table \"market\" "
            "should have one a customer");
  RepairPlan repairs = SmallShop::repairs();
  repairs.steps.push_back({.kind = Repair::Kind::kDropDuplicates, .table = "market"});
  const auto built =
      build_features(shop.plan("every revenue > 0", repairs), shop.tables(), true, Workers(1));
  EXPECT_EQ(built.table.ids, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(built.table.position, (std::vector<uint32_t>{1, 2, 0}));
}

TEST(Features, IdsOfOtherTypesStillJoin) {
  SmallShop shop;
  shop.money.columns[0] = Column::text("id", {"1", "2", "3", "4", "5", "A6"});
  const auto built = build_features(shop.plan(), shop.tables(), true, Workers(1));
  EXPECT_EQ(built.table.ids, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(built.table.values[0].numbers, (std::vector<double>{0.5, 1.25, -2}));
}

TEST(Features, IdsAreOrderedAsNumbersOrElseByBytes) {
  SmallShop shop;
  shop.market.columns[0].numbers = {100, 20, 3, 4, 5, 6};
  EXPECT_EQ(build_features(shop.plan(""), shop.tables(), true, Workers(1)).table.ids,
            (std::vector<std::string>{"3", "5", "20", "100"}));
  shop.market.columns[0] = Column::text("id", {"100", "20", "b3", "a4", "5", "6"});
  EXPECT_EQ(build_features(shop.plan(""), shop.tables(), true, Workers(1)).table.ids,
            (std::vector<std::string>{"100", "20", "5", "a4", "b3"}));
}

TEST(Features, ClassesOfTheTarget) {
  SmallShop shop;
  const auto classes = [&](const std::vector<double>& target, const std::string& positive) {
    shop.market.columns[1] = Column::number("Активность", target);
    const auto plan =
        make_plan(shop.roles(), "market", "Активность", positive, "", SmallShop::repairs());
    return build_features(plan, shop.tables(), true, Workers(1));
  };
  auto built = classes({1, 0, 0, 1, 0, 0}, "");  // customer 4 is dropped
  EXPECT_EQ(built.table.classes, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(built.table.y, (std::vector<int32_t>{0, 0, 1, 0, 0}));
  EXPECT_EQ(built.notes.back(),
            "table \"market\", column \"Активность\": \"1\" is taken as the positive value, as the "
            "rarer one; say positive = … to choose");
  EXPECT_EQ(classes({1, 0, 0, 1, 0, 0}, "0").table.classes, (std::vector<std::string>{"1", "0"}));
  built = classes({0, 1, 2, 1, 0, 2}, "2");
  EXPECT_EQ(built.table.classes, (std::vector<std::string>{"other", "2"}));
  EXPECT_EQ(built.table.y, (std::vector<int32_t>{0, 1, 0, 0, 1}));

  // Without a positive value each of several is a class, numbers in their own order.
  built = classes({0, 10, 2, 10, 0, 2}, "");
  EXPECT_EQ(built.table.classes, (std::vector<std::string>{"0", "2", "10"}));
  // Rows come in the order of their ids, which is not that of the file.
  EXPECT_EQ(built.table.y, (std::vector<int32_t>{2, 1, 0, 0, 1}));
  EXPECT_NE(error_of([&] {
              classes({0.5, 1, 2, 1, 0, 2}, "");
            })
                .problem()
                .find("numbers such as 0.5: amounts, not classes"),
            std::string::npos);
  EXPECT_EQ(error_of([&] {
              classes({1, 1, 1, 1, 1, 1}, "");
            }).problem(),
            "all 5 customers have the same target \"1\"");
  const SmallShop fresh;
  const Error error = error_of([&] {
    build_features(
        make_plan(fresh.roles(), "market", "Активность", "Снизилас", "", SmallShop::repairs()),
        fresh.tables(), true, Workers(1));
  });
  EXPECT_EQ(error.problem(),
            "no customer has the positive value \"Снизилас\", did you mean \"Снизилась\"?");
}

TEST(Features, NobodyLeftIsAnError) {
  const SmallShop shop;
  const Error error = error_of(
      [&] { build_features(shop.plan("визиты > 1000"), shop.tables(), true, Workers(1)); });
  EXPECT_EQ(error.code(), ErrorCode::kData);
  EXPECT_EQ(error.problem(), "no customers are left");
  EXPECT_NE(error.hint().find("not in the cohort \"визиты > 1000\": 5"), std::string::npos);
}

// --- The real shop. ---

fs::path shop_folder() { return data_folder() / "shop"; }

struct RealShop {
  std::vector<Table> tables;

  explicit RealShop(const std::string& variant) {
    const Workers workers(2);
    for (const auto& [name, file] :
         std::vector<std::pair<std::string, std::string>>{{"market", "market_file.csv"},
                                                          {"revenue", "market_money.csv"},
                                                          {"minutes", "market_time.csv"},
                                                          {"profit", "money.csv"}}) {
      tables.push_back(read_table(name, shop_folder() / variant, {.files = {file}}, workers));
    }
  }
  std::vector<const Table*> pointers() const {
    std::vector<const Table*> result;
    for (const auto& table : tables) result.push_back(&table);
    return result;
  }
  FeaturePlan plan() const {
    using Kind = Repair::Kind;
    const RepairPlan repairs = {
        {{.kind = Kind::kReplaceValues,
          .table = "market",
          .column = "Тип сервиса",
          .map = {{"стандартт", "стандарт"}}},
         {.kind = Kind::kReplaceValues,
          .table = "minutes",
          .column = "Период",
          .map = {{"предыдцщий_месяц", "предыдущий_месяц"}}},
         {.kind = Kind::kParseNumber, .table = "profit", .column = "Прибыль", .decimal = ','},
         {.kind = Kind::kRenameColumns, .table = "revenue", .map = {{"Выручка", "выручка"}}},
         {.kind = Kind::kDropCustomers, .table = "revenue", .where = "Выручка > 100000"}}};
    return make_plan(
        {{.table = &tables[0], .id = "id"},
         {.table = &tables[1], .id = "id", .pivot_by = "Период", .pivot_values = {"Выручка"}},
         {.table = &tables[2], .id = "id", .pivot_by = "Период", .pivot_values = {"минут"}},
         {.table = &tables[3], .id = "id", .values = {"Прибыль"}}},
        "market", "Покупательская активность", "Снизилась", "every revenue > 0", repairs);
  }
};

// 1,296 customers, 494 of them positive: counted with pandas by ../shared/reference/shop.py.
TEST(RealShop, ThreeVariantsGiveTheSame1296Customers) {
  if (!fs::exists(shop_folder())) GTEST_SKIP() << "no shop data in " << shop_folder();
  const RealShop first("v1");
  const auto built = build_features(first.plan(), first.pointers(), true, Workers(2));
  EXPECT_EQ(built.customers, 1300);
  EXPECT_EQ(built.table.rows(), 1296u);
  EXPECT_EQ(std::count(built.table.y.begin(), built.table.y.end(), 1), 494);
  ASSERT_EQ(built.dropped.size(), 2u);
  EXPECT_EQ(built.dropped[0].customers, 1);
  EXPECT_EQ(built.dropped[0].examples[0].value, "215380");
  EXPECT_EQ(built.dropped[1].customers, 3);
  EXPECT_EQ(built.dropped[1].examples[2].value, "215359");
  EXPECT_EQ(built.table.features.size(), 16u);
  EXPECT_EQ(feature(built.table, "выручка_препредыдущий_месяц").size(), 1296u);
  EXPECT_EQ(feature(built.table, "минут_предыдущий_месяц").size(), 1296u);
  EXPECT_TRUE(built.notes.empty());
  for (const char* variant : {"v2", "v3"}) {
    const RealShop other(variant);
    const auto same = build_features(other.plan(), other.pointers(), true, Workers(1));
    expect_same(same.table, built.table);
    // A plan learned on one variant fits the others as it is.
    expect_same(build_features(first.plan(), other.pointers(), true, Workers(1)).table,
                built.table);
    expect_same(build_features(other.plan(), first.pointers(), true, Workers(1)).table,
                built.table);
  }
}

}  // namespace
}  // namespace perennial
