// Do the intervals hold what they promise? Simulated customers whose true risk is known.
#include <gtest/gtest.h>

#include <cmath>

#include "segment/figures.h"
#include "segment/segments.h"

namespace perennial {
namespace {

// Share of 1,000 simulated shops in which the interval of the expected loss of everybody and of the
// cell of high risk and value holds the true expected loss (sum of true risk x value). The model's
// risk is the true one to the power `bend`: 1 is calibrated.
struct Coverage {
  double everybody = 0, cell = 0;
};
Coverage coverage(double bend) {
  constexpr int kShops = 1000, kCustomers = 1200;
  Coverage out;
  const Workers workers(1);
  for (int shop = 0; shop < kShops; ++shop) {
    Rng rng(Seed{1000}.child(static_cast<uint64_t>(shop)));
    FeatureTable table;
    table.classes = {"no", "yes"};
    std::vector<double> truth, risk, value;
    std::vector<Role> role;
    for (int i = 0; i < kCustomers; ++i) {
      truth.push_back(1 / (1 + std::exp(1 - 1.5 * rng.normal())));
      risk.push_back(std::pow(truth.back(), bend));
      value.push_back(std::exp(0.7 * rng.normal()));
      table.ids.push_back(std::to_string(i));
      table.y.push_back(rng.bernoulli(truth.back()) ? 1 : 0);
      role.push_back(rng.bernoulli(0.25) ? Role::kTest : Role::kTrain);
    }
    table.values = {Column::number("profit", value)};
    const Segments s = make_segments({.table = table, .risk = risk, .role = role, .threshold = 0.4},
                                     {.discover = 0}, Seed{1}, workers);
    double all = 0, cell = 0;
    for (size_t i = 0; i < truth.size(); ++i) all += truth[i] * value[i];
    for (const uint32_t i : s.members[0]) cell += truth[i] * value[i];
    const Figure &of_all = s.expected_loss, &of_cell = s.list[0].expected_loss;
    out.everybody += of_all.low <= all && all <= of_all.high ? 1.0 / kShops : 0;
    out.cell += of_cell.low <= cell && cell <= of_cell.high ? 1.0 / kShops : 0;
  }
  return out;
}

// 0.95 less three standard errors of 1,000 draws (0.007 each). It may be more: drawing a quarter of
// the customers without putting them back varies less than the t interval reckons with, and the
// interval is widened to hold the sum itself.
TEST(ExpectedLoss, IntervalsCoverTheTruth) {
  for (const double bend : {1.0, 1.4, 0.7}) {
    const Coverage c = coverage(bend);
    EXPECT_GE(c.everybody, 0.93) << bend;
    EXPECT_GE(c.cell, 0.93) << bend;
    RecordProperty("everybody_" + std::to_string(bend), std::to_string(c.everybody));
    RecordProperty("cell_" + std::to_string(bend), std::to_string(c.cell));
  }
}

// Share of 1,000 samples in which the interval of a standardised difference holds the true one.
template <typename Draw>
double difference_coverage(Draw draw, double truth) {
  constexpr int kSamples = 1000, kInside = 100, kOutside = 400;
  double held = 0;
  const Workers workers(1);
  std::vector<uint32_t> members;
  for (uint32_t i = 0; i < kInside; ++i) members.push_back(i);
  for (int sample = 0; sample < kSamples; ++sample) {
    Rng rng(Seed{7}.child(static_cast<uint64_t>(sample)));
    FeatureTable table;
    std::vector<double> x;
    for (int i = 0; i < kInside + kOutside; ++i) x.push_back(draw(rng, i < kInside));
    table.features = {Column::number("x", x)};
    table.ids.resize(x.size());
    std::vector<Segment> list(1);
    fill_differences(list, {members}, table, 1, workers);
    if (list[0].differences.empty()) continue;  // not certain: counts as a miss
    const Figure& size = list[0].differences[0].size;
    held += size.low <= truth && truth <= size.high ? 1.0 / kSamples : 0;
  }
  return held;
}

// Bounds: 0.95 and three standard errors of 1,000 draws.
TEST(Differences, IntervalsCoverTheTruth) {
  const double normal = difference_coverage(
      [](Rng& rng, bool in) { return in ? 1 + rng.normal() : 2 * rng.normal(); },
      1 / std::sqrt(2.5));
  EXPECT_NEAR(normal, 0.95, 0.021);
  const double skewed = difference_coverage(  // exponential of mean 2 and 1, variance 4 and 1
      [](Rng& rng, bool in) { return -(in ? 2.0 : 1.0) * std::log(1 - rng.uniform()); },
      1 / std::sqrt(2.5));
  EXPECT_NEAR(skewed, 0.95, 0.021);
  const double shares = difference_coverage(
      [](Rng& rng, bool in) { return rng.bernoulli(in ? 0.7 : 0.2) ? 1.0 : 0.0; },
      0.5 / std::sqrt((0.21 + 0.16) / 2));
  EXPECT_NEAR(shares, 0.95, 0.021);
}

}  // namespace
}  // namespace perennial
