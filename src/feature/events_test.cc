#include "feature/events.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "feature/event_features.h"
#include "feature/event_sql.h"
#include "feature/event_test_support.h"

namespace perennial {
namespace {

double day(const char* text) { return parse_iso_date(text); }

Table purchases(const std::vector<TestEvent>& events) {
  return table_of({.events = events, .cutoff = 0});
}

EventPlan base_plan() {
  EventPlan plan{.table = "log", .id = "customer", .time = "when"};
  for (const Column& c : purchases({}).columns) plan.schema.emplace_back(c.name, c.type);
  return plan;
}

EventPlan plan_with(EventTarget target) {
  EventPlan plan = base_plan();
  plan.has_target = true;
  target.name = "answer";
  plan.target = std::move(target);
  return plan;
}

// Answers by customer at 2024-03-01, in the order of the file; "-" where there is none.
std::string answers(const EventPlan& plan, const std::vector<TestEvent>& events) {
  const Workers workers(1);
  const Table derived = derive(plan, purchases(events), day("2024-03-01"), true, workers);
  std::string out;
  for (size_t row = 0; row < derived.rows(); ++row) {
    const Column& answer = derived.columns.back();
    out += derived.columns[0].value_text(row) + "=" +
           (answer.missing(row) ? "-" : answer.value_text(row)) + " ";
  }
  return out;
}

TestEvent event(const char* id, const char* time, double amount = 1, const char* kind = "food") {
  return {.id = id, .time = day(time), .amount = amount, .kind = kind, .until = kMissing};
}

TEST(EventTarget, BuysAgainWithin) {
  const std::vector<TestEvent> log = {
      event("early", "2024-01-10"),      event("at", "2024-01-10"),  event("last", "2024-01-10"),
      event("late", "2024-01-10"),       event("new", "2024-03-05"), event("at", "2024-03-01"),
      event("last", "2024-05-29 23:59"), event("late", "2024-05-30")};
  // 90 days from 1 March 2024 end with 29 May. "new" has nothing before the cutoff.
  EXPECT_EQ(answers(plan_with({.within = {.count = 90}}), log),
            "early=no at=yes last=yes late=no ");
}

TEST(EventTarget, ConditionCountAndSum) {
  const std::vector<TestEvent> log = {
      event("a", "2024-01-10"),       event("b", "2024-01-10"),
      event("a", "2024-03-05", 10),   event("a", "2024-03-06", 20, "toys"),
      event("b", "2024-03-05", 29.9), event("b", "2024-03-06", 0.1)};
  EXPECT_EQ(answers(plan_with({.within = {.count = 30}, .where = "kind = 'toys'"}), log),
            "a=yes b=no ");
  EXPECT_EQ(
      answers(plan_with({.within = {.count = 30}, .where = "price > 15", .at_least = 2}), log),
      "a=no b=no ");
  EXPECT_EQ(answers(plan_with({.within = {.count = 30}, .at_least = 2}), log), "a=yes b=yes ");
  // Exactly 30: whole numbers of cents make it so.
  EXPECT_EQ(answers(plan_with({.within = {.count = 30}, .sum = "price", .at_least = 30}), log),
            "a=yes b=yes ");
  EXPECT_EQ(answers(plan_with({.within = {.count = 30}, .sum = "price", .at_least = 30.01}), log),
            "a=no b=no ");
}

TEST(EventTarget, FallsByHalf) {
  const std::vector<TestEvent> log = {
      event("half", "2024-02-01", 100), event("half", "2024-03-05", 50),
      event("more", "2024-02-01", 100), event("more", "2024-03-05", 50.01),
      event("gone", "2023-12-02", 7),   event("old", "2023-11-30", 7),
      event("back", "2024-02-01", -5),  event("back", "2024-03-05", 1)};
  // Three months before 1 March 2024 begin with 1 December. "old" had nothing in them, "back" less
  // than nothing: that cannot fall.
  const EventTarget target{
      .within = {.count = 3, .unit = Duration::Unit::kMonth}, .sum = "price", .falls_by = 0.5};
  EXPECT_EQ(answers(plan_with(target), log), "half=yes more=no gone=yes old=- back=- ");
}

TEST(EventTarget, ThreeVisitsInSevenDays) {
  const std::vector<TestEvent> log = {
      event("yes", "2024-01-01"),    event("no", "2024-01-01"),     event("before", "2024-02-27"),
      event("yes", "2024-03-20"),    event("yes", "2024-03-14"),    event("yes", "2024-03-17"),
      event("no", "2024-03-14"),     event("no", "2024-03-17"),     event("no", "2024-03-21"),
      event("before", "2024-02-28"), event("before", "2024-03-01"), event("before", "2024-03-02")};
  EXPECT_EQ(
      answers(plan_with({.within = {.count = 30}, .at_least = 3, .in_any = {.count = 7}}), log),
      "yes=yes no=no before=no ");
}

TEST(EventTarget, WhatCannotBeIsSaid) {
  const auto message = [](const EventTarget& target) {
    try {
      answers(plan_with(target), {event("a", "2024-01-01")});
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(message({.within = {.count = 9}, .sum = "prise"}).find("did you mean \"price\"?"),
            std::string::npos);
  EXPECT_NE(message({.within = {.count = 9}, .sum = "kind"}).find("no numbers to add"),
            std::string::npos);
  EXPECT_NE(message({.within = {.count = 9}, .where = "every price > 3"}).find("cohort"),
            std::string::npos);
}

// Hand computation: three purchases of 10, 20 and 60 on days 100, 110 and 140, cutoff 150.
TEST(EventFeatures, ByHand) {
  const double d = day("2024-01-01");
  std::vector<TestEvent> log;
  for (const auto& [t, x] :
       {std::pair{100.0, 10.0}, std::pair{140.0, 60.0}, std::pair{110.0, 20.0}}) {
    log.push_back({.id = "c", .time = d + t, .amount = x, .kind = t > 105 ? "toys" : "food"});
  }
  EventPlan plan = base_plan();
  plan.features = default_features({.table = "log",
                                    .windows = {{.count = 30}},
                                    .amounts = {{"price", false}},
                                    .attributes = {{"kind", {"food", "toys"}}}});
  const Workers workers(1);
  const Table derived = derive(plan, purchases(log), d + 150, false, workers);
  const auto value = [&](const std::string& name) {
    const Column* column = derived.find(name);
    EXPECT_NE(column, nullptr) << name;
    return column == nullptr ? "" : column->value_text(0);
  };
  EXPECT_EQ(value("log days since last"), "10");
  EXPECT_EQ(value("log days since first"), "50");
  EXPECT_EQ(value("log count"), "3");
  EXPECT_EQ(value("log count 30 days"), "1");
  EXPECT_EQ(value("price sum"), "90");
  EXPECT_EQ(value("price sum 30 days"), "60");
  EXPECT_EQ(value("price mean"), "30");
  EXPECT_EQ(value("price min"), "10");
  EXPECT_EQ(value("price max"), "60");
  EXPECT_EQ(value("log mean gap"), "20");
  EXPECT_EQ(value("log last gap"), "30");
  EXPECT_EQ(value("log overdue"), "0.5");
  // Of the last two times 30 days: one event of three, 60 of 90.
  EXPECT_NEAR(std::stod(value("log count share of last 30 days")), 1.0 / 3, 1e-15);
  EXPECT_NEAR(std::stod(value("price sum share of last 30 days")), 2.0 / 3, 1e-15);
  EXPECT_EQ(value("kind distinct"), "2");
  EXPECT_EQ(value("kind most common"), "toys");
  EXPECT_EQ(value("kind toys count"), "2");
  EXPECT_EQ(value("kind toys price sum"), "80");
  // Spread: squares of -20, -10 and 30 are 1400, divided by 2. Slope: times -50/3, -20/3, 70/3 and
  // amounts -20, -10, 30 give 3300/3 over 7800/9: 1.26923 a day.
  EXPECT_NEAR(std::stod(value("price spread")), std::sqrt(700.0), 1e-9);
  EXPECT_NEAR(std::stod(value("price trend")), 30 * (3300.0 / 3) / (7800.0 / 9), 1e-9);
}

// Half an hour to the second still belongs to the session; nobody knows how the one at the cutoff
// goes on.
TEST(EventFeatures, SessionsByHand) {
  std::vector<TestEvent> log;
  for (const char* time :
       {"2024-02-01 10:30:00", "2024-02-01 10:00:00", "2024-02-01 11:00:01", "2024-02-03 09:00:00",
        "2024-02-03 09:10:00", "2024-02-03 09:10:00", "2024-03-01 00:00:00"}) {
    log.push_back(event("a", time));
  }
  log.push_back(event("b", "2024-02-29 23:59:00"));
  log.push_back(event("b", "2024-03-01 00:01:00"));
  EventPlan plan = base_plan();
  plan.session_gap = {.count = 30, .unit = Duration::Unit::kMinute};
  plan.features = default_features({.table = "log", .session_gap = plan.session_gap});
  const Workers workers(1);
  const Table derived = derive(plan, purchases(log), day("2024-03-01"), false, workers);
  const auto values = [&](const std::string& name) {
    const Column* column = derived.find(name);
    return column == nullptr ? "none" : column->value_text(0) + " " + column->value_text(1);
  };
  // 10:00 to 10:30, a single visit at 11:00:01, 9:00 to 9:10 with three; then a single one.
  EXPECT_EQ(values("log sessions"), "3 1");
  EXPECT_EQ(values("log events a session"), "2 1");
  EXPECT_NEAR(derived.find("log session minutes")->numbers[0], 40.0 / 3, 1e-12);
  EXPECT_EQ(derived.find("log session minutes")->numbers[1], 0);
  EXPECT_EQ(values("log last session minutes"), "10 0");
  // Whoever looks back for an hour does not see that 10:30 goes on from 10:00, though the target
  // compares with what was before.
  plan.lookback = {.count = 1, .unit = Duration::Unit::kHour};
  plan.has_target = true;
  plan.target = {.name = "answer", .within = {.count = 1}, .falls_by = 0.5};
  const Table late = derive(plan, purchases(log), day("2024-02-01 11:10"), true, workers);
  EXPECT_EQ(late.find("log sessions")->value_text(0), "2");
  EXPECT_EQ(late.find("log last session minutes")->value_text(0), "0");
}

TEST(EventFeatures, RunningTogetherAreLeftOut) {
  const Column a = Column::number("a", {1, 2, 3, 4, 7});
  const Column twice = Column::number("twice", {2, 4, 6, 8, 14.001});
  const Column other = Column::number("other", {1, 0, 3, 1, 2});
  const Column constant = Column::number("constant", {5, 5, 5, 5, 5});
  const Column holes = Column::number("holes", {5, kMissing, 5, 5, 5});
  const Column text = Column::text("text", {"x", "y", "x", "x", "x"});
  EXPECT_EQ(distinct_features({&a, &twice, &constant, &other, &holes, &text}),
            (std::vector<size_t>{0, 3, 4, 5}));
}

TEST(EventPlan, JsonReadsBackEqual) {
  EventPlan plan = plan_with({.within = {.count = 3, .unit = Duration::Unit::kMonth},
                              .where = "kind = 'toys'",
                              .sum = "price",
                              .falls_by = 0.5});
  plan.lookback = {.count = 24, .unit = Duration::Unit::kMonth};
  plan.session_gap = {.count = 45, .unit = Duration::Unit::kMinute};
  plan.features = default_features({.table = "log",
                                    .session_gap = plan.session_gap,
                                    .windows = {{.count = 30}},
                                    .amounts = {{"price", false}, {"until", true}},
                                    .attributes = {{"kind", {"food", "toys"}}}});
  plan.repairs.steps = {{.kind = Repair::Kind::kTrim, .table = "log", .column = "kind"}};
  EXPECT_EQ(event_plan_from_json(Json::parse(json_text(to_json(plan)))), plan);
  EventPlan adopts = plan_with(
      {.within = {.count = 30}, .at_least = 3, .in_any = {.count = 7}, .everybody = true});
  EXPECT_EQ(event_plan_from_json(to_json(adopts)), adopts);
  Json damaged = to_json(plan);
  damaged["time"] = "nowhere";
  EXPECT_THROW(event_plan_from_json(damaged), Error);
  damaged = to_json(plan);
  damaged["features"][0]["measure"] = "guess";
  EXPECT_THROW(event_plan_from_json(damaged), Error);
  damaged = to_json(plan);
  damaged.erase("session_gap");
  EXPECT_THROW(event_plan_from_json(damaged), Error);
}

TEST(EventPlan, MadeFromTheLog) {
  std::vector<TestEvent> log;
  for (int i = 0; i < 200; ++i) {
    const double t = day("2024-01-01") - 7 * (i % 29) - i;
    log.push_back({.id = "c" + std::to_string(i % 40),
                   .time = t,
                   .amount = static_cast<double>(i * 37 % 101),
                   .kind = i % 3 == 0 ? "a" : "b",
                   .until = kMissing});
  }
  const Table table = purchases(log);
  const Workers workers(1);
  const EventRoles roles{.table = &table, .id = "customer", .time = "when", .ignored = {"until"}};
  EventOptions options;
  options.most_features = 7;
  const MadeEvents made = make_event_plan(roles, options, {}, day("2024-01-01"), {}, workers);
  EXPECT_EQ(made.plan.features.size(), 7u);
  EXPECT_EQ(made.table.columns.size(), 8u);
  EXPECT_EQ(made.plan.features[0].name, "log days since last");
  EXPECT_EQ(made.table.rows(), 40u);
  for (const auto& [column, type] : made.plan.schema) EXPECT_NE(column, "until");
  // The plan carried out again gives the table that came with it.
  const Table again = derive(made.plan, table, day("2024-01-01"), false, workers);
  for (size_t c = 0; c < again.columns.size(); ++c) {
    for (size_t row = 0; row < again.rows(); ++row) {
      EXPECT_EQ(again.columns[c].value_text(row), made.table.columns[c].value_text(row));
    }
  }
}

TEST(EventPlan, RepairsOfTheLogApply) {
  std::vector<TestEvent> log = {event("a", "2024-01-01", 5, " toys"),
                                event("a", "2024-01-02", 900)};
  EventPlan plan = base_plan();
  plan.features = default_features({.table = "log",
                                    .windows = {},
                                    .amounts = {{"price", false}},
                                    .attributes = {{"kind", {"toys"}}}});
  plan.repairs.steps = {{.kind = Repair::Kind::kTrim, .table = "log", .column = "kind"},
                        {.kind = Repair::Kind::kDropRows, .table = "log", .where = "price > 100"}};
  const Workers workers(1);
  const Table derived = derive(plan, purchases(log), day("2024-03-01"), false, workers);
  EXPECT_EQ(derived.find("log count")->value_text(0), "1");
  EXPECT_EQ(derived.find("price sum")->value_text(0), "5");
  EXPECT_EQ(derived.find("kind toys count")->value_text(0), "1");
  plan.repairs.steps = {
      {.kind = Repair::Kind::kDropCustomers, .table = "log", .where = "price > 100"}};
  EXPECT_THROW(derive(plan, purchases(log), day("2024-03-01"), false, workers), Error);
}

TEST(EventPlan, CustomersWithoutEvents) {
  EventPlan plan = base_plan();
  plan.features = default_features(
      {.table = "log", .windows = {}, .amounts = {{"price", false}}, .attributes = {}});
  const Workers workers(1);
  Table derived =
      derive(plan, purchases({event("a", "2024-01-01", 5)}), day("2024-03-01"), false, workers);
  add_customers_without_events(plan, Column::text("id", {"b", "a", "b"}), derived);
  ASSERT_EQ(derived.rows(), 2u);
  EXPECT_EQ(derived.columns[0].value_text(1), "b");
  EXPECT_EQ(derived.find("log count")->value_text(1), "0");
  EXPECT_EQ(derived.find("price sum")->value_text(1), "0");
  EXPECT_TRUE(derived.find("log days since last")->missing(1));
}

TEST(EventPlan, NoDatesNoEvents) {
  const Table table = purchases({event("a", "2024-01-01")});
  const Workers workers(1);
  const EventRoles roles{.table = &table, .id = "customer", .time = "kind", .ignored = {}};
  EXPECT_THROW(event_span(roles, {}, workers), Error);
  const EventRoles right{.table = &table, .id = "customer", .time = "when", .ignored = {}};
  EXPECT_EQ(event_span(right, {}, workers).last, day("2024-01-01"));
  EXPECT_THROW(make_event_plan(right, {}, {}, day("2023-01-01"), {}, workers), Error);
}

}  // namespace
}  // namespace perennial
