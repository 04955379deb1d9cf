#include "learn/changing_row.h"

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<ChangingRow> changing_row(const Model& model) {
  const auto* follows = dynamic_cast<const FollowsChanges*>(&model);
  return follows == nullptr ? nullptr : follows->changing_row();
}

}  // namespace perennial
