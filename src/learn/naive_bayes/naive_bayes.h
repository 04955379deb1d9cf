// Gaussian naive Bayes, after scikit-learn's GaussianNB: within a class every column is normal and
// independent of the others (why it works all the same: Zhang 2004). Parameter: var_smoothing,
// the share of the largest variance of all columns that is added to every variance.
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_naive_bayes();

}  // namespace perennial
