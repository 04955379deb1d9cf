// A made-up shop: the four tables of the shop "В один клик" for any number of customers, with the
// real files' dirt, and the true probability of each customer's decline.
//
// Marginals and rank correlations are those of the real shop (Gaussian copula; shop_tables.h); the
// target is drawn from a logistic model with squares that was fitted to it. Ids and the order of
// rows are random, so that neither tells the target.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/seed.h"

namespace perennial {

struct ShopOptions {
  int64_t customers = 1300;  // 1 .. 10,000,000
  Seed seed;
  // No dirt at all: regular column names, one spelling, no impossible revenue, nobody inactive, no
  // copies, points and commas in their usual places.
  bool clean = false;
  // How the files are written: v1 (',', points, LF), v2 (CRLF; money.csv with ';' and decimal
  // commas), v3 (as v2, but only market_file with CRLF, and 4 where v1 writes 4.0). The values do
  // not depend on it. A clean shop is written as v1.
  std::string variant = "v1";
  // Also the log of events behind the months: what was bought and each visit, by day. March to May
  // 2024 stand for the month before the last, the last and the current one.
  bool events = false;
};

// The files' texts. truth: id and p, the probability that the customer's purchasing falls.
// purchases: id, date, amount; visits: id, date, minutes; empty without events. The amounts of a
// month add up to market_money, the minutes to market_time.
struct ShopFiles {
  std::string market_file, market_money, market_time, money, truth, purchases, visits;
};

// Errors (kUsage): a number of customers out of bounds, an unknown variant, clean with another than
// v1.
ShopFiles shop_files(const ShopOptions& options);

// Writes market_file.csv, market_money.csv, market_time.csv, money.csv and truth.csv (with events
// purchases.csv and visits.csv too) into the folder, which is created where needed. Errors: as
// above, and kIo.
void generate_shop(const ShopOptions& options, const fs::path& folder);

}  // namespace perennial
