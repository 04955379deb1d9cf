#include "learn/forest/forest_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/workers.h"

namespace perennial {
namespace {

// Rows that go through all trees together: their numbers stay in the nearest cache.
constexpr size_t kRowsTogether = 64;

// Distinct leaves in the order in which they come.
class LeafTable {
 public:
  explicit LeafTable(size_t classes) : leaf_(classes) {}

  uint32_t place(const double* leaf) {
    leaf_.assign(leaf, leaf + leaf_.size());
    const auto [found, added] = places_.try_emplace(leaf_, static_cast<uint32_t>(places_.size()));
    if (added) values_.insert(values_.end(), leaf_.begin(), leaf_.end());
    return found->second;
  }

  std::vector<double> take() { return std::move(values_); }

 private:
  std::vector<double> leaf_, values_;
  std::map<std::vector<double>, uint32_t> places_;
};

// Whole numbers in seven bits a byte, the lowest first; a set high bit says that more follow.
void put(std::string& out, size_t v) {
  for (; v >= 0x80; v >>= 7) out.push_back(static_cast<char>((v & 0x7f) | 0x80));
  out.push_back(static_cast<char>(v));
}

size_t get(ByteReader& in, std::string_view stream, size_t& at) {
  size_t v = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (at >= stream.size()) in.damaged("the trees end early");
    const auto byte = static_cast<unsigned char>(stream[at++]);
    v |= static_cast<size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return v;
  }
  in.damaged("a number in the trees is impossible");
}

// Rows that take their steps through a tree side by side: one's wait for memory is another's work.
constexpr size_t kSteps = 8;

// Of `n` rows, row-major from `row`: the leaf of each. Those that have arrived stand still.
std::array<uint32_t, kSteps> leaves_of(const ForestNode* root, const double* row, size_t cols,
                                       size_t n) {
  std::array<uint32_t, kSteps> at{};
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t i = 0; i < n; ++i) {
      const ForestNode& node = root[at[i]];
      const bool stays = node.feature == kLeaf;
      const double v = row[i * cols + static_cast<size_t>(stays ? 0 : node.feature)];
      // A missing number goes right.
      const uint32_t next = v <= node.threshold ? at[i] + 1 : node.next;
      at[i] = stays ? at[i] : next;
      moved |= !stays;
    }
  }
  for (uint32_t& a : at) a = root[a].next;
  return at;
}

}  // namespace

ForestTree forest_tree(const TreeNodes& tree, std::span<const uint32_t> columns,
                       std::span<const int32_t> classes, int all_classes) {
  ForestTree out;
  LeafTable table(static_cast<size_t>(all_classes));
  std::vector<double> share(static_cast<size_t>(all_classes), 0.0);
  for (size_t i = 0; i < tree.size(); ++i) {
    if (tree.feature[i] != kLeaf) {
      out.nodes.push_back(
          {.threshold = tree.threshold[i],
           .feature = static_cast<int32_t>(columns[static_cast<size_t>(tree.feature[i])]),
           .next = static_cast<uint32_t>(tree.right[i])});
      continue;
    }
    const double* counts = tree.counts_of(i);
    double total = 0;
    for (size_t c = 0; c < classes.size(); ++c) total += counts[c];
    for (size_t c = 0; c < classes.size(); ++c) {
      share[static_cast<size_t>(classes[c])] = counts[c] / total;
    }
    out.nodes.push_back({.threshold = 0, .feature = kLeaf, .next = table.place(share.data())});
  }
  out.leaves = table.take();
  return out;
}

