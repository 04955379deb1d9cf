#include "learn/svm/smo.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "learn/svm/passes.h"

namespace perennial {
namespace {

using svm::kNever;
using svm::PartnerPick;
using svm::Pick;

constexpr double kTau = 1e-12;    // curvature below this counts as this (indefinite kernels)
constexpr double kRough = 0.2;    // violation at which the solver turns to the rows that matter
constexpr double kMargin = 0.15;  // distance from the margin at which a row matters
constexpr size_t kMostGathered = 6000;
constexpr size_t kMostSolved = 600;  // rows of an exact solution
constexpr int64_t kMostInARow = 6;   // exact solutions
constexpr double kFarthest = 1.5;    // steps of a path looked ahead, in steps made

class Smo {
 public:
  Smo(KernelRows& kernel, std::span<const double> y, std::span<const double> upper, SmoState& s)
      : kernel_(kernel),
        n_(y.size()),
        padded_(KernelRows::padded(n_)),
        state_(s),
        low_(n_),
        high_(n_),
        slope_(s.slope),
        grow_(padded_, kNever),
        shrink_(padded_, kNever),
        diagonal_(kernel.diagonal()) {
    slope_.resize(padded_, 0.0);
    diagonal_.resize(padded_, 0.0);
    for (size_t i = 0; i < n_; ++i) {
      low_[i] = y[i] > 0 ? 0.0 : -upper[i];
      high_[i] = y[i] > 0 ? upper[i] : 0.0;
      mark(i);
    }
  }

  SmoResult run(double tolerance, int64_t max_steps) {
    SmoResult result;
    result.converged = false;
    const std::vector<float> nothing(padded_, 0.0F);
    Pick first = svm::update_and_pick(nothing.data(), nothing.data(), 0, grow_.data(), padded_,
                                      slope_.data());
    int64_t next_solve = steps_worth_a_solve();
    while (result.steps < max_steps && first.value > kNever) {
      const float* row_i = kernel_.row(first.row);
      const PartnerPick p =
          svm::pick_partner(row_i, diagonal_.data(), slope_.data(), shrink_.data(), first.value,
                            diagonal_[first.row], kTau, padded_);
      if (!(p.gap >= tolerance) || !(p.gain > 0)) {
        result.converged = true;
        break;
      }
      const float* row_j = kernel_.row(p.row);
      const double step = move_pair(first.row, p.row, row_i[p.row]);
      first = svm::update_and_pick(row_i, row_j, step, grow_.data(), padded_, slope_.data());
      if (++result.steps < next_solve) continue;
      const int64_t solved = solve_free();
      result.solves += solved;
      first = svm::update_and_pick(nothing.data(), nothing.data(), 0, grow_.data(), padded_,
                                   slope_.data());
      next_solve = result.steps + std::max<int64_t>(1, solved) * steps_worth_a_solve();
    }
    result.converged = result.converged || first.value == kNever;
    slope_.resize(n_);
    state_.slope = slope_;
    return result;
  }

  size_t size() const { return n_; }
  double slope(size_t i) const { return slope_[i]; }
  bool can_grow(size_t i) const { return grow_[i] == 0; }
  bool can_shrink(size_t i) const { return shrink_[i] == 0; }

  // By how much the optimality conditions fail at most.
  double violation() const {
    double top = kNever, bottom = -kNever;
    for (size_t i = 0; i < n_; ++i) {
      if (can_grow(i)) top = std::max(top, slope_[i]);
      if (can_shrink(i)) bottom = std::min(bottom, slope_[i]);
    }
    return top - bottom;
  }

  // Mean slope of the free rows; the middle of what the bound ones allow where none is free.
  double bias() const {
    double sum = 0, most = -kNever, least = kNever;
    size_t free_count = 0;
    for (size_t t = 0; t < n_; ++t) {
      if (is_free(t)) {
        sum += slope_[t];
        ++free_count;
      } else if (grow_[t] == 0) {
        least = std::max(least, slope_[t]);
      } else {
        most = std::min(most, slope_[t]);
      }
    }
    if (free_count > 0) return sum / static_cast<double>(free_count);
    if (!std::isfinite(most)) return least;
    if (!std::isfinite(least)) return most;
    return 0.5 * (most + least);
  }

 private:
  bool is_free(size_t i) const { return grow_[i] == 0 && shrink_[i] == 0; }

