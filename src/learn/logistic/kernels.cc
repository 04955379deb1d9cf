#include "learn/logistic/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "learn/logistic/vector_math.h"

namespace perennial::logistic {
namespace {

constexpr size_t kLanes = 4;
constexpr size_t kBlock = 256;                  // rows that stay in the cache for all columns
constexpr size_t kChunk = 16 * kBlock;          // rows a task
constexpr size_t kTileRows = 4, kTileCols = 3;  // 12 running sums fit the 16 registers

// Buffers of one task: everything a block needs beyond the data.
struct Scratch {
  explicit Scratch(size_t columns) : scaled(kTileRows * kBlock), blocks(columns + kTileRows) {}
  std::array<double, kBlock> sign{}, weight{}, score{}, pull{}, curvature{}, ones{}, zeros{};
  std::vector<double> scaled;         // a tile's columns times curvature
  std::vector<double> tail;           // the last rows, filled up with zeros
  std::vector<const double*> blocks;  // the columns' values in this block, then zero columns
};

// score = sum of columns times beta, in the order of the columns.
PERENNIAL_CLONES void add_scores(const double* const* columns, size_t n, const double* beta,
                                 double start, size_t rows, double* score) {
  size_t i = 0;
  // Four sums side by side: each waits for its last addition.
  for (; i + 4 * kLanes <= rows; i += 4 * kLanes) {
    Lanes a, b, c, d, x;
    fill(start, a);
    fill(start, b);
    fill(start, c);
    fill(start, d);
    for (size_t j = 0; j < n; ++j) {
      const double* at = columns[j] + i;
      load(at, x);
      a += x * beta[j];
      load(at + kLanes, x);
      b += x * beta[j];
      load(at + 2 * kLanes, x);
      c += x * beta[j];
      load(at + 3 * kLanes, x);
      d += x * beta[j];
    }
    store(a, score + i);
    store(b, score + i + kLanes);
    store(c, score + i + 2 * kLanes);
    store(d, score + i + 3 * kLanes);
  }
  for (; i < rows; i += kLanes) {
    Lanes sum, x;
    fill(start, sum);
    for (size_t j = 0; j < n; ++j) {
      load(columns[j] + i, x);
      sum += x * beta[j];
    }
    store(sum, score + i);
  }
}

// pull = weight * sign * slope, curvature = weight * curvature; returns the weighted loss.
PERENNIAL_CLONES double add_terms(const double* sign, const double* weight, const double* score,
                                  size_t rows, double* pull, double* curvature) {
  Lanes total = {0, 0, 0, 0};
  for (size_t i = 0; i < rows; i += kLanes) {
    Lanes s, w, z, loss, slope, bend;
    load(sign + i, s);
    load(weight + i, w);
    load(score + i, z);
    logistic_terms(z * s, loss, slope, bend);
    total += loss * w;
    store(slope * s * w, pull + i);
    store(bend * w, curvature + i);
  }
  return lane_sum(total);
}

PERENNIAL_CLONES void add_gradient(const double* const* columns, size_t n, const double* pull,
                                   size_t rows, double* gradient) {
  size_t j = 0;
  for (; j + 2 <= n; j += 2) {
    const double *one = columns[j], *two = columns[j + 1];
    Lanes even = {0, 0, 0, 0}, odd = even, even_two = even, odd_two = even;
    for (size_t i = 0; i < rows; i += 2 * kLanes) {
      Lanes x, r;
      load(pull + i, r);
      load(one + i, x);
      even += x * r;
      load(two + i, x);
      even_two += x * r;
      load(pull + i + kLanes, r);
      load(one + i + kLanes, x);
      odd += x * r;
      load(two + i + kLanes, x);
      odd_two += x * r;
    }
    gradient[j] += lane_sum(even + odd);
    gradient[j + 1] += lane_sum(even_two + odd_two);
  }
  for (; j < n; ++j) {
    const double* column = columns[j];
    Lanes even = {0, 0, 0, 0}, odd = {0, 0, 0, 0};
    for (size_t i = 0; i < rows; i += 2 * kLanes) {
      Lanes x, r;
      load(column + i, x);
      load(pull + i, r);
      even += x * r;
      load(column + i + kLanes, x);
      load(pull + i + kLanes, r);
      odd += x * r;
    }
    gradient[j] += lane_sum(even + odd);
  }
}

// gram[j, k] += sum_i curvature[i] x[i, j] x[i, k] for k >= j, in tiles of kTileRows x kTileCols.
// `columns` is followed by zero columns up to full tiles; stride leaves room for them.
PERENNIAL_CLONES void add_gram(const double* const* columns, size_t n, const double* curvature,
                               size_t rows, double* scaled, double* gram, size_t stride) {
  for (size_t j = 0; j < n; j += kTileRows) {
    for (size_t a = 0; a < kTileRows; ++a) {
      for (size_t i = 0; i < rows; i += kLanes) {
        Lanes x, d;
        load(columns[j + a] + i, x);
        load(curvature + i, d);
        store(x * d, scaled + a * kBlock + i);
      }
    }
    for (size_t k = j; k < n; k += kTileCols) {
      const double *c0 = columns[k], *c1 = columns[k + 1], *c2 = columns[k + 2];
      Lanes s00{}, s01{}, s02{}, s10{}, s11{}, s12{}, s20{}, s21{}, s22{}, s30{}, s31{}, s32{};
      for (size_t i = 0; i < rows; i += kLanes) {
        Lanes x0, x1, x2, y;
        load(c0 + i, x0);
        load(c1 + i, x1);
        load(c2 + i, x2);
        load(scaled + i, y);
        s00 += y * x0;
        s01 += y * x1;
        s02 += y * x2;
        load(scaled + kBlock + i, y);
        s10 += y * x0;
        s11 += y * x1;
        s12 += y * x2;
        load(scaled + 2 * kBlock + i, y);
        s20 += y * x0;
        s21 += y * x1;
        s22 += y * x2;
        load(scaled + 3 * kBlock + i, y);
        s30 += y * x0;
        s31 += y * x1;
        s32 += y * x2;
      }
      double* out = gram + j * stride + k;
      out[0] += lane_sum(s00);
      out[1] += lane_sum(s01);
      out[2] += lane_sum(s02);
      out += stride;
      out[0] += lane_sum(s10);
      out[1] += lane_sum(s11);
      out[2] += lane_sum(s12);
      out += stride;
      out[0] += lane_sum(s20);
      out[1] += lane_sum(s21);
      out[2] += lane_sum(s22);
      out += stride;
      out[0] += lane_sum(s30);
      out[1] += lane_sum(s31);
      out[2] += lane_sum(s32);
    }
  }
}

PERENNIAL_CLONES void all_terms(const double* t, size_t rows, double* loss, double* slope,
                                double* curvature) {
  for (size_t i = 0; i < rows; i += kLanes) {
    Lanes x, a, b, c;
    load(t + i, x);
    logistic_terms(x, a, b, c);
    store(a, loss + i);
    store(b, slope + i);
    store(c, curvature + i);
  }
}

PERENNIAL_CLONES double square_sum(const double* values, size_t n) {
  Lanes a = {0, 0, 0, 0}, b = a, c = a, d = a, x;
  for (size_t i = 0; i < n; i += 4 * kLanes) {
    load(values + i, x);
    a += x * x;
    load(values + i + kLanes, x);
    b += x * x;
    load(values + i + 2 * kLanes, x);
    c += x * x;
    load(values + i + 3 * kLanes, x);
    d += x * x;
  }
  return lane_sum((a + b) + (c + d));
}

// Points scratch.blocks at the rows [begin, begin + count) of every column; returns the number of
// rows to work on: count, or the next multiple of 8 with rows of weight 0 behind them.
size_t open_block(const Problem& problem, size_t begin, size_t count, Scratch& scratch) {
  const size_t padded = (count + 2 * kLanes - 1) / (2 * kLanes) * (2 * kLanes);
  if (padded != count) scratch.tail.resize(problem.size() * padded);
  for (size_t j = 0; j < problem.size(); ++j) {
    const double* column = problem.columns[j];
    if (column == nullptr) {
      scratch.blocks[j] = scratch.ones.data();
    } else if (padded == count) {
      scratch.blocks[j] = column + begin;
    } else {
      double* copy = scratch.tail.data() + j * padded;
      std::copy_n(column + begin, count, copy);
      std::fill(copy + count, copy + padded, 0.0);
      scratch.blocks[j] = copy;
    }
  }
  std::copy_n(problem.sign.data() + begin, count, scratch.sign.data());
  std::copy_n(problem.weight.data() + begin, count, scratch.weight.data());
  std::fill(scratch.sign.begin() + static_cast<long>(count),
            scratch.sign.begin() + static_cast<long>(padded), 1.0);
  std::fill(scratch.weight.begin() + static_cast<long>(count),
            scratch.weight.begin() + static_cast<long>(padded), 0.0);
  return padded;
}

// Layout of one task's sums: loss, gradient, gram.
size_t gram_stride(size_t n) { return (n + kTileCols + kTileRows) / 4 * 4 + 4; }

void add_chunk(const Problem& problem, std::span<const double> beta, bool want_gram, size_t begin,
               size_t end, double* sums) {
  const size_t n = problem.size(), stride = gram_stride(n);
  Scratch scratch(n);
  scratch.ones.fill(1.0);
  std::fill(scratch.blocks.begin(), scratch.blocks.end(), scratch.zeros.data());
  for (size_t at = begin; at < end; at += kBlock) {
    const size_t rows = open_block(problem, at, std::min(kBlock, end - at), scratch);
    const double* const* columns = scratch.blocks.data();
    add_scores(columns, n, beta.data(), 0, rows, scratch.score.data());
    sums[0] += add_terms(scratch.sign.data(), scratch.weight.data(), scratch.score.data(), rows,
                         scratch.pull.data(), scratch.curvature.data());
    add_gradient(columns, n, scratch.pull.data(), rows, sums + 1);
    if (want_gram) {
      add_gram(columns, n, scratch.curvature.data(), rows, scratch.scaled.data(), sums + 1 + n,
               stride);
    }
  }
}

}  // namespace

void pass(const Problem& problem, std::span<const double> beta, bool want_gram, Sums& sums) {
  const size_t n = problem.size(), stride = gram_stride(n);
  const size_t width = 1 + n + (want_gram ? (n + kTileRows) * stride : 0);
  const size_t chunks = (problem.rows + kChunk - 1) / kChunk;
  std::vector<double> parts(chunks * width, 0.0);
  const auto work = [&](size_t begin, size_t end) {
    add_chunk(problem, beta, want_gram, begin, end, parts.data() + begin / kChunk * width);
  };
  if (problem.workers != nullptr && chunks > 1) {
    problem.workers->run_blocks(problem.rows, kChunk, work);
  } else {
    for (size_t c = 0; c < chunks; ++c) {
      work(c * kChunk, std::min(problem.rows, (c + 1) * kChunk));
    }
  }
  for (size_t c = 1; c < chunks; ++c) {
    for (size_t k = 0; k < width; ++k) parts[k] += parts[c * width + k];
  }
  parts.resize(std::max<size_t>(width, 1));
  sums.loss = parts[0];
  sums.gradient.assign(parts.begin() + 1, parts.begin() + 1 + static_cast<long>(n));
  if (!want_gram) return;
  sums.stride = stride;
  sums.gram.assign(parts.begin() + 1 + static_cast<long>(n), parts.end());
}

void scores(std::span<const double* const> columns, size_t rows, std::span<const double> beta,
            double intercept, std::span<double> out) {
  const size_t whole = rows / kLanes * kLanes;
  constexpr size_t kStep = kChunk;
  std::vector<const double*> at(columns.size());
  for (size_t begin = 0; begin < whole; begin += kStep) {
    for (size_t j = 0; j < at.size(); ++j) at[j] = columns[j] + begin;
    add_scores(at.data(), at.size(), beta.data(), intercept, std::min(kStep, whole - begin),
               out.data() + begin);
  }
  for (size_t i = whole; i < rows; ++i) {
    double sum = intercept;
    for (size_t j = 0; j < columns.size(); ++j) sum += columns[j][i] * beta[j];
    out[i] = sum;
  }
}

void terms_of(std::span<const double> t, std::span<double> loss, std::span<double> slope,
              std::span<double> curvature) {
  const size_t whole = t.size() / kLanes * kLanes;
  all_terms(t.data(), whole, loss.data(), slope.data(), curvature.data());
  std::array<double, kLanes> in{}, a{}, b{}, c{};
  std::copy(t.begin() + static_cast<long>(whole), t.end(), in.begin());
  all_terms(in.data(), kLanes, a.data(), b.data(), c.data());
  for (size_t i = whole; i < t.size(); ++i) {
    loss[i] = a[i - whole];
    slope[i] = b[i - whole];
    curvature[i] = c[i - whole];
  }
}

double largest_magnitude(std::span<const double> values) {
  // In the common case one quick pass shows that all values are finite and of a usual size.
  const size_t whole = values.size() / (4 * kLanes) * (4 * kLanes);
  double squares = square_sum(values.data(), whole);
  for (size_t i = whole; i < values.size(); ++i) squares += values[i] * values[i];
  if (squares > 1e-100 && squares < 1e100) return std::sqrt(squares);
  double largest = 0;
  for (double v : values) {
    if (!std::isfinite(v)) return HUGE_VAL;
    largest = std::max(largest, std::abs(v));
  }
  return largest;
}

void two_class_probability(std::span<const double> z, std::span<double> probability) {
  std::array<double, kBlock> plus{}, minus{}, up{}, down{}, unused{};
  for (size_t begin = 0; begin < z.size(); begin += kBlock) {
    const size_t count = std::min(kBlock, z.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      plus[i] = z[begin + i];
      minus[i] = -plus[i];
    }
    terms_of({plus.data(), count}, unused, {up.data(), count}, unused);
    terms_of({minus.data(), count}, unused, {down.data(), count}, unused);
    for (size_t i = 0; i < count; ++i) {
      probability[2 * (begin + i)] = down[i];
      probability[2 * (begin + i) + 1] = up[i];
    }
  }
}

}  // namespace perennial::logistic
