#include "generate/shop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "generate/shop_tables.h"

namespace perennial {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// Rows of a file as shop_files writes it (no quotes anywhere); the first is the header.
Rows rows_of(const std::string& text, char separator = ',') {
  Rows rows;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) rows.push_back(split(trim(line), separator));
  }
  return rows;
}

double number(const std::string& cell) {
  const auto value = parse_number(cell);
  EXPECT_TRUE(value.has_value()) << cell;
  return value.value_or(std::nan(""));
}

std::vector<double> column(const Rows& rows, size_t at) {
  std::vector<double> values;
  for (size_t i = 1; i < rows.size(); ++i) values.push_back(number(rows[i][at]));
  return values;
}

std::vector<int> declines(const Rows& market) {
  std::vector<int> y;
  for (size_t i = 1; i < market.size(); ++i) y.push_back(market[i][1] == "Снизилась" ? 1 : 0);
  return y;
}

// Share of (positive, negative) pairs in which the positive has the higher score; ties count half.
double area(const std::vector<int>& y, const std::vector<double>& score) {
  std::vector<size_t> order(y.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return score[a] < score[b]; });
  double wins = 0, below = 0, positives = 0;
  for (size_t i = 0; i < order.size();) {
    double tied[2] = {0, 0};
    const size_t begin = i;
    while (i < order.size() && score[order[i]] == score[order[begin]]) tied[y[order[i++]]] += 1;
    wins += tied[1] * (below + 0.5 * tied[0]);
    below += tied[0];
    positives += tied[1];
  }
  return wins / (positives * below);
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