ForestModel::ForestModel(size_t cols, int classes, std::span<const ForestTree> trees)
    : cols_(cols), classes_(static_cast<size_t>(classes)) {
  LeafTable table(classes_);
  size_t nodes = 0;
  for (const ForestTree& tree : trees) nodes += tree.nodes.size();
  nodes_.reserve(nodes);
  std::vector<uint32_t> place;  // of a tree's leaf in the table of all
  for (const ForestTree& tree : trees) {
    place.clear();
    for (size_t at = 0; at < tree.leaves.size(); at += classes_) {
      place.push_back(table.place(tree.leaves.data() + at));
    }
    roots_.push_back(nodes_.size());
    for (ForestNode node : tree.nodes) {
      if (node.feature == kLeaf) node.next = place[node.next];
      nodes_.push_back(node);
    }
  }
  leaves_ = table.take();
}

void ForestModel::add_rows(const Matrix& x, size_t begin, size_t end, size_t first, size_t last,
                           std::span<double> sum) const {
  std::vector<double> values((end - begin) * cols_ + 1);  // row-major
  for (size_t j = 0; j < cols_; ++j) {
    const auto column = x.column(j);
    for (size_t i = begin; i < end; ++i) values[(i - begin) * cols_ + j] = column[i];
  }
  for (size_t t = first; t < last; ++t) {
    const ForestNode* root = nodes_.data() + roots_[t];
    for (size_t from = begin; from < end; from += kSteps) {
      const size_t n = std::min(kSteps, end - from);
      const std::array<uint32_t, kSteps> ends =
          leaves_of(root, values.data() + (from - begin) * cols_, cols_, n);
      for (size_t i = 0; i < n; ++i) {
        const double* leaf = leaves_.data() + ends[i] * classes_;
        for (size_t c = 0; c < classes_; ++c) sum[(from + i) * classes_ + c] += leaf[c];
      }
    }
  }
}

void ForestModel::add(const Matrix& x, size_t first, size_t last, std::span<double> sum,
                      const Workers* workers) const {
  PERENNIAL_CHECK(x.cols == cols_ && sum.size() == x.rows * classes_ && last <= roots_.size());
  const auto block = [&](size_t begin, size_t end) { add_rows(x, begin, end, first, last, sum); };
  if (workers) return workers->run_blocks(x.rows, kRowsTogether, block);
  for (size_t i = 0; i < x.rows; i += kRowsTogether) {
    block(i, std::min(i + kRowsTogether, x.rows));
  }
}

std::optional<ModelView> ForestModel::view() const {
  const size_t scores = classes_ == 2 ? 1 : classes_;
  TreesView out{.scale = 1 / static_cast<double>(roots_.size())};
  out.start.assign(scores, 0.0);
  if (scores > 1) out.leaves = leaves_;
  out.nodes.reserve(nodes_.size());
  for (size_t t = 0; t < roots_.size(); ++t) {
    const size_t root = roots_[t], end = t + 1 < roots_.size() ? roots_[t + 1] : nodes_.size();
    out.trees.push_back({.root = static_cast<uint32_t>(root), .score = scores == 1 ? 0 : -1});
    for (size_t i = root; i < end; ++i) {
      const ForestNode& node = nodes_[i];
      TreesView::Node n{.feature = node.feature == kLeaf ? -1 : node.feature,
                        .threshold = node.threshold};
      if (node.feature == kLeaf) {
        n.leaf = node.next;
        n.value = leaves_[node.next * classes_ + classes_ - 1];
      } else {
        n.left = static_cast<uint32_t>(i + 1);
        n.right = static_cast<uint32_t>(root + node.next);
      }
      out.nodes.push_back(n);
    }
  }
  return ModelView{.cols = cols_, .scores = scores, .linear = {}, .trees = std::move(out)};
}

void ForestModel::predict(const Matrix& x, std::span<double> probability) const {
  std::fill(probability.begin(), probability.end(), 0.0);
  add(x, 0, trees(), probability);
  for (double& p : probability) p /= static_cast<double>(trees());
}

std::vector<std::vector<double>> ForestModel::thresholds() const {
  std::vector<std::vector<double>> out(cols_);
  for (const ForestNode& node : nodes_) {
    if (node.feature != kLeaf) out[static_cast<size_t>(node.feature)].push_back(node.threshold);
  }
  for (auto& values : out) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  }
  return out;
}

