// Minimal cost-complexity pruning (Breiman et al. 1984, chapter 3), as in scikit-learn.
#pragma once

#include <vector>

#include "learn/tree/nodes.h"

namespace perennial {

// For every inner node the smallest ccp_alpha at which it becomes a leaf; infinity for leaves and
// for nodes that are gone before, with a node above them. The whole pruning path at once: the tree
// pruned at alpha is tree.cut({collapse[i] <= alpha}).
std::vector<double> collapse_alphas(const TreeNodes& tree, bool entropy);

}  // namespace perennial
