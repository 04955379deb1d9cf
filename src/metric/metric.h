// Scores and truth -> figures. Pure functions; y is 0/1, p the probability of class 1.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/seed.h"

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

struct Confusion {
  int64_t true_positive = 0, false_positive = 0, true_negative = 0, false_negative = 0;
};
Confusion confusion(Labels y, Scores p, double threshold);  // positive when p >= threshold
double accuracy(const Confusion& c);
double precision(const Confusion& c);  // 0 when nobody is called positive
double recall(const Confusion& c);
double f1(const Confusion& c);

struct CurvePoint {
  double x = 0, y = 0, threshold = 0;
};
std::vector<CurvePoint> roc_curve(Labels y, Scores p);               // x false positive rate
std::vector<CurvePoint> precision_recall_curve(Labels y, Scores p);  // x recall

struct ReliabilityBin {
  double mean_probability = 0, rate = 0, low = 0, high = 0;  // Wilson interval of the rate
  int64_t rows = 0;
};
// Bins of equal size by predicted probability.
std::vector<ReliabilityBin> reliability(Labels y, Scores p, int bins);
double expected_calibration_error(Labels y, Scores p, int bins);

// DeLong, DeLong and Clarke-Pearson 1988, by the O(n log n) midranks of Sun and Xu 2014; interval on
// the logit scale, clipped to [0, 1].
Figure roc_auc_delong(Labels y, Scores p);
struct AucDifference {
  double difference = 0, standard_error = 0, low = 0, high = 0, p_value = 1;
};
AucDifference roc_auc_difference(Labels y, Scores a, Scores b);  // a minus b, paired
Figure wilson(int64_t successes, int64_t n);
// Mean with its t interval (log loss, Brier: means of per-row losses).
Figure mean_interval(std::span<const double> values);
// Percentile bootstrap stratified by class of any metric of rows.
Figure bootstrap(Labels y, Scores p, double (*metric)(Labels, Scores), int rounds, Seed seed);
// As above, for a metric at a threshold.
Figure bootstrap_at(Labels y, Scores p, double threshold, double (*metric)(const Confusion&),
                    int rounds, Seed seed);

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
  std::string name;        // "roc_auc"
  bool higher_is_better = true;
  std::string description;  // one line
  double (*score)(Labels, Scores) = nullptr;
};
const std::vector<MetricInfo>& all_metrics();
const MetricInfo& metric_named(const std::string& name);  // kStudy error naming the nearest

}  // namespace perennial
