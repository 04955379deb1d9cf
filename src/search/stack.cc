#include "search/stack.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "learn/mix.h"

namespace perennial {
namespace {

using Logs = std::vector<std::vector<double>>;  // of each setting, rows x classes

// Solves the symmetric positive definite system a x = b in place (Cholesky); a: n x n, row-major.
std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / a[j * n + j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

// The numbers that are fitted: a weight a setting, then the intercepts but the first.
class Problem {
 public:
  Problem(std::span<const int32_t> y, std::vector<const std::vector<double>*> logs, size_t classes)
      : y_(y),
        logs_(std::move(logs)),
        classes_(classes),
        even_(1 / static_cast<double>(logs_.size())) {}

  std::vector<double> start() const {
    std::vector<double> out(logs_.size() + classes_ - 1, 0.0);
    std::fill_n(out.begin(), logs_.size(), even_);
    return out;
  }

  // Loss at x; gradient and Hessian where asked for.
  double loss(const std::vector<double>& x, std::vector<double>* gradient,
              std::vector<double>* hessian) const {
    const size_t settings = logs_.size(), n = x.size();
    double out = 0;
    for (size_t k = 0; k < settings; ++k) out += 0.5 * (x[k] - even_) * (x[k] - even_);
    if (gradient != nullptr) {
      gradient->assign(n, 0.0);
      hessian->assign(n * n, 0.0);
      for (size_t k = 0; k < settings; ++k) {
        (*gradient)[k] = x[k] - even_;
        (*hessian)[k * n + k] = 1;
      }
    }
    std::vector<double> p(classes_);
    for (size_t i = 0; i < y_.size(); ++i) {
      out += row(x, i, p);
      if (gradient != nullptr) add_row(i, p, *gradient, *hessian);
    }
    return out;
  }

 private:
  // What the number `j` multiplies in class c of row i.
  double factor(size_t i, size_t j, size_t c) const {
    if (j < logs_.size()) return (*logs_[j])[i * classes_ + c];
    return j - logs_.size() + 1 == c ? 1 : 0;
  }

  // Probabilities of row i, and its log loss.
  double row(const std::vector<double>& x, size_t i, std::vector<double>& p) const {
    for (size_t c = 0; c < classes_; ++c) {
      p[c] = c > 0 ? x[logs_.size() + c - 1] : 0;
      for (size_t k = 0; k < logs_.size(); ++k) p[c] += x[k] * (*logs_[k])[i * classes_ + c];
    }
    const auto own = static_cast<size_t>(y_[i]);
    const double top = *std::max_element(p.begin(), p.end()), toward = p[own] - top;
    double total = 0;
    for (double& v : p) total += v = std::exp(v - top);
    for (double& v : p) v /= total;
    return std::log(total) - toward;
  }

  void add_row(size_t i, const std::vector<double>& p, std::vector<double>& gradient,
               std::vector<double>& hessian) const {
    const size_t n = gradient.size();
    std::vector<double> mean(n, 0.0);
    for (size_t j = 0; j < n; ++j) {
      for (size_t c = 0; c < classes_; ++c) mean[j] += p[c] * factor(i, j, c);
      gradient[j] += mean[j] - factor(i, j, static_cast<size_t>(y_[i]));
    }
    for (size_t c = 0; c < classes_; ++c) {
      for (size_t j = 0; j < n; ++j) {
        const double off = p[c] * (factor(i, j, c) - mean[j]);
        for (size_t k = 0; k <= j; ++k) hessian[j * n + k] += off * (factor(i, k, c) - mean[k]);
      }
    }
  }

  std::span<const int32_t> y_;
  std::vector<const std::vector<double>*> logs_;
  size_t classes_;
  double even_;
};

std::vector<double> minimised(const Problem& problem) {
  constexpr int kMostSteps = 50, kMostHalvings = 30;
  std::vector<double> x = problem.start(), gradient, hessian;
  double loss = problem.loss(x, &gradient, &hessian);
  for (int step = 0; step < kMostSteps; ++step) {
    const std::vector<double> move = solved(hessian, gradient);
    double slope = 0;
    for (size_t j = 0; j < x.size(); ++j) slope += gradient[j] * move[j];
    if (slope < 1e-10) break;
    double length = 1;
    std::vector<double> next(x.size());
    bool better = false;
    for (int half = 0; half < kMostHalvings && !better; ++half, length /= 2) {
      for (size_t j = 0; j < x.size(); ++j) next[j] = x[j] - length * move[j];
      better = problem.loss(next, nullptr, nullptr) <= loss - 1e-4 * length * slope;
    }
    if (!better) break;
    x = next;
    loss = problem.loss(x, &gradient, &hessian);
  }
  return x;
}

}  // namespace

Stack fit_stack(std::span<const int32_t> y, const std::vector<std::vector<double>>& probability,
                int classes) {
  PERENNIAL_CHECK(!probability.empty() && !y.empty());
  const auto k = static_cast<size_t>(classes);
  Logs logs;
  for (const std::vector<double>& p : probability) {
    logs.emplace_back();
    add_to_mix(p, 1, true, logs.back());
  }
  std::vector<size_t> in(logs.size());
  for (size_t s = 0; s < in.size(); ++s) in[s] = s;
  for (;;) {
    std::vector<const std::vector<double>*> chosen;
    for (const size_t s : in) chosen.push_back(&logs[s]);
    const std::vector<double> x = minimised(Problem(y, chosen, k));
    const auto end = x.begin() + static_cast<std::ptrdiff_t>(in.size());
    const auto least = std::min_element(x.begin(), end);
    if (*least < 0 && in.size() > 1) {
      in.erase(in.begin() + (least - x.begin()));
      continue;
    }
    Stack out{.weights = std::vector<double>(logs.size(), 0.0),
              .intercept = std::vector<double>(k, 0.0)};
    for (size_t s = 0; s < in.size(); ++s) out.weights[in[s]] = std::max(0.0, x[s]);
    std::copy(end, x.end(), out.intercept.begin() + 1);
    return out;
  }
}

}  // namespace perennial
