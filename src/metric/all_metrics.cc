// The one table of metrics that a search may optimise.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "metric/metric.h"

namespace perennial {

const std::vector<MetricInfo>& all_metrics() {
  static const std::vector<MetricInfo> table = {
      {.name = "roc_auc",
       .higher_is_better = true,
       .description = "How often a random positive scores above a random negative.",
       .score = roc_auc},
      {.name = "average_precision",
       .higher_is_better = true,
       .description = "Precision averaged over the recall steps: for rare positives.",
       .score = average_precision},
      {.name = "log_loss",
       .higher_is_better = false,
       .description = "Mean surprise of the predicted probabilities, in nats.",
       .score = log_loss},
      {.name = "brier",
       .higher_is_better = false,
       .description = "Mean squared error of the predicted probabilities.",
       .score = brier},
      {.name = "accuracy",
       .higher_is_better = true,
       .description = "Share of right calls at a threshold of 0.5.",
       .score = [](Labels y, Scores p) { return accuracy(confusion(y, p, 0.5)); }},
      {.name = "f1",
       .higher_is_better = true,
       .description = "Harmonic mean of precision and recall at a threshold of 0.5.",
       .score = [](Labels y, Scores p) { return f1(confusion(y, p, 0.5)); }},
  };
  return table;
}

const MetricInfo& metric_named(const std::string& name) {
  std::vector<std::string> names;
  for (const MetricInfo& info : all_metrics()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  throw Error(ErrorCode::kStudy, "",
              fmt::format("unknown metric {}{}", quoted(name), did_you_mean(name, names)),
              "Known metrics: " + join(names, ", "));
}

}  // namespace perennial
