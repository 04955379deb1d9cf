// Chooses the method by the shape of the table.
#include "learn/logistic/solver.h"

#include <algorithm>
#include <cmath>

namespace perennial::logistic {
namespace {

constexpr size_t kNarrow = 512;      // columns up to which second derivatives are formed
constexpr size_t kGroup = 64;        // rows that are sampled together
constexpr size_t kEvery = 16;        // one group in so many
constexpr size_t kLarge = 32768;     // rows from which a sample is worth its time
constexpr size_t kSampleRows = 100;  // rows of the sample a column, at least

// Groups of rows spread evenly over the table, with the penalties scaled to their weight.
struct Sample {
  std::vector<double> values, sign, weight;
  Problem problem;

  explicit Sample(const Problem& whole) {
    std::vector<size_t> groups;
    for (size_t at = 0; at + kGroup <= whole.rows; at += kGroup * kEvery) groups.push_back(at);
    problem = whole;
    problem.rows = groups.size() * kGroup;
    problem.workers = nullptr;
    values.resize(problem.rows * whole.size());
    for (size_t j = 0; j < whole.size(); ++j) {
      if (whole.columns[j] == nullptr) continue;
      double* to = values.data() + j * problem.rows;
      problem.columns[j] = to;
      for (size_t at : groups) to = std::copy_n(whole.columns[j] + at, kGroup, to);
    }
    double total = 0;
    for (size_t at : groups) {
      for (size_t i = at; i < at + kGroup; ++i) {
        sign.push_back(whole.sign[i]);
        weight.push_back(whole.weight[i]);
        total += whole.weight[i];
      }
    }
    problem.sign = sign;
    problem.weight = weight;
    problem.total_weight = total;
    for (double& v : problem.l1) v *= total / whole.total_weight;
    for (double& v : problem.l2) v *= total / whole.total_weight;
  }

  bool has_both_classes() const {
    return std::find(sign.begin(), sign.end(), 1.0) != sign.end() &&
           std::find(sign.begin(), sign.end(), -1.0) != sign.end();
  }
};

}  // namespace

Solution solve(const Problem& problem, std::span<const double> start, const Stop& stop) {
  const bool sharp =
      std::any_of(problem.l1.begin(), problem.l1.end(), [](double v) { return v > 0; });
  if (problem.size() > kNarrow) {
    return sharp ? solve_working_set(problem, start, stop) : solve_lbfgs(problem, start, stop);
  }
  const bool large =
      problem.rows >= kLarge && problem.rows / kEvery >= kSampleRows * problem.size();
  if (large && start.empty()) {
    const Sample sample(problem);
    if (sample.has_both_classes()) {
      const Solution near =
          solve_newton(sample.problem, start, {.tolerance = 1e-4, .max_iterations = 8});
      return solve_newton(problem, near.beta, stop);
    }
  }
  return solve_newton(problem, start, stop);
}

}  // namespace perennial::logistic
