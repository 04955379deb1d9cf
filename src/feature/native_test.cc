// The plan without the engine against the plan's own SQL in the engine, on tables drawn at random.
#include "feature/native.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/seed.h"
#include "feature/build.h"
#include "feature/conform.h"

namespace perennial {
namespace {

using Kind = Repair::Kind;

double drawn_number(Rng& rng) {
  static const std::vector<double> kNumbers = {0,   -0.0, 1,      2,   3.5,  -7.25,
                                               1e6, 0.1,  123.45, 1e9, 1e-3, kMissing};
  return kNumbers[rng.below(kNumbers.size())];
}

Column drawn_texts(Rng& rng, const std::string& name, size_t rows,
                   const std::vector<std::string>& texts) {
  std::vector<std::string> values;
  for (size_t i = 0; i < rows; ++i) values.push_back(texts[rng.below(texts.size())]);
  Column column = Column::text(name, values);
  for (auto& code : column.codes) {
    if (rng.below(12) == 0) code = -1;
  }
  return column;
}

Column drawn_numbers(Rng& rng, const std::string& name, size_t rows) {
  std::vector<double> values;
  for (size_t i = 0; i < rows; ++i) values.push_back(drawn_number(rng));
  return Column::number(name, values);
}

// Tables about the same customers: some rows lack an id, some customers lack rows, some are
// unknown, and now and then an id stands twice.
struct Drawn {
  Table people, visits, money;
  RepairPlan repairs;
  std::string cohort, aggregate;

  explicit Drawn(uint64_t seed) {
    Rng rng(Seed{seed});
    const size_t customers = 3 + rng.below(40);
    const bool text_ids = rng.below(3) == 0;
    const double scale = rng.below(3) == 0 ? 0.5 : rng.below(2) == 0 ? 1 : 1e9;
    const auto id_column = [&](const std::vector<double>& ids) {
      if (!text_ids) return Column::number("id", ids);
      std::vector<std::string> texts;
      for (const double id : ids) texts.push_back("k" + std::to_string(id));
      Column column = Column::text("id", texts);
      for (size_t i = 0; i < ids.size(); ++i) {
        if (std::isnan(ids[i])) column.codes[i] = -1;
      }
      return column;
    };
    std::vector<double> ids, of_visits, of_money;
    std::vector<std::string> months;
    const bool repeated = rng.below(3) == 0;
    for (size_t i = 0; i < customers; ++i) {
      const double id = scale * static_cast<double>(i);
      ids.push_back(rng.below(20) == 0 ? kMissing : id);
      for (const char* month : {"янв", "фев", "фев "}) {
        if (rng.below(5) == 0 || (!repeated && month == std::string("фев "))) continue;
        of_visits.push_back(rng.below(15) == 0 ? scale * 1000 : id);
        months.emplace_back(month);
      }
      if (rng.below(6) != 0) of_money.push_back(rng.below(20) == 0 ? kMissing : id);
    }
    if (rng.below(8) == 0) of_money.push_back(of_money.empty() ? 0 : of_money[0]);
    if (rng.below(12) == 0) ids.push_back(ids[0]);
    rng.shuffle(ids);
    people.name = "people";
    people.columns = {id_column(ids), drawn_texts(rng, "target", ids.size(), {"yes", "no"}),
                      drawn_texts(rng, "kind", ids.size(), {"a", "b ", " b", "b", "\u00a0", "c"}),
                      drawn_numbers(rng, "age", ids.size())};
    visits.name = "visits";
    const std::vector<std::string> typed = {
        "1",   "2,5",       "+3",  ",5",      "5,",    "-1e2",   "x",          "",
        "1.5", "1 234,5 €", "€ 7", "1.234,5", "12.34", "1.2345", "-1.234.567", "1.234,5.6"};
    visits.columns = {id_column(of_visits), Column::text("month", months),
                      drawn_numbers(rng, "spent", of_visits.size()),
                      drawn_texts(rng, "note", of_visits.size(), {"p", "q", "r"})};
    money.name = "money";
    money.columns = {id_column(of_money), drawn_texts(rng, "profit", of_money.size(), typed),
                     drawn_numbers(rng, "debt", of_money.size())};
    for (Table* table : {&people, &visits, &money}) {
      table->files.push_back({.file = table->name + ".csv"});
    }
    draw_plan(rng);
  }

