// Multilayer perceptron: hidden layers of ReLU units, softmax outputs, log loss, Adam (Kingma and
// Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), starting weights after He et
// al. (2015), dropout (Srivastava et al. 2014), early stopping with the best weights restored. What
// is validated and kept is a running average of the weights (Polyak and Juditsky 1992).
//
// Columns of more than two values are standardised, those of two values centred with a distance of
// 1, by figures of the training rows; all are held within 8 units, so that an extreme number does
// not carry the answer away. Arithmetic is in floats, in one order; one thread fits. Rows are taken
// in the canonical order (learn/canonical_rows.h): copies of a row are one row of more weight.
// Any number of classes; a class that the training rows lack gets probability 0.
#pragma once

#include <memory>

#include "learn/learner.h"
#include "learn/loss_curve.h"

namespace perennial {

std::unique_ptr<Learner> make_neural_network();

// Of a neural network; nullptr for a model of another kind.
const LossCurve* network_losses(const Model& model);

}  // namespace perennial
