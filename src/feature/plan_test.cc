#include "feature/plan.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/text.h"
#include "feature/build.h"

namespace perennial {
namespace {

using Kind = Repair::Kind;

FeaturePlan example_plan() {
  FeaturePlan plan;
  plan.tables = {{.name = "market",
                  .id = "id",
                  .features = {{"Тип сервиса", "тип_сервиса", ColumnType::kText},
                               {"Визиты", "визиты", ColumnType::kNumber}},
                  .schema = {{"id", ColumnType::kNumber},
                             {"Тип сервиса", ColumnType::kText},
                             {"Визиты", ColumnType::kNumber},
                             {"Активность", ColumnType::kText}}},
                 {.name = "revenue",
                  .id = "id",
                  .pivot_by = "Период",
                  .periods = {"апрель", "март"},
                  .features = {{"Выручка", "выручка", ColumnType::kNumber}},
                  .schema = {{"id", ColumnType::kNumber},
                             {"Период", ColumnType::kText},
                             {"Выручка", ColumnType::kNumber}}},
                 {.name = "money",
                  .id = "id",
                  .values = {{"Прибыль", "Прибыль", ColumnType::kNumber}},
                  .schema = {{"id", ColumnType::kNumber}, {"Прибыль", ColumnType::kText}}}};
  plan.target = "Активность";
  plan.positive = "Снизилась";
  plan.cohort = "every revenue > 0";
  plan.repairs.steps = {
      {.kind = Kind::kReplaceValues,
       .table = "market",
       .column = "Тип сервиса",
       .map = {{"стандартт", "стандарт"}}},
      {.kind = Kind::kParseNumber, .table = "money", .column = "Прибыль", .decimal = ','},
      {.kind = Kind::kDropCustomers, .table = "revenue", .where = "Выручка > 100000"}};
  plan.notes = {"a note"};
  return plan;
}

TEST(FeaturePlan, JsonReadsBackEqual) {
  FeaturePlan plan = example_plan();
  EXPECT_EQ(feature_plan_from_json(to_json(plan)), plan);
  EXPECT_EQ(feature_plan_from_json(Json::parse(json_text(to_json(plan)))), plan);
  plan.tables[1].several = true;
  plan.tables[1].aggregate = "mean";
  EXPECT_EQ(feature_plan_from_json(to_json(plan)), plan);
}

TEST(FeaturePlan, DamagedJsonIsADataError) {
  const Json whole = to_json(example_plan());
  std::vector<Json> damaged = {Json(), Json::array(), Json("x"), Json::object()};
  for (const auto& [key, value] : whole.items()) {
    Json without = whole;
    without.erase(key);
    damaged.push_back(without);
    Json other = whole;
    other[key] = 7;
    damaged.push_back(other);
  }
  for (const char* key : {"name", "id", "pivot_by", "periods", "features", "schema"}) {
    Json other = whole;
    other["tables"][1][key] = true;
    damaged.push_back(other);
  }
  Json no_column = whole;
  no_column["tables"][1]["id"] = "nowhere";
  damaged.push_back(no_column);
  Json no_type = whole;
  no_type["tables"][0]["schema"][0]["type"] = "blob";
  damaged.push_back(no_type);
  for (const auto& json : damaged) {
    try {
      feature_plan_from_json(json);
      ADD_FAILURE() << json.dump();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kData) << error.what();
    }
  }
}

TEST(FeaturePlan, PrintsSqlThatAPersonCanRead) {
  EXPECT_EQ(to_sql(example_plan()), R"(WITH "market_repaired" AS (
  SELECT
    "#row",
    "id",
    CASE "Тип сервиса" WHEN 'стандартт' THEN 'стандарт' ELSE "Тип сервиса" END AS "Тип сервиса",
    "Визиты",
    "Активность"
  FROM "market"
),
"revenue_drop_3" AS (
  SELECT DISTINCT
    "id"
  FROM "revenue"
  WHERE COALESCE("Выручка" > 100000, FALSE)
),
"money_repaired" AS (
  SELECT
    "#row",
    "id",
    CASE WHEN regexp_matches("Прибыль", '^[+-]?([0-9]+(,[0-9]*)?|,[0-9]+)([eE][+-]?[0-9]+)?$') THEN TRY_CAST(REPLACE("Прибыль", ',', '.') AS DOUBLE) END AS "Прибыль"
  FROM "money"
),
"revenue_pivot" AS (
  SELECT
    "id",
    MAX(CASE WHEN "Период" = 'апрель' THEN "Выручка" END) AS "выручка_апрель",
    MAX(CASE WHEN "Период" = 'март' THEN "Выручка" END) AS "выручка_март"
  FROM "revenue"
  GROUP BY "id"
)
SELECT
  t1."id" AS "#id",
  t1."#row" AS "#position",
  t1."Активность" AS "#target",
  (COALESCE(t2."выручка_апрель" > 0, FALSE) AND COALESCE(t2."выручка_март" > 0, FALSE)) AS "#cohort",
  CASE WHEN d3."id" IS NOT NULL THEN 3 END AS "#dropped",
  t3."Прибыль" AS "#value:Прибыль",
  t1."Тип сервиса" AS "тип_сервиса",
  t1."Визиты" AS "визиты",
  t2."выручка_апрель",
  t2."выручка_март"
FROM "market_repaired" AS t1
LEFT JOIN "revenue_pivot" AS t2 ON t2."id" = t1."id"
LEFT JOIN "money_repaired" AS t3 ON t3."id" = t1."id"
LEFT JOIN "revenue_drop_3" AS d3 ON d3."id" = t1."id"
)");
}

