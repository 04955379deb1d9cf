// Is a model still good on later customers? What their outcomes say of its order and of its
// probabilities, and whether a new model would do better; without outcomes, what the columns say.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/judge.h"
#include "learn/pipeline.h"
#include "watch/picture.h"

namespace perennial {

// Losses are log losses, means over the later rows; a gain is positive where the loss falls. All
// intervals below are at 99 %, because one verdict rests on several of them.
struct LaterPerformance {
  int64_t rows = 0;
  std::map<std::string, Figure> now;  // as Verdict::test (95 %)
  std::vector<ReliabilityBin> reliability;
  double base_loss = 0;  // of the later rows' own class rates
  Figure drop;           // ROC-AUC on the sealed rows minus now
  Figure recalibration;  // gain of the same order with new probabilities, fitted on other folds
  // Gain of the same settings fitted anew on the later rows, each row predicted by a fit on other
  // folds, over the recalibrated model; none where a class has too few rows for that.
  std::optional<Figure> retraining;
  int64_t retrained_rows = 0;  // of at most 20,000, drawn by their ids
};

// later: y known (0 .. classes-1), classes those of the model. Rows of one id share a fold.
// Error (kData): rows of one class only.
LaterPerformance judge_later(const Pipeline& pipeline, double threshold,
                             const TrainingPicture& picture, const FeatureTable& later, Seed seed,
                             const Workers& workers);

struct LaterVerdict {
  std::string verdict;               // "still good", "recalibrate", "retrain"
  std::vector<std::string> reasons;  // sentences
};

// With outcomes: retrain where a new model does better beyond doubt by 1 % of the base loss, or
// ROC-AUC has dropped by 0.02 or more beyond doubt; recalibrate where new probabilities do better
// beyond doubt by 0.2 % of it. What the columns did explains, but does not decide. Without: retrain
// where the scores or a column moved far, or values that training never had are in 5 % of the rows.
LaterVerdict verdict_of(const std::vector<Shift>& shifts,
                        const std::optional<LaterPerformance>& performance);

// Rows of one id in one of the folds, by a hash of the id.
std::vector<int32_t> folds_by_id(const FeatureTable& table, int folds, Seed seed);

// The pipeline without its calibration.
Pipeline uncalibrated(const Pipeline& pipeline);

}  // namespace perennial
