// Money from contacting customers: what it costs, what it keeps, whom it pays to contact.
// Pure functions; y is 0/1 as in metric.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "metric/metric.h"

namespace perennial {

// What the user says about money, in the currency of the tables.
struct MoneyTerms {
  double contact_cost = 0;        // of contacting one customer
  double kept_value = 0;          // what a customer of the positive class is worth when turned
  std::string kept_value_column;  // instead: this value column, customer by customer; "": none
  double success_rate = 1;        // share of contacted customers of that class that are turned
  std::string threshold = "f1";   // who is contacted: f1 | share | money
  double contact_share = 0;       // for share
};

// One more group of customers contacted, from the best score down.
struct ProfitPoint {
  double cut = 0;         // lowest score among the contacted; infinity: nobody
  int64_t contacted = 0;  // customers so far
  int64_t found = 0;      // of the positive class among them
  double profit = 0;      // sum over them of y * worth - cost
};

// By falling score, from nobody to everybody; customers of equal score are contacted together.
// `worth`: what a customer brings when contacted and of the positive class. Sums run in the order
// of score, then row. NaN scores come last. All of one length.
std::vector<ProfitPoint> profit_curve(Labels y, Scores score, std::span<const double> worth,
                                      double cost);

// The place on the curve with the highest profit; of equals the fewest contacts.
size_t best_profit(const std::vector<ProfitPoint>& curve);
// The place whose share of contacted customers is nearest to `share`; of two the smaller.
size_t nearest_share(const std::vector<ProfitPoint>& curve, double share);
// A score between that place and the next, so that new customers fall on either side: midway, or
// the place's own where the next is not a number or nothing lies between. Infinity for nobody.
double cut_at(const std::vector<ProfitPoint>& curve, size_t place);

// The share of customers with the highest profit: percentile bootstrap over rows. A maximum moves
// by leaps, so that this interval is wide and rough by nature (its place converges with the cube
// root of the rows); the profit near it is flat. The same with and without workers.
Figure best_share(Labels y, Scores score, std::span<const double> worth, double cost, int rounds,
                  Seed seed, const Workers* workers = nullptr);

}  // namespace perennial
