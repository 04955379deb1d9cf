#include "offer/dual.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/seed.h"

namespace perennial {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kBlock = 2048;
constexpr size_t kSample = 40'000;  // customers on whom prices of large problems are found first
constexpr int kMostSteps = 25;      // Newton steps for one smoothing
constexpr double kSlackTolerance = 1e-6;  // of a limit's capacity

// The smoothed dual at one point. Prices here are of the whole capacity of each limit.
struct Pass {
  double smooth = 0, exact = 0;
  VectorXd gradient;
  MatrixXd curvature;
};

class Dual {
 public:
  Dual(const OfferProblem& problem, const OfferLimits& limits, std::vector<uint32_t> rows,
       const Workers& workers)
      : problem_(problem), limits_(limits), rows_(std::move(rows)), workers_(workers) {
    const double share =
        rows_.empty() ? 1
                      : static_cast<double>(rows_.size()) / static_cast<double>(problem.customers);
    for (const double capacity : limits.capacity) capacity_.push_back(capacity * share);
  }

  size_t customers() const { return rows_.empty() ? problem_.customers : rows_.size(); }
  const std::vector<double>& capacity() const { return capacity_; }
  int64_t passes() const { return passes_; }

  Pass at(const VectorXd& price, double tau) {
    ++passes_;
    const auto limits = static_cast<Index>(limits_.rows());
    const std::vector<double> unit = per_unit(price);
    std::vector<Pass> blocks((customers() + kBlock - 1) / kBlock);
    workers_.run_blocks(customers(), kBlock, [&](size_t begin, size_t end) {
      Pass& sum = blocks[begin / kBlock];
      sum.gradient = VectorXd::Zero(limits);
      sum.curvature = MatrixXd::Zero(limits, limits);
      std::vector<OfferOption> options;
      std::vector<double> weight;
      VectorXd mean = VectorXd::Zero(limits);
      for (size_t k = begin; k < end; ++k) {
        options_of(problem_, limits_, rows_.empty() ? k : rows_[k], options);
        if (!options.empty()) add(options, unit, tau, weight, mean, sum);
      }
    });
    Pass total{.gradient = VectorXd::Ones(limits), .curvature = MatrixXd::Zero(limits, limits)};
    total.smooth = total.exact = price.sum();
    for (const Pass& block : blocks) {
      total.smooth += block.smooth;
      total.exact += block.exact;
      total.gradient -= block.gradient;
      total.curvature += block.curvature;
    }
    return total;
  }

  std::vector<double> per_unit(const VectorXd& price) const {
    std::vector<double> unit(limits_.rows());
    for (size_t r = 0; r < unit.size(); ++r) unit[r] = price[static_cast<Index>(r)] / capacity_[r];
    return unit;
  }

 private:
  // One customer: soft maximum of the scores, expected uses and their covariance.
  void add(const std::vector<OfferOption>& options, const std::vector<double>& unit, double tau,
           std::vector<double>& weight, VectorXd& mean, Pass& sum) const {
    weight.clear();
    double best = 0, total = 0;
    for (const OfferOption& option : options) {
      weight.push_back(score_of(problem_, limits_, option, unit));
      best = std::max(best, weight.back());
    }
    for (double& w : weight) {
      w = w - best < -40 * tau ? 0 : std::exp((w - best) / tau);
      total += w;
    }
    total += std::exp(-best / tau);
    sum.exact += best;
    sum.smooth += best + tau * std::log(total);
    mean.setZero();
    bool open = false;
    for (size_t b = 0; b < options.size(); ++b) {
      weight[b] /= total;
      if (weight[b] == 0) continue;
      open = open || (weight[b] > 1e-9 && weight[b] < 1 - 1e-9);
      uses_of(problem_, limits_, options[b], [&](size_t row, double amount) {
        mean[static_cast<Index>(row)] += weight[b] * amount / capacity_[row];
      });
    }
    sum.gradient += mean;
    if (open) add_curvature(options, weight, tau, mean, sum);
  }

  void add_curvature(const std::vector<OfferOption>& options, const std::vector<double>& weight,
                     double tau, const VectorXd& mean, Pass& sum) const {
    for (size_t b = 0; b < options.size(); ++b) {
      if (weight[b] == 0) continue;
      uses_of(problem_, limits_, options[b], [&](size_t r, double a) {
        uses_of(problem_, limits_, options[b], [&](size_t c, double d) {
          sum.curvature(static_cast<Index>(r), static_cast<Index>(c)) +=
              weight[b] * a / capacity_[r] * d / capacity_[c] / tau;
        });
      });
    }
    sum.curvature.noalias() -= mean * mean.transpose() / tau;
  }

