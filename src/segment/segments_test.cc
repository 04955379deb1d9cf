#include "segment/segments.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "segment/discover.h"
#include "segment/figures.h"
#include "segment/rule.h"

namespace perennial {
namespace {

// Rows with features "visits" (0, 1, 2, ...), "city" and the value "profit"; a third is sealed.
struct Sample {
  FeatureTable table;
  std::vector<double> risk;
  std::vector<Role> role;
};

Sample sample(size_t rows) {
  Sample out;
  out.table.id_name = "id";
  out.table.target_name = "left";
  out.table.classes = {"no", "yes"};
  std::vector<double> visits, profit;
  std::vector<std::string> city;
  for (size_t i = 0; i < rows; ++i) {
    out.table.ids.push_back(std::to_string(i));
    visits.push_back(static_cast<double>(i));
    profit.push_back(static_cast<double>(i % 7));
    city.push_back(i % 3 == 0 ? "Тверь" : "Perm");
    out.risk.push_back(static_cast<double>(i % 10) / 10);
    out.table.y.push_back(i % 10 >= 5 ? 1 : 0);
    out.role.push_back(i % 3 == 2 ? Role::kTest : Role::kTrain);
    out.table.position.push_back(static_cast<uint32_t>(i));
  }
  out.table.features = {Column::number("visits", visits), Column::text("city", city)};
  out.table.feature_tables = {"t", "t"};
  out.table.values = {Column::number("profit", profit)};
  return out;
}

Segments made(const Sample& s, SegmentOptions options, double threshold = 0.5) {
  options.place = "study.toml:1";
  return make_segments({.table = s.table, .risk = s.risk, .role = s.role, .threshold = threshold},
                       options, Seed{1}, Workers(2));
}

NamedSegment named(const std::string& name, const std::string& where) {
  return {.name = name, .where = where, .place = "study.toml:9"};
}

// By hand: of 70 rows 35 have a risk of at least 0.5; the median of profit is 3, and values from 3
// up (4 of 7) are high.
TEST(Segments, CellsByHand) {
  const Segments s = made(sample(70), {.discover = 0});
  ASSERT_EQ(s.list.size(), 4u);
  EXPECT_EQ(s.list[0].name, "high_risk_high_value");
  EXPECT_EQ(s.list[0].rule, "risk >= 0.5 and value >= 3");
  EXPECT_EQ(s.list[3].rule, "risk < 0.5 and value < 3");
  EXPECT_EQ(s.list[0].customers + s.list[1].customers, 35);
  EXPECT_EQ(s.list[0].customers + s.list[2].customers, 40);
  EXPECT_EQ(s.risk_cut_from, "threshold");
  double value = 0, loss = 0, share = 0, high_loss = 0;
  int64_t customers = 0, primary = 0;
  for (const Segment& one : s.list) {
    value += one.value;
    loss += one.expected_loss.value;
    share += one.value_share;
    customers += one.customers;
    primary += one.primary;
  }
  EXPECT_EQ(customers, 70);
  EXPECT_EQ(primary, 70);
  EXPECT_EQ(value, 210);  // ten times 0 + 1 + .. + 6
  EXPECT_EQ(value, s.total_value);
  EXPECT_NEAR(share, 1, 1e-12);
  EXPECT_NEAR(loss, 94.5, 1e-9);  // mean risk 0.45 x mean value 3, which are independent, x 70
  EXPECT_NEAR(loss, s.expected_loss.value, 1e-9);
  for (const uint32_t i : s.members[0]) high_loss += s.risk[i] * s.value[i];
  EXPECT_NEAR(high_loss, s.list[0].expected_loss.value, 1e-12);
}

// Rates are of the sealed rows alone: there risk from 0.5 up means "yes", whatever training says.
TEST(Segments, RatesAreOfSealedRows) {
  Sample a = sample(300);
  Sample b = a;
  for (size_t i = 0; i < b.table.rows(); ++i) {
    if (b.role[i] == Role::kTrain) b.table.y[i] = 1 - b.table.y[i];
  }
  const Segments s = made(a, {.discover = 0}), t = made(b, {.discover = 0});
  for (size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(s.list[k].rate.value, k < 2 ? 1 : 0);
    EXPECT_EQ(s.list[k].rate.value, t.list[k].rate.value);
    EXPECT_EQ(s.list[k].cases, t.list[k].cases);
    EXPECT_EQ(s.list[k].expected_loss.low, t.list[k].expected_loss.low);
  }
  EXPECT_EQ(s.base_rate.value, 0.5);
}

TEST(Segments, TheFirstNamedOneIsTheCustomersOwn) {
  const Segments s =
      made(sample(70),
           {.discover = 0,
            .named = {named("few", "visits < 10"), named("fewer", "visits < 20 and risk > 0.2")}});
  ASSERT_EQ(s.list.size(), 6u);
  EXPECT_EQ(s.list[4].customers, 10);
  EXPECT_EQ(s.list[4].primary, 10);
  EXPECT_EQ(s.list[5].customers, 14);  // of 0 .. 19, seven of each ten
  EXPECT_EQ(s.list[5].primary, 7);
  EXPECT_EQ(s.primary[0], 4);
  EXPECT_EQ(s.primary[15], 5);
  EXPECT_EQ(s.list[static_cast<size_t>(s.primary[60])].kind, SegmentKind::kCell);
  ASSERT_EQ(s.overlaps.size(), 1u);
  EXPECT_EQ(s.overlaps[0].customers, 7);
  EXPECT_EQ(s.leftover, 70 - 17);
}

TEST(Segments, ByACategory) {
  NamedSegment by = named("city", "");
  by.by = "city";
  by.primary = false;
  by.titles = {{"ru", "Город"}};
  const Segments s = made(sample(90), {.discover = 0, .named = {by}});
  ASSERT_EQ(s.list.size(), 6u);
  EXPECT_EQ(s.list[4].name, "city: Perm");
  EXPECT_EQ(s.list[4].rule, "city = 'Perm'");
  EXPECT_EQ(s.list[4].customers, 60);
  EXPECT_EQ(s.list[5].titles[0].second, "Город: Тверь");
  EXPECT_EQ(s.list[5].primary, 0);
}

TEST(Segments, ValuesThatAreNotKnown) {
  Sample a = sample(70);
  a.table.values[0].numbers[3] = kMissing;
  const Segments s = made(a, {.discover = 0});
  EXPECT_EQ(s.without_value, 1);
  EXPECT_EQ(s.value[3], 0);
  EXPECT_EQ(s.total_value, 207);
  EXPECT_EQ(s.list[3].rule, "risk < 0.5 and (value < 3 or value is missing)");
  EXPECT_FALSE(s.notes.empty());
  a.table.values.clear();
  const Segments without = made(a, {.discover = 0});
  ASSERT_EQ(without.list.size(), 2u);
  EXPECT_EQ(without.list[0].name, "high_risk");
  EXPECT_EQ(without.list[0].value_band, -1);
}

TEST(Segments, BandsAsTheStudySays) {
  const Segments s = made(
      sample(70), {.risk_cuts = {0.2, 0.8}, .value_quantiles = {0.25, 0.5, 0.9}, .discover = 0});
  EXPECT_EQ(s.risk_cut_from, "study");
  EXPECT_EQ(s.list[0].name, "high_risk_4of4_value");
  EXPECT_EQ(s.list[0].rule, "risk >= 0.8 and value >= 6");
  EXPECT_EQ(s.list.size(), 12u);
  const Segments nowhere = made(sample(70), {.discover = 0}, 1.5);
  EXPECT_EQ(nowhere.risk_cut_from, "base rate");
}

std::string error_of(const SegmentOptions& options) {
  try {
    made(sample(30), options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    EXPECT_EQ(error.where(), options.named.empty() ? "study.toml:1" : "study.toml:9");
    return error.problem();
  }
  return "";
}

TEST(Segments, Errors) {
  const auto with = [](const std::string& where) {
    return SegmentOptions{.discover = 0, .named = {named("a", where)}};
  };
  EXPECT_EQ(error_of(with("visit > 3")), "there is no feature \"visit\", did you mean \"visits\"?");
  EXPECT_EQ(error_of(with("visits > medain")),
            "\"visits\" is a number and is compared with \"medain\"");
  EXPECT_EQ(error_of(with("city > 3")), "\"city\" is text and is compared with a number");
  EXPECT_EQ(error_of(with("every visits > 3")), "segments have no use for `every` and `any`");
  EXPECT_EQ(error_of({.value = "profits", .discover = 0}),
            "there is no value column \"profits\", did you mean \"profit\"?");
  EXPECT_EQ(error_of({.discover = 0, .named = {named("a", "risk > 0"), named("a", "risk > 0")}}),
            "two segments are called \"a\"");
  NamedSegment by = named("a", "");
  by.by = "visits";
  EXPECT_EQ(error_of({.discover = 0, .named = {by}}),
            "\"visits\" is a number, and segments are made by categories");
}

// Quantiles as numpy.quantile([0, 1, 2, 3, 10], q) gives them.
TEST(Rules, WordsAreNumbers) {
  FeatureTable table = sample(5).table;
  table.features[0].numbers = {0, 1, 2, 3, 10};
  const std::vector<double> risk = {0.1, 0.2, 0.3, 0.4, 0.5};
  const RuleSpace space(table, risk, nullptr, 0.35, 0.25);
  const auto text = [&](const std::string& where) { return to_text(space.resolved(where, "")); };
  EXPECT_EQ(text("visits > median"), "visits > 2");
  EXPECT_EQ(text("visits > mean"), "visits > 3.2");
  EXPECT_EQ(text("visits <= q75 or Visits < q10"), "visits <= 3 or visits < 0.4");
  EXPECT_EQ(text("risk >= threshold and risk > base_rate"), "risk >= 0.35 and risk > 0.25");
  EXPECT_EQ(text("city = median"), "city = 'median'");
  EXPECT_EQ(space.holds(space.resolved("visits > q50 and not risk > 0.45", "")),
            (std::vector<uint8_t>{0, 0, 0, 1, 0}));
}

TEST(Rules, DatesAreComparedWithDates) {
  FeatureTable table = sample(5).table;
  table.features[0].type = ColumnType::kDate;
  table.features[0].numbers = {19782, 19783, 19784, 19785, kMissing};  // 2024-02-29 and on
  const std::vector<double> risk = {0.1, 0.2, 0.3, 0.4, 0.5};
  const RuleSpace space(table, risk, nullptr, 0.35, 0.25);
  const Condition after = space.resolved("visits > \"2024-03-01\"", "");
  EXPECT_EQ(to_text(after), "visits > '2024-03-01'");
  EXPECT_EQ(space.holds(after), (std::vector<uint8_t>{0, 0, 1, 1, 0}));
  EXPECT_EQ(space.holds(space.resolved("visits <= q75", "")),
            (std::vector<uint8_t>{1, 1, 1, 0, 0}));
  try {
    space.resolved("visits > soon", "");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.problem(), "\"visits\" is a date and is compared with \"soon\"");
    EXPECT_NE(e.hint().find("2024-03-01"), std::string::npos);
  }
}

// scipy.stats.ttest_ind([1, 2, 4, 5, 9], [0, 1, 1, 2, 2, 3], equal_var=False): t = 1.853,
// p = 0.126; the difference of means 2.7 over sqrt((9.7 + 1.1) / 2) standard deviations.
TEST(Differences, AsWelchByHand) {
  FeatureTable table = sample(11).table;
  table.features = {Column::number("n", {1, 2, 4, 5, 9, 0, 1, 1, 2, 2, 3})};
  std::vector<Segment> list(1);
  list[0].name = "a";
  fill_differences(list, {{0, 1, 2, 3, 4}}, table, 5, Workers(1));
  EXPECT_TRUE(list[0].differences.empty());  // p is above 0.05: not certain
  table.features[0].numbers = {11, 12, 14, 15, 19, 0, 1, 1, 2, 2, 3};
  fill_differences(list, {{0, 1, 2, 3, 4}}, table, 5, Workers(1));
  ASSERT_EQ(list[0].differences.size(), 1u);
  const SegmentDifference& d = list[0].differences[0];
  EXPECT_NEAR(d.inside, 14.2, 1e-12);
  EXPECT_NEAR(d.outside, 1.5, 1e-12);
  EXPECT_NEAR(d.size.value, 12.7 / std::sqrt(5.4), 1e-9);
  EXPECT_LT(d.size.low, d.size.value);
}

// scipy.stats.fisher_exact([[8, 2], [1, 5]], alternative="greater"): 0.024475524475524473.
TEST(Discover, FisherKnownAnswer) {
  EXPECT_NEAR(fisher_above(8, 10, 9, 16), 0.024475524475524473, 1e-12);
  EXPECT_NEAR(fisher_above(0, 10, 9, 16), 1, 1e-12);
}

Sample planted(size_t rows, uint64_t seed, double inside, double outside) {
  Sample out = sample(rows);
  Rng rng(Seed{seed});
  std::vector<double> a, b, c;
  std::vector<std::string> city;
  for (size_t i = 0; i < rows; ++i) {
    a.push_back(rng.uniform());
    b.push_back(rng.normal());
    c.push_back(rng.normal());
    city.push_back(rng.bernoulli(0.3) ? "Тверь" : "Perm");
    const bool in = a[i] > 0.7 && city[i] == "Тверь";
    out.table.y[i] = rng.bernoulli(in ? inside : outside) ? 1 : 0;
  }
  out.table.features = {Column::number("a", a), Column::number("b", b), Column::number("c", c),
                        Column::text("city", city)};
  out.table.feature_tables.assign(4, "t");
  return out;
}

TEST(Discover, FindsThePlantedRule) {
  const Sample s = planted(3000, 5, 0.8, 0.1);
  const Discovery found = discover_rules(s.table, s.role, {}, Seed{1}, Workers(2));
  ASSERT_FALSE(found.rules.empty());
  const std::string rule = to_text(found.rules[0].condition);
  EXPECT_NE(rule.find("a > 0.7"), std::string::npos) << rule;
  EXPECT_NE(rule.find("city = 'Тверь'"), std::string::npos) << rule;
  EXPECT_GT(found.rules[0].sealed_cases * 10, found.rules[0].sealed * 7);
}

TEST(Discover, RulesOnDatesSayDates) {
  Sample s = planted(3000, 5, 0.8, 0.1);
  Column& day = s.table.features[0];
  day.type = ColumnType::kDate;
  for (double& v : day.numbers) v = 19783 + std::floor(1000 * v);  // the rule begins at 20483
  const Discovery found = discover_rules(s.table, s.role, {}, Seed{1}, Workers(2));
  ASSERT_FALSE(found.rules.empty());
  const std::string rule = to_text(found.rules[0].condition);
  EXPECT_NE(rule.find("a > '2026-0"), std::string::npos) << rule;  // 20483 is 2026-01-30
}

// Pure noise: of 200 tables at most 5 % may keep a rule, and chance adds at most 9 to that (99 % of
// a binomial of 200 draws at 5 % lie at or below 18).
TEST(Discover, NoiseKeepsNoRule) {
  int kept = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Sample s = planted(400, 100 + seed, 0.3, 0.3);
    kept += discover_rules(s.table, s.role, {}, Seed{seed}, Workers(1)).rules.empty() ? 0 : 1;
  }
  EXPECT_LE(kept, 18);
}

TEST(Discover, NoRuleOnTooFew) {
  const Sample s = planted(3000, 5, 0.8, 0.1);
  for (const FoundRule& rule :
       discover_rules(s.table, s.role, {.rules = 10, .min_customers = 500}, Seed{1}, Workers(2))
           .rules) {
    int64_t n = 0;
    for (const uint8_t one : rule.holds) n += one;
    EXPECT_GE(n, 500);
    EXPECT_LE(names_in(rule.condition).size(), 3u);
  }
}

TEST(Segments, TheSameForAnyNumberOfThreads) {
  const Sample s = planted(2000, 6, 0.7, 0.2);
  const auto print = [&](int threads) {
    const Segments m = make_segments({.table = s.table, .risk = s.risk, .role = s.role}, {},
                                     Seed{1}, Workers(threads));
    std::string out;
    for (const Segment& one : m.list) {
      out +=
          one.name + one.rule + std::to_string(one.expected_loss.low) + std::to_string(one.primary);
      for (const SegmentDifference& d : one.differences) out += d.feature + d.category;
    }
    return out;
  };
  EXPECT_EQ(print(1), print(4));
}

}  // namespace
}  // namespace perennial
