// Features of random logs: not a bit of the future in them, and equal to a plain computation.
#include <gtest/gtest.h>

#include <cstring>

#include "feature/event_features.h"
#include "feature/event_test_support.h"
#include "feature/events.h"

namespace perennial {
namespace {

EventPlan plan_of_all(const std::string& lookback = "") {
  EventPlan plan{.table = "log", .id = "customer", .time = "when"};
  for (const Column& c : table_of({}).columns) plan.schema.emplace_back(c.name, c.type);
  if (!lookback.empty()) plan.lookback = parse_duration(lookback, "test");
  plan.session_gap = {.count = 36, .unit = Duration::Unit::kHour};
  plan.features = default_features(
      {.table = "log",
       .session_gap = plan.session_gap,
       .windows = {{.count = 7}, {.count = 30}, {.count = 3, .unit = Duration::Unit::kMonth}},
       .amounts = {{"price", false}, {"until", true}},
       .attributes = {{"kind", {"книги", "it's", "food"}}}});
  return plan;
}

bool same_bits(const Column& a, const Column& b) {
  if (a.name != b.name || a.type != b.type || a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a.missing(i) != b.missing(i)) return false;
    if (a.missing(i)) continue;
    if (a.is_text() ? a.value_text(i) != b.value_text(i)
                    : std::memcmp(&a.numbers[i], &b.numbers[i], sizeof(double)) != 0) {
      return false;
    }
  }
  return true;
}

void expect_same(const Table& a, const Table& b, const std::string& what) {
  ASSERT_EQ(a.columns.size(), b.columns.size()) << what;
  for (size_t c = 0; c < a.columns.size(); ++c) {
    EXPECT_TRUE(same_bits(a.columns[c], b.columns[c])) << what << ": " << a.columns[c].name;
  }
}

// Events at or after the cutoff are added, changed and taken away: not one bit of a feature moves,
// and the plan is the same too.
TEST(EventsSlow, NoFutureInAnyFeature) {
  const Workers workers(1), two(2);
  size_t features = 0, plans = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    const EventPlan plan = plan_of_all(i % 3 == 0 ? "1 year" : "");
    const TestLog past = random_log(Seed{i});
    TestLog one = past, other = past;
    add_future(one, Seed{i}.child("one"));
    add_future(other, Seed{i}.child("other"));
    const Table a = derive(plan, table_of(one), past.cutoff, false, workers);
    const Table b = derive(plan, table_of(other), past.cutoff, false, two);
    expect_same(a, b, "log " + std::to_string(i));
    features += (a.columns.size() - 1) * a.rows();
    if (i % 10 != 0) continue;
    const Table first = table_of(one), second = table_of(other);
    const Duration gap{.count = i % 20 == 0 ? 2 : 0};
    const EventRoles roles{
        .table = &first, .id = "customer", .time = "when", .ignored = {}, .session_gap = gap};
    const EventRoles changed{
        .table = &second, .id = "customer", .time = "when", .ignored = {}, .session_gap = gap};
    const MadeEvents made = make_event_plan(roles, {}, {}, past.cutoff, {}, workers);
    const MadeEvents again = make_event_plan(changed, {}, {}, past.cutoff, {}, workers);
    EXPECT_EQ(made.plan, again.plan) << "log " << i;
    expect_same(made.table, again.table, "plan of log " + std::to_string(i));
    plans += made.plan.features.size();
  }
  EXPECT_GT(features, 100000u);
  EXPECT_GT(plans, 1000u);
}

// What is counted, looked up or subtracted once is equal to the bit. Amounts are added as whole
// numbers here and as doubles there; for spread and trend they are first rounded to 1 in 2^31 of
// the largest (event_sql.h), which `scale` is.
double tolerance(const EventFeature& feature, double wanted, double scale) {
  switch (feature.measure) {
    case Measure::kCount:
    case Measure::kDistinct:
    case Measure::kRecency:
    case Measure::kTenure:
    case Measure::kLastGap:
    case Measure::kSessions:
    case Measure::kLastSession:
    case Measure::kMin:
    case Measure::kMax:
      return 0;
    case Measure::kSpread:
    case Measure::kTrend:
      return 1e-7 * (std::abs(wanted) + scale);
    case Measure::kShift:
      // A quotient whose denominator nearly cancels now and then (amounts may be negative): it
      // loses as many digits as the sum does, six or seven of the sixteen in these logs.
      return 1e-6 * (std::abs(wanted) + 1);
    default:
      return 1e-12 * (std::abs(wanted) + (feature.column.empty() ? 0 : 100 * scale));
  }
}

// 1,000 random logs against loops over the events.
TEST(EventsSlow, EqualsAPlainComputation) {
  const Workers workers(1);
  size_t compared = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    const std::string lookback = i % 3 == 0 ? "1 year" : "";
    const EventPlan plan = plan_of_all(lookback);
    TestLog log = random_log(Seed{i}.child("plain"));
    add_future(log, Seed{i}.child("future"));
    double scale = 1e-300;
    for (const TestEvent& e : log.events) {
      if (e.time < log.cutoff && std::abs(e.amount) > scale) scale = std::abs(e.amount);
    }
    const Table derived = derive(plan, table_of(log), log.cutoff, false, workers);
    std::set<std::string> customers;
    const double oldest = lookback.empty() ? -1e9 : earlier(log.cutoff, plan.lookback);
    for (const TestEvent& e : log.events) {
      if (e.time < log.cutoff && e.time >= oldest) customers.insert(e.id);
    }
    ASSERT_EQ(derived.rows(), customers.size());
    for (size_t row = 0; row < derived.rows(); ++row) {
      const std::string id = derived.columns[0].value_text(row);
      for (size_t f = 0; f < plan.features.size(); ++f) {
        const EventFeature& feature = plan.features[f];
        if (feature.measure == Measure::kCommon) continue;
        const double found = derived.columns[f + 1].numbers[row];
        const double wanted = expected_value(log, id, feature, plan.lookback, plan.session_gap);
        const double near = tolerance(feature, wanted, feature.column == "price" ? scale : 1000);
        ASSERT_EQ(std::isnan(found), std::isnan(wanted)) << "log " << i << ", " << feature.name;
        if (!std::isnan(found)) {
          ASSERT_NEAR(found, wanted, near) << "log " << i << ", " << feature.name << ", " << id;
        }
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 100000u);
}

}  // namespace
}  // namespace perennial
