// Newton's method for tables of few columns.
#include <algorithm>
#include <cmath>

#include "learn/logistic/quadratic.h"
#include "learn/logistic/solver.h"

namespace perennial::logistic {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Below this size of a step (in units in which 1 is a change of the odds by e for all rows) the
// matrix of second derivatives hardly changes, and the next step does with the one at hand.
constexpr double kSmallStep = 0.01;
constexpr double kEnoughDescent = 1e-4;
constexpr double kRounding = 1e-14;
constexpr double kGone = 1e-10;  // mean loss at which separable rows without a penalty are done

double penalty(const Problem& problem, std::span<const double> beta) {
  double sum = 0;
  for (size_t j = 0; j < beta.size(); ++j) {
    sum += problem.l1[j] * std::abs(beta[j]) + 0.5 * problem.l2[j] * beta[j] * beta[j];
  }
  return sum;
}

class Newton {
 public:
  Newton(const Problem& problem, std::span<const double> start, const Stop& stop)
      : problem_(problem), stop_(stop), n_(static_cast<Index>(problem.size())) {
    beta_.assign(start.begin(), start.end());
    beta_.resize(problem.size(), 0.0);
    penalised_ =
        std::any_of(problem.l1.begin(), problem.l1.end(), [](double v) { return v > 0; }) ||
        std::any_of(problem.l2.begin(), problem.l2.end(), [](double v) { return v > 0; });
  }

  Solution run() {
    renew();
    double last = HUGE_VAL;
    bool exact = false;  // the last step was made with the second derivatives of its place
    int iteration = 0;
    bool converged = false;
    for (; iteration < stop_.max_iterations; ++iteration) {
      double size = slope_size();
      if (!fresh_ && size > stop_.tolerance && size > 0.1 * last) {
        renew();
        size = slope_size();
      }
      // Rounding stops progress: no step can do better.
      const bool floor = exact && size < 1e-8 && size > 0.5 * last;
      if (size <= stop_.tolerance || floor || gone()) {
        converged = true;
        break;
      }
      last = size;
      exact = fresh_;
      if (step()) continue;
      if (fresh_) {
        converged = size < 1e-6;
        break;
      }
      renew();
    }
    return {.beta = beta_, .value = value_, .iterations = iteration, .converged = converged};
  }

 private:
  bool gone() const { return !penalised_ && value_ <= kGone * problem_.total_weight; }

  // Sums with second derivatives at beta_.
  void renew() {
    pass(problem_, beta_, true, sums_);
    value_ = sums_.loss + penalty(problem_, beta_);
    take_gram(sums_);
    take_slope(sums_);
  }

  void take_gram(const Sums& sums) {
    unit_.resize(n_);
    gram_.resize(n_, n_);
    for (Index j = 0; j < n_; ++j) {
      const size_t at = static_cast<size_t>(j);
      const double diagonal = sums.gram[at * sums.stride + at] + problem_.l2[at];
      unit_[j] = std::sqrt(diagonal);
      // A column of zeros, or rows so certain that no curvature is left: it stays where it is.
      if (!(unit_[j] > 0) || !std::isfinite(unit_[j])) unit_[j] = 0;
    }
    for (Index j = 0; j < n_; ++j) {
      gram_(j, j) = 1;
      for (Index k = j + 1; k < n_; ++k) {
        const double scale = unit_[j] * unit_[k];
        const double v = sums.gram[static_cast<size_t>(j) * sums.stride + static_cast<size_t>(k)];
        gram_(k, j) = gram_(j, k) = scale > 0 ? v / scale : 0;
      }
    }
    bend_.resize(n_);
    for (Index j = 0; j < n_; ++j) {
      bend_[j] = unit_[j] > 0 ? problem_.l1[static_cast<size_t>(j)] / unit_[j] : 0;
    }
    fresh_ = true;
  }

  void take_slope(const Sums& sums) {
    slope_.resize(n_);
    for (Index j = 0; j < n_; ++j) {
      const size_t at = static_cast<size_t>(j);
      const double slope = sums.gradient[at] + problem_.l2[at] * beta_[at];
      slope_[j] = unit_[j] > 0 ? slope / unit_[j] : 0;
    }
  }

  VectorXd position() const {
    VectorXd at(n_);
    for (Index j = 0; j < n_; ++j) at[j] = beta_[static_cast<size_t>(j)] * unit_[j];
    return at;
  }

  double slope_size() const {
    double most = 0;
    for (Index j = 0; j < n_; ++j) {
      const double b = beta_[static_cast<size_t>(j)];
      const double size = b == 0 ? std::max(std::abs(slope_[j]) - bend_[j], 0.0)
                                 : std::abs(slope_[j] + (b > 0 ? bend_[j] : -bend_[j]));
      most = std::max(most, size);
    }
    return most / std::sqrt(problem_.total_weight);
  }

  // One Newton step with halving; false when nothing improves.
  bool step() {
    const VectorXd at = position();
    const VectorXd move = quadratic_step(gram_, slope_, at, bend_);
    const double size = std::sqrt(std::abs(move.dot(gram_ * move)) / problem_.total_weight);
    const double expected =
        slope_.dot(move) + bend_.dot((at + move).cwiseAbs()) - bend_.dot(at.cwiseAbs());
    if (!std::isfinite(size) || !(expected < 0)) return false;
    std::vector<double> trial(beta_.size());
    for (double length = 1; length > 1e-10; length /= 2) {
      for (Index j = 0; j < n_; ++j) {
        const size_t k = static_cast<size_t>(j);
        trial[k] = unit_[j] > 0 ? (at[j] + length * move[j]) / unit_[j] : beta_[k];
      }
      const bool want_gram = size * length > kSmallStep;
      pass(problem_, trial, want_gram, sums_);
      const double value = sums_.loss + penalty(problem_, trial);
      const double most =
          value_ + kEnoughDescent * length * expected + kRounding * std::abs(value_);
      if (!(value <= most)) continue;
      beta_ = trial;
      value_ = value;
      fresh_ = false;
      if (want_gram) take_gram(sums_);
      take_slope(sums_);
      return true;
    }
    return false;
  }

  const Problem& problem_;
  const Stop stop_;
  const Index n_;
  std::vector<double> beta_;
  bool penalised_ = false;
  bool fresh_ = false;  // gram_ belongs to beta_
  double value_ = 0;
  Sums sums_;
  // Coordinates are multiplied by unit_, so that gram_ has ones on its diagonal.
  MatrixXd gram_;
  VectorXd unit_, slope_, bend_;
};

}  // namespace

double objective(const Problem& problem, std::span<const double> beta) {
  Sums sums;
  pass(problem, beta, false, sums);
  return sums.loss + penalty(problem, beta);
}

Solution solve_newton(const Problem& problem, std::span<const double> start, const Stop& stop) {
  return Newton(problem, start, stop).run();
}

}  // namespace perennial::logistic
