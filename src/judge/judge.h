// The verdict: computed once, on the sealed rows.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "learn/pipeline.h"
#include "metric/metric.h"
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

struct Verdict {
  size_t rows = 0;
  int64_t positives = 0;
  double threshold = 0.5;
  // roc_auc, average_precision, log_loss, brier, accuracy, f1, precision, recall,
  // expected_calibration_error; the same for the baseline "always the base rate".
  std::map<std::string, Figure> test, baseline;
  Confusion confusion;
  std::vector<CurvePoint> roc, precision_recall;
  std::vector<ReliabilityBin> reliability;
  AucDifference over_baseline;        // ROC-AUC against 0.5
  bool better_than_baseline = false;  // the interval of ROC-AUC lies above 0.5
  std::vector<std::string> ids;       // sealed rows, opened: for scores.csv
  std::vector<int32_t> y;
  std::vector<double> probability;
  std::shared_ptr<const OpenedRows> opened;  // the same rows with their features
};

struct JudgeOptions {
  double base_rate = 0.5;  // of the training rows
  double threshold = 0.5;  // chosen by the search
  int bootstrap_rounds = 1000;
  int reliability_bins = 10;
};

// Opens the seal: the rows are consumed, so nobody can look twice. Workers share the bootstrap
// rounds; the figures are the same without them.
Verdict judge(SealedRows sealed, const Pipeline& pipeline, const JudgeOptions& options, Seed seed,
              const Workers* workers = nullptr);

}  // namespace perennial
