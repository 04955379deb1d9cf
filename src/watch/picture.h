// What the training data and the model's scores looked like, small enough to travel in the model
// file; and how far later data have moved from it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "feature/feature_table.h"
#include "metric/metric.h"

namespace perennial {

// One column as counts of rows. Numbers: ten bins of about equal size in training, and the missing
// ones. Text: the fifty most frequent values, all others, and the missing ones.
struct ColumnPicture {
  std::string name;
  bool is_text = false;
  bool time = false;                // dates: they move on by themselves
  std::vector<double> edges;        // numbers: between the bins, rising; x <= edges[i]: bin i
  std::vector<std::string> values;  // text: those with a bin each
  std::vector<std::string> others;  // text: further values that training had (not all, if many)
  bool all_known = true;            // false: `others` was cut, so new values cannot be told
  std::vector<int64_t> counts;      // a bin each; then text: all others; then missing
  bool operator==(const ColumnPicture&) const = default;
};

struct TrainingPicture {
  std::vector<ColumnPicture> columns;  // training rows, a feature each
  std::vector<ColumnPicture> scores;   // sealed rows: probability of class 1, or of each class
  std::map<std::string, Figure> test;  // the figures on the sealed rows
  std::vector<ReliabilityBin> reliability;

  bool present() const { return !columns.empty(); }
  Json to_json() const;
  // Error (kData): not what to_json wrote.
  static TrainingPicture from_json(const Json& json);
};

ColumnPicture picture_of(const Column& column, bool time = false);

// How one column moved. The population stability index is the sum over bins of (q - p) ln(q / p)
// with half a row more in each bin. Without any change it is still above 0 by chance:
// PSI / (1/n + 1/m) is about chi-squared with (bins - 1) degrees of freedom (Yurdakul and Naranjo
// 2020), non-central where there is a change; `change` is the index beyond chance with its 95 %
// interval from that distribution's mean and variance.
struct Shift {
  std::string name;
  bool is_text = false, time = false;
  double psi = 0, p_value = 1;
  Figure change;
  double missing_then = 0, missing_now = 0;  // shares of rows
  double new_share = 0;                      // text: rows with a value that training never had
  std::vector<std::pair<std::string, int64_t>> new_values;  // the most frequent, at most ten
  // "steady", "moved" (change of 0.1 or more) or "moved far" (0.25), the usual marks for the index;
  // beyond chance at 1 % over all columns.
  std::string level = "steady";
};

// REQUIRES: later has the columns of the picture, in order. Columns first, then the scores.
// scores: one a picture of scores.
std::vector<Shift> shifts_of(const TrainingPicture& picture, const FeatureTable& later,
                             const std::vector<std::vector<double>>& scores);

}  // namespace perennial