  void draw_plan(Rng& rng) {
    const std::vector<Repair> steps = {
        {.kind = Kind::kTrim, .table = "people", .column = "kind"},
        {.kind = Kind::kReplaceValues, .table = "people", .column = "kind", .map = {{"c", "b"}}},
        {.kind = Kind::kTrim, .table = "visits", .column = "month"},
        {.kind = Kind::kParseNumber, .table = "money", .column = "profit", .decimal = ','},
        {.kind = Kind::kParseNumber,
         .table = "money",
         .column = "profit",
         .decimal = ',',
         .remove = {"€", " ", "."}},
        {.kind = Kind::kDropCustomers, .table = "visits", .where = "spent > 1000 or note = q"},
        {.kind = Kind::kDropCustomers, .table = "people", .where = "age = 0.1"},
        {.kind = Kind::kMissingRows, .table = "people", .column = "kind", .where = "age < 0"},
        {.kind = Kind::kMissingRows, .table = "money", .column = "debt", .where = "debt in (1, 2)"},
        {.kind = Kind::kDropRows, .table = "visits", .where = "not spent >= 0"},
        {.kind = Kind::kDropRows, .table = "people", .where = "kind != b and age is missing"},
        {.kind = Kind::kDropDuplicates, .table = "money"}};
    for (const Repair& step : steps) {
      if (rng.below(step.kind == Kind::kDropDuplicates ? 8 : 2) == 0) repairs.steps.push_back(step);
    }
    const std::vector<std::string> cohorts = {
        "",          "every spent >= 0",           "any spent > 1 or debt != 2",
        "age <= 10", "not (kind = a and age > 1)", "kind in (\"a\", \"b\") or debt is missing"};
    cohort = cohorts[rng.below(cohorts.size())];
    const std::vector<std::string> aggregates = {"sum", "mean", "min", "max", "count"};
    aggregate = aggregates[rng.below(aggregates.size())];
  }

  std::vector<const Table*> tables() const { return {&people, &visits, &money}; }
  FeaturePlan plan() const {
    const bool text = aggregate == "min" || aggregate == "max" || aggregate == "count";
    return make_plan({{.table = &people, .id = "id"},
                      {.table = &visits,
                       .id = "id",
                       .pivot_by = "month",
                       .pivot_values = text ? std::vector<std::string>{"spent", "note"}
                                            : std::vector<std::string>{"spent"},
                       .aggregate = aggregate},
                      {.table = &money, .id = "id", .values = {"debt"}}},
                     "people", "target", "yes", cohort, repairs);
  }
};

// Everything that build_features says, with every bit of its numbers but the sign of a zero.
std::string all_of(const FeaturePlan& plan, const Drawn& drawn, bool target, bool use_engine) {
  std::string text;
  try {
    const auto built = build_features(plan, drawn.tables(), target, Workers(2), use_engine);
    const auto add = [&](const Column& column) {
      text += "\n" + column.name + " " + to_string(column.type) + ":";
      for (const auto& word : column.dictionary) text += " [" + word + "]";
      for (size_t i = 0; i < column.size(); ++i) {
        const bool zero = !column.is_text() && column.numbers[i] == 0;
        text += "|" + (zero ? "0" : column.missing(i) ? "-" : column.value_text(i));
      }
    };
    for (size_t i = 0; i < built.table.rows(); ++i) {
      text += built.table.ids[i] + " " + std::to_string(built.table.y[i]) + " " +
              std::to_string(built.table.position[i]) + "\n";
    }
    for (const Column& column : built.table.features) add(column);
    for (const Column& column : built.table.values) add(column);
    for (const auto& step : built.dropped) {
      text += "\n" + step.reason + " " + std::to_string(step.customers);
      for (const auto& example : step.examples) text += " " + example.value;
    }
    for (const auto& note : built.notes) text += "\n" + note;
    text += "\n" + std::to_string(built.customers);
  } catch (const Error& error) {
    text = error.where() + ": " + error.problem() + "; " + error.hint();
  }
  return text;
}

TEST(Native, SaysWhatTheEngineSays) {
  constexpr uint64_t kDraws = 50;
  size_t alone = 0, built = 0;
  for (uint64_t seed = 0; seed < kDraws; ++seed) {
    const Drawn drawn(seed);
    FeaturePlan plan;
    try {
      plan = drawn.plan();
    } catch (const Error&) {  // text that has no sum
      continue;
    }
    ++built;
    for (const bool target : {true, false}) {
      ASSERT_EQ(all_of(plan, drawn, target, false), all_of(plan, drawn, target, true))
          << "draw " << seed << (target ? "" : ", scoring") << "\n"
          << to_json(plan).dump(1);
    }
    const Conformed data = conform(plan, drawn.tables(), true);
    PlanSql sql(plan);
    sql.customers(true);
    alone += native_customers(plan, sql, data.columns, Workers(1)).has_value();
  }
  EXPECT_GT(built, kDraws / 2);
  EXPECT_GT(alone, built / 3);  // else the test has compared the engine with itself
  EXPECT_LT(alone, built);
}

}  // namespace
}  // namespace perennial
