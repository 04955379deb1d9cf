#include "learn/knn/knn_row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/clones.h"
#include "base/error.h"

namespace perennial {
namespace {

// sum += (column - to)^2 - (column - from)^2, and of sizes.
PERENNIAL_CLONES void move_squares(const double* column, double from, double to, size_t n,
                                   double* sum) {
  for (size_t t = 0; t < n; ++t) {
    const double before = column[t] - from, after = column[t] - to;
    sum[t] = (sum[t] - before * before) + after * after;
  }
}

PERENNIAL_CLONES void move_sizes(const double* column, double from, double to, size_t n,
                                 double* sum) {
  for (size_t t = 0; t < n; ++t) {
    sum[t] = (sum[t] - std::abs(column[t] - from)) + std::abs(column[t] - to);
  }
}

// Distances of a row to some training rows at once, each summed in the order of the columns: one
// sum alone would wait for every addition.
constexpr size_t kAtOnce = 4;
template <typename T>
using Several = std::array<T, kAtOnce>;

Several<double> sum_squares(const Several<const double*>& rows, std::span<const double> cells) {
  double a = 0, b = 0, c = 0, d = 0;
  for (size_t j = 0; j < cells.size(); ++j) {
    const double at = cells[j];
    const double e = rows[0][j] - at, f = rows[1][j] - at;
    const double g = rows[2][j] - at, h = rows[3][j] - at;
    a += e * e;
    b += f * f;
    c += g * g;
    d += h * h;
  }
  return {a, b, c, d};
}

Several<double> sum_sizes(const Several<const double*>& rows, std::span<const double> cells) {
  Several<double> out{};
  for (size_t j = 0; j < cells.size(); ++j) {
    for (size_t c = 0; c < kAtOnce; ++c) out[c] += std::abs(rows[c][j] - cells[j]);
  }
  return out;
}

// What all rows of one model share.
struct Known {
  const Matrix& training;
  std::span<const int32_t> y;
  KnnSettings settings;
  std::vector<double> rows;       // training rows, row-major
  std::vector<double> low, high;  // of each column

  // The largest addend that a cell can have to any training row.
  double worst(size_t column, double cell) const {
    const double far = std::max(std::abs(cell - low[column]), std::abs(cell - high[column]));
    return settings.p == 1 ? far : far * far;
  }
};

class KnnRow : public ChangingRow {
 public:
  explicit KnnRow(std::shared_ptr<const Known> known)
      : known_(std::move(known)),
        distance_(known_->training.rows),
        place_(known_->training.rows),
        k_(std::min(known_->settings.k, known_->training.rows)) {}

  std::unique_ptr<ChangingRow> fresh() const override { return std::make_unique<KnnRow>(known_); }

  void set(std::span<const double> cells) override {
    PERENNIAL_CHECK(cells.size() == known_->training.cols);
    cells_.assign(cells.begin(), cells.end());
    distances_to(known_->training, cells_.data(), known_->settings.p, distance_.data());
    bound_ = 0;
    for (size_t j = 0; j < cells_.size(); ++j) bound_ += known_->worst(j, cells_[j]);
    rounded_ = static_cast<double>(cells_.size() + 4) * bound_;
  }

  void change(size_t column, double to) override {
    const double from = cells_[column];
    if (from == to) return;
    const double* training = known_->training.values.data() + column * known_->training.rows;
    const auto move = known_->settings.p == 1 ? move_sizes : move_squares;
    move(training, from, to, distance_.size(), distance_.data());
    cells_[column] = to;
    // Both addends and both sums are rounded: at most 3 + 3 + 1 + 1 halves of a unit of the bound.
    bound_ += known_->worst(column, to);
    rounded_ += 8 * bound_;
    bound_ -= known_->worst(column, from);
  }

  void answer(std::span<double> probability) override {
    find_nearest();
    vote(nearest_, known_->y, known_->settings, probability);
  }

 private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  // How far a sum of distance_ can be from the one in the order of the columns. Units are taken for
  // halves of units, which leaves room for the rounding of the bound itself; the last addend is for
  // squares too small for all their digits.
  double error() const {
    const double in_order = static_cast<double>(cells_.size() + 4) * bound_;
    return (rounded_ + in_order) * std::numeric_limits<double>::epsilon() +
           std::numeric_limits<double>::min();
  }

  // At least k of the sums are within it: the nearest before, where there are any.
  double limit() const {
    if (nearest_.size() < k_) return kInfinity;
    double out = 0;
    for (const Neighbour& n : nearest_) out = std::max(out, distance_[n.row]);
    return out;
  }

  void find_nearest() {
    const double slack = 2 * error();
    // Without bounds (infinite cells, overflow) every row may be among the nearest.
    const bool bounded = slack < kInfinity;
    size_t close = place_.size();
    if (bounded) {
      close = collect_close(distance_.data(), limit() + slack, distance_.size(), place_.data());
      close = tightened(close, slack);
    } else {
      std::iota(place_.begin(), place_.end(), 0U);
    }
    sum_in_order(close);
    keep_nearest(nearest_, k_);
  }

  // Where the limit was loose, the k-th least sum is a better one.
  size_t tightened(size_t close, double slack) {
    if (close <= k_ + k_ / 2 + 8) return close;
    sums_.resize(close);
    for (size_t c = 0; c < close; ++c) sums_[c] = distance_[place_[c]];
    const auto last = sums_.begin() + static_cast<ptrdiff_t>(k_ - 1);
    std::nth_element(sums_.begin(), last, sums_.end());
    const double limit = *last + slack;
    size_t kept = 0;
    for (size_t c = 0; c < close; ++c) {
      const uint32_t at = place_[c];
      place_[kept] = at;
      kept += distance_[at] <= limit ? 1 : 0;
    }
    return kept;
  }

  // nearest_: the first `close` places with their distances.
  void sum_in_order(size_t close) {
    const auto sums = known_->settings.p == 1 ? sum_sizes : sum_squares;
    nearest_.resize(close);
    for (size_t begin = 0; begin < close; begin += kAtOnce) {
      const size_t n = std::min(kAtOnce, close - begin);
      Several<const double*> rows;
      for (size_t c = 0; c < kAtOnce; ++c) {
        rows[c] = known_->rows.data() + place_[begin + std::min(c, n - 1)] * cells_.size();
      }
      const Several<double> sum = sums(rows, cells_);
      for (size_t c = 0; c < n; ++c) {
        nearest_[begin + c] = {std::isnan(sum[c]) ? kInfinity : sum[c], place_[begin + c]};
      }
    }
  }

  std::shared_ptr<const Known> known_;
  std::vector<double> cells_, distance_, sums_;
  std::vector<uint32_t> place_;
  std::vector<Neighbour> nearest_;
  size_t k_;
  double bound_ = 0;  // no sum of addends is larger
  double rounded_ =
      0;  // bound of the rounding errors in distance_, in units of the last place of 1
};

}  // namespace

std::unique_ptr<ChangingRow> make_knn_row(const Matrix& training, std::span<const int32_t> y,
                                          const KnnSettings& settings) {
  auto known = std::make_shared<Known>(
      Known{.training = training, .y = y, .settings = settings, .rows = training.row_major()});
  for (size_t j = 0; j < training.cols; ++j) {
    const std::span<const double> column = training.column(j);
    const auto [low, high] = std::minmax_element(column.begin(), column.end());
    known->low.push_back(*low);
    known->high.push_back(*high);
  }
  return std::make_unique<KnnRow>(std::move(known));
}

}  // namespace perennial