  void mark(size_t i) {
    grow_[i] = state_.beta[i] < high_[i] ? 0.0 : kNever;
    shrink_[i] = state_.beta[i] > low_[i] ? 0.0 : kNever;
  }

  // Lands on a bound exactly: `beta < high` must turn false.
  double move_pair(size_t i, size_t j, float between) {
    std::vector<double>& beta = state_.beta;
    const double curve =
        std::max(diagonal_[i] + diagonal_[j] - 2.0 * static_cast<double>(between), kTau);
    const double up = high_[i] - beta[i], down = beta[j] - low_[j];
    const double step = std::min({(slope_[i] - slope_[j]) / curve, up, down});
    beta[i] = step == up ? high_[i] : std::min(beta[i] + step, high_[i]);
    beta[j] = step == down ? low_[j] : std::max(beta[j] - step, low_[j]);
    mark(i);
    mark(j);
    return step;
  }

  std::vector<size_t> free_rows() const {
    std::vector<size_t> rows;
    for (size_t i = 0; i < n_; ++i) {
      if (is_free(i)) rows.push_back(i);
    }
    return rows;
  }

  // Pairs to try before the next exact solution: about three times what costs the same.
  int64_t steps_worth_a_solve() const {
    const auto f = static_cast<double>(free_rows().size()), n = static_cast<double>(n_);
    return static_cast<int64_t>((f * f * f + 9 * n * f) / (8 * n)) + 50;
  }

  // The optimum over the rows between their bounds, the others held; rows that meet a bound on the
  // way are held there. Returns the number of systems solved.
  int64_t solve_free() {
    for (int64_t solved = 0; solved < kMostInARow; ++solved) {
      const std::vector<size_t> rows = free_rows();
      if (rows.size() < 2 || rows.size() > kMostSolved) return solved;
      const Eigen::VectorXd p = newton_step(rows);
      if (p.size() == 0) return solved;
      if (take_step(rows, p)) return solved + 1;
    }
    return kMostInARow;
  }

  // argmin 1/2 p'Kp - slope'p with sum p = 0; empty where K is not positive definite.
  Eigen::VectorXd newton_step(const std::vector<size_t>& rows) {
    const auto f = static_cast<Eigen::Index>(rows.size());
    Eigen::MatrixXd k(f, f), right(f, 2);
    double trace = 0;
    for (Eigen::Index a = 0; a < f; ++a) {
      const size_t i = rows[static_cast<size_t>(a)];
      const float* row = kernel_.row(i);
      for (Eigen::Index b = 0; b < f; ++b) {
        k(b, a) = static_cast<double>(row[rows[static_cast<size_t>(b)]]);
      }
      trace += diagonal_[i];
      right(a, 0) = slope_[i];
      right(a, 1) = 1;
    }
    k.diagonal().array() += 1e-7 * trace / static_cast<double>(f);
    const Eigen::LLT<Eigen::MatrixXd> factor(k);
    if (factor.info() != Eigen::Success) return {};
    const Eigen::MatrixXd solution = factor.solve(right);
    const double shift = solution.col(0).sum() / solution.col(1).sum();
    Eigen::VectorXd p = solution.col(0) - shift * solution.col(1);
    return p.allFinite() ? p : Eigen::VectorXd();
  }

  // beta += p as far as the bounds allow; true when all the way.
  bool take_step(const std::vector<size_t>& rows, const Eigen::VectorXd& p) {
    std::vector<double>& beta = state_.beta;
    double share = 1;
    size_t stopped = n_;
    for (size_t a = 0; a < rows.size(); ++a) {
      const double d = p[static_cast<Eigen::Index>(a)];
      const double room = (d > 0 ? high_[rows[a]] : low_[rows[a]]) - beta[rows[a]];
      if (d != 0 && room / d < share) {
        share = room / d;
        stopped = rows[a];
      }
    }
    for (size_t a = 0; a < rows.size(); ++a) {
      const size_t i = rows[a];
      const double d = share * p[static_cast<Eigen::Index>(a)];
      beta[i] =
          i == stopped ? (d > 0 ? high_[i] : low_[i]) : std::clamp(beta[i] + d, low_[i], high_[i]);
      mark(i);
      svm::subtract_row(kernel_.row(i), d, padded_, slope_.data());
    }
    return stopped == n_;
  }

