// How the loss went while a model was fitted, where it was fitted in steps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "learn/learner.h"

namespace perennial {

// Mean weighted log loss after each step, of the rows that were learned from and of those held out
// for early stopping; step k is element k - 1.
struct LossCurve {
  std::string step;                          // "epoch" or "round"
  std::vector<double> training, validation;  // validation: empty when no rows were held out
  size_t best = 0;  // the step that was kept, from 1; 0: what there was before the first
};

// Of a neural network (training: while an epoch runs, with dropout) or of boosted trees that have
// just been fitted; nothing for other models, nor for trees that were read from a file.
std::optional<LossCurve> loss_curve(const Model& model);

}  // namespace perennial
