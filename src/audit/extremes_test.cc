// Impossible numbers: found where they are, silent where a distribution merely has a tail.
#include <cmath>
#include <functional>

#include "audit/tail.h"
#include "audit/test_tables.h"
#include "base/seed.h"
#include "base/text.h"
#include "table/read.h"

namespace perennial {
namespace {

using testing::audit_one;
using testing::listed;
using testing::of_kind;
using testing::table_of;

double gamma_draw(Rng& rng, double shape) {  // Marsaglia and Tsang 2000, shape >= 1
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = rng.normal(), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(1 - rng.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) {
      return d * v;
    }
  }
}

double poisson_draw(Rng& rng, double mean) {
  const double limit = std::exp(-mean);
  double product = rng.uniform();
  int k = 0;
  while (product > limit) product *= rng.uniform(), ++k;
  return k;
}

double student_draw(Rng& rng, int freedom) {
  double sum = 0;
  for (int i = 0; i < freedom; ++i) sum += std::pow(rng.normal(), 2);
  return rng.normal() / std::sqrt(sum / freedom);
}

struct Law {
  const char* name;
  std::function<double(Rng&)> draw;
};

std::vector<Law> laws() {
  return {
      {"normal", [](Rng& rng) { return 50 + 10 * rng.normal(); }},
      {"normal near zero", [](Rng& rng) { return 3 + rng.normal(); }},
      {"standard normal", [](Rng& rng) { return rng.normal(); }},
      {"uniform", [](Rng& rng) { return rng.uniform(); }},
      {"exponential", [](Rng& rng) { return -std::log(1 - rng.uniform()); }},
      {"lognormal 0.5", [](Rng& rng) { return std::exp(0.5 * rng.normal()); }},
      {"lognormal 1", [](Rng& rng) { return std::exp(3 + rng.normal()); }},
      {"lognormal 2", [](Rng& rng) { return std::exp(2 * rng.normal()); }},
      {"gamma", [](Rng& rng) { return 100 * gamma_draw(rng, 2); }},
      {"t(5)", [](Rng& rng) { return student_draw(rng, 5); }},
      {"t(5) above zero", [](Rng& rng) { return 5 + student_draw(rng, 5); }},
      {"t(3)", [](Rng& rng) { return student_draw(rng, 3); }},
      {"pareto 1", [](Rng& rng) { return 1 / (1 - rng.uniform()); }},
      {"poisson 0.1", [](Rng& rng) { return poisson_draw(rng, 0.1); }},
      {"poisson 1", [](Rng& rng) { return poisson_draw(rng, 1); }},
      {"poisson 6", [](Rng& rng) { return poisson_draw(rng, 6); }},
      {"geometric", [](Rng& rng) { return std::floor(std::log(1 - rng.uniform()) / -0.4); }},
      {"zeros and lognormal",
       [](Rng& rng) {
         const double amount = std::round(100 * std::exp(3 + rng.normal())) / 100;
         return rng.uniform() < 0.8 ? 0 : amount;
       }},
      {"few zeros and gamma",
       [](Rng& rng) {
         const double amount = std::round(10 * gamma_draw(rng, 3)) / 10;
         return rng.uniform() < 0.2 ? 0 : amount;
       }},
      {"mostly zeros, few counts",
       [](Rng& rng) { return rng.uniform() < 0.97 ? 0 : 1 + poisson_draw(rng, 2); }},
      {"two groups",
       [](Rng& rng) { return rng.uniform() < 0.9 ? rng.normal() : 8 + rng.normal(); }},
      {"scale 1 to 5", [](Rng& rng) { return 1 + static_cast<double>(rng.below(5)); }},
  };
}

const std::vector<std::string> kImpossible = {"extreme-numbers", "negative-numbers",
                                              "sentinel-numbers"};

// Columns of one law with a finding about impossible numbers.
int alarms(const Law& law, size_t rows, int columns) {
  std::vector<Column> all;
  for (int c = 0; c < columns; ++c) {
    Rng rng(Seed{17}.child(law.name).child(rows).child(static_cast<uint64_t>(c)));
    std::vector<double> numbers(rows);
    for (double& number : numbers) number = law.draw(rng);
    all.push_back(Column::number("x" + std::to_string(c), std::move(numbers)));
  }
  int count = 0;
  for (const Finding& finding : audit_one(table_of("m", std::move(all)))) {
    const bool impossible =
        std::find(kImpossible.begin(), kImpossible.end(), finding.kind) != kImpossible.end();
    count += impossible;
    EXPECT_FALSE(finding.safe) << law.name;
    if (impossible) std::printf("%s, %zu rows: %s\n", law.name, rows, finding.message.c_str());
  }
  return count;
}

TEST(Extremes, FewerThanOneFalseAlarmInAHundredColumns) {
  int total = 0, columns = 0;
  for (const auto& [rows, repeats] :
       std::vector<std::pair<size_t, int>>{{60, 100}, {1300, 60}, {20000, 6}}) {
    for (const Law& law : laws()) {
      const int found = alarms(law, rows, repeats);
      EXPECT_LE(found, std::max(1, repeats / 30)) << law.name << ", " << rows << " rows";
      total += found;
      columns += repeats;
    }
  }
  EXPECT_LT(total * 100, columns) << total << " of " << columns;
}

std::vector<double> normal_column(size_t rows, double mean, double sd, uint64_t seed) {
  Rng rng(Seed{seed});
  std::vector<double> numbers(rows);
  for (double& number : numbers) number = std::round(10 * (mean + sd * rng.normal())) / 10;
  return numbers;
}

TEST(Extremes, OneImpossibleNumberWithItsRepair) {
  std::vector<double> numbers = normal_column(3900, 5000, 700, 1);
  numbers[17] = 106862.2;
  const Table table = table_of("money", {Column::number("Сумма, руб", numbers)});
  const auto found = of_kind(audit_one(table), "extreme-numbers");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rows, 1);
  EXPECT_EQ(found[0].examples.at(0).line, 19);
  EXPECT_FALSE(found[0].safe);
  // Without an id, rows are dropped; a name that is no bare word stands in back quotes.
  EXPECT_EQ(found[0].repair.at(0).kind, Repair::Kind::kDropRows);
  EXPECT_EQ(found[0].repair.at(0).where, "`Сумма, руб` > 100000");
}

