// What a question of uplift writes and prints.
#pragma once

#include <string>

#include "report/record.h"
#include "uplift/fit.h"
#include "uplift/judge_uplift.h"

namespace perennial {

struct UpliftRecord {
  std::string treatment;
  std::vector<std::string> arms;   // the control first
  std::vector<ArmEffect> effects;  // of all customers, as counted
  UpliftOptions options;
  UpliftFit fit;
  UpliftVerdict verdict;
  PerArm uplift;                   // of all customers, row after row
  std::vector<int32_t> arm, best;  // of all customers
  std::vector<std::string> role;   // of all customers
};

std::string uplift_metrics_json(const RunRecord& record, const UpliftRecord& uplift);
std::string uplift_summary(const RunRecord& record, const UpliftRecord& uplift,
                           const std::string& folder);
// rank, method, learner, loss, loss over average and its standard error, fits.
std::string uplift_leaderboard_csv(const UpliftRecord& uplift);
// The id, role, the arm that the customer got, the true class, uplift per arm, the best arm.
std::string uplift_scores_csv(const RunRecord& record, const UpliftRecord& uplift,
                              const FeatureTable& table);
// The curves of the sealed rows: arm, share treated, gain with interval, the random model.
std::string uplift_curves_csv(const UpliftRecord& uplift);

}  // namespace perennial
