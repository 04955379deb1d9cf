#include "metric/profit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/order.h"
#include "metric/resample.h"

namespace perennial {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Rows by falling score, each with what contacting it brings.
struct Ranked {
  std::vector<double> score, gain;
  std::vector<uint8_t> positive;
  // Rows of equal score are contacted together; numbers that are none are equal to each other.
  bool ties_with_next(size_t i) const {
    if (i + 1 >= score.size()) return false;
    return score[i] == score[i + 1] || (std::isnan(score[i]) && std::isnan(score[i + 1]));
  }
};

Ranked ranked(Labels y, Scores score, std::span<const double> worth, double cost) {
  PERENNIAL_CHECK(y.size() == score.size() && y.size() == worth.size());
  Ranked out;
  for (const uint32_t row : order_by_falling_score(score)) {
    const bool positive = y[row] == 1;
    out.score.push_back(score[row]);
    out.gain.push_back((positive ? worth[row] : 0) - cost);
    out.positive.push_back(positive ? 1 : 0);
  }
  return out;
}

// Share of the drawn rows whose contact brings most; row i counts counts[i] times.
double counted_best_share(const Ranked& rows, const std::vector<uint32_t>& counts) {
  uint64_t contacted = 0, best = 0;
  double profit = 0, highest = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    contacted += counts[i];
    profit += counts[i] * rows.gain[i];
    if (profit <= highest || rows.ties_with_next(i)) continue;
    highest = profit;
    best = contacted;
  }
  return static_cast<double>(best) / static_cast<double>(counts.size());
}

}  // namespace

std::vector<ProfitPoint> profit_curve(Labels y, Scores score, std::span<const double> worth,
                                      double cost) {
  const Ranked rows = ranked(y, score, worth, cost);
  std::vector<ProfitPoint> curve = {{.cut = kInfinity}};
  ProfitPoint at;
  for (size_t i = 0; i < rows.score.size(); ++i) {
    at.cut = rows.score[i];
    ++at.contacted;
    at.found += rows.positive[i];
    at.profit += rows.gain[i];
    if (!rows.ties_with_next(i)) curve.push_back(at);
  }
  return curve;
}

size_t best_profit(const std::vector<ProfitPoint>& curve) {
  const auto best = std::ranges::max_element(curve, {}, &ProfitPoint::profit);
  return static_cast<size_t>(best - curve.begin());
}

size_t nearest_share(const std::vector<ProfitPoint>& curve, double share) {
  PERENNIAL_CHECK(!curve.empty());
  const double wanted = share * static_cast<double>(curve.back().contacted);
  const auto best = std::ranges::min_element(curve, {}, [&](const ProfitPoint& p) {
    return std::abs(static_cast<double>(p.contacted) - wanted);
  });
  return static_cast<size_t>(best - curve.begin());
}

double cut_at(const std::vector<ProfitPoint>& curve, size_t place) {
  PERENNIAL_CHECK(place < curve.size());
  const double here = curve[place].cut;
  if (place + 1 >= curve.size() || std::isinf(here)) return here;
  const double next = curve[place + 1].cut;
  const double middle = 0.5 * (here + next);
  return middle > next ? middle : here;
}

Figure best_share(Labels y, Scores score, std::span<const double> worth, double cost, int rounds,
                  Seed seed, const Workers* workers) {
  PERENNIAL_CHECK(rounds >= 0);
  if (y.empty()) return {.value = kNaN, .low = kNaN, .high = kNaN};
  const Ranked rows = ranked(y, score, worth, cost);
  std::vector<double> found(static_cast<size_t>(rounds));
  in_blocks(found.size(), workers, [&](size_t begin, size_t end) {
    Draws draws(y.size(), block_seed(seed, begin));
    for (size_t round = begin; round < end; ++round) {
      found[round] = counted_best_share(rows, draws.next());
    }
  });
  return percentile_figure(counted_best_share(rows, std::vector<uint32_t>(y.size(), 1)),
                           std::move(found));
}

}  // namespace perennial
