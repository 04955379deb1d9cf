// Gradient boosted trees by XGBoost's library (Chen and Guestrin 2016), tree method hist.
//
// Classes: two (binary:logistic) or more (multi:softprob); a class that the training rows lack gets
// probability 0. The trees start from the class rates of the training rows. Missing numbers take
// the better side of every split. Numbers are rounded to floats, as XGBoost does.
// Rows are taken in the canonical order (learn/canonical_rows.h) and one thread fits, because
// XGBoost adds histograms up in an order that depends on the number of threads.
// The model is the trees as plain arrays: scoring and loading need no XGBoost.
#pragma once

#include <memory>

#include "learn/learner.h"
#include "learn/loss_curve.h"

namespace perennial {

std::unique_ptr<Learner> make_boosted_trees();

// Of boosted trees that were fitted, not read; nullptr for another model.
const LossCurve* boosted_losses(const Model& model);

}  // namespace perennial
