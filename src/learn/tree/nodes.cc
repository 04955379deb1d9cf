#include "learn/tree/nodes.h"

#include <cmath>

namespace perennial {

std::vector<int32_t> TreeNodes::depths() const {
  std::vector<int32_t> depth(size(), 0);
  for (size_t i = 0; i < size(); ++i) {
    if (feature[i] == kLeaf) continue;
    depth[i + 1] = depth[i] + 1;
    depth[static_cast<size_t>(right[i])] = depth[i] + 1;
  }
  return depth;
}

size_t TreeNodes::leaf_of(const Matrix& x, size_t i) const {
  size_t node = 0;
  while (feature[node] != kLeaf) {
    const double value = x.at(i, static_cast<size_t>(feature[node]));
    node = value <= threshold[node] ? node + 1 : static_cast<size_t>(right[node]);
  }
  return node;
}

TreeNodes TreeNodes::cut(const std::vector<bool>& stop) const {
  TreeNodes out;
  out.classes = classes;
  out.cols = cols;
  // place[i]: node i in the new tree; -1 where it is gone.
  std::vector<int32_t> place(size(), -1);
  place[0] = 0;
  int32_t next = 0;
  // Parents come before children, so a node knows whether its parent keeps it.
  std::vector<bool> kept(size(), false);
  kept[0] = true;
  for (size_t i = 0; i < size(); ++i) {
    if (!kept[i]) continue;
    place[i] = next++;
    if (feature[i] == kLeaf || stop[i]) continue;
    kept[i + 1] = true;
    kept[static_cast<size_t>(right[i])] = true;
  }
  for (size_t i = 0; i < size(); ++i) {
    if (!kept[i]) continue;
    const bool leaf = feature[i] == kLeaf || stop[i];
    out.feature.push_back(leaf ? kLeaf : feature[i]);
    out.threshold.push_back(leaf ? 0 : threshold[i]);
    out.right.push_back(leaf ? 0 : place[static_cast<size_t>(right[i])]);
    out.rows.push_back(rows[i]);
    out.counts.insert(out.counts.end(), counts_of(i), counts_of(i) + classes);
  }
  return out;
}

void TreeNodes::save(ByteWriter& out) const {
  out.u32(static_cast<uint32_t>(classes));
  out.u64(cols);
  out.i32s(feature);
  out.f64s(threshold);
  out.i32s(right);
  out.f64s(rows);
  out.f64s(counts);
}

TreeNodes TreeNodes::load(ByteReader& in) {
  TreeNodes tree;
  const uint32_t classes = in.u32();
  tree.cols = static_cast<size_t>(in.u64());
  tree.feature = in.i32s();
  tree.threshold = in.f64s();
  tree.right = in.i32s();
  tree.rows = in.f64s();
  tree.counts = in.f64s();
  const size_t n = tree.size();
  if (n == 0 || tree.threshold.size() != n || tree.right.size() != n || tree.rows.size() != n ||
      classes < 2 || tree.counts.size() % n != 0 || tree.counts.size() / n != classes) {
    in.damaged("the parts of the tree do not fit together");
  }
  tree.classes = static_cast<int>(classes);
  // In a preorder every node but the root is the child of one node before it: a left child follows
  // its parent, and the right ones that are still due come in reverse order.
  std::vector<int32_t> due;
  for (size_t i = 0; i < n; ++i) {
    const bool leaf = tree.feature[i] == kLeaf;
    if (!leaf) {
      if (tree.feature[i] < 0 || static_cast<size_t>(tree.feature[i]) >= tree.cols ||
          tree.right[i] <= static_cast<int32_t>(i) + 1 || !std::isfinite(tree.threshold[i])) {
        in.damaged("a node of the tree is impossible");
      }
      due.push_back(tree.right[i]);
    } else if (i + 1 < n) {
      if (due.empty() || due.back() != static_cast<int32_t>(i) + 1) {
        in.damaged("the nodes of the tree do not hang together");
      }
      due.pop_back();
    }
    double sum = 0;
    for (uint32_t c = 0; c < classes; ++c) {
      const double count = tree.counts_of(i)[c];
      if (!(count >= 0 && std::isfinite(count))) in.damaged("a count of the tree is impossible");
      sum += count;
    }
    if (!(sum > 0 && std::isfinite(sum))) in.damaged("a node of the tree has no rows");
  }
  if (!due.empty() || tree.feature[n - 1] != kLeaf) in.damaged("the tree ends early");
  return tree;
}

}  // namespace perennial
