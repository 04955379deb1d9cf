#include "generate/audiobooks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "generate/shop.h"
#include "table/column.h"

namespace perennial {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// Without the header.
Rows rows_of(const std::string& text) {
  Rows rows;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) rows.push_back(split(line, ','));
  }
  rows.erase(rows.begin());
  return rows;
}

double number(const std::string& cell) { return parse_number(cell).value_or(std::nan("")); }

struct Sums {
  double books = 0, minutes = 0, paid = 0, reviews = 0, review_sum = 0, listened = 0, requests = 0;
  double bought_later = 0;
  double first = 0, last = 0;  // days
};

std::map<std::string, Sums> sums_of(const AudiobooksFiles& files) {
  std::map<std::string, Sums> sums;
  for (const auto& r : rows_of(files.purchases)) {
    Sums& s = sums[r[0]];
    if (r[1] >= "2025") {
      s.bought_later += 1;
      continue;
    }
    const double day = parse_iso_date(r[1]);
    s.first = s.books == 0 ? day : std::min(s.first, day);
    s.last = std::max(s.last, s.first);
    s.books += 1;
    s.minutes += number(r[2]);
    s.paid += number(r[3]);
    if (!r[4].empty()) {
      s.reviews += 1;
      s.review_sum += number(r[4]);
    }
  }
  for (const auto& r : rows_of(files.listening)) {
    Sums& s = sums[r[0]];
    s.listened += number(r[2]);
    s.last = std::max(s.last, parse_iso_date(r[1]));
  }
  for (const auto& r : rows_of(files.support)) {
    Sums& s = sums[r[0]];
    s.requests += 1;
    s.last = std::max(s.last, parse_iso_date(r[1]));
  }
  return sums;
}

// The table recomputed from the log, column by column, as the header says.
TEST(Audiobooks, TheTableFollowsFromTheLog) {
  const AudiobooksFiles files = audiobooks_files({.customers = 3000, .seed = {5}});
  const auto sums = sums_of(files);
  const Rows table = rows_of(files.customers);
  ASSERT_EQ(table.size(), 3000u);
  ASSERT_EQ(sums.size(), 3000u);
  constexpr double kCents = 0.005 + 1e-9;  // two decimals
  for (const auto& r : table) {
    const Sums& s = sums.at(r[0]);
    EXPECT_NEAR(number(r[1]), s.minutes / s.books, kCents);
    EXPECT_EQ(number(r[2]), s.minutes);
    EXPECT_NEAR(number(r[3]), s.paid / s.books, kCents);
    EXPECT_NEAR(number(r[4]), s.paid, 1e-6);
    EXPECT_EQ(number(r[5]), s.reviews > 0);
    EXPECT_NEAR(number(r[6]), s.reviews > 0 ? s.review_sum / s.reviews : 8.91, kCents);
    EXPECT_NEAR(number(r[7]), s.listened / s.minutes, kCents);
    EXPECT_EQ(number(r[8]), s.listened);
    EXPECT_EQ(number(r[9]), s.requests);
    EXPECT_EQ(number(r[10]), s.last - s.first);
    EXPECT_EQ(number(r[11]), s.bought_later > 0);
  }
}

// The real table: 15.9 % buy again.
TEST(Audiobooks, TruthAndRate) {
  const AudiobooksFiles files = audiobooks_files({.customers = 14'084, .seed = {1}});
  double again = 0, expected = 0;
  for (const auto& r : rows_of(files.customers)) again += number(r[11]);
  for (const auto& r : rows_of(files.truth)) expected += number(r[1]);
  EXPECT_NEAR(again / 14'084, 0.159, 0.03);
  EXPECT_NEAR(again, expected, 4 * std::sqrt(14'084 * 0.16 * 0.84));
  EXPECT_EQ(files.customers, audiobooks_files({.customers = 14'084, .seed = {1}}).customers);
  EXPECT_THROW(audiobooks_files({.customers = 0}), Error);
}

// Sums of a month's events are the month's value in the shop's long tables.
TEST(ShopEvents, AddUpToTheMonths) {
  const ShopFiles files = shop_files({.customers = 800, .seed = {2}, .events = true});
  const std::map<std::string, std::string> months = {{"препредыдущий_месяц", "2024-03"},
                                                     {"предыдущий_месяц", "2024-04"},
                                                     {"предыдцщий_месяц", "2024-04"},
                                                     {"текущий_месяц", "2024-05"}};
  for (const auto& [events, table] : {std::pair{files.purchases, files.market_money},
                                      std::pair{files.visits, files.market_time}}) {
    std::map<std::pair<std::string, std::string>, double> sums;
    for (const auto& r : rows_of(events)) sums[{r[0], r[1].substr(0, 7)}] += number(r[2]);
    const Rows rows = rows_of(table);
    EXPECT_GE(rows.size(), 1600u);
    for (const auto& r : rows) {
      EXPECT_NEAR((sums[{r[0], months.at(r[1])}]), number(r[2]), 1e-6) << r[0] << " " << r[1];
    }
  }
  // The other files are what they are without events.
  EXPECT_EQ(files.market_money, shop_files({.customers = 800, .seed = {2}}).market_money);
  EXPECT_TRUE(shop_files({.customers = 800, .seed = {2}}).purchases.empty());
}

}  // namespace
}  // namespace perennial
