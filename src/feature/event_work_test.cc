// What questions share is what each would have got alone.
#include "feature/event_work.h"

#include <gtest/gtest.h>

#include <cstring>

#include "feature/event_test_support.h"

namespace perennial {
namespace {

void expect_same(const Table& a, const Table& b) {
  ASSERT_EQ(a.columns.size(), b.columns.size());
  EXPECT_EQ(a.row_line, b.row_line);
  EXPECT_EQ(a.readings.size(), b.readings.size());
  for (size_t c = 0; c < a.columns.size(); ++c) {
    const Column &x = a.columns[c], &y = b.columns[c];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.type, y.type);
    EXPECT_EQ(x.codes, y.codes) << x.name;
    EXPECT_EQ(x.dictionary, y.dictionary) << x.name;
    ASSERT_EQ(x.numbers.size(), y.numbers.size()) << x.name;
    if (x.numbers.empty()) continue;
    EXPECT_EQ(std::memcmp(x.numbers.data(), y.numbers.data(), x.numbers.size() * sizeof(double)), 0)
        << x.name;
  }
}

std::vector<std::optional<EventTarget>> targets() {
  return {
      std::nullopt,
      EventTarget{.name = "again", .within = {.count = 90}},
      EventTarget{.name = "food", .within = {.count = 30}, .where = "kind = 'food'"},
      EventTarget{.name = "falls", .within = {.count = 60}, .sum = "price", .falls_by = 0.5},
      EventTarget{.name = "burst", .within = {.count = 90}, .at_least = 2, .in_any = {.count = 7}},
      EventTarget{.name = "all", .within = {.count = 90}, .everybody = true}};
}

TEST(EventWork, SharesWithoutABitOfDifference) {
  const Workers workers(1);
  for (uint64_t i = 0; i < 8; ++i) {
    TestLog log = random_log(Seed{i}.child("shared"));
    add_future(log, Seed{i});
    Table table = table_of(log);
    for (uint32_t row = 0; row < table.rows(); ++row) table.row_line.push_back(row + 2);
    const EventRoles roles{.table = &table,
                           .id = "customer",
                           .time = "when",
                           .ignored = {},
                           .session_gap = {.count = i % 2 == 0 ? 2 : 0}};
    EventOptions options;
    if (i % 3 == 0) options.lookback = {.count = 400};
    EventWork work(true);
    for (const auto& target : targets()) {
      const MadeEvents alone = make_event_plan(roles, options, target, log.cutoff, {}, workers);
      const MadeEvents shared = work.make_plan(roles, options, target, log.cutoff, {}, workers);
      EXPECT_EQ(alone.plan, shared.plan);
      EXPECT_EQ(alone.notes, shared.notes);
      expect_same(alone.table, shared.table);
      const double earlier = log.cutoff - 30;
      expect_same(derive(alone.plan, table, earlier, alone.plan.has_target, workers),
                  work.derive(alone.plan, table, earlier, workers));
    }
    const EventSpan alone = event_span(roles, {}, workers), shared = work.span(roles, {}, workers);
    EXPECT_EQ(alone.last, shared.last);
    EXPECT_EQ(work.span(roles, {}, workers).usable, alone.usable);
  }
}

// Other columns left out, another look back, other repairs: other features.
TEST(EventWork, KnowsWhatDiffers) {
  const Workers workers(1);
  const TestLog log = random_log(Seed{7});
  const Table table = table_of(log);
  EventRoles roles{.table = &table, .id = "customer", .time = "when", .ignored = {}};
  EventWork work(true);
  const auto first = work.make_plan(roles, {}, {}, log.cutoff, {}, workers).plan;
  EXPECT_EQ(work.make_plan(roles, {}, {}, log.cutoff, {}, workers).plan, first);
  roles.ignored = {"price"};
  const auto less = work.make_plan(roles, {}, {}, log.cutoff, {}, workers).plan;
  EXPECT_EQ(less, make_event_plan(roles, {}, {}, log.cutoff, {}, workers).plan);
  EXPECT_NE(less, first);
  const EventOptions short_look{.lookback = {.count = 100}};
  EXPECT_EQ(work.make_plan(roles, short_look, {}, log.cutoff, {}, workers).plan,
            make_event_plan(roles, short_look, {}, log.cutoff, {}, workers).plan);
}

}  // namespace
}  // namespace perennial