TEST(Extremes, SeveralImpossibleNumbersDoNotHideEachOther) {
  std::vector<double> numbers = normal_column(60000, 5000, 700, 2);
  Rng rng(Seed{3});
  for (size_t i = 0; i < 46; ++i) numbers[i * 1300] = std::round(1e5 + 20.7 * 5000 * rng.uniform());
  const auto found =
      of_kind(audit_one(table_of("m", {Column::number("x", numbers)})), "extreme-numbers");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rows, 46);
}

TEST(Extremes, AHugeNumberInASkewedColumn) {
  std::vector<double> numbers;
  Rng rng(Seed{4});
  for (int i = 0; i < 3000; ++i) numbers.push_back(std::exp(3 + 1.0 * rng.normal()));
  numbers[5] = 4e8;
  const auto found =
      of_kind(audit_one(table_of("m", {Column::number("x", numbers)})), "extreme-numbers");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].repair.at(0).where, "x > 100000000");
}

TEST(Extremes, TooSmallOnTheLogarithmicScale) {
  std::vector<double> numbers;
  Rng rng(Seed{5});
  for (int i = 0; i < 3000; ++i) numbers.push_back(std::exp(8 + 0.5 * rng.normal()));
  numbers[5] = 1e-6;
  const auto found =
      of_kind(audit_one(table_of("m", {Column::number("x", numbers)})), "extreme-numbers");
  ASSERT_EQ(found.size(), 1U) << listed(audit_one(table_of("m", {Column::number("x", numbers)})));
  EXPECT_EQ(found[0].repair.at(0).where, "x < 100");
}

TEST(Negatives, FewInAColumnOfAmounts) {
  std::vector<double> numbers;
  Rng rng(Seed{6});
  for (int i = 0; i < 2000; ++i) numbers.push_back(std::round(30 * gamma_draw(rng, 1)));
  numbers[3] = -12, numbers[9] = -7;
  const auto found =
      of_kind(audit_one(table_of("m", {Column::number("x", numbers)})), "negative-numbers");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rows, 2);
  EXPECT_EQ(found[0].repair.at(0).kind, Repair::Kind::kMissingRows);
  EXPECT_EQ(found[0].repair.at(0).where, "x < 0");
}

TEST(Sentinels, MinusOneAnd999) {
  std::vector<double> days, age;
  Rng rng(Seed{7});
  for (int i = 0; i < 2000; ++i) {
    days.push_back(rng.uniform() < 0.8 ? -1 : static_cast<double>(1 + rng.below(400)));
    age.push_back(rng.uniform() < 0.01 ? 999 : static_cast<double>(18 + rng.below(60)));
  }
  const auto findings =
      audit_one(table_of("m", {Column::number("days", days), Column::number("age", age)}));
  const auto found = of_kind(findings, "sentinel-numbers");
  ASSERT_EQ(found.size(), 2U) << listed(findings);
  EXPECT_EQ(found[0].repair.at(0).where, "days = -1");
  EXPECT_EQ(found[1].repair.at(0).where, "age = 999");
  EXPECT_TRUE(of_kind(findings, "extreme-numbers").empty());
}

