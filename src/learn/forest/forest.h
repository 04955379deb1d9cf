// Forests: the mean of the class shares in the leaves of many trees.
// random_forest (Breiman 2001): each tree on as many rows as there are, drawn with replacement; the
// best threshold of a few columns drawn for each split. extra_trees (Geurts, Ernst and Wehenkel
// 2006): all rows, one random threshold a column. After scikit-learn's RandomForestClassifier and
// ExtraTreesClassifier, with two differences: rows are counted by their weights everywhere (a row
// drawn twice counts as two in min_samples_*), and what is drawn does not depend on the order of
// rows and columns.
// Parameters: n_estimators, criterion (gini | entropy), max_depth (0: no limit), max_features (0:
// the square root of the columns that vary), min_samples_split, min_samples_leaf, bootstrap,
// class_weight (none | balanced, by the whole training set).
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_random_forest();
std::unique_ptr<Learner> make_extra_trees();

}  // namespace perennial
