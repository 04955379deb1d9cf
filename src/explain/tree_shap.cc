#include "explain/tree_shap.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"
#include "learn/boosted_trees/ensemble.h"

namespace perennial {
namespace {

constexpr size_t kLongest = 64;   // elements of a path: bits of a pattern
constexpr size_t kTableBits = 6;  // of paths whose patterns are all worked out
constexpr size_t kChunk = 4096;   // rows that share one table of patterns
constexpr size_t kBlock = 256;    // rows whose numbers stay in the nearest cache
constexpr size_t kFewLeaves = 256, kMostParts = 16;
constexpr size_t kMostNumbers = size_t{1} << 23;  // sums of all parts together

using Mask = uint64_t;

struct Quadrature {
  std::vector<double> at, weight;  // on [0, 1]
};

// Gauss-Legendre: exact for polynomials of degree up to 2n - 1. Newton's method from the usual
// first guess (Press et al., Numerical Recipes, 4.6).
Quadrature gauss_legendre(size_t n) {
  Quadrature q;
  const double degree = static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) {
    double z = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (degree + 0.5));
    double slope = 1;
    for (int step = 0; step < 100; ++step) {
      double p = 1, before = 0;
      for (size_t k = 0; k < n; ++k) {
        const double j = static_cast<double>(k);
        const double next = ((2 * j + 1) * z * p - j * before) / (j + 1);
        before = p;
        p = next;
      }
      slope = degree * (z * p - before) / (z * z - 1);
      const double move = p / slope;
      z -= move;
      if (std::abs(move) < 1e-15) break;
    }
    q.at.push_back((1 - z) / 2);
    q.weight.push_back(1 / ((1 - z * z) * slope * slope));
  }
  return q;
}

// By the number of elements: enough points for a polynomial of one degree less.
const Quadrature& quadrature_for(size_t elements) {
  static const std::vector<Quadrature> all = [] {
    std::vector<Quadrature> out(kLongest + 1);
    for (size_t m = 1; m <= kLongest; ++m) out[m] = gauss_legendre((m + 1) / 2);
    return out;
  }();
  return all[elements];
}

// 1 / (a * binomial(a + b, a)): the Shapley weight of each of a players who are all needed while
// none of b others may be there.
// As a table: a * (kLongest + 1) + b; 0 where nobody is needed.
const double* needed_weights() {
  static const std::vector<double> all = [] {
    std::vector<double> out((kLongest + 1) * (kLongest + 1), 0.0);
    for (size_t x = 1; x <= kLongest; ++x) {
      for (size_t y = 0; x + y <= kLongest; ++y) {
        double w = 1 / static_cast<double>(x);
        for (size_t k = 1; k <= y; ++k) w *= static_cast<double>(k) / static_cast<double>(x + k);
        out[x * (kLongest + 1) + y] = w;
      }
    }
    return out;
  }();
  return all.data();
}

// Of some of the reference rows.
struct ReferencePattern {
  Mask mask = 0;
  double share = 0;  // of all reference rows
  size_t lacks = 0;  // elements that they do not meet
};

Mask full_mask(size_t bits) { return bits == 64 ? ~Mask{0} : (Mask{1} << bits) - 1; }

}  // namespace

// What one leaf of value 1 contributes for a pattern.
class TreeShap::Pattern {
 public:
  // `seen`: what the reference rows have; empty for path-dependent.
  Pattern(std::span<const Element> path, std::span<const ReferencePattern> seen)
      : path_(path), seen_(seen) {}

  size_t length() const { return path_.size(); }

  void contributions(Mask mask, double* out) const {
    std::fill_n(out, path_.size(), 0.0);
    if (seen_.empty()) {
      path_dependent(mask, out);
    } else {
      interventional(mask, out);
    }
  }

 private:
  // A reference row adds something where it meets all that the row does not; then what only it
  // meets is the same for all of them, and `lacks` elements are met by the row alone.
  void interventional(Mask mask, double* out) const {
    const Mask only_other = full_mask(path_.size()) & ~mask;
    const auto b = static_cast<size_t>(std::popcount(only_other));
    const double *gains = weights_ + b, *losses = weights_ + b * (kLongest + 1);
    double loss = 0;
    for (const ReferencePattern& r : seen_) {
      if ((only_other & ~r.mask) != 0) continue;
      loss += r.share * losses[r.lacks];
      const double gain = r.share * gains[r.lacks * (kLongest + 1)];
      for (Mask m = mask & ~r.mask; m != 0; m &= m - 1) out[std::countr_zero(m)] += gain;
    }
    for (Mask m = only_other; m != 0; m &= m - 1) out[std::countr_zero(m)] -= loss;
  }

