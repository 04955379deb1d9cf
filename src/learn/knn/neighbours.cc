#include "learn/knn/neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "learn/logistic/vector_math.h"

namespace perennial {
namespace {

// Training rows whose distances are computed at once: their part of a column stays in the L1 cache
// while kQueries queries pass over it.
constexpr size_t kBlock = 256;
constexpr size_t kQueries = 4;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.distance < b.distance || (a.distance == b.distance && a.row < b.row);
}

// Keeps the k nearest of what is offered in the order of the rows: a buffer that is cut back to k
// whenever it is full, and the distance that a newcomer must beat.
class Selection {
 public:
  explicit Selection(size_t k) : k_(k), capacity_(std::max<size_t>(2 * k, k + 512)) {
    kept_.reserve(capacity_ + kBlock);
  }

  void clear() {
    kept_.clear();
    to_beat_ = kInfinity;
  }

  void offer(const double* distance, size_t first_row, size_t n) {
    for (size_t t = 0; t < n; ++t) {
      // A later row with an equal distance loses the tie, once k rows are known.
      if (distance[t] < to_beat_ || to_beat_ == kInfinity) {
        kept_.push_back({distance[t], static_cast<uint32_t>(first_row + t)});
      }
    }
    if (kept_.size() >= capacity_) cut();
  }

  std::span<const Neighbour> finish() {
    cut();
    std::sort(kept_.begin(), kept_.end(), nearer);
    return kept_;
  }

 private:
  void cut() {
    if (kept_.size() <= k_) return;
    const auto last = kept_.begin() + static_cast<ptrdiff_t>(k_ - 1);
    std::nth_element(kept_.begin(), last, kept_.end(), nearer);
    to_beat_ = last->distance;
    kept_.resize(k_);
  }

  size_t k_, capacity_;
  double to_beat_ = kInfinity;
  std::vector<Neighbour> kept_;
};

using Block = std::array<std::array<double, kBlock>, kQueries>;

// sum += (column - at)^2, |column - at|. Number by number: the same bits however many at once.
PERENNIAL_CLONES void add_squares(const double* column, double at, size_t n, double* sum) {
  for (size_t t = 0; t < n; ++t) {
    const double difference = column[t] - at;
    sum[t] += difference * difference;
  }
}

PERENNIAL_CLONES void add_sizes(const double* column, double at, size_t n, double* sum) {
  for (size_t t = 0; t < n; ++t) sum[t] += std::abs(column[t] - at);
}

// Distances of up to kQueries queries (row-major) to the training rows [begin, begin + n).
void block_distances(bool manhattan, const Matrix& training, size_t begin, size_t n,
                     const double* queries, size_t query_count, Block& out) {
  for (size_t q = 0; q < query_count; ++q) std::fill_n(out[q].begin(), n, 0.0);
  for (size_t j = 0; j < training.cols; ++j) {
    const double* column = training.values.data() + j * training.rows + begin;
    for (size_t q = 0; q < query_count; ++q) {
      const double at = queries[q * training.cols + j];
      if (manhattan) {
        add_sizes(column, at, n, out[q].data());
      } else {
        add_squares(column, at, n, out[q].data());
      }
    }
  }
  // A NaN in a query would break the order; such a row has no neighbour that is nearer than others.
  for (size_t q = 0; q < query_count; ++q) {
    for (size_t t = 0; t < n; ++t) out[q][t] = std::isnan(out[q][t]) ? kInfinity : out[q][t];
  }
}

}  // namespace

void find_neighbours(const Matrix& training, const Matrix& queries, size_t k, int64_t p,
                     const Found& found) {
  PERENNIAL_CHECK(training.cols == queries.cols && (p == 1 || p == 2) && k > 0);
  const std::vector<double> rows = queries.row_major();
  std::vector<Selection> selections(kQueries, Selection(std::min(k, training.rows)));
  Block distances;
  for (size_t first = 0; first < queries.rows; first += kQueries) {
    const size_t count = std::min(kQueries, queries.rows - first);
    const double* at = rows.data() + first * queries.cols;
    for (size_t q = 0; q < count; ++q) selections[q].clear();
    for (size_t begin = 0; begin < training.rows; begin += kBlock) {
      const size_t n = std::min(kBlock, training.rows - begin);
      block_distances(p == 1, training, begin, n, at, count, distances);
      for (size_t q = 0; q < count; ++q) selections[q].offer(distances[q].data(), begin, n);
    }
    for (size_t q = 0; q < count; ++q) found(first + q, selections[q].finish());
  }
}

}  // namespace perennial
