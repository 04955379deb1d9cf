// Figures of any number of classes. y: 0 .. classes-1, one a row; p: rows x classes, row-major,
// probabilities that sum to 1 in each row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/seed.h"
#include "base/workers.h"
#include "metric/metric.h"

namespace perennial {

// The class with the highest probability, the first of equals.
int32_t likeliest_class(std::span<const double> row);
// What a row is called: with two classes class 1 from the threshold on, else its likeliest class.
int32_t called_class(std::span<const double> row, double threshold);

// counts[true class][called class]; every row is called its likeliest class.
using ClassCounts = std::vector<std::vector<int64_t>>;
ClassCounts class_counts(Labels y, Scores p, int classes);

// One class against the rest: y becomes 0/1, p the column of the class.
struct OneAgainstRest {
  std::vector<int32_t> y;
  std::vector<double> p;
};
OneAgainstRest one_against_rest(Labels y, Scores p, int classes, int32_t positive);

// Mean over the classes of ROC-AUC of one class against the rest, each class counting the same
// (scikit-learn: roc_auc_score(multi_class="ovr")). A class without a row is left out of the mean;
// NaN where fewer than two classes have rows.
double macro_roc_auc(Labels y, Scores p, int classes);
// The same mean of average precision.
double macro_average_precision(Labels y, Scores p, int classes);
// Mean of -log of the probability of the true class, clipped below at 1e-15.
double multi_log_loss(Labels y, Scores p, int classes);
// Mean over rows of the sum over classes of the squared error, 0 to 2 (Brier 1950). With two
// classes that is twice brier().
double multi_brier(Labels y, Scores p, int classes);
// The loss of one row.
double row_multi_log_loss(int32_t y, std::span<const double> row);
double row_multi_brier(int32_t y, std::span<const double> row);

double accuracy(const ClassCounts& counts);
// Mean F1 of the classes that have a row or are called (scikit-learn: f1_score(average="macro")).
double macro_f1(const ClassCounts& counts);
// Mean over the classes that have rows of the share of them that is called right: the accuracy if
// all classes were equally frequent. (scikit-learn: balanced_accuracy_score.)
double balanced_accuracy(const ClassCounts& counts);

// Calibration of what is called: whether the likeliest class is the true one, and its probability
// ("top-label", Guo et al. 2017). Feed to reliability() and expected_calibration_error().
OneAgainstRest top_label(Labels y, Scores p, int classes);

// Interval of macro_roc_auc: the structural components of DeLong et al. 1988 of all classes, added
// up row by row (the rows are shared by the classes, so their areas vary together); normal on the
// logit scale. A perfect mean: down to the mean of the classes' own lower limits.
Figure macro_roc_auc_interval(Labels y, Scores p, int classes);
// F1 = 2 J / (1 + J), where J is the share of right calls among the rows that are positive or are
// called so: Wilson's interval of J, carried over.
Figure f1_interval(const Confusion& c);
// Independent shares, one a class: Wilson intervals joined by MOVER (Zou and Donner 2008).
Figure balanced_accuracy_interval(const ClassCounts& counts);
// Percentile bootstrap over rows, which for macro F1 is a draw of the counts.
Figure macro_f1_interval(const ClassCounts& counts, int rounds, Seed seed);
// Bootstrap, normal on the logit scale; workers change nothing.
Figure macro_average_precision_interval(Labels y, Scores p, int classes, int rounds, Seed seed,
                                        const Workers* workers = nullptr);

}  // namespace perennial