  void path_dependent(Mask mask, double* out) const {
    const size_t m = path_.size();
    const Quadrature& q = quadrature_for(m);
    double factor[kLongest], before[kLongest + 1];
    for (size_t p = 0; p < q.at.size(); ++p) {
      const double t = q.at[p];
      before[0] = 1;
      for (size_t i = 0; i < m; ++i) {
        factor[i] = path_[i].share * (1 - t) + ((mask >> i) & 1 ? t : 0);
        before[i + 1] = before[i] * factor[i];
      }
      double after = q.weight[p];
      for (size_t i = m; i-- > 0;) {
        const double met = (mask >> i) & 1 ? 1 : 0;
        out[i] += (met - path_[i].share) * before[i] * after;
        after *= factor[i];
      }
    }
  }

  std::span<const Element> path_;
  std::span<const ReferencePattern> seen_;
  const double* weights_ = needed_weights();
};

namespace {

// Columns as the trees compare them, in blocks of rows.
class Columns {
 public:
  Columns(const Matrix& x, size_t begin, size_t end, bool rounds)
      : rows_(end - begin), values_(x.cols * rows_), has_missing_(x.cols, false) {
    for (size_t j = 0; j < x.cols; ++j) {
      const auto column = x.column(j).subspan(begin, rows_);
      double* out = values_.data() + j * rows_;
      for (size_t i = 0; i < rows_; ++i) {
        out[i] = rounds ? static_cast<double>(tree_feature(column[i])) : column[i];
        if (std::isnan(out[i])) has_missing_[j] = true;
      }
    }
  }
  size_t rows() const { return rows_; }
  const double* column(int32_t j) const { return values_.data() + static_cast<size_t>(j) * rows_; }
  bool has_missing(int32_t j) const { return has_missing_[static_cast<size_t>(j)]; }

 private:
  size_t rows_;
  std::vector<double> values_;
  std::vector<bool> has_missing_;
};

// Sets bit `bit` of each row's pattern where the element is met.
template <typename Element>
void mark(const Element& e, const Columns& columns, size_t begin, size_t n, unsigned bit,
          Mask* masks) {
  const double* v = columns.column(e.col) + begin;
  const Mask one = Mask{1} << bit;
  if (e.low == -HUGE_VAL) {
    for (size_t i = 0; i < n; ++i) masks[i] |= v[i] <= e.high ? one : 0;
  } else if (e.high == HUGE_VAL) {
    for (size_t i = 0; i < n; ++i) masks[i] |= v[i] > e.low ? one : 0;
  } else {
    for (size_t i = 0; i < n; ++i) {
      masks[i] |= (static_cast<int>(v[i] > e.low) & static_cast<int>(v[i] <= e.high)) ? one : 0;
    }
  }
  if (e.missing && columns.has_missing(e.col)) {
    for (size_t i = 0; i < n; ++i) masks[i] |= std::isnan(v[i]) ? one : 0;
  }
}

// All elements of a path: the patterns of rows begin .. begin + n - 1.
template <typename Element>
void mark_all(std::span<const Element> path, const Columns& columns, size_t begin, size_t n,
              Mask* masks) {
  std::fill_n(masks, n, Mask{0});
  for (unsigned k = 0; k < path.size(); ++k) mark(path[k], columns, begin, n, k, masks);
}

// Numbers the patterns that turn up, from 0: an open table that forgets all at once.
class Numbered {
 public:
  explicit Numbered(size_t most) : slots_(std::bit_ceil(2 * most + 2)) {
    shift_ = 64 - std::countr_zero(slots_.size());
  }
  void clear() {
    ++round_;
    count_ = 0;
  }
  // The number of the pattern, and whether it is new.
  std::pair<uint32_t, bool> number(Mask mask) {
    size_t at = (mask * 0x9E3779B97F4A7C15U) >> shift_;  // Knuth, vol. 3, 6.4
    while (slots_[at].round == round_ && slots_[at].mask != mask) {
      at = (at + 1) & (slots_.size() - 1);
    }
    if (slots_[at].round == round_) return {slots_[at].number, false};
    slots_[at] = {mask, round_, count_};
    return {count_++, true};
  }

 private:
  struct Slot {
    Mask mask = 0;
    uint64_t round = 0;
    uint32_t number = 0;
  };
  std::vector<Slot> slots_;
  int shift_ = 0;
  uint64_t round_ = 0;
  uint32_t count_ = 0;
};

}  // namespace

// Some rows through some of the leaves.
class TreeShap::Part {
 public:
  Part(const TreeShap& shap, const Columns& rows, const Columns* reference,
       std::span<const int32_t> players, size_t count)
      : shap_(shap),
        columns_(rows),
        reference_(reference),
        players_(players),
        count_(count),
        others_(shap.reference_.rows),
        seen_(std::max(rows.rows(), shap.reference_.rows)),
        phi_(shap.scores_ * count * rows.rows(), 0.0) {}