// Text that the audit itself reads as numbers is looked at as numbers: the same findings as for
// numbers, and nothing that contradicts the reading.
TEST(Extremes, NumbersWithCommasAndSignsAreLookedAtToo) {
  Rng rng(Seed{21});
  std::string commas = "id;km;fee\n", points = "id;km;fee\n";
  for (int i = 0; i < 400; ++i) {
    const double km = i % 150 == 7 ? 9999 : std::round(10 * (50 + 10 * rng.normal())) / 10;
    const double fee = i == 33 ? 99999 : std::round(100 * (500 + 60 * rng.normal())) / 100;
    std::string text = fixed(km, 1) + ";" + fixed(fee, 2);
    points += std::to_string(i) + ";" + text + "\n";
    std::replace(text.begin(), text.end(), '.', ',');
    commas += std::to_string(i) + ";" + text + " €\n";
  }
  const auto read = [](const std::string& bytes) {
    const ReadOptions options{.files = {"t.csv"}};
    return read_csv_bytes("t", "t.csv", bytes, options, Workers(1));
  };
  const Table with_points = read(points), with_commas = read(commas);
  ASSERT_TRUE(with_commas.columns[1].is_text() && with_commas.columns[2].is_text());
  const auto expected = audit_one(with_points, {.id = "id"});
  const auto found = audit_one(with_commas, {.id = "id"});
  for (const char* kind : {"sentinel-numbers", "extreme-numbers"}) {
    const auto a = of_kind(expected, kind), b = of_kind(found, kind);
    ASSERT_EQ(a.size(), 1U) << kind << listed(expected);
    ASSERT_EQ(b.size(), 1U) << kind << listed(found);
    EXPECT_EQ(a[0].rows, b[0].rows);
    EXPECT_EQ(a[0].repair, b[0].repair);
    EXPECT_EQ(a[0].examples.at(0).line, b[0].examples.at(0).line);
  }
  EXPECT_EQ(of_kind(found, "decimal-commas").size() + of_kind(found, "numbers-with-signs").size(),
            2U)
      << listed(found);
  EXPECT_TRUE(of_kind(found, "near-unique-text").empty()) << listed(found);
}

TEST(FilledValues, TheMeanOfTheOthers) {
  std::vector<double> rating, amount;
  Rng rng(Seed{8});
  double sum = 0;
  for (int i = 0; i < 400; ++i) {
    rating.push_back(static_cast<double>(1 + rng.below(10)));
    sum += rating.back();
    amount.push_back(i % 3 == 0 ? 9.99 : 5 + static_cast<double>(rng.below(4000)) / 100);
  }
  rating.insert(rating.end(), 600, std::round(100 * sum / 400) / 100);
  amount.insert(amount.end(), 600, 14.5);
  const auto findings = audit_one(
      table_of("m", {Column::number("rating", rating), Column::number("amount", amount)}));
  const auto found = of_kind(findings, "filled-values");
  ASSERT_EQ(found.size(), 1U) << listed(findings);
  EXPECT_EQ(found[0].column, "rating");
  EXPECT_EQ(found[0].rows, 600);
}

TEST(IsolatedZeros, FarBelowTheRest) {
  std::vector<double> numbers = normal_column(3900, 5000, 600, 9);
  for (const size_t row : {1U, 2U, 5U}) numbers[row] = 0;
  const auto found =
      of_kind(audit_one(table_of("m", {Column::number("x", numbers)})), "isolated-zeros");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rows, 3);
  EXPECT_TRUE(found[0].repair.empty());
}

TEST(TailGap, KnownAnswer) {
  // 100 numbers 1..100 and one at 1000: the median is 51, the distances inside are 50, 49, …, 30
  // for k = 20 (with a unit of slack for integers: 50), and by hand
  //   hill = mean of ln(d) - ln(29) over d = 49, 48, …, 30 = 0.30096, spacing = ln(949 / 50),
  //   p = (1 + ln(18.98) / (20 * 0.30096))^-20.
  std::vector<double> numbers;
  for (int i = 1; i <= 100; ++i) numbers.push_back(i);
  numbers.push_back(1000);
  double hill = 0;
  for (int d = 49; d >= 30; --d) hill += std::log(d / 29.0) / 20;
  const auto gap = upper_gap(numbers, 3, 1e-3);
  ASSERT_TRUE(gap.has_value());
  EXPECT_EQ(gap->count, 1U);
  EXPECT_EQ(gap->inside, 100);
  EXPECT_EQ(gap->outside, 1000);
  EXPECT_NEAR(gap->p, std::pow(1 + std::log(949 / 50.0) / (20 * hill), -20), 1e-12);
}

}  // namespace
}  // namespace perennial