// Thresholds and leaves come up again and again: a node is two small numbers, its column (0: a
// leaf) and the place in the table of that column or of leaves. The preorder says the rest.
void ForestModel::save(ByteWriter& out) const {
  const std::vector<std::vector<double>> tables = thresholds();
  out.u32(static_cast<uint32_t>(classes_));
  out.u64(cols_);
  for (const auto& values : tables) out.f64s(values);
  out.f64s(leaves_);
  out.u64(roots_.size());
  std::string stream;
  for (const ForestNode& node : nodes_) {
    if (node.feature == kLeaf) {
      put(stream, 0);
      put(stream, node.next);
      continue;
    }
    const auto& values = tables[static_cast<size_t>(node.feature)];
    put(stream, static_cast<size_t>(node.feature) + 1);
    put(stream, static_cast<size_t>(std::lower_bound(values.begin(), values.end(), node.threshold) -
                                    values.begin()));
  }
  out.text(stream);
}

void ForestModel::load_tree(ByteReader& in, std::string_view stream, size_t& at,
                            const std::vector<std::vector<double>>& thresholds) {
  const size_t root = nodes_.size();
  std::vector<size_t> open;  // nodes that wait for their right child
  while (true) {
    const size_t feature = get(in, stream, at), place = get(in, stream, at);
    if (feature > 0) {
      if (feature > cols_ || place >= thresholds[feature - 1].size()) {
        in.damaged("a node of the forest is impossible");
      }
      open.push_back(nodes_.size());
      nodes_.push_back({.threshold = thresholds[feature - 1][place],
                        .feature = static_cast<int32_t>(feature - 1),
                        .next = 0});
      continue;
    }
    if (place >= leaves_.size() / classes_) in.damaged("a leaf of the forest is impossible");
    nodes_.push_back({.threshold = 0, .feature = kLeaf, .next = static_cast<uint32_t>(place)});
    if (open.empty()) return;
    nodes_[open.back()].next = static_cast<uint32_t>(nodes_.size() - root);
    open.pop_back();
  }
}

ForestModel ForestModel::load(ByteReader& in) {
  ForestModel model;
  model.classes_ = in.u32();
  const uint64_t cols = in.u64();
  // Each column takes at least the eight bytes of its length.
  if (model.classes_ < 2 || cols > in.left() / 8) in.damaged("the forest has impossible sizes");
  model.cols_ = static_cast<size_t>(cols);
  std::vector<std::vector<double>> thresholds;
  for (size_t j = 0; j < model.cols_; ++j) {
    thresholds.push_back(in.f64s());
    for (double v : thresholds.back()) {
      if (!std::isfinite(v)) in.damaged("a threshold of the forest is not a number");
    }
  }
  model.leaves_ = in.f64s();
  if (model.leaves_.empty() || model.leaves_.size() % model.classes_ != 0) {
    in.damaged("the leaves of the forest do not fit its classes");
  }
  for (size_t at = 0; at < model.leaves_.size(); at += model.classes_) {
    double sum = 0;
    for (size_t c = 0; c < model.classes_; ++c) {
      const double share = model.leaves_[at + c];
      if (!(share >= 0 && share <= 1)) in.damaged("a share in the forest is not between 0 and 1");
      sum += share;
    }
    if (std::abs(sum - 1) > 1e-9) in.damaged("the shares in the forest do not add up");
  }
  const uint64_t trees = in.u64();
  const std::string stream = in.text();
  if (trees == 0 || trees > stream.size() / 2) in.damaged("the forest has impossible sizes");
  size_t at = 0;
  for (uint64_t t = 0; t < trees; ++t) {
    model.roots_.push_back(model.nodes_.size());
    model.load_tree(in, stream, at, thresholds);
  }
  if (at != stream.size()) in.damaged("the forest holds more than its trees");
  return model;
}

}  // namespace perennial
