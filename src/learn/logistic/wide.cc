// Tables of many columns: no matrix of second derivatives over all of them.
#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "learn/logistic/solver.h"

namespace perennial::logistic {
namespace {

constexpr size_t kMemory = 20;  // pairs that L-BFGS keeps
constexpr int kPassesAnIteration =
    10;  // L-BFGS steps are cheap: max_iterations counts tens of them
constexpr double kGone = 1e-10;

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
  return sum;
}

// Square roots of a bound on each column's curvature (that of the loss is at most 1/4 a row).
std::vector<double> units(const Problem& problem) {
  std::vector<double> unit(problem.size());
  for (size_t j = 0; j < unit.size(); ++j) {
    double sum = 0;
    for (size_t i = 0; i < problem.rows; ++i) {
      const double x = problem.columns[j] == nullptr ? 1 : problem.columns[j][i];
      sum += problem.weight[i] * x * x;
    }
    unit[j] = std::sqrt(sum / 4 + problem.l2[j]);
    if (!(unit[j] > 0)) unit[j] = 1;
  }
  return unit;
}

// Limited-memory BFGS in coordinates multiplied by `unit`.
class Lbfgs {
 public:
  Lbfgs(const Problem& problem, std::span<const double> start, const Stop& stop)
      : problem_(problem), stop_(stop), unit_(units(problem)) {
    at_.assign(start.begin(), start.end());
    at_.resize(problem.size(), 0.0);
    for (size_t j = 0; j < at_.size(); ++j) at_[j] *= unit_[j];
    smooth_ = std::all_of(problem.l2.begin(), problem.l2.end(), [](double v) { return v == 0; });
  }

  Solution run() {
    value_ = evaluate(at_, slope_);
    int iteration = 0;
    bool converged = false;
    const int most = stop_.max_iterations * kPassesAnIteration;
    for (; iteration < most && !converged; ++iteration) {
      const double size = largest(slope_);
      converged = size <= stop_.tolerance || (smooth_ && value_ <= kGone * problem_.total_weight);
      if (converged) break;
      if (!step()) {
        // A direction that does not descend: once more from the slope itself, then it is rounding.
        converged = pairs_.empty() ? size < 1e-5 : false;
        if (pairs_.empty()) break;
        pairs_.clear();
      }
    }
    return {.beta = beta(at_), .value = value_, .iterations = iteration, .converged = converged};
  }

 private:
  struct Pair {
    std::vector<double> step, change;
    double product;
  };

  std::vector<double> beta(const std::vector<double>& at) const {
    std::vector<double> out(at.size());
    for (size_t j = 0; j < at.size(); ++j) out[j] = at[j] / unit_[j];
    return out;
  }

  double largest(const std::vector<double>& slope) const {
    double most = 0;
    for (double v : slope) most = std::max(most, std::abs(v));
    return most / std::sqrt(problem_.total_weight);
  }

  double evaluate(const std::vector<double>& at, std::vector<double>& slope) {
    const std::vector<double> b = beta(at);
    pass(problem_, b, false, sums_);
    double value = sums_.loss;
    slope.resize(at.size());
    for (size_t j = 0; j < b.size(); ++j) {
      value += 0.5 * problem_.l2[j] * b[j] * b[j];
      slope[j] = (sums_.gradient[j] + problem_.l2[j] * b[j]) / unit_[j];
    }
    return value;
  }

  // Nocedal and Wright 2006, algorithm 7.4.
  std::vector<double> direction() const {
    std::vector<double> d(slope_), share(pairs_.size());
    for (size_t k = pairs_.size(); k-- > 0;) {
      share[k] = dot(pairs_[k].step, d) / pairs_[k].product;
      for (size_t j = 0; j < d.size(); ++j) d[j] -= share[k] * pairs_[k].change[j];
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      const double scale = last.product / dot(last.change, last.change);
      for (double& v : d) v *= scale;
    }
    for (size_t k = 0; k < pairs_.size(); ++k) {
      const double back = share[k] - dot(pairs_[k].change, d) / pairs_[k].product;
      for (size_t j = 0; j < d.size(); ++j) d[j] += back * pairs_[k].step[j];
    }
    for (double& v : d) v = -v;
    return d;
  }

