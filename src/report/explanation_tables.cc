// importance.csv
#include <fmt/format.h>

#include "base/text.h"
#include "report/report.h"

namespace perennial {

std::string importance_csv(const RunRecord& record) {
  std::string out =
      "rank,feature,table,auc_drop,auc_drop_low,auc_drop_high,log_loss_rise,log_loss_rise_low,"
      "log_loss_rise_high,shap,shap_share,direction,certainty\n";
  int rank = 0;
  for (const FeatureImportance& f : record.explanation.importance) {
    out += fmt::format("{},{},{}", ++rank, csv_field(f.feature), csv_field(f.table));
    for (const Figure& figure : {f.auc_drop, f.log_loss_rise}) {
      for (const double v : {figure.value, figure.low, figure.high}) out += "," + number_text(v);
    }
    out += fmt::format(",{},{},{},{}\n", number_text(f.shap), number_text(f.shap_share),
                       to_string(f.direction), to_string(f.certainty));
  }
  return out;
}

}  // namespace perennial
