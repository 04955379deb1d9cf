// Decision tree (CART, Breiman et al. 1984), after scikit-learn's DecisionTreeClassifier.
// Parameters: criterion (gini | entropy), max_depth (0: no limit), max_features (columns drawn for
// a split, 0: all), min_samples_split, min_samples_leaf, ccp_alpha (minimal cost-complexity
// pruning), class_weight (none | balanced). Thresholds are midpoints between neighbouring values. A
// row of weight 2 counts as two rows everywhere, min_samples_* included.
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_tree();

}  // namespace perennial