TEST(FeaturePlan, FeatureNamesNeverRepeat) {
  FeaturePlan plan = example_plan();
  plan.tables[0].features[1].name = "Тип_Сервиса";
  plan.tables[1].periods = {"2020-01", "2020 01", "март"};
  EXPECT_EQ(feature_names(plan),
            (std::vector<std::string>{"тип_сервиса", "Тип_Сервиса_2", "выручка_2020_01",
                                      "выручка_2020_01_2", "выручка_март"}));
}

// --- make_plan. ---

struct TwoTables {
  Table people, visits;
  TwoTables() {
    people.name = "people";
    people.columns = {Column::number("id", {1, 2, 3}), Column::text("y", {"a", "b", "a"}),
                      Column::number("Age Years", {1, 2, 3}), Column::number("jan", {1, 2, 3})};
    visits.name = "visits";
    visits.columns = {Column::number("id", {1, 1, 2}), Column::text("month", {"jan", "feb", "jan"}),
                      Column::number("n", {5, 6, 7}), Column::number("minutes", {1, 2, 3}),
                      Column::text("remark", {"x", "y", "z"})};
  }
  std::vector<TableRoles> roles() const {
    return {{.table = &visits, .id = "id", .pivot_by = "month", .pivot_values = {"n", "minutes"}},
            {.table = &people, .id = "ID"}};
  }
  FeaturePlan plan(const std::string& cohort = "", const RepairPlan& repairs = {}) const {
    return make_plan(roles(), "people", "y", "a", cohort, repairs);
  }
};

TEST(MakePlan, EntityTableFirstAndEveryValuePivots) {
  const FeaturePlan plan = TwoTables().plan();
  ASSERT_EQ(plan.tables.size(), 2u);
  EXPECT_EQ(plan.tables[0].name, "people");
  EXPECT_EQ(plan.tables[0].id, "id");
  EXPECT_EQ(plan.tables[1].periods, (std::vector<std::string>{"feb", "jan"}));
  EXPECT_EQ(feature_names(plan), (std::vector<std::string>{"Age Years", "jan", "n_feb", "n_jan",
                                                           "minutes_feb", "minutes_jan"}));
  EXPECT_EQ(plan.notes, std::vector<std::string>{
                            "table \"visits\": \"remark\" left out: the pivot does not name it"});
  EXPECT_EQ(plan.tables[1].schema.size(), 4u);
}

TEST(MakePlan, TheTablesNameTellsEqualNamesApart) {
  TwoTables data;
  data.people.columns[3].name = "n_jan";
  EXPECT_EQ(feature_names(data.plan()),
            (std::vector<std::string>{"Age Years", "people_n_jan", "visits_n_feb", "visits_n_jan",
                                      "minutes_feb", "minutes_jan"}));
}

TEST(MakePlan, RenamedAndIgnoredColumns) {
  const FeaturePlan plan = TwoTables().plan(
      "", {{{.kind = Kind::kRenameColumns, .table = "people", .map = {{"Age Years", "age_years"}}},
            {.kind = Kind::kIgnoreColumn, .table = "people", .column = "JAN"}}});
  EXPECT_EQ(feature_names(plan), (std::vector<std::string>{"age_years", "n_feb", "n_jan",
                                                           "minutes_feb", "minutes_jan"}));
  EXPECT_EQ(plan.repairs.steps[1].column, "jan");
}

TEST(MakePlan, NearUniqueTextIsNoFeature) {
  TwoTables data;
  std::vector<double> ids;
  std::vector<std::string> y, names, cities;
  for (int i = 0; i < 120; ++i) {
    ids.push_back(i);
    y.push_back(i % 2 ? "a" : "b");
    names.push_back("customer " + std::to_string(i / 2 + (i % 2) * 30));
    cities.push_back("city " + std::to_string(i % 50));
  }
  data.people.columns = {Column::number("id", ids), Column::text("y", y),
                         Column::text("name", names), Column::text("city", cities)};
  const FeaturePlan plan = data.plan();
  EXPECT_EQ(plan.tables[0].features.size(), 1u);
  EXPECT_EQ(plan.notes[0],
            "table \"people\": \"name\" left out: 90 different texts in 120 rows are names rather "
            "than categories");
}

