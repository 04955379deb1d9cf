#include "learn/loss_curve.h"

#include "learn/boosted_trees/boosted_trees.h"
#include "learn/neural_network/neural_network.h"

namespace perennial {

std::optional<LossCurve> loss_curve(const Model& model) {
  for (const auto& of : {network_losses, boosted_losses}) {
    const LossCurve* curve = of(model);
    if (curve != nullptr && !curve->training.empty()) return *curve;
  }
  return std::nullopt;
}

}  // namespace perennial
