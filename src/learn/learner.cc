#include "learn/learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

void check_classes(const TrainingSet& data, const Capabilities& capabilities,
                   std::string_view learner) {
  PERENNIAL_CHECK(data.y.size() == data.x->rows);
  PERENNIAL_CHECK(data.classes >= 2);
  std::vector<bool> seen(static_cast<size_t>(data.classes), false);
  for (int32_t y : data.y) {
    PERENNIAL_CHECK(y >= 0 && y < data.classes);
    seen[static_cast<size_t>(y)] = true;
  }
  if (std::count(seen.begin(), seen.end(), true) < 2) {
    throw Error(ErrorCode::kData, "",
                fmt::format("{} has nothing to tell apart: all {} are of one class", learner,
                            counted(static_cast<int64_t>(data.y.size()), "training row")),
                "Check the target column, the cohort and the split");
  }
  if (data.classes > 2 && !capabilities.multiclass) {
    throw Error(ErrorCode::kStudy, "",
                fmt::format("{} tells two classes apart, the target has {}", learner, data.classes),
                "Choose a learner for several classes");
  }
}

void check_weights(const TrainingSet& data, const Capabilities& capabilities,
                   std::string_view learner) {
  if (data.weights.empty()) return;
  if (!capabilities.sample_weights) {
    throw Error(ErrorCode::kData, "", fmt::format("{} cannot weigh rows", learner),
                "Leave the weights out or choose another learner");
  }
  PERENNIAL_CHECK(data.weights.size() == data.x->rows);
  for (size_t i = 0; i < data.weights.size(); ++i) {
    const double weight = data.weights[i];
    if (weight > 0 && std::isfinite(weight)) continue;
    throw Error(ErrorCode::kData, fmt::format("training row {}", i + 1),
                fmt::format("its weight is {}", number_text(weight)),
                "Weights must be finite and above 0");
  }
}

}  // namespace

void check_numbers(const Matrix& x, const Capabilities& capabilities, std::string_view learner) {
  for (size_t j = 0; j < x.cols; ++j) {
    for (double v : x.column(j)) {
      if (std::isfinite(v) || (std::isnan(v) && capabilities.missing_values)) continue;
      const std::string name = j < x.names.size() ? x.names[j] : fmt::format("{}", j + 1);
      throw Error(ErrorCode::kData, fmt::format("feature {}", quoted(name)),
                  std::isnan(v) ? fmt::format("{} cannot take missing numbers", learner)
                                : fmt::format("{} cannot take infinite numbers", learner),
                  "Choose impute = \"median\" or \"mean\"");
    }
  }
}

void check_training_set(const TrainingSet& data, const Capabilities& capabilities,
                        std::string_view learner) {
  PERENNIAL_CHECK(data.x != nullptr);
  PERENNIAL_CHECK(data.x->values.size() == data.x->rows * data.x->cols);
  if (data.x->rows == 0) {
    throw Error(ErrorCode::kData, "", fmt::format("{} has no rows to learn from", learner),
                "Check the cohort and the split");
  }
  check_classes(data, capabilities, learner);
  check_weights(data, capabilities, learner);
  check_numbers(*data.x, capabilities, learner);
}

size_t Learner::fit_predict_many(const TrainingSet& data, const Matrix& holdout,
                                 std::span<const Params> candidates, const Sink& sink) const {
  std::vector<double> probability(holdout.rows * static_cast<size_t>(data.classes));
  for (size_t i = 0; i < candidates.size(); ++i) {
    fit(data, candidates[i])->predict(holdout, probability);
    sink(i, probability);
  }
  return candidates.size();
}

}  // namespace perennial