  KernelRows& kernel_;
  size_t n_, padded_;
  SmoState& state_;
  std::vector<double> low_, high_, slope_;
  std::vector<double> grow_, shrink_;  // 0 where beta may, kNever where it may not
  std::vector<double> diagonal_;
};

// The rows and columns `rows` of another kernel.
class SubKernel : public KernelRows {
 public:
  SubKernel(KernelRows& whole, const std::vector<size_t>& rows)
      : n_(rows.size()), stride_(padded(n_)), values_(n_ * stride_, 0.0F) {
    for (size_t a = 0; a < n_; ++a) {
      const float* row = whole.row(rows[a]);
      float* out = values_.data() + a * stride_;
      for (size_t b = 0; b < n_; ++b) out[b] = row[rows[b]];
      diagonal_.push_back(whole.diagonal()[rows[a]]);
    }
  }
  size_t size() const override { return n_; }
  const float* row(size_t i) override { return values_.data() + i * stride_; }
  const std::vector<double>& diagonal() const override { return diagonal_; }

 private:
  size_t n_, stride_;
  std::vector<float> values_;
  std::vector<double> diagonal_;
};

// The rows that are between their bounds or, by `margin`, may come to be.
std::vector<size_t> active_rows(const Smo& all, double margin) {
  std::vector<size_t> rows;
  const double middle = all.bias();
  for (size_t i = 0; i < all.size(); ++i) {
    const double above = all.slope(i) - middle;
    if ((all.can_grow(i) && above > -margin) || (all.can_shrink(i) && above < margin)) {
      rows.push_back(i);
    }
  }
  return rows;
}

// Solves for `rows` alone and moves the rest's slopes along; `upper` is of all rows.
SmoResult solve_part(KernelRows& kernel, const std::vector<size_t>& rows, std::span<const double> y,
                     std::span<const double> upper, double tolerance, int64_t max_steps,
                     SmoState& state) {
  const size_t m = rows.size();
  SubKernel part(kernel, rows);
  SmoState inner{std::vector<double>(m), std::vector<double>(m)};
  std::vector<double> part_y(m), part_upper(m);
  for (size_t a = 0; a < m; ++a) {
    inner.beta[a] = state.beta[rows[a]];
    inner.slope[a] = state.slope[rows[a]];
    part_y[a] = y[rows[a]];
    part_upper[a] = upper[rows[a]];
  }
  const SmoResult result = Smo(part, part_y, part_upper, inner).run(tolerance, max_steps);
  state.slope.resize(KernelRows::padded(y.size()), 0.0);
  for (size_t a = 0; a < m; ++a) {
    const double moved = inner.beta[a] - state.beta[rows[a]];
    if (moved == 0) continue;
    svm::subtract_row(kernel.row(rows[a]), moved, state.slope.size(), state.slope.data());
    state.beta[rows[a]] = inner.beta[a];
  }
  state.slope.resize(y.size());
  return result;
}

}  // namespace

SmoResult solve_smo(KernelRows& kernel, std::span<const double> y, std::span<const double> upper,
                    double tolerance, int64_t max_steps, SmoState& state) {
  const size_t n = y.size();
  PERENNIAL_CHECK(kernel.size() == n && state.beta.size() == n && state.slope.size() == n);
  // Roughly first, with all rows; then with those that matter, more of them each time.
  SmoResult total = Smo(kernel, y, upper, state).run(std::max(tolerance, kRough), max_steps);
  for (double margin = kMargin; total.converged; margin *= 4) {
    const Smo all(kernel, y, upper, state);
    if (all.violation() < tolerance) break;
    const std::vector<size_t> rows = active_rows(all, margin);
    const bool most = rows.size() * 5 > n * 4 || rows.size() > kMostGathered;
    const SmoResult more =
        most ? Smo(kernel, y, upper, state).run(tolerance, max_steps - total.steps)
             : solve_part(kernel, rows, y, upper, tolerance, max_steps - total.steps, state);
    total.steps += more.steps;
    total.solves += more.solves;
    total.rounds += 1;
    total.converged = more.converged;
    if (most) break;
  }
  const Smo all(kernel, y, upper, state);
  total.bias = all.bias();
  // 1/2 b'Kb - y'b = -1/2 b'(slope + y), because Kb = y - slope.
  double twice = 0;
  for (size_t t = 0; t < n; ++t) twice -= state.beta[t] * (state.slope[t] + y[t]);
  total.objective = 0.5 * twice;
  return total;
}

SmoPath::SmoPath(KernelRows& kernel, std::vector<double> y, std::vector<double> weight)
    : kernel_(kernel), y_(std::move(y)), weight_(std::move(weight)) {}

SmoResult SmoPath::solve(double c, double tolerance, int64_t max_steps, bool warm) {
  SmoState next = warm ? start(c) : SmoState{std::vector<double>(y_.size(), 0.0), y_};
  std::vector<double> upper = weight_;
  for (double& u : upper) u *= c;
  // Scaling rounds: what is at its bound is there exactly, and nothing beyond.
  for (size_t t = 0; t < y_.size(); ++t) {
    const double alpha = std::clamp(next.beta[t] * y_[t], 0.0, upper[t]);
    next.beta[t] = y_[t] * (alpha > upper[t] * (1 - 1e-12) ? upper[t] : alpha);
  }
  const SmoResult result = solve_smo(kernel_, y_, upper, tolerance, max_steps, next);
  if (c > last_c_) {
    before_ = std::move(last_);
    before_c_ = last_c_;
  }
  last_ = std::move(next);
  last_c_ = c;
  return result;
}

// The path is piecewise linear in C (Hastie et al. 2004), so the last two solutions point to the
// next, unless it is far away.
SmoState SmoPath::start(double c) const {
  if (last_c_ == 0) return {std::vector<double>(y_.size(), 0.0), y_};
  const bool near = before_c_ > 0 && c - last_c_ <= kFarthest * (last_c_ - before_c_);
  return near ? extrapolated(c) : scaled(c / last_c_);
}

// Feasible for bounds `ratio` times as large.
SmoState SmoPath::scaled(double ratio) const {
  SmoState s = last_;
  for (size_t t = 0; t < y_.size(); ++t) {
    s.beta[t] *= ratio;
    s.slope[t] = y_[t] - ratio * (y_[t] - s.slope[t]);
  }
  return s;
}

SmoState SmoPath::extrapolated(double c) const {
  const size_t n = y_.size();
  const double ahead = (c - last_c_) / (last_c_ - before_c_);
  SmoState s = last_;
  std::vector<double> high(n);
  s.slope.resize(KernelRows::padded(n), 0.0);
  for (size_t t = 0; t < n; ++t) {
    s.beta[t] += ahead * (last_.beta[t] - before_.beta[t]);
    s.slope[t] += ahead * (last_.slope[t] - before_.slope[t]);
  }
  for (size_t t = 0; t < n; ++t) {
    high[t] = y_[t] * c * weight_[t];
    const double end = y_[t] * last_c_ * weight_[t];
    const double inside = std::clamp(s.beta[t], std::min(0.0, high[t]), std::max(0.0, high[t]));
    const double wanted = last_.beta[t] == end ? high[t] : last_.beta[t] == 0 ? 0.0 : inside;
    const double moved = wanted - s.beta[t];
    s.beta[t] = wanted;
    // What rounding alone moved is not worth a row.
    if (std::abs(moved) > 1e-13 * std::abs(high[t])) {
      svm::subtract_row(kernel_.row(t), moved, s.slope.size(), s.slope.data());
    }
  }
  balance(high, s);
  s.slope.resize(n);
  return s;
}

// Restores sum beta = 0 by the rows between their bounds, each by its share of the room.
void SmoPath::balance(std::span<const double> high, SmoState& s) const {
  double sum = 0, room = 0;
  for (const double b : s.beta) sum += b;
  const auto room_of = [&](size_t t) {
    return sum < 0 ? std::max(0.0, high[t]) - s.beta[t] : s.beta[t] - std::min(0.0, high[t]);
  };
  std::vector<size_t> rows;
  for (size_t t = 0; t < y_.size(); ++t) {
    if (s.beta[t] == 0 || s.beta[t] == high[t] || room_of(t) <= 0) continue;
    rows.push_back(t);
    room += room_of(t);
  }
  if (room < std::abs(sum)) {
    s = scaled(high[0] / (y_[0] * last_c_ * weight_[0]));
    return;
  }
  const double share = -sum / (room > 0 ? room : 1);
  for (const size_t t : rows) {
    const double moved = share * room_of(t);
    s.beta[t] += moved;
    svm::subtract_row(kernel_.row(t), moved, s.slope.size(), s.slope.data());
  }
}

}  // namespace perennial