TEST(MakePlan, PeriodsAfterRepairsOfAnyType) {
  TwoTables data;
  data.visits.columns[1] = Column::text("month", {"jan", "fbe", "jan"});
  const FeaturePlan plan = data.plan("", {{{.kind = Kind::kReplaceValues,
                                            .table = "visits",
                                            .column = "month",
                                            .map = {{"fbe", "feb"}}}}});
  EXPECT_EQ(plan.tables[1].periods, (std::vector<std::string>{"feb", "jan"}));
  data.visits.columns[1] = Column::number("month", {2, 10, 2});
  EXPECT_EQ(data.plan().tables[1].periods, (std::vector<std::string>{"10", "2"}));
  data.visits.columns[1] = {.name = "month", .type = ColumnType::kDate, .numbers = {0, 31, 0}};
  const FeaturePlan dates = data.plan();
  EXPECT_EQ(dates.tables[1].periods, (std::vector<std::string>{"1970-01-01", "1970-02-01"}));
  const auto built = build_features(dates, {&data.people, &data.visits}, true, Workers(1));
  EXPECT_EQ(built.table.features[3].name, "n_1970_02_01");
  EXPECT_EQ(built.table.features[3].numbers[0], 6);
}

TEST(MakePlan, CohortNamesFindFeaturesColumnsAndPivots) {
  const TwoTables data;
  for (const auto& [cohort, rows] :
       std::map<std::string, size_t>{{"Age_years >= 2", 2},
                                     {"`Age Years` >= 2", 2},
                                     {"every n > 0", 1},
                                     {"any VISITS >= 6", 2},
                                     {"n_feb is missing", 2},
                                     {"id < 3", 2},
                                     {"any minutes >= 1 or y = a", 3}}) {
    auto plan = data.plan(cohort);
    plan.positive = "";
    size_t kept = 0;
    try {
      kept = build_features(plan, {&data.people, &data.visits}, true, Workers(1)).table.rows();
    } catch (const Error& error) {  // one class is left: "all 1 customers have the same target"
      kept = static_cast<size_t>(error.problem()[4] - '0');
    }
    EXPECT_EQ(kept, rows) << cohort;
  }
}

TEST(MakePlan, ErrorsNameTheNearest) {
  const TwoTables data;
  const auto problem = [&](const std::function<void()>& action) -> std::string {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kStudy);
      EXPECT_FALSE(error.hint().empty());
      return error.problem();
    }
    return "no error";
  };
  EXPECT_EQ(problem([&] { data.plan("Age_year > 1"); }),
            "there is no column \"Age_year\", did you mean \"Age Years\"?");
  EXPECT_EQ(problem([&] { data.plan("n > 1"); }), "\"n\" stands for 2 columns");
  EXPECT_EQ(problem([&] { data.plan("every jan > 1"); }),
            "\"jan\" is one column, not a table with a column a period");
  EXPECT_EQ(problem([&] { make_plan(data.roles(), "peopel", "y", "", "", {}); }),
            "there is no table \"peopel\", did you mean \"people\"?");
  EXPECT_EQ(problem([&] { make_plan(data.roles(), "people", "z", "", "", {}); }),
            "there is no column \"z\" (the target)");
  EXPECT_EQ(problem([&] { make_plan(data.roles(), "visits", "n", "", "", {}); }),
            "the table that holds the target has several rows a customer");
  EXPECT_EQ(problem([&] {
              data.plan("", {{{.kind = Kind::kDropRows, .table = "visit", .where = "n > 1"}}});
            }),
            "a repair names the table \"visit\", which does not exist, did you mean \"visits\"?");
  EXPECT_EQ(problem([&] {
              data.plan("", {{{.kind = Kind::kDropRows, .table = "visits", .where = "m > 1"}}});
            }),
            "the table has no column \"m\"");
  EXPECT_EQ(problem([&] {
              data.plan("",
                        {{{.kind = Kind::kDropRows, .table = "visits", .where = "every n > 1"}}});
            }),
            "\"every\" and \"any\" belong into a cohort, not into a repair");
  auto roles = data.roles();
  roles[0].aggregate = "summ";
  EXPECT_EQ(problem([&] { make_plan(roles, "people", "y", "", "", {}); }),
            "there is no aggregate \"summ\", did you mean \"sum\"?");
  roles[0].aggregate = "mean";
  roles[0].pivot_values = {"remark"};
  TwoTables repeated;
  repeated.visits.columns[0].numbers = {1, 1, 1};
  roles[0].table = &repeated.visits;
  EXPECT_EQ(problem([&] { make_plan(roles, "people", "y", "", "", {}); }),
            "some customers have several rows in one \"month\", and \"remark\" is text: it has no "
            "mean");
}

}  // namespace
}  // namespace perennial
