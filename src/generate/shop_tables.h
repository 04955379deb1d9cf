// What the generated shop knows about the real one: summary statistics, made once by
// tools/shop_summary.py; no row of the real data is here.
#pragma once

#include <span>
#include <string_view>

namespace perennial {

// A numeric column: its marginal distribution and its part in the probability of a decline.
struct ShopNumber {
  std::string_view name;           // as in the files, or "<value>_<period>" for the long tables
  int decimals = 0;                // that the files show
  std::span<const double> values;  // quantiles at equal steps, or the values themselves
  std::span<const double> up_to;   // share of customers up to each value; empty: quantiles
  double mean = 0, sd = 1;         // of the real column, for the effects below
  double linear = 0, square = 0;   // effects of the standardised value (clipped to +-4)
};

struct ShopClass {
  std::string_view name;
  double share = 0, effect = 0;
};

struct ShopCategory {
  std::string_view name;
  std::span<const ShopClass> classes;
};

// Columns in the order of shop_factor(): eight of market_file, revenue of three months (the one
// before last, the current, the last), minutes of two (current, last), profit.
std::span<const ShopNumber> shop_numbers();
// Lower triangle, row by row, of the Cholesky factor of the correlations of the Gaussian copula.
std::span<const double> shop_factor();
// Type of service, consent to messages, favourite category.
std::span<const ShopCategory> shop_categories();
double shop_intercept();

}  // namespace perennial
