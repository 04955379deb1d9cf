// The one table of metrics that a search may optimise.
#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "metric/metric.h"
#include "metric/multiclass.h"

namespace perennial {
namespace {

std::vector<double> of_class_1(Scores p) {
  std::vector<double> out(p.size() / 2);
  for (size_t i = 0; i < out.size(); ++i) out[i] = p[2 * i + 1];
  return out;
}

// A metric of two classes that looks at the probability of class 1, and its form for several.
template <double (*two)(Labels, Scores), double (*several)(Labels, Scores, int)>
double score_with(Labels y, Scores p, int classes) {
  return classes == 2 ? two(y, of_class_1(p)) : several(y, p, classes);
}

double half_accuracy(Labels y, Scores p) { return accuracy(confusion(y, p, 0.5)); }
double half_f1(Labels y, Scores p) { return f1(confusion(y, p, 0.5)); }
double half_balanced(Labels y, Scores p) { return balanced_accuracy(confusion(y, p, 0.5)); }

double likeliest_accuracy(Labels y, Scores p, int classes) {
  return accuracy(class_counts(y, p, classes));
}
double likeliest_f1(Labels y, Scores p, int classes) {
  return macro_f1(class_counts(y, p, classes));
}
double likeliest_balanced(Labels y, Scores p, int classes) {
  return balanced_accuracy(class_counts(y, p, classes));
}

}  // namespace

const std::vector<MetricInfo>& all_metrics() {
  static const std::vector<MetricInfo> table = {
      {.name = "roc_auc",
       .higher_is_better = true,
       .description = "How often a random positive scores above a random negative; of several "
                      "classes the mean of one against the rest.",
       .score = score_with<roc_auc, macro_roc_auc>},
      {.name = "average_precision",
       .higher_is_better = true,
       .description = "Precision averaged over the recall steps: for rare positives; of several "
                      "classes the mean of one against the rest.",
       .score = score_with<average_precision, macro_average_precision>},
      {.name = "log_loss",
       .higher_is_better = false,
       .description = "Mean surprise of the predicted probabilities, in nats.",
       .score = score_with<log_loss, multi_log_loss>},
      {.name = "brier",
       .higher_is_better = false,
       .description = "Mean squared error of the predicted probabilities; of several classes "
                      "summed over them.",
       .score = score_with<brier, multi_brier>},
      {.name = "accuracy",
       .higher_is_better = true,
       .description = "Share of right calls at a threshold of 0.5; of several classes the "
                      "likeliest is called.",
       .score = score_with<half_accuracy, likeliest_accuracy>},
      {.name = "balanced_accuracy",
       .higher_is_better = true,
       .description = "Mean over the classes of the share that is called right, as above: the "
                      "accuracy if the classes were equally frequent.",
       .score = score_with<half_balanced, likeliest_balanced>},
      {.name = "f1",
       .higher_is_better = true,
       .description = "Harmonic mean of precision and recall at a threshold of 0.5; of several "
                      "classes the mean of theirs, the likeliest being called.",
       .score = score_with<half_f1, likeliest_f1>},
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
