// Support vector machine for classification (C-SVC), the optimum of LIBSVM.
//
// Outputs are 1 / (1 + exp(-f(x))) of the decision function f: ordered as f, but no probabilities
// (capability `probabilities` is false), so a pipeline calibrates them out of fold. More than two
// classes: one against the rest, the outputs normalised.
// Source: Cortes and Vapnik (1995); solver: learn/svm/smo.h. Beyond 20,000 different
// rows, or when asked, an approximation: learn/svm/fitter.h.
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_svm();

}  // namespace perennial