  bool step() {
    const std::vector<double> d = direction();
    const double descent = dot(d, slope_);
    if (!(descent < 0)) return false;
    std::vector<double> trial(at_.size()), slope;
    for (double length = 1; length > 1e-12; length /= 2) {
      for (size_t j = 0; j < at_.size(); ++j) trial[j] = at_[j] + length * d[j];
      const double value = evaluate(trial, slope);
      if (!(value <= value_ + 1e-4 * length * descent + 1e-14 * std::abs(value_))) continue;
      remember(trial, slope);
      at_.swap(trial);
      slope_.swap(slope);
      value_ = value;
      return true;
    }
    return false;
  }

  void remember(const std::vector<double>& at, const std::vector<double>& slope) {
    Pair pair{.step = at, .change = slope, .product = 0};
    for (size_t j = 0; j < at.size(); ++j) {
      pair.step[j] -= at_[j];
      pair.change[j] -= slope_[j];
    }
    pair.product = dot(pair.step, pair.change);
    if (pair.product <= 1e-14 * dot(pair.change, pair.change)) return;
    pairs_.push_back(std::move(pair));
    if (pairs_.size() > kMemory) pairs_.pop_front();
  }

  const Problem& problem_;
  const Stop stop_;
  const std::vector<double> unit_;
  bool smooth_ = false;  // no penalty at all
  double value_ = 0;
  std::vector<double> at_, slope_;
  std::deque<Pair> pairs_;
  Sums sums_;
};

// The problem on some of its columns.
Problem part_of(const Problem& whole, const std::vector<size_t>& columns) {
  Problem part = whole;
  part.columns.clear();
  part.l1.clear();
  part.l2.clear();
  for (size_t j : columns) {
    part.columns.push_back(whole.columns[j]);
    part.l1.push_back(whole.l1[j]);
    part.l2.push_back(whole.l2[j]);
  }
  return part;
}

// Adds the columns outside the set that the slope at beta wants most; false when none does.
bool grow(const Problem& problem, const std::vector<double>& beta, const std::vector<double>& unit,
          double tolerance, std::vector<size_t>& set) {
  Sums sums;
  pass(problem, beta, false, sums);
  std::vector<bool> inside(problem.size(), false);
  for (size_t j : set) inside[j] = true;
  std::vector<std::pair<double, size_t>> wanted;
  const double least = tolerance * std::sqrt(problem.total_weight);
  for (size_t j = 0; j < problem.size(); ++j) {
    const double over = (std::abs(sums.gradient[j]) - problem.l1[j]) / unit[j];
    if (!inside[j] && over > least) wanted.emplace_back(-over, j);
  }
  if (wanted.empty()) return false;
  std::sort(wanted.begin(), wanted.end());
  wanted.resize(std::min(wanted.size(), std::max<size_t>(64, set.size())));
  for (const auto& [over, j] : wanted) set.push_back(j);
  std::sort(set.begin(), set.end());
  return true;
}

}  // namespace

Solution solve_lbfgs(const Problem& problem, std::span<const double> start, const Stop& stop) {
  return Lbfgs(problem, start, stop).run();
}

Solution solve_working_set(const Problem& problem, std::span<const double> start,
                           const Stop& stop) {
  Solution whole{.beta = {start.begin(), start.end()}, .value = 0};
  whole.beta.resize(problem.size(), 0.0);
  const std::vector<double> unit = units(problem);
  std::vector<size_t> set;
  for (size_t j = 0; j < problem.size(); ++j) {
    if (problem.l1[j] == 0 || whole.beta[j] != 0) set.push_back(j);
  }
  // Loosely while the set grows, tightly at the end.
  double tolerance = std::max(stop.tolerance, 1e-3);
  for (int round = 0; round < stop.max_iterations; ++round) {
    const Problem part = part_of(problem, set);
    std::vector<double> inner(set.size());
    for (size_t k = 0; k < set.size(); ++k) inner[k] = whole.beta[set[k]];
    const Solution found =
        solve_newton(part, inner, {.tolerance = tolerance, .max_iterations = stop.max_iterations});
    for (size_t k = 0; k < set.size(); ++k) whole.beta[set[k]] = found.beta[k];
    whole.value = found.value;
    whole.iterations += found.iterations;
    if (grow(problem, whole.beta, unit, tolerance, set)) continue;
    whole.converged = found.converged && tolerance <= stop.tolerance;
    if (tolerance <= stop.tolerance) break;
    tolerance = std::max(stop.tolerance, tolerance * 1e-4);
  }
  return whole;
}

}  // namespace perennial::logistic
