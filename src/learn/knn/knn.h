// k nearest neighbours by brute force.
// Parameters: n_neighbors (at most all training rows are asked), weights (uniform | distance), p
// (1: Manhattan, 2: Euclidean). Follows scikit-learn's KNeighborsClassifier, but for ties in
// distance, which go to the earlier training row.
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_knn();

}  // namespace perennial
