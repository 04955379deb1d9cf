// What the exploration found, as plain data of a size that does not grow with the customers:
// what each column looks like, what goes with what, and with the target. All rows of the question
// are described, sealed ones too: nothing here is ever used to choose or to fit a model.
// Figures that do not exist (the correlation of a constant, a test without data) are NaN.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "metric/metric.h"

namespace perennial {

// Customers that share a bin of numbers or a category, and how many of them are in each class.
struct Slice {
  enum class Kind { kRange, kValue, kOther, kAbsent };
  Kind kind = Kind::kRange;
  std::string label;         // "2 to 3.5", "стандарт"; "" for kOther and kAbsent
  double low = 0, high = 0;  // kRange: low <= number < high (the last: <=); kValue of numbers: both
  int64_t rows = 0;
  std::vector<int64_t> by_class;  // rows with a known target, one a class
  std::vector<Figure> rate;       // share of each class among those, Wilson's 95 % interval
};

struct Quantiles {  // of the numbers that are there; linear between them (NumPy's default)
  double min = 0, p01 = 0, p05 = 0, p25 = 0, median = 0, p75 = 0, p95 = 0, p99 = 0, max = 0;
  double mean = 0, sd = 0;  // sd: n - 1
  double skewness = 0;      // Fisher and Pearson's, of the moments
};

struct Outlier {
  std::string id;
  double value = 0;
  int32_t y = -1;  // index into classes; -1 unknown
};

// Tukey's far fences (quartiles and three times their distance), on the scale on which the middle
// of the column is most symmetric.
struct Fence {
  double low = 0, high = 0;   // on the column's own scale; infinite where the scale has no such end
  std::string scale;          // "linear" or "log"
  bool without_mode = false;  // quartiles of the numbers without the most frequent one
  int64_t below = 0, above = 0;   // customers outside
  std::vector<Outlier> examples;  // the farthest, at most ExploreOptions::outliers
};

// A column in ten blocks of customers of equal size, in the order of the file or of a date.
struct DriftBlock {
  std::string from, to;  // rows of the entity's file (from 1), or dates
  int64_t rows = 0, missing = 0;
  double middle = 0;         // numbers: median; text: share of the column's most frequent value
  std::vector<double> rate;  // share of each class
};
struct Drift {
  std::string along;                   // "" for the order of the file, else the date column's name
  std::string column;                  // the column that drifts; "" for the target
  double strength = 0;                 // bias-corrected Cramér's V of slices x blocks
  double p_value = 1, adjusted_p = 1;  // G test; adjusted over all tests of drift (Holm)
  std::vector<DriftBlock> blocks;
};

struct ColumnProfile {
  std::string name, table;
  std::string role;  // "feature" or "value" (money, never a feature)
  std::string type;  // "number", "date" (days since 1970-01-01), "text"
  int64_t rows = 0, missing = 0, distinct = 0;
  bool distinct_estimated = false;
  std::string top;  // the most frequent value, as text
  int64_t top_rows = 0;
  // Numbers and dates: a histogram over the bulk, the first and last bin holding all beyond; text:
  // the most frequent values, then the others. A slice of missing cells comes last, if any.
  std::vector<Slice> distribution;
  // Numbers and dates: at most ten groups of equal size (equal numbers stay together); text: as
  // above. The target rate is best read here.
  std::vector<Slice> groups;
  Quantiles quantiles;              // numbers and dates
  std::vector<Quantiles> by_class;  // numbers and dates, one a class
  Fence fence;                      // numbers and dates; scale "" where there is none
  double variance_inflation = 0;    // numbers: 1 / (1 - R2) on the other numbers; infinite: a sum
};

// How a column goes with the target.
struct TargetAssociation {
  std::string column;
  double phik = 0, phik_significance = 0;  // in standard deviations (Baak et al. 2018)
  double cramers_v = 0;                    // bias-corrected, of groups x classes (Bergsma 2013)
  double mutual_information = 0;  // of groups x classes, in nats, Miller and Madow's bias off
  double correlation_ratio = 0;   // numbers: sqrt of the variance between classes over all
  // Numbers, two classes: against 0/1; above 0: more of the last class where the number is larger.
  double pearson = 0, spearman = 0, kendall = 0;
  double p_value = 1, adjusted_p = 1;  // G test of groups x classes; Holm over the columns
  // The groups with the lowest and the highest rate of the last class (of at least 20 customers):
  // indices into ColumnProfile::groups; -1 where there are none.
  int lowest_group = -1, highest_group = -1;
};

// A cell of column x classes that holds more or fewer customers than independence explains.
struct CellSignificance {
  std::string column, group;  // label of the slice
  Slice::Kind kind = Slice::Kind::kRange;
  int32_t y = 0;
  int64_t rows = 0;
  double expected = 0, significance = 0;  // standard deviations, above 0: more than expected
};

// Symmetric matrices over `columns`; NaN where the measure does not fit the pair.
struct PairMeasures {
  std::vector<std::string> columns;  // features; at most ExploreOptions::pair_columns
  std::vector<size_t> order;         // clustered: indices into columns, kin side by side
  std::vector<std::vector<double>> phik, phik_significance, cramers_v, mutual_information;
  std::vector<std::vector<double>> correlation_ratio;           // one number, one text
  std::vector<std::vector<double>> pearson, spearman, kendall;  // two numbers
  std::vector<std::vector<double>> p_value, adjusted_p;  // G test of groups; Benjamini-Hochberg
  std::vector<double> global_phik;  // of each column with all others (Baak et al. 2018)
};

struct NearCopy {
  std::string a, b;
  std::string kind;      // "equal", "linear", "monotone", "renamed"
  double agreement = 0;  // |correlation|, or share of rows that the mapping explains
};

// Two columns that tell more about the target together than one after the other.
struct Interaction {
  std::string a, b;
  double gain =
      0;  // nats a customer over the additive (no three-way) log-linear model, less its bias
  double share_of_entropy = 0;  // gain over the entropy of the target
  double statistic = 0, degrees = 0, p_value = 1, adjusted_p = 1;  // G2; Benjamini-Hochberg
  // Groups of a (rows) and b (columns): labels, customers and the rate of each class.
  std::vector<std::string> a_labels, b_labels;
  struct Cell {
    int64_t rows = 0;
    std::vector<int64_t> by_class;
    double rate = 0, low = 0, high = 0;  // of the last class, Wilson's 95 % interval
    double additive = 0;                 // the rate that the additive model expects
  };
  std::vector<std::vector<Cell>> cells;
};

struct Exploration {
  int64_t rows = 0;
  std::vector<std::string> classes;
  std::vector<int64_t> class_rows;
  std::string basis;  // sentence: which rows are described, and that no model uses it
  std::vector<std::string> approximations;      // sentences; empty where every figure is exact
  std::vector<ColumnProfile> columns;           // features, then values
  std::vector<TargetAssociation> with_target;   // strongest φK first
  std::vector<CellSignificance> outlier_cells;  // the most significant first
  PairMeasures pairs;
  std::vector<NearCopy> near_copies;
  std::vector<Interaction> interactions;  // significant ones, strongest first
  // The only part that depends on the order of the file (FeatureTable::position; along = "").
  std::vector<Drift> drift;
};

const char* to_string(Slice::Kind kind);       // "range", "value", "other", "missing"
Json to_json(const Exploration& exploration);  // explore.json, see docs/outputs.md

}  // namespace perennial
