// The verdict: computed once, on the sealed rows.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "judge/money.h"
#include "judge/recommend.h"
#include "learn/pipeline.h"
#include "metric/metric.h"
#include "metric/multiclass.h"
#include "split/split.h"

namespace perennial {

// Sealed rows after the verdict. Only the judge makes them, so what takes them (explain) works on
// rows that no search has seen and cannot run before the verdict.
class OpenedRows {
 public:
  const FeatureTable& table() const { return table_; }

 private:
  friend class SealBreaker;  // judge/judge.cc
  explicit OpenedRows(FeatureTable table) : table_(std::move(table)) {}
  FeatureTable table_;
};

// One of several classes against the rest.
struct ClassFigures {
  int64_t rows = 0, called = 0;
  // roc_auc, average_precision, precision, recall, f1, expected_calibration_error
  std::map<std::string, Figure> figures;
};

// With two classes class 1 is the positive one and is called from the threshold on; with several
// every row is called its likeliest class, and there is neither a threshold nor a positive class.
struct Verdict {
  size_t rows = 0;
  int classes = 2;
  int64_t positives = 0;  // two classes
  double threshold = 0.5;
  // roc_auc, average_precision, log_loss, brier, accuracy, balanced_accuracy, f1, precision,
  // recall, expected_calibration_error; the same for the baseline "always the base rate". Several
  // classes: the forms of metric/multiclass.h; precision and recall are in per_class; the
  // calibration error is that of the called class's probability.
  std::map<std::string, Figure> test, baseline;
  Confusion confusion;                            // two classes
  ClassCounts counts;                             // [true class][called class]
  std::vector<ClassFigures> per_class;            // several classes
  std::vector<CurvePoint> roc, precision_recall;  // two classes
  std::vector<ReliabilityBin> reliability;  // of class 1; several classes: of the called class
  AucDifference over_baseline;              // two classes: ROC-AUC against 0.5
  bool better_than_baseline = false;        // the interval of ROC-AUC lies above 0.5
  // The same as a word: "better than the base rate" or "no evidence". Where labels mean nothing the
  // latter comes out in about 97.5 % of runs.
  std::string evidence = "no evidence";
  std::optional<MoneyVerdict> money;  // two classes, where the study says what contacts cost
  std::optional<RankingVerdict> recommendation;  // several classes, where they are recommended
  std::vector<std::string> ids;                  // sealed rows, opened: for scores.csv
  std::vector<int32_t> y;
  std::vector<double> probability;           // of class 1; several classes: rows x classes
  std::shared_ptr<const OpenedRows> opened;  // the same rows with their features
};

struct JudgeOptions {
  std::vector<double> class_rates = {0.5, 0.5};  // of the training rows, one a class
  double threshold = 0.5;                        // chosen by the search
  int bootstrap_rounds = 1000;
  int reliability_bins = 10;
  std::optional<ContactPlan> contacts;     // two classes: whom to contact, settled on training rows
  std::optional<RecommendPlan> recommend;  // several classes: ranked for each customer
};

// The figures of Verdict::test on rows that were never sealed: a validation part, which may be
// looked at while a study is still being written. Error (kData): a row without a class.
std::map<std::string, Figure> open_figures(const FeatureTable& rows, const Pipeline& pipeline,
                                           const JudgeOptions& options, Seed seed,
                                           const Workers* workers = nullptr);

// Opens the seal for a verdict of another kind (uplift); the rows are consumed all the same.
std::shared_ptr<const OpenedRows> open_rows(SealedRows sealed);

// Opens the seal: the rows are consumed, so nobody can look twice. Workers share the bootstrap
// rounds; the figures are the same without them.
Verdict judge(SealedRows sealed, const Pipeline& pipeline, const JudgeOptions& options, Seed seed,
              const Workers* workers = nullptr);

}  // namespace perennial
