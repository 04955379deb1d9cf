// The best split of a node over one column at a time. Internal to grow.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "learn/tree/grow.h"

namespace perennial {

struct Split {
  // The larger the better; comparable within one node.
  double score = -std::numeric_limits<double>::infinity();
  size_t column = 0;
  uint32_t left_rank = 0, right_rank = 0;  // the values around the border
  double threshold = 0;                    // of offer_at
  bool found() const { return score > -std::numeric_limits<double>::infinity(); }
};

class SplitFinder {
 public:
  SplitFinder(const RankedColumns& x, std::span<const int32_t> y, std::span<const double> weights,
              int classes, const GrowOptions& options);

  // Improves `best` by splits of the node's rows over `column`. node_counts: the node's rows a
  // class, by weight. Returns false when the column is constant in the node.
  bool offer(size_t column, std::span<const uint32_t> rows, std::span<const double> node_counts,
             Split& best);
  // The same with one threshold alone: `share` in [0, 1) of the way from the node's smallest value
  // to its largest.
  bool offer_at(double share, size_t column, std::span<const uint32_t> rows,
                std::span<const double> node_counts, Split& best);

 private:
  // Fills cells_ and cell_ranks_: the rows a class of every value that the node has, ascending.
  void collect(size_t column, std::span<const uint32_t> rows);
  void take_cells();
  template <bool kEntropy, bool kTwoClasses>
  void scan(size_t column, std::span<const double> node_counts, Split& best);
  double x_log_x(double count) const;
  template <bool kEntropy>
  double purity(const double* counts) const;
  // Of left_ and right_.
  template <bool kEntropy, bool kTwoClasses>
  double score() const;

  const RankedColumns& x_;
  std::span<const int32_t> y_;
  std::span<const double> weights_;
  size_t classes_;
  const GrowOptions& options_;
  bool plain_;                        // counts are whole numbers and classes weigh the same
  std::vector<double> x_log_x_;       // n log2 n for whole n, where plain_
  std::vector<double> by_rank_;       // distinct values x classes, zero between calls
  std::vector<uint64_t> used_;        // bit r: rank r occurs in the node
  std::vector<uint64_t> used_words_;  // bit w: word w of used_ is not zero
  std::vector<uint32_t> cell_ranks_;
  std::vector<double> cells_;
  std::vector<double> left_, right_;
};

}  // namespace perennial