  void add(std::span<const Leaf> leaves) {
    for (const Leaf& leaf : leaves) {
      if (leaf.count > 0) add(leaf);
    }
  }

  // scores x players x rows.
  std::vector<double> take() { return std::move(phi_); }

 private:
  void add(const Leaf& leaf) {
    const std::span<const Element> path(shap_.elements_.data() + leaf.begin, leaf.count);
    const Pattern pattern(path, reference_patterns(path));
    const bool all = path.size() <= kTableBits && size_t{2} << path.size() <= columns_.rows();
    table_.clear();
    adds_.clear();
    seen_.clear();
    for (Mask mask = 0; all && mask < Mask{1} << path.size(); ++mask) add_pattern(pattern, mask);
    for (size_t begin = 0; begin < columns_.rows(); begin += kBlock) {
      const size_t n = std::min(kBlock, columns_.rows() - begin);
      mark_all(path, columns_, begin, n, masks_);
      size_t active = 0;
      for (size_t i = 0; i < n; ++i) {
        auto number = static_cast<uint32_t>(masks_[i]);
        if (!all) {
          const auto [known, is_new] = seen_.number(masks_[i]);
          if (is_new) add_pattern(pattern, masks_[i]);
          number = known;
        }
        numbers_[active] = number * static_cast<uint32_t>(path.size());
        rows_[active] = static_cast<uint32_t>(i);
        active += adds_[number];
      }
      for (size_t k = 0; k < path.size(); ++k) add_column(leaf, path[k].col, k, begin, active);
    }
  }

  // Distinct patterns of the reference rows with their shares, in the rows' order.
  const std::vector<ReferencePattern>& reference_patterns(std::span<const Element> path) {
    distinct_.clear();
    if (reference_ == nullptr) return distinct_;
    mark_all(path, *reference_, 0, others_.size(), others_.data());
    seen_.clear();
    const double share = 1 / static_cast<double>(others_.size());
    for (const Mask mask : others_) {
      const auto [number, is_new] = seen_.number(mask);
      if (is_new) {
        const auto met = static_cast<size_t>(std::popcount(mask));
        distinct_.push_back({.mask = mask, .share = 0, .lacks = path.size() - met});
      }
      distinct_[number].share += share;
    }
    return distinct_;
  }

  // The next row of the table: what a leaf of value 1 contributes for the pattern.
  void add_pattern(const Pattern& pattern, Mask mask) {
    table_.resize(table_.size() + pattern.length());
    double* each = table_.data() + (table_.size() - pattern.length());
    pattern.contributions(mask, each);
    adds_.push_back(std::any_of(each, each + pattern.length(), [](double v) { return v != 0; }));
  }

  // What element k contributes to its column's player, for the rows of the block that get any.
  void add_column(const Leaf& leaf, int32_t col, size_t k, size_t begin, size_t active) {
    const auto player = static_cast<size_t>(players_[static_cast<size_t>(col)]);
    const double* table = table_.data() + k;
    const auto add_to = [&](size_t score, double value) {
      double* to = phi_.data() + (score * count_ + player) * columns_.rows() + begin;
      if (active == std::min(kBlock, columns_.rows() - begin)) {  // all rows, in order
        for (size_t i = 0; i < active; ++i) to[i] += table[numbers_[i]] * value;
      } else {
        for (size_t i = 0; i < active; ++i) to[rows_[i]] += table[numbers_[i]] * value;
      }
    };
    if (!leaf.all) return add_to(static_cast<size_t>(leaf.score), leaf.value);
    for (size_t s = 0; s < shap_.scores_; ++s) add_to(s, leaf.all[s]);
  }

  const TreeShap& shap_;
  const Columns& columns_;
  const Columns* reference_;
  std::span<const int32_t> players_;
  size_t count_;
  std::vector<Mask> others_;
  Numbered seen_;
  std::vector<ReferencePattern> distinct_;
  std::vector<double> phi_, table_;
  std::vector<uint8_t> adds_;  // by pattern: whether it contributes anything
  Mask masks_[kBlock] = {};
  uint32_t numbers_[kBlock] = {}, rows_[kBlock] = {};
};

TreeShap::TreeShap(const TreesView& trees, size_t cols)
    : cols_(cols), scores_(trees.start.size()), rounds_(trees.rounds_to_float) {
  PERENNIAL_CHECK(trees.has_cover);
  start_ = trees.start;
  leaf_values_ = trees.leaves;
  for (double& v : leaf_values_) v *= trees.scale;
  for (const TreesView::Tree& tree : trees.trees) add_tree(trees, tree);
  find_base();
}

