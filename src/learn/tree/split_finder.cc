#include "learn/tree/split_finder.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace perennial {
namespace {

// A table of logarithms of counts is worth its place up to here.
constexpr size_t kMostLogarithms = size_t{1} << 22;

// The rows counted by their weights; infinity when a weight is not a whole number.
double whole_rows(std::span<const double> weights, size_t rows) {
  if (weights.empty()) return static_cast<double>(rows);
  double sum = 0;
  for (double w : weights) {
    if (w != std::floor(w)) return std::numeric_limits<double>::infinity();
    sum += w;
  }
  return sum;
}

}  // namespace

SplitFinder::SplitFinder(const RankedColumns& x, std::span<const int32_t> y,
                         std::span<const double> weights, int classes, const GrowOptions& options)
    : x_(x),
      y_(y),
      weights_(weights),
      classes_(static_cast<size_t>(classes)),
      options_(options),
      left_(classes_),
      right_(classes_) {
  size_t most = 1;
  for (const auto& values : x.distinct) most = std::max(most, values.size());
  by_rank_.assign(most * classes_, 0.0);
  used_.assign((most + 63) / 64, 0);
  used_words_.assign((used_.size() + 63) / 64, 0);
  const double most_rows = options.entropy ? whole_rows(weights, x.rows) : 0;
  plain_ = options.entropy && most_rows <= static_cast<double>(kMostLogarithms) &&
           std::all_of(options.class_weight.begin(), options.class_weight.end(),
                       [](double w) { return w == 1; });
  if (plain_) {
    x_log_x_.resize(static_cast<size_t>(most_rows) + 1, 0.0);
    for (size_t n = 1; n < x_log_x_.size(); ++n) {
      x_log_x_[n] = static_cast<double>(n) * std::log2(static_cast<double>(n));
    }
  }
}

void SplitFinder::collect(size_t column, std::span<const uint32_t> rows) {
  const uint32_t* ranks = x_.column(column);
  const double* weights = weights_.empty() ? nullptr : weights_.data();
  for (uint32_t row : rows) {
    const size_t rank = ranks[row];
    by_rank_[rank * classes_ + static_cast<size_t>(y_[row])] += weights ? weights[row] : 1;
    used_[rank >> 6] |= uint64_t{1} << (rank & 63);
    used_words_[rank >> 12] |= uint64_t{1} << ((rank >> 6) & 63);
  }
  take_cells();
}

void SplitFinder::take_cells() {
  cell_ranks_.clear();
  cells_.clear();
  for (size_t top = 0; top < used_words_.size(); ++top) {
    for (uint64_t words = used_words_[top]; words != 0; words &= words - 1) {
      const size_t word = top * 64 + static_cast<size_t>(std::countr_zero(words));
      for (uint64_t bits = used_[word]; bits != 0; bits &= bits - 1) {
        const size_t rank = word * 64 + static_cast<size_t>(std::countr_zero(bits));
        cell_ranks_.push_back(static_cast<uint32_t>(rank));
        double* counts = by_rank_.data() + rank * classes_;
        cells_.insert(cells_.end(), counts, counts + classes_);
        std::fill_n(counts, classes_, 0.0);
      }
      used_[word] = 0;
    }
    used_words_[top] = 0;
  }
}

double SplitFinder::x_log_x(double count) const {
  if (plain_) return x_log_x_[static_cast<size_t>(count)];
  return count > 0 ? count * std::log2(count) : 0;
}

// Weight times (a constant minus impurity) of one side: what is left of the impurity decrease when
// the terms that all splits of a node share are dropped.
template <bool kEntropy>
double SplitFinder::purity(const double* counts) const {
  double sum = 0, total = 0;
  for (size_t c = 0; c < classes_; ++c) {
    const double count = counts[c] * options_.class_weight[c];
    total += count;
    sum += kEntropy ? x_log_x(count) : count * count;
  }
  return kEntropy ? sum - x_log_x(total) : sum / total;
}

