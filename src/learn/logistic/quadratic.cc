#include "learn/logistic/quadratic.h"

#include <cmath>
#include <vector>

namespace perennial::logistic {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRidge = 1e-12;
constexpr int kMaxSweeps = 2000;
constexpr int kRetry = 16;  // sweeps before a set of signs that failed is tried again

VectorXd solve(MatrixXd gram, const VectorXd& right) {
  for (double ridge = kRidge;; ridge *= 100) {
    gram.diagonal().array() += ridge;
    const Eigen::LLT<MatrixXd> factor(gram);
    if (factor.info() == Eigen::Success || ridge > 1) return factor.solve(right);
  }
}

int sign_of(double v) { return v > 0 ? 1 : v < 0 ? -1 : 0; }

double shrunk(double v, double by) { return v > by ? v - by : v < -by ? v + by : 0.0; }

class Lasso {
 public:
  Lasso(const MatrixXd& gram, const VectorXd& slope, const VectorXd& at, const VectorXd& bend)
      : gram_(gram), slope_(slope), at_(at), bend_(bend), step_(VectorXd::Zero(at.size())) {}

  VectorXd run() {
    // Near the optimum the signs of the last step are those of this one.
    std::vector<int> signs = signs_of(at_), tried = signs;
    if (finish(signs)) return step_;
    pull_ = slope_;
    int since = 0;
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      const double moved = sweep_once();
      std::vector<int> next = signs_of(at_ + step_);
      const bool settled = next == signs && (next != tried || ++since >= kRetry);
      signs = std::move(next);
      if (settled) {
        if (finish(signs)) return step_;
        tried = signs;
        since = 0;
      }
      if (moved <= 1e-14 * (1 + step_.cwiseAbs().maxCoeff())) break;
    }
    return step_;
  }

 private:
  std::vector<int> signs_of(const VectorXd& v) const {
    std::vector<int> signs(static_cast<size_t>(v.size()));
    for (Index j = 0; j < v.size(); ++j) signs[static_cast<size_t>(j)] = sign_of(v[j]);
    return signs;
  }

  // One round of exact minimisation over each coordinate; returns the largest move.
  double sweep_once() {
    double moved = 0;
    for (Index j = 0; j < at_.size(); ++j) {
      const double now = at_[j] + step_[j];
      const double target = shrunk(now - pull_[j], bend_[j]);
      const double move = target - now;
      if (move == 0) continue;
      step_[j] = target - at_[j];
      pull_ += move * gram_.col(j);
      moved = std::max(moved, std::abs(move));
    }
    return moved;
  }

  // Solves for the coordinates that are not zero, with their signs held; true when that is the
  // minimum of the whole: no sign changed, and no zero coordinate wants to move.
  bool finish(const std::vector<int>& signs) {
    std::vector<Index> used;
    VectorXd step = -at_;
    for (Index j = 0; j < at_.size(); ++j) {
      if (signs[static_cast<size_t>(j)] == 0 && bend_[j] > 0) continue;
      used.push_back(j);
      step[j] = 0;
    }
    const Index n = static_cast<Index>(used.size());
    const VectorXd fixed = gram_ * step + slope_;
    MatrixXd gram(n, n);
    VectorXd right(n);
    for (Index k = 0; k < n; ++k) {
      const Index j = used[static_cast<size_t>(k)];
      right[k] = -(fixed[j] + bend_[j] * signs[static_cast<size_t>(j)]);
      for (Index i = 0; i < n; ++i) gram(i, k) = gram_(used[static_cast<size_t>(i)], j);
    }
    const VectorXd found = solve(std::move(gram), right);
    for (Index k = 0; k < n; ++k) {
      const Index j = used[static_cast<size_t>(k)];
      step[j] = found[k];
      const bool kept = sign_of(at_[j] + found[k]) == signs[static_cast<size_t>(j)];
      if (bend_[j] > 0 && !kept) return false;
    }
    const VectorXd pull = gram_ * step + slope_;
    for (Index j = 0; j < at_.size(); ++j) {
      const bool zero = signs[static_cast<size_t>(j)] == 0 && bend_[j] > 0;
      if (zero && std::abs(pull[j]) > bend_[j] * (1 + 1e-10)) return false;
    }
    step_ = step;
    return true;
  }

  const MatrixXd& gram_;
  const VectorXd &slope_, &at_, &bend_;
  VectorXd step_, pull_;
};

}  // namespace

VectorXd quadratic_step(const MatrixXd& gram, const VectorXd& slope, const VectorXd& at,
                        const VectorXd& bend) {
  if (at.size() == 0) return at;
  if ((bend.array() == 0).all()) return solve(gram, -slope);
  return Lasso(gram, slope, at, bend).run();
}

}  // namespace perennial::logistic
