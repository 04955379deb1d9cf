// Scores and truth -> figures. Pure functions; y is 0/1, p the probability of class 1.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"

namespace perennial {

using Labels = std::span<const int32_t>;
using Scores = std::span<const double>;

struct Figure {
  double value = 0, low = 0, high = 0;  // 95 % interval
};

// Area under the ROC curve by ranks, ties count half. NaN when one class is absent.
double roc_auc(Labels y, Scores p);
// Mean of precision over recall steps (scikit-learn's average_precision_score).
double average_precision(Labels y, Scores p);
double log_loss(Labels y, Scores p);  // natural log, p clipped to [1e-15, 1 - 1e-15]
double brier(Labels y, Scores p);
// The loss of one row, of which the above are means.
double row_log_loss(int32_t y, double p);
double row_brier(int32_t y, double p);

struct Confusion {
  int64_t true_positive = 0, false_positive = 0, true_negative = 0, false_negative = 0;
};
Confusion confusion(Labels y, Scores p, double threshold);  // positive when p >= threshold
double accuracy(const Confusion& c);
double precision(const Confusion& c);  // 0 when nobody is called positive
double recall(const Confusion& c);
double f1(const Confusion& c);
// Mean of the shares of both classes that are called right: the accuracy if both were equally
// frequent. Of one class alone: its share.
double balanced_accuracy(const Confusion& c);
// Both shares are independent: Wilson intervals joined by MOVER (Zou and Donner 2008).
Figure balanced_accuracy_interval(const Confusion& c);

struct CurvePoint {
  double x = 0, y = 0, threshold = 0;
};
// By falling threshold, from nobody called positive (threshold infinity) to everybody; the ROC
// curve without points that lie on a straight run of equal steps. Empty when a class is absent (the
// precision-recall curve: when there is no positive).
std::vector<CurvePoint> roc_curve(Labels y, Scores p);               // x false positive rate
std::vector<CurvePoint> precision_recall_curve(Labels y, Scores p);  // x recall

struct ReliabilityBin {
  double mean_probability = 0, rate = 0, low = 0, high = 0;  // Wilson interval of the rate
  int64_t rows = 0;
};
// Bins of equal size by predicted probability, rising. Rows of equal probability stay in one bin,
// so there may be fewer bins and the order of rows changes nothing.
std::vector<ReliabilityBin> reliability(Labels y, Scores p, int bins);
// Mean over rows of |rate - mean probability| of the row's bin. Biased upwards when bins are small.
double expected_calibration_error(Labels y, Scores p, int bins);

// DeLong, DeLong and Clarke-Pearson 1988, in O(n log n) as Sun and Xu 2014; interval on the logit
// scale. Perfect order or a class of one row, where that variance says nothing: Newcombe 2006,
// method 5. NaN when one class is absent.
Figure roc_auc_delong(Labels y, Scores p);
struct AucDifference {
  double difference = 0, standard_error = 0, low = 0, high = 0, p_value = 1;
};
AucDifference roc_auc_difference(Labels y, Scores a, Scores b);  // a minus b, paired
Figure wilson(int64_t successes, int64_t n);                     // n = 0: NaN in [0, 1]
// Mean with its t interval (log loss, Brier: means of per-row losses); limits NaN for one value.
Figure mean_interval(std::span<const double> values);
// Percentile bootstrap of any metric of rows, widened to hold the value. Rows are drawn alike, not
// by class; rounds where the metric is NaN are left out.
Figure bootstrap(Labels y, Scores p, double (*metric)(Labels, Scores), int rounds, Seed seed);
// As above, for a metric at a threshold.
Figure bootstrap_at(Labels y, Scores p, double threshold, double (*metric)(const Confusion&),
                    int rounds, Seed seed);

// average_precision, f1 and expected_calibration_error with bootstrap intervals from one sort and
// one set of draws: 25,000 rows and 1,000 rounds take about 0.08 s of one core. Blocks of rounds
// have seeds of their own, so workers may share them and change nothing. Average precision: normal
// interval on the logit scale with the spread of the rounds; F1: percentiles; the calibration
// error: calibration_error.h (it needs no draws).
struct BootstrapFigures {
  Figure average_precision, f1, calibration_error;
};
BootstrapFigures bootstrap_figures(Labels y, Scores p, double threshold, int bins, int rounds,
                                   Seed seed, const Workers* workers = nullptr);

// The same figures for one score that all rows share. All three follow from the share of the
// positive class, so its intervals need no draws: average precision is that share (Wilson), F1
// rises with it (its limits are those of the share), and the calibration error is its distance
// from the score.
BootstrapFigures constant_figures(Labels y, double score, double threshold);

// Corrected resampled t-test of k-fold differences (Nadeau and Bengio 2003): variance inflated by
// 1/k + test/train. Two-sided.
struct PairedTest {
  double mean = 0, low = 0, high = 0, p_value = 1;
};
PairedTest corrected_paired_t(std::span<const double> differences, double test_over_train);

// Quantiles of the t and normal distributions.
double normal_quantile(double p);
double normal_cdf(double z);
double t_quantile(double p, double df);
double t_cdf(double t, double df);

// One table of the metrics a search may optimise (rule 5).
struct MetricInfo {
  std::string name;  // "roc_auc"
  bool higher_is_better = true;
  std::string description;  // one line
  // y: 0 .. classes-1; probability: rows x classes, row-major. With two classes class 1 is the
  // positive one; the forms for several are those of metric/multiclass.h.
  double (*score)(Labels, Scores probability, int classes) = nullptr;
};
const std::vector<MetricInfo>& all_metrics();
const MetricInfo& metric_named(const std::string& name);  // kStudy error naming the nearest

}  // namespace perennial
