// Bootstrap intervals (Efron 1979). Rows are drawn alike, not class by class: the share of the
// positive class is uncertain too, and these metrics depend on it.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "metric/calibration_error.h"
#include "metric/large_sample.h"
#include "metric/metric.h"
#include "metric/order.h"
#include "metric/resample.h"

namespace perennial {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The rows by falling score, and draws of them.
class Resampler {
 public:
  Resampler(Labels y, Scores p) {
    PERENNIAL_CHECK(y.size() == p.size());
    for (const uint32_t row : order_by_falling_score(p)) {
      y_.push_back(y[row] == 1 ? 1 : 0);
      p_.push_back(p[row]);
    }
    for (size_t i = 0; i < p_.size(); ++i) {
      ties_.push_back(i + 1 < p_.size() && p_[i] == p_[i + 1] ? 1 : 0);
    }
  }

  const std::vector<uint32_t>& y() const { return y_; }
  const std::vector<double>& p() const { return p_; }
  bool ties_with_next(size_t i) const { return ties_[i] != 0; }

 private:
  std::vector<uint32_t> y_;  // 0 or 1
  std::vector<double> p_;
  std::vector<uint8_t> ties_;
};

// The drawn rows written out, for metrics that know nothing of counts.
struct Drawn {
  std::vector<int32_t> y;
  std::vector<double> p;

  void fill(const Resampler& rows, const std::vector<uint32_t>& counts) {
    y.clear();
    p.clear();
    for (size_t i = 0; i < counts.size(); ++i) {
      y.insert(y.end(), counts[i], static_cast<int32_t>(rows.y()[i]));
      p.insert(p.end(), counts[i], rows.p()[i]);
    }
  }
};

// average_precision of rows that come by falling score, row i counted counts[i] times. Free of
// unpredictable branches: it runs a thousand times over all rows.
double counted_average_precision(const Resampler& rows, const std::vector<uint32_t>& counts) {
  uint64_t positives = 0, called = 0, group_positives = 0;
  double sum = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    called += counts[i];
    group_positives += counts[i] * rows.y()[i];
    if (rows.ties_with_next(i)) continue;
    positives += group_positives;
    sum += static_cast<double>(group_positives * positives) /
           static_cast<double>(std::max<uint64_t>(called, 1));
    group_positives = 0;
  }
  return positives == 0 ? kNaN : sum / static_cast<double>(positives);
}

// F1 of the rows before `border`, the first place whose score is below the threshold.
double counted_f1(const Resampler& rows, const std::vector<uint32_t>& counts, size_t border) {
  uint32_t called = 0, right = 0, positives = 0;
  for (size_t i = 0; i < border; ++i) {
    called += counts[i];
    right += counts[i] * rows.y()[i];
  }
  for (size_t i = border; i < counts.size(); ++i) positives += counts[i] * rows.y()[i];
  positives += right;
  return f1({.true_positive = right,
             .false_positive = called - right,
             .true_negative = 0,
             .false_negative = positives - right});
}

}  // namespace

Figure bootstrap(Labels y, Scores p, double (*metric)(Labels, Scores), int rounds, Seed seed) {
  PERENNIAL_CHECK(metric != nullptr);
  Resampler rows(y, p);
  Draws draws(y.size(), seed);
  Drawn drawn;
  std::vector<double> found;
  const size_t n = y.empty() || rounds < 0 ? 0 : static_cast<size_t>(rounds);
  for (size_t round = 0; round < n; ++round) {
    if (round % kRoundsABlock == 0) draws = Draws(y.size(), block_seed(seed, round));
    drawn.fill(rows, draws.next());
    found.push_back(metric(drawn.y, drawn.p));
  }
  return percentile_figure(metric(y, p), std::move(found));
}

Figure bootstrap_at(Labels y, Scores p, double threshold, double (*metric)(const Confusion&),
                    int rounds, Seed seed) {
  PERENNIAL_CHECK(metric != nullptr);
  Resampler rows(y, p);
  Draws draws(y.size(), seed);
  Drawn drawn;
  std::vector<double> found;
  const size_t n = y.empty() || rounds < 0 ? 0 : static_cast<size_t>(rounds);
  for (size_t round = 0; round < n; ++round) {
    if (round % kRoundsABlock == 0) draws = Draws(y.size(), block_seed(seed, round));
    drawn.fill(rows, draws.next());
    found.push_back(metric(confusion(drawn.y, drawn.p, threshold)));
  }
  return percentile_figure(metric(confusion(y, p, threshold)), std::move(found));
}

BootstrapFigures bootstrap_figures(Labels y, Scores p, double threshold, int bins, int rounds,
                                   Seed seed, const Workers* workers) {
  PERENNIAL_CHECK(bins > 0 && rounds >= 0);
  if (rounds > 0 && is_large_sample(y, bins)) {
    const LargeSample large = large_sample(y, p, threshold, bins);
    return {.average_precision = large.average_precision,
            .f1 = large.f1,
            .calibration_error = calibration_error_interval(y, p, bins)};
  }
  Resampler rows(y, p);
  const auto below = std::ranges::find_if(rows.p(), [&](double v) { return !(v >= threshold); });
  const auto border = static_cast<size_t>(below - rows.p().begin());
  const size_t n = y.empty() ? 0 : static_cast<size_t>(rounds);
  std::vector<double> precisions(n), f1s(n);
  const auto draw_block = [&](size_t begin, size_t end) {
    Draws draws(y.size(), block_seed(seed, begin));
    for (size_t round = begin; round < end; ++round) {
      const std::vector<uint32_t>& counts = draws.next();
      precisions[round] = counted_average_precision(rows, counts);
      f1s[round] = counted_f1(rows, counts, border);
    }
  };
  in_blocks(n, workers, draw_block);
  return {.average_precision = logit_figure(average_precision(y, p), precisions),
          .f1 = percentile_figure(f1(confusion(y, p, threshold)), std::move(f1s)),
          .calibration_error = calibration_error_interval(y, p, bins)};
}

BootstrapFigures constant_figures(Labels y, double score, double threshold) {
  if (y.empty()) return bootstrap_figures(y, {}, threshold, 1, 0, {});
  const Figure share = wilson(std::ranges::count(y, 1), static_cast<int64_t>(y.size()));
  BootstrapFigures figures{.average_precision = share, .f1 = {}, .calibration_error = {}};
  if (share.value == 0) figures.average_precision = {.value = kNaN, .low = kNaN, .high = kNaN};
  const auto f1_of = [&](double rate) { return score >= threshold ? 2 * rate / (1 + rate) : 0; };
  figures.f1 = {f1_of(share.value), f1_of(share.low), f1_of(share.high)};
  const double from_low = std::abs(share.low - score), from_high = std::abs(share.high - score);
  const bool inside = share.low <= score && score <= share.high;
  figures.calibration_error = {.value = std::abs(share.value - score),
                               .low = inside ? 0 : std::min(from_low, from_high),
                               .high = std::max(from_low, from_high)};
  return figures;
}

}  // namespace perennial
