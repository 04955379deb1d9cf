#include "explain/tree_shap.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "base/error.h"
#include "learn/boosted_trees/ensemble.h"

namespace perennial {
namespace {

constexpr size_t kLongest = 64;  // elements of a path: bits of a pattern
constexpr size_t kTableBits = 10;
constexpr size_t kChunk = 4096;  // rows that share one table of patterns
constexpr size_t kBlock = 256;   // rows whose numbers stay in the nearest cache

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
double needed_weight(size_t a, size_t b) {
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
  return all[a * (kLongest + 1) + b];
}

Mask full_mask(size_t bits) { return bits == 64 ? ~Mask{0} : (Mask{1} << bits) - 1; }

}  // namespace

// What one leaf of value 1 contributes for a pattern.
class TreeShap::Pattern {
 public:
  // `reference`: the reference rows' patterns; empty for path-dependent.
  Pattern(std::span<const Element> path, const std::vector<Mask>& reference) : path_(path) {
    if (reference.empty()) return;
    std::map<Mask, size_t> counted;
    for (const Mask m : reference) ++counted[m];
    for (const auto& [mask, n] : counted) {
      seen_.push_back({mask, static_cast<double>(n) / static_cast<double>(reference.size())});
    }
  }

  void contributions(Mask mask, double* out) const {
    std::fill_n(out, path_.size(), 0.0);
    if (seen_.empty()) {
      path_dependent(mask, out);
    } else {
      interventional(mask, out);
    }
  }

 private:
  void interventional(Mask mask, double* out) const {
    const Mask full = full_mask(path_.size());
    for (const auto& [other, weight] : seen_) {
      if ((mask | other) != full) continue;
      const Mask only_row = mask & ~other, only_other = other & ~mask;
      const auto a = static_cast<size_t>(std::popcount(only_row));
      const auto b = static_cast<size_t>(std::popcount(only_other));
      const double gain = a > 0 ? weight * needed_weight(a, b) : 0;
      const double loss = b > 0 ? weight * needed_weight(b, a) : 0;
      for (Mask m = only_row; m != 0; m &= m - 1) out[std::countr_zero(m)] += gain;
      for (Mask m = only_other; m != 0; m &= m - 1) out[std::countr_zero(m)] -= loss;
    }
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
  std::vector<std::pair<Mask, double>> seen_;
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

}  // namespace

// Rows begin .. end-1 through all trees.
class TreeShap::Chunk {
 public:
  Chunk(const TreeShap& shap, const Matrix& x, size_t begin, size_t end,
        std::span<const int32_t> players, size_t count)
      : shap_(shap),
        rows_(end - begin),
        players_(players),
        count_(count),
        columns_(x, begin, end, shap.rounds_),
        phi_(shap.scores_ * count * rows_, 0.0) {}

  void run(const Columns* reference) {
    for (const Leaf& leaf : shap_.leaves_) {
      if (leaf.count > 0) add_leaf(leaf, reference);
    }
  }

  // rows x scores x players.
  void write(double* out) const {
    const size_t width = shap_.scores_ * count_;
    for (size_t c = 0; c < width; ++c) {
      for (size_t i = 0; i < rows_; ++i) out[i * width + c] = phi_[c * rows_ + i];
    }
  }

 private:
  void add_leaf(const Leaf& leaf, const Columns* reference) {
    const std::span<const Element> path(shap_.elements_.data() + leaf.begin, leaf.count);
    std::vector<Mask>& others = others_;
    others.clear();
    if (reference) {
      others.assign(shap_.reference_.rows, 0);
      for (unsigned k = 0; k < path.size(); ++k) {
        mark(path[k], *reference, 0, others.size(), k, others.data());
      }
    }
    const Pattern pattern(path, others);
    const size_t patterns = path.size() <= kTableBits ? size_t{1} << path.size() : 0;
    const bool by_table = patterns > 0 && patterns <= rows_ / 2;
    if (by_table) fill_table(pattern, path.size(), patterns, leaf);
    for (size_t begin = 0; begin < rows_; begin += kBlock) {
      const size_t n = std::min(kBlock, rows_ - begin);
      std::fill_n(masks_, n, Mask{0});
      for (unsigned k = 0; k < path.size(); ++k) mark(path[k], columns_, begin, n, k, masks_);
      if (by_table) {
        from_table(leaf, path, patterns, begin, n);
      } else {
        one_by_one(leaf, path, pattern, begin, n);
      }
    }
  }

  // table_[k * patterns + pattern], times the leaf's value where that is one number.
  void fill_table(const Pattern& pattern, size_t length, size_t patterns, const Leaf& leaf) {
    table_.resize(length * patterns);
    const double value = leaf.all ? 1 : leaf.value;
    double each[kLongest];
    for (size_t mask = 0; mask < patterns; ++mask) {
      pattern.contributions(mask, each);
      for (size_t k = 0; k < length; ++k) table_[k * patterns + mask] = each[k] * value;
    }
  }

  double* phi(size_t score, int32_t col) {
    const auto player = static_cast<size_t>(players_[static_cast<size_t>(col)]);
    return phi_.data() + (score * count_ + player) * rows_;
  }

  void from_table(const Leaf& leaf, std::span<const Element> path, size_t patterns, size_t begin,
                  size_t n) {
    for (size_t k = 0; k < path.size(); ++k) {
      const double* table = table_.data() + k * patterns;
      if (!leaf.all) {
        double* to = phi(static_cast<size_t>(leaf.score), path[k].col) + begin;
        for (size_t i = 0; i < n; ++i) to[i] += table[masks_[i]];
        continue;
      }
      for (size_t s = 0; s < shap_.scores_; ++s) {
        double* to = phi(s, path[k].col) + begin;
        for (size_t i = 0; i < n; ++i) to[i] += table[masks_[i]] * leaf.all[s];
      }
    }
  }

  void one_by_one(const Leaf& leaf, std::span<const Element> path, const Pattern& pattern,
                  size_t begin, size_t n) {
    double each[kLongest];
    for (size_t i = 0; i < n; ++i) {
      pattern.contributions(masks_[i], each);
      for (size_t k = 0; k < path.size(); ++k) {
        if (!leaf.all) {
          phi(static_cast<size_t>(leaf.score), path[k].col)[begin + i] += each[k] * leaf.value;
          continue;
        }
        for (size_t s = 0; s < shap_.scores_; ++s) {
          phi(s, path[k].col)[begin + i] += each[k] * leaf.all[s];
        }
      }
    }
  }

  const TreeShap& shap_;
  size_t rows_;
  std::span<const int32_t> players_;
  size_t count_;
  Columns columns_;
  std::vector<double> phi_, table_;
  std::vector<Mask> others_;
  Mask masks_[kBlock] = {};
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
      std::fill(masks.begin(), masks.end(), Mask{0});
      for (unsigned k = 0; k < leaf.count; ++k) {
        mark(elements_[leaf.begin + k], reference, 0, masks.size(), k, masks.data());
      }
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
  std::vector<double> out(x.rows * scores_ * count);
  const Columns reference(reference_, 0, reference_.rows, rounds_);
  // Few rows are shared out too: deep trees take long for each.
  const auto threads = static_cast<size_t>(std::max(1, workers.threads()));
  const size_t rows = std::clamp((x.rows + threads - 1) / threads, kBlock, kChunk);
  workers.run_blocks(x.rows, rows, [&](size_t begin, size_t end) {
    Chunk chunk(*this, x, begin, end, players, count);
    chunk.run(interventional_ ? &reference : nullptr);
    chunk.write(out.data() + begin * scores_ * count);
  });
  return out;
}

}  // namespace perennial