  const OfferProblem& problem_;
  const OfferLimits& limits_;
  std::vector<uint32_t> rows_;  // empty: all customers
  const Workers& workers_;
  std::vector<double> capacity_;
  int64_t passes_ = 0;
};

// Prices at 0 that would fall further stay there.
std::vector<Index> free_rows(const VectorXd& price, const VectorXd& gradient) {
  std::vector<Index> rows;
  for (Index r = 0; r < price.size(); ++r) {
    if (price[r] > 0 || gradient[r] < 0) rows.push_back(r);
  }
  return rows;
}

VectorXd newton_step(const Pass& pass, const std::vector<Index>& rows, double longest) {
  const auto n = static_cast<Index>(rows.size());
  MatrixXd a(n, n);
  VectorXd g(n);
  for (Index i = 0; i < n; ++i) {
    g[i] = pass.gradient[rows[static_cast<size_t>(i)]];
    for (Index j = 0; j < n; ++j) {
      a(i, j) = pass.curvature(rows[static_cast<size_t>(i)], rows[static_cast<size_t>(j)]);
    }
  }
  // Where nobody is near the margin the dual is flat: the step is bounded instead.
  a.diagonal().array() += 1e-9 * a.trace() + 0.05 / longest;
  VectorXd step = -a.ldlt().solve(g);
  if (!step.allFinite() || step.dot(g) >= 0) step = -g * longest;
  const double reach = step.lpNorm<Eigen::Infinity>();
  if (reach > longest) step *= longest / reach;
  VectorXd out = VectorXd::Zero(pass.gradient.size());
  for (Index i = 0; i < n; ++i) out[rows[static_cast<size_t>(i)]] = step[i];
  return out;
}

struct Found {
  VectorXd price;
  double exact = kNoLimit;  // lowest dual value seen, at `price`
};

// Newton steps at one smoothing, from `price` on; keeps the best exact value.
void descend(Dual& dual, double tau, double longest, VectorXd& price, Found& best) {
  Pass pass = dual.at(price, tau);
  for (int step = 0; step < kMostSteps; ++step) {
    if (pass.exact < best.exact) best = {price, pass.exact};
    const std::vector<Index> rows = free_rows(price, pass.gradient);
    double steepest = 0;
    for (const Index r : rows) steepest = std::max(steepest, std::abs(pass.gradient[r]));
    if (steepest < kSlackTolerance) return;
    const VectorXd direction = newton_step(pass, rows, longest);
    bool moved = false;
    for (double t = 1; t > 1e-6 && !moved; t /= 4) {
      const VectorXd next = (price + t * direction).cwiseMax(0.0);
      const double drop = pass.gradient.dot(next - price);
      Pass there = dual.at(next, tau);
      if (there.smooth > pass.smooth + 1e-4 * drop || drop >= 0) continue;
      moved = true;
      const double gained = pass.smooth - there.smooth;
      price = next;
      pass = std::move(there);
      if (gained < 1e-9 * std::abs(pass.smooth)) {
        if (pass.exact < best.exact) best = {price, pass.exact};
        return;
      }
    }
    if (!moved) return;
  }
}

// One price after another to its own best, by sections: for small problems, whose dual has kinks.
void polish(Dual& dual, double longest, Found& best) {
  constexpr double kGolden = 0.6180339887498949;
  for (Index r = 0; r < best.price.size(); ++r) {
    for (double width = longest; width > 1e-7 * longest; width *= 0.1) {
      double low = std::max(0.0, best.price[r] - width), high = best.price[r] + width;
      for (int i = 0; i < 12; ++i) {
        VectorXd a = best.price, b = best.price;
        a[r] = high - kGolden * (high - low);
        b[r] = low + kGolden * (high - low);
        const double fa = dual.at(a, 1e-9 * longest).exact, fb = dual.at(b, 1e-9 * longest).exact;
        if (fa < best.exact) best = {a, fa};
        if (fb < best.exact) best = {b, fb};
        (fa < fb ? high : low) = fa < fb ? b[r] : a[r];
      }
    }
  }
}

std::vector<uint32_t> sample_of(size_t customers) {
  std::vector<uint32_t> rows;
  if (customers <= 2 * kSample) return rows;
  const uint64_t every = customers / kSample;
  for (size_t i = 0; i < customers; ++i) {
    if (hash_mix(0x6f66666572, i) % every == 0) rows.push_back(static_cast<uint32_t>(i));
  }
  return rows;
}

// Mean best profit of those who have an option.
double mean_best(const OfferProblem& problem, const OfferLimits& limits,
                 const std::vector<uint32_t>& rows) {
  double sum = 0, with_option = 0;
  std::vector<OfferOption> options;
  const size_t n = rows.empty() ? problem.customers : rows.size();
  for (size_t k = 0; k < n; ++k) {
    options_of(problem, limits, rows.empty() ? k : rows[k], options);
    double best = 0;
    for (const OfferOption& option : options) best = std::max(best, option.profit);
    sum += best;
    with_option += best > 0;
  }
  return with_option > 0 ? sum / with_option : 0;
}

}  // namespace

DualResult solve_dual(const OfferProblem& problem, const OfferLimits& limits,
                      const Workers& workers) {
  const auto n = static_cast<Index>(limits.rows());
  const std::vector<uint32_t> sample = sample_of(problem.customers);
  DualResult out{.scale = mean_best(problem, limits, sample)};
  Dual all(problem, limits, {}, workers);
  const double scale = out.scale > 0 ? out.scale : 1;
  VectorXd price = VectorXd::Zero(n);
  Found best{price, all.at(price, scale).exact};
  const double longest = std::max(best.exact, 1e-9);
  if (n > 0 && best.exact > 0) {
    const std::vector<double> rough = {1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3};
    if (!sample.empty()) {
      Dual few(problem, limits, sample, workers);
      const double share =
          static_cast<double>(sample.size()) / static_cast<double>(problem.customers);
      Found found{price, kNoLimit};
      for (const double tau : rough) descend(few, tau * scale, longest * share, price, found);
      price /= share;
    } else {
      for (const double tau : rough) descend(all, tau * scale, longest, price, best);
    }
    for (const double tau : {1e-3, 3e-4, 1e-4}) descend(all, tau * scale, longest, price, best);
    if (problem.customers * problem.offers <= 2000) {
      for (const double tau : {1e-5, 1e-6}) descend(all, tau * scale, longest, price, best);
      for (int round = 0; round < 2; ++round) polish(all, longest, best);
    }
  }
  out.price = all.per_unit(best.price);
  out.bound = best.exact;
  out.passes = all.passes();
  return out;
}

}  // namespace perennial
