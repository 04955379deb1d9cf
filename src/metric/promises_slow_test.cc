// The promise of every interval: in 92 to 98 of 100 data sets it holds the truth. Over 500
// simulated data sets with a known truth: customers whose probability of leaving is u^2 (u even in
// [0, 1]) get a score whose odds are those of that probability to the power `spread` (1:
// calibrated; above: over-confident). What is true of such scores follows from a fine grid over u.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "base/seed.h"
#include "metric/calibration_error.h"
#include "metric/metric.h"

namespace perennial {
namespace {

constexpr int kSets = 500, kFewest = 460, kMost = 490;  // 92 % and 98 %
constexpr int kBins = 10;

double truth_of(double u) { return u * u; }

double score_of(double q, double spread) {
  return 1 / (1 + std::exp(-spread * std::log(q / (1 - q))));
}

struct Truth {
  double roc_auc = 0, log_loss = 0, calibration_error = 0;
};

// Midpoints of a million equal parts of u; scores rise with u.
Truth truth_for(double spread) {
  constexpr int kParts = 1'000'000;
  Truth out;
  double negatives = 0, positives = 0, pairs = 0, in_bin = 0;
  for (int i = 0; i < kParts; ++i) {
    const double q = truth_of((i + 0.5) / kParts), p = score_of(q, spread);
    pairs += q * (negatives + 0.5 * (1 - q));
    positives += q;
    negatives += 1 - q;
    out.log_loss -= (q * std::log(p) + (1 - q) * std::log1p(-p)) / kParts;
    in_bin += q - p;
    if ((i + 1) % (kParts / kBins) != 0) continue;
    out.calibration_error += std::abs(in_bin) / kParts;
    in_bin = 0;
  }
  out.roc_auc = pairs / (positives * negatives);
  return out;
}

struct Covered {
  int roc_auc = 0, log_loss = 0, calibration_error = 0;
};

int holds(const Figure& f, double truth) { return f.low <= truth && truth <= f.high ? 1 : 0; }

Covered covered(double spread, int rows, const Truth& truth) {
  Covered out;
  for (int set = 0; set < kSets; ++set) {
    Rng rng(Seed{2024}.child(static_cast<uint64_t>(rows)).child(static_cast<uint64_t>(set)));
    std::vector<int32_t> y;
    std::vector<double> p, losses;
    for (int i = 0; i < rows; ++i) {
      const double q = truth_of(rng.uniform() * (1 - 1e-12) + 5e-13);
      y.push_back(rng.uniform() < q ? 1 : 0);
      p.push_back(score_of(q, spread));
      losses.push_back(row_log_loss(y.back(), p.back()));
    }
    out.roc_auc += holds(roc_auc_delong(y, p), truth.roc_auc);
    out.log_loss += holds(mean_interval(losses), truth.log_loss);
    out.calibration_error +=
        holds(calibration_error_interval(y, p, kBins), truth.calibration_error);
  }
  return out;
}

TEST(Promises, IntervalsHoldTheTruthAsOftenAsTheySay) {
  std::printf("spread  rows  held of %d: ROC-AUC  log loss  calibration error (truth)\n", kSets);
  for (const double spread : {1.0, 1.3, 1.8}) {
    const Truth truth = truth_for(spread);
    for (const int rows : {300, 1000, 5000}) {
      const Covered c = covered(spread, rows, truth);
      std::printf("%6.1f %5d %19d %9d %10d (%.4f)\n", spread, rows, c.roc_auc, c.log_loss,
                  c.calibration_error, truth.calibration_error);
      EXPECT_GE(c.roc_auc, kFewest);
      EXPECT_LE(c.roc_auc, kMost);
      EXPECT_GE(c.log_loss, kFewest);
      EXPECT_LE(c.log_loss, kMost);
      EXPECT_GE(c.calibration_error, kFewest);
      // A calibrated score lies at the border, where the lower limit is nought and no truth lies
      // below: 97.5 % and more.
      if (spread > 1) {
        EXPECT_LE(c.calibration_error, kMost);
      }
    }
  }
}

}  // namespace
}  // namespace perennial
