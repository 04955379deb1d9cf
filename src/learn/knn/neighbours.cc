#include "learn/knn/neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/clones.h"
#include "base/error.h"

namespace perennial {
namespace {

// Training rows whose distances are kept at once: in the L2 cache, for kQueries queries.
constexpr size_t kBlock = 2048;
// Of these, the rows that all columns pass over before the next ones do: they stay in the L1 cache.
constexpr size_t kStrip = 256;
constexpr size_t kQueries = 4;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// An object, not a function: sorting has it in place.
constexpr auto nearer = [](const Neighbour& a, const Neighbour& b) {
  return a.distance < b.distance || (a.distance == b.distance && a.row < b.row);
};

// Keeps the k nearest of what is offered: a buffer that is cut back to k whenever it is full, and
// the distance beyond which nothing can be among them.
class Selection {
 public:
  explicit Selection(size_t k) : k_(k), capacity_(std::max<size_t>(2 * k, k + 128)) {
    kept_.reserve(capacity_ + kStrip);
  }

  // limit: at least k rows are known to be no farther.
  void begin(double limit) {
    kept_.clear();
    limit_ = limit;
  }

  // The distances of the rows from first_row on.
  void offer(const double* distance, size_t first_row, size_t n) {
    for (size_t begin = 0; begin < n; begin += kStrip) {
      const size_t close =
          collect_close(distance + begin, limit_, std::min(kStrip, n - begin), places_.data());
      for (size_t c = 0; c < close; ++c) {
        const size_t at = begin + places_[c];
        kept_.push_back({distance[at], static_cast<uint32_t>(first_row + at)});
      }
      if (kept_.size() >= capacity_ || limit_ == kInfinity) cut();
    }
  }

  std::span<const Neighbour> finish() {
    keep_nearest(kept_, k_);
    return kept_;
  }

 private:
  void cut() {
    if (kept_.size() <= k_) return;
    const auto last = kept_.begin() + static_cast<ptrdiff_t>(k_ - 1);
    std::nth_element(kept_.begin(), last, kept_.end(), nearer);
    limit_ = last->distance;
    kept_.resize(k_);
  }

  size_t k_, capacity_;
  double limit_ = kInfinity;
  std::vector<Neighbour> kept_;
  std::array<uint32_t, kStrip> places_{};
};

// Four columns a pass: a sum is fetched and stored once for them, still added to in their order.
constexpr size_t kColumns = 4;

struct Columns {
  std::array<const double*, kColumns> of;  // of the training rows
  std::array<double, kColumns> at;         // of the query
};

// sum += (column - at)^2, |column - at|. Number by number: the same bits however many at once.
PERENNIAL_CLONES void add_squares(const Columns& c, size_t n, double* sum) {
  for (size_t t = 0; t < n; ++t) {
    const double a = c.of[0][t] - c.at[0], b = c.of[1][t] - c.at[1];
    const double d = c.of[2][t] - c.at[2], e = c.of[3][t] - c.at[3];
    sum[t] = (((sum[t] + a * a) + b * b) + d * d) + e * e;
  }
}

PERENNIAL_CLONES void add_square(const double* column, double at, size_t n, double* sum) {
  for (size_t t = 0; t < n; ++t) {
    const double difference = column[t] - at;
    sum[t] += difference * difference;
  }
}

PERENNIAL_CLONES void add_size(const double* column, double at, size_t n, double* sum) {
  for (size_t t = 0; t < n; ++t) sum[t] += std::abs(column[t] - at);
}

// Distances of one query to the training rows [begin, begin + n).
void strip_distances(bool manhattan, const Matrix& training, size_t begin, size_t n,
                     const double* query, double* out) {
  std::fill_n(out, n, 0.0);
  const double* first = training.values.data() + begin;
  size_t j = 0;
  for (; !manhattan && j + kColumns <= training.cols; j += kColumns) {
    Columns c{};
    for (size_t k = 0; k < kColumns; ++k) {
      c.of[k] = first + (j + k) * training.rows;
      c.at[k] = query[j + k];
    }
    add_squares(c, n, out);
  }
  for (; j < training.cols; ++j) {
    const double* column = first + j * training.rows;
    if (manhattan) {
      add_size(column, query[j], n, out);
    } else {
      add_square(column, query[j], n, out);
    }
  }
  // A NaN in a query would break the order; such a row has no neighbour that is nearer than others.
  for (size_t t = 0; t < n; ++t) out[t] = std::isnan(out[t]) ? kInfinity : out[t];
}

// The k nearest rows of the query before are not far from this one either: the farthest of them
// is a limit. Where some of them are not among the n distances: none.
double limit_from(std::span<const Neighbour> before, size_t k, const double* distance, size_t n) {
  if (before.size() < k) return kInfinity;
  double limit = 0;
  for (const Neighbour& b : before) {
    if (b.row >= n) return kInfinity;
    limit = std::max(limit, distance[b.row]);
  }
  return limit;
}

}  // namespace

void distances_to(const Matrix& training, const double* query, int64_t p, double* out) {
  for (size_t begin = 0; begin < training.rows; begin += kStrip) {
    strip_distances(p == 1, training, begin, std::min(kStrip, training.rows - begin), query,
                    out + begin);
  }
}

// Which ones are close cannot be foreseen: no branches.
size_t collect_close(const double* distance, double limit, size_t n, uint32_t* places) {
  size_t count = 0;
  for (size_t t = 0; t < n; ++t) {
    places[count] = static_cast<uint32_t>(t);
    count += distance[t] <= limit ? 1 : 0;
  }
  return count;
}

void keep_nearest(std::vector<Neighbour>& neighbours, size_t k) {
  if (neighbours.size() > k) {
    std::nth_element(neighbours.begin(), neighbours.begin() + static_cast<ptrdiff_t>(k - 1),
                     neighbours.end(), nearer);
    neighbours.resize(k);
  }
  std::sort(neighbours.begin(), neighbours.end(), nearer);
}

void find_neighbours(const Matrix& training, const Matrix& queries, size_t k, int64_t p,
                     const Found& found) {
  PERENNIAL_CHECK(training.cols == queries.cols && (p == 1 || p == 2) && k > 0);
  const std::vector<double> rows = queries.row_major();
  k = std::min(k, training.rows);
  std::vector<Selection> selections(kQueries, Selection(k));
  std::vector<double> distances(kQueries * kBlock);
  std::vector<Neighbour> before;
  for (size_t first = 0; first < queries.rows; first += kQueries) {
    const size_t count = std::min(kQueries, queries.rows - first);
    for (size_t begin = 0; begin < training.rows; begin += kBlock) {
      const size_t n = std::min(kBlock, training.rows - begin);
      for (size_t strip = 0; strip < n; strip += kStrip) {
        for (size_t q = 0; q < count; ++q) {
          strip_distances(p == 1, training, begin + strip, std::min(kStrip, n - strip),
                          rows.data() + (first + q) * queries.cols,
                          distances.data() + q * kBlock + strip);
        }
      }
      for (size_t q = 0; q < count; ++q) {
        const double* own = distances.data() + q * kBlock;
        if (begin == 0) selections[q].begin(limit_from(before, k, own, n));
        selections[q].offer(own, begin, n);
        if (begin + n < training.rows) continue;
        const std::span<const Neighbour> nearest = selections[q].finish();
        found(first + q, nearest);
        before.assign(nearest.begin(), nearest.end());
      }
    }
  }
}

}  // namespace perennial