template <bool kEntropy, bool kTwoClasses>
double SplitFinder::score() const {
  if constexpr (kTwoClasses && !kEntropy) {
    const double* weight = options_.class_weight.data();
    const double l0 = left_[0] * weight[0], l1 = left_[1] * weight[1];
    const double r0 = right_[0] * weight[0], r1 = right_[1] * weight[1];
    return (l0 * l0 + l1 * l1) / (l0 + l1) + (r0 * r0 + r1 * r1) / (r0 + r1);
  } else {
    return purity<kEntropy>(left_.data()) + purity<kEntropy>(right_.data());
  }
}

template <bool kEntropy, bool kTwoClasses>
void SplitFinder::scan(size_t column, std::span<const double> node_counts, Split& best) {
  const size_t classes = kTwoClasses ? 2 : classes_;
  double all = 0;
  for (double count : node_counts) all += count;
  std::fill(left_.begin(), left_.end(), 0.0);
  double* left = left_.data();
  double* right = right_.data();
  double on_left = 0;
  for (size_t i = 0; i + 1 < cell_ranks_.size(); ++i) {
    for (size_t c = 0; c < classes; ++c) {
      left[c] += cells_[i * classes + c];
      on_left += cells_[i * classes + c];
      right[c] = std::max(node_counts[c] - left[c], 0.0);
    }
    if (on_left < options_.min_leaf) continue;
    if (all - on_left < options_.min_leaf) break;
    const double value = score<kEntropy, kTwoClasses>();
    // Of equal scores the first column wins, whatever the order in which columns are drawn.
    if (value > best.score || (value == best.score && column < best.column)) {
      best = {.score = value,
              .column = column,
              .left_rank = cell_ranks_[i],
              .right_rank = cell_ranks_[i + 1],
              .threshold = 0};
    }
  }
}

bool SplitFinder::offer(size_t column, std::span<const uint32_t> rows,
                        std::span<const double> node_counts, Split& best) {
  collect(column, rows);
  if (cell_ranks_.size() < 2) return false;
  const bool two = classes_ == 2;
  if (options_.entropy) {
    two ? scan<true, true>(column, node_counts, best)
        : scan<true, false>(column, node_counts, best);
  } else {
    two ? scan<false, true>(column, node_counts, best)
        : scan<false, false>(column, node_counts, best);
  }
  return true;
}

bool SplitFinder::offer_at(double share, size_t column, std::span<const uint32_t> rows,
                           std::span<const double> node_counts, Split& best) {
  const uint32_t* ranks = x_.column(column);
  const auto& values = x_.distinct[column];
  uint32_t lowest = ranks[rows[0]], highest = lowest;
  for (uint32_t row : rows) {
    lowest = std::min(lowest, ranks[row]);
    highest = std::max(highest, ranks[row]);
  }
  if (lowest == highest) return false;
  const double low = values[lowest], high = values[highest];
  // Written so that it cannot overflow; rounding must not take the largest value to the left.
  double threshold = (1 - share) * low + share * high;
  if (!(threshold >= low && threshold < high)) threshold = low;
  const auto above = std::upper_bound(values.begin() + lowest, values.begin() + highest, threshold);
  const auto border = static_cast<uint32_t>(above - values.begin());  // the first rank on the right
  std::fill(left_.begin(), left_.end(), 0.0);
  for (uint32_t row : rows) {
    const double weight = weights_.empty() ? 1 : weights_[row];
    left_[static_cast<size_t>(y_[row])] += ranks[row] < border ? weight : 0;
  }
  double on_left = 0, on_right = 0;
  for (size_t c = 0; c < classes_; ++c) {
    right_[c] = std::max(node_counts[c] - left_[c], 0.0);
    on_left += left_[c];
    on_right += right_[c];
  }
  if (on_left < options_.min_leaf || on_right < options_.min_leaf) return true;
  const double value = options_.entropy ? score<true, false>() : score<false, false>();
  if (value > best.score || (value == best.score && column < best.column)) {
    best = {.score = value,
            .column = column,
            .left_rank = border - 1,
            .right_rank = border,
            .threshold = threshold};
  }
  return true;
}

}  // namespace perennial