TreeShap::TreeShap(const TreesView& trees, const Matrix& reference)
    : cols_(reference.cols),
      scores_(trees.start.size()),
      rounds_(trees.rounds_to_float),
      interventional_(true),
      reference_(reference) {
  PERENNIAL_CHECK(reference.rows > 0);
  start_ = trees.start;
  leaf_values_ = trees.leaves;
  for (double& v : leaf_values_) v *= trees.scale;
  for (const TreesView::Tree& tree : trees.trees) add_tree(trees, tree);
  find_base();
}

// Depth first with the path so far; a feature that is asked again narrows its interval.
void TreeShap::add_tree(const TreesView& trees, const TreesView::Tree& tree) {
  struct Visit {
    uint32_t node;
    std::vector<Element> path;
  };
  std::vector<Visit> open = {{tree.root, {}}};
  while (!open.empty()) {
    const Visit visit = std::move(open.back());
    open.pop_back();
    const TreesView::Node& node = trees.nodes[visit.node];
    if (node.feature < 0) {
      if (visit.path.size() > kLongest) possible_ = false;
      const double* all = tree.score < 0 ? leaf_values_.data() + node.leaf * scores_ : nullptr;
      leaves_.push_back({.begin = static_cast<uint32_t>(elements_.size()),
                         .count = static_cast<uint32_t>(visit.path.size()),
                         .value = node.value * trees.scale,
                         .all = all,
                         .score = tree.score});
      elements_.insert(elements_.end(), visit.path.begin(), visit.path.end());
      continue;
    }
    for (const bool left : {false, true}) {
      const uint32_t child = left ? node.left : node.right;
      std::vector<Element> path = visit.path;
      auto found = std::find_if(path.begin(), path.end(),
                                [&](const Element& e) { return e.col == node.feature; });
      if (found == path.end()) {
        path.push_back({.col = node.feature, .low = -HUGE_VAL, .high = HUGE_VAL, .missing = true});
        found = path.end() - 1;
      }
      if (left) {
        found->high = std::min(found->high, node.threshold);
      } else {
        found->low = std::max(found->low, node.threshold);
      }
      found->missing = found->missing && node.missing_left == left;
      if (trees.has_cover) found->share *= trees.nodes[child].cover / node.cover;
      open.push_back({child, std::move(path)});
    }
  }
  tree_end_.push_back(leaves_.size());
}

void TreeShap::find_base() {
  base_ = start_;
  if (!possible_) return;
  std::vector<Mask> masks(reference_.rows);
  const Columns reference(reference_, 0, reference_.rows, rounds_);
  for (const Leaf& leaf : leaves_) {
    double share = 1;
    if (interventional_) {
      const std::span<const Element> path(elements_.data() + leaf.begin, leaf.count);
      mark_all(path, reference, 0, masks.size(), masks.data());
      share = static_cast<double>(std::count(masks.begin(), masks.end(), full_mask(leaf.count))) /
              static_cast<double>(masks.size());
    } else {
      for (unsigned k = 0; k < leaf.count; ++k) share *= elements_[leaf.begin + k].share;
    }
    if (!leaf.all) {
      base_[static_cast<size_t>(leaf.score)] += share * leaf.value;
    } else {
      for (size_t s = 0; s < scores_; ++s) base_[s] += share * leaf.all[s];
    }
  }
}

std::vector<double> TreeShap::values(const Matrix& x, std::span<const int32_t> players,
                                     size_t count, const Workers& workers) const {
  PERENNIAL_CHECK(possible_ && x.cols == cols_ && players.size() == cols_);
  const size_t width = scores_ * count;
  std::vector<double> out(x.rows * width);
  const Columns reference(reference_, 0, reference_.rows, rounds_);
  // The leaves are shared out, by borders that hang on the model alone.
  const size_t share = std::max(kFewLeaves, (leaves_.size() + kMostParts - 1) / kMostParts);
  const size_t parts = (leaves_.size() + share - 1) / share;
  const size_t rows = std::clamp(kMostNumbers / std::max<size_t>(1, parts * width), kBlock, kChunk);
  for (size_t begin = 0; begin < x.rows; begin += rows) {
    const Columns columns(x, begin, std::min(x.rows, begin + rows), rounds_);
    std::vector<std::vector<double>> sums(parts);
    workers.run_blocks(leaves_.size(), share, [&](size_t from, size_t to) {
      Part part(*this, columns, interventional_ ? &reference : nullptr, players, count);
      part.add(std::span(leaves_).subspan(from, to - from));
      sums[from / share] = part.take();
    });
    double* to = out.data() + begin * width;
    for (const std::vector<double>& sum : sums) {
      for (size_t c = 0; c < width; ++c) {
        const double* own = sum.data() + c * columns.rows();
        for (size_t i = 0; i < columns.rows(); ++i) to[i * width + c] += own[i];
      }
    }
  }
  return out;
}

}  // namespace perennial