const ShopFiles& large() {
  static const ShopFiles files = shop_files({.customers = 40'000, .seed = {5}});
  return files;
}

TEST(Shop, IsDecidedBySeedAlone) {
  const ShopFiles a = shop_files({.customers = 500, .seed = {1}});
  const ShopFiles b = shop_files({.customers = 500, .seed = {1}});
  const ShopFiles c = shop_files({.customers = 500, .seed = {2}});
  EXPECT_EQ(a.market_file, b.market_file);
  EXPECT_EQ(a.market_money, b.market_money);
  EXPECT_EQ(a.truth, b.truth);
  EXPECT_NE(a.market_file, c.market_file);
}

TEST(Shop, HasFourTablesWithOneSetOfIds) {
  const ShopFiles files = shop_files({.customers = 700, .seed = {3}});
  const Rows market = rows_of(files.market_file), money = rows_of(files.market_money),
             minutes = rows_of(files.market_time), profit = rows_of(files.money),
             truth = rows_of(files.truth);
  ASSERT_EQ(market.size(), 701u);
  EXPECT_EQ(money.size(), 2101u);
  EXPECT_EQ(minutes.size(), 1401u);
  EXPECT_EQ(profit.size(), 701u);
  EXPECT_EQ(market[0].size(), 13u);
  EXPECT_EQ(market[0][2], "Тип сервиса");
  EXPECT_EQ(market[0][8], "Популярная_категория");
  std::set<std::string> ids;
  for (size_t i = 1; i < market.size(); ++i) {
    EXPECT_EQ(market[i].size(), 13u);
    ids.insert(market[i][0]);
    EXPECT_EQ(profit[i][0], market[i][0]);
    EXPECT_EQ(truth[i][0], market[i][0]);
    for (size_t k = 0; k < 3; ++k) EXPECT_EQ(money[3 * (i - 1) + 1 + k][0], market[i][0]);
  }
  EXPECT_EQ(ids.size(), 700u);
}

// Each number's mean lies within five standard errors of the real shop's.
TEST(Shop, MarginalsAreThoseOfTheRealShop) {
  const Rows market = rows_of(large().market_file);
  const std::vector<size_t> places = {4, 5, 6, 7, 9, 10, 11, 12};  // 8 is a category
  const double n = static_cast<double>(market.size() - 1);
  for (size_t i = 0; i < places.size(); ++i) {
    const ShopNumber& known = shop_numbers()[i];
    const std::vector<double> values = column(market, places[i]);
    // Besides chance: interpolation between 41 quantiles moves a mean by under 1 % of sd.
    EXPECT_NEAR(mean(values), known.mean, known.sd * (5 / std::sqrt(n) + 0.01)) << known.name;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    EXPECT_GE(*low, known.values.front()) << known.name;
    EXPECT_LE(*high, known.values.back()) << known.name;
  }
  std::map<std::string, int> services;
  for (size_t i = 1; i < market.size(); ++i) ++services[market[i][2]];
  EXPECT_EQ(services.size(), 3u);
  EXPECT_NEAR(services["премиум"] / n, 0.28858, 0.012);
  EXPECT_NEAR(services["стандартт"] / n, 10.0 / 1300, 0.0025);
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (size_t i = 0; i < order.size();) {
    const size_t begin = i;
    while (i < order.size() && values[order[i]] == values[order[begin]]) ++i;
    for (size_t k = begin; k < i; ++k) rank[order[k]] = static_cast<double>(begin + i) / 2;
  }
  return rank;
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const std::vector<double> x = ranks(a), y = ranks(b);
  const double mx = mean(x), my = mean(y);
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}

// Spearman's correlations of the 1,296 cleaned real customers (scipy.stats.spearmanr).
TEST(Shop, CorrelationsAreThoseOfTheRealShop) {
  const Rows market = rows_of(large().market_file), money = rows_of(large().market_money),
             minutes = rows_of(large().market_time);
  std::vector<double> current, last, minutes_last;
  for (size_t i = 1; i < money.size(); i += 3) {
    current.push_back(number(money[i + 1][2]));
    last.push_back(number(money[i + 2][2]));
  }
  for (size_t i = 1; i < minutes.size(); i += 2) minutes_last.push_back(number(minutes[i + 1][2]));
  EXPECT_NEAR(spearman(current, last), 0.8791, 0.03);
  EXPECT_NEAR(spearman(column(market, 4), column(market, 12)), 0.3199, 0.03);
  EXPECT_NEAR(spearman(column(market, 4), minutes_last), 0.2737, 0.03);
  EXPECT_NEAR(spearman(column(market, 7), minutes_last), -0.3325, 0.03);
}

TEST(Shop, TruthPredictsAsWellAsInTheRealShop) {
  const Rows market = rows_of(large().market_file);
  const std::vector<int> y = declines(market);
  const std::vector<double> p = column(rows_of(large().truth), 1);
  double positives = 0;
  for (const int one : y) positives += one;
  const double rate = positives / static_cast<double>(y.size());
  EXPECT_GT(rate, 0.37);
  EXPECT_LT(rate, 0.395);
  EXPECT_NEAR(mean(p), rate, 0.01);  // p is a probability, not just a score
  const double auc = area(y, p);
  EXPECT_GT(auc, 0.895);
  EXPECT_LT(auc, 0.925);
}

// 0.5 +- 4 standard errors (0.003 for 40,000 rows).
TEST(Shop, NeitherIdNorOrderOfRowsTellsTheTarget) {
  const Rows market = rows_of(large().market_file);
  const std::vector<int> y = declines(market);
  std::vector<double> order(y.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<double>(i);
  EXPECT_NEAR(area(y, column(market, 0)), 0.5, 0.012);
  EXPECT_NEAR(area(y, order), 0.5, 0.012);
}

TEST(Shop, HasTheRealDirt) {
  const Rows money = rows_of(large().market_money), minutes = rows_of(large().market_time);
  int idle = 0, impossible = 0;
  for (size_t i = 1; i < money.size(); ++i) {
    const double revenue = number(money[i][2]);
    idle += revenue == 0 ? 1 : 0;
    impossible += revenue > 100'000 ? 1 : 0;
  }
  EXPECT_NEAR(idle, 2 * 3 * 40'000 / 1300.0, 60);  // two months each
  EXPECT_NEAR(impossible, 40'000 / 1300.0, 25);
  EXPECT_EQ(minutes[1][1], "текущий_месяц");
  EXPECT_EQ(minutes[2][1], "предыдцщий_месяц");

  const Rows market = rows_of(large().market_file);
  std::map<std::vector<std::string>, int> alike;
  for (size_t i = 1; i < market.size(); ++i) {
    ++alike[std::vector<std::string>(market[i].begin() + 1, market[i].end())];
  }
  EXPECT_NEAR(static_cast<double>(market.size() - 1 - alike.size()), 11 * 40'000 / 1300.0, 12);
}

TEST(Shop, ACleanShopHasNoDirt) {
  const ShopFiles files = shop_files({.customers = 20'000, .seed = {4}, .clean = true});
  const Rows market = rows_of(files.market_file), money = rows_of(files.market_money),
             minutes = rows_of(files.market_time);
  for (const std::string& name : market[0]) EXPECT_EQ(name, regular_name(name));
  EXPECT_EQ(rows_of(files.money)[0][1], "прибыль");
  EXPECT_EQ(files.market_file.find("стандартт"), std::string::npos);
  EXPECT_EQ(files.market_time.find("предыдцщий"), std::string::npos);
  for (size_t i = 1; i < money.size(); ++i) {
    EXPECT_GT(number(money[i][2]), 2000);
    EXPECT_LT(number(money[i][2]), 8000);
  }
  std::set<std::vector<std::string>> different;
  for (size_t i = 1; i < market.size(); ++i) {
    different.insert(std::vector<std::string>(market[i].begin() + 1, market[i].end()));
  }
  EXPECT_EQ(different.size(), 20'000u);
}

TEST(Shop, VariantsHoldTheSameValues) {
  const ShopFiles v1 = shop_files({.customers = 300, .seed = {9}, .variant = "v1"});
  const ShopFiles v2 = shop_files({.customers = 300, .seed = {9}, .variant = "v2"});
  const ShopFiles v3 = shop_files({.customers = 300, .seed = {9}, .variant = "v3"});
  EXPECT_EQ(v1.market_file.find('\r'), std::string::npos);
  for (const std::string* file :
       {&v2.market_file, &v2.market_money, &v2.market_time, &v2.money, &v3.market_file}) {
    EXPECT_NE(file->find("\r\n"), std::string::npos);
  }
  EXPECT_EQ(v3.market_money, v1.market_money);
  EXPECT_EQ(rows_of(v2.market_file), rows_of(v1.market_file));
  EXPECT_NE(rows_of(v3.market_file), rows_of(v1.market_file));
  const Rows a = rows_of(v1.market_file), c = rows_of(v3.market_file);
  EXPECT_EQ(column(a, 4), column(c, 4));
  EXPECT_EQ(v3.market_file.find(".0,"), std::string::npos);
  EXPECT_NE(v1.market_file.find(".0,"), std::string::npos);

  std::string commas = v3.money;
  std::replace(commas.begin(), commas.end(), ',', '.');
  EXPECT_EQ(rows_of(commas, ';'), rows_of(v1.money));
  EXPECT_NE(v3.money.find(','), std::string::npos);
}

TEST(Shop, RefusesWhatItCannotMake) {
  EXPECT_THROW(shop_files({.customers = 0}), Error);
  EXPECT_THROW(shop_files({.customers = -5}), Error);
  EXPECT_THROW(shop_files({.customers = 20'000'000}), Error);
  EXPECT_THROW(shop_files({.variant = "v4"}), Error);
  EXPECT_THROW(shop_files({.clean = true, .variant = "v2"}), Error);
}

TEST(Shop, OneCustomerIsAShop) {
  EXPECT_EQ(rows_of(shop_files({.customers = 1}).market_money).size(), 4u);
}

TEST(Shop, FilesAreWrittenAndReadBack) {
  const fs::path folder = fs::path(testing::TempDir()) / "perennial-shop" / "deep";
  fs::remove_all(folder);
  generate_shop({.customers = 50, .seed = {6}, .variant = "v2"}, folder);
  const ShopFiles files = shop_files({.customers = 50, .seed = {6}, .variant = "v2"});
  EXPECT_EQ(read_file(folder / "market_file.csv"), files.market_file);
  EXPECT_EQ(read_file(folder / "market_money.csv"), files.market_money);
  EXPECT_EQ(read_file(folder / "market_time.csv"), files.market_time);
  EXPECT_EQ(read_file(folder / "money.csv"), files.money);
  EXPECT_EQ(read_file(folder / "truth.csv"), files.truth);
  fs::remove_all(folder.parent_path());
}

TEST(Shop, AFolderThatCannotBeMadeIsAnError) {
  const fs::path file = fs::path(testing::TempDir()) / "perennial-shop-file";
  write_file(file, "x");
  try {
    generate_shop({.customers = 5}, file / "inside");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
  }
  fs::remove(file);
}

}  // namespace
}  // namespace perennial
