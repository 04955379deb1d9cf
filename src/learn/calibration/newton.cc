#include "learn/calibration/newton.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace perennial {
namespace {

constexpr size_t kMost = 3;  // numbers to find at once
using Numbers = std::array<double, kMost>;

constexpr int kMostSteps = 200;
constexpr int kMostHalvings = 60;

// Mean loss, its gradient and its second derivatives at one place.
struct Shape {
  double loss = 0;
  Numbers gradient{};
  std::array<Numbers, kMost> curvature{};
};

double dot(const Numbers& a, const Numbers& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

// Solves curvature * x = -gradient by elimination; a positive definite matrix needs no pivots.
Numbers newton_move(const Shape& at, size_t n) {
  auto m = at.curvature;
  Numbers x{};
  for (size_t i = 0; i < n; ++i) {
    m[i][i] += 1e-12;
    x[i] = -at.gradient[i];
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t r = i + 1; r < n; ++r) {
      const double share = m[r][i] / m[i][i];
      for (size_t c = i; c < n; ++c) m[r][c] -= share * m[i][c];
      x[r] -= share * x[i];
    }
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t c = i + 1; c < n; ++c) x[i] -= m[i][c] * x[c];
    x[i] /= m[i][i];
  }
  return x;
}

// The least of a convex function of n numbers. Steps are halved until the loss falls enough.
Numbers least(Numbers w, size_t n, const std::function<Shape(const Numbers&)>& at) {
  Shape here = at(w);
  for (int step = 0; step < kMostSteps && dot(here.gradient, here.gradient) > 1e-26; ++step) {
    const Numbers move = newton_move(here, n);
    const double fall = dot(here.gradient, move);
    bool moved = false;
    double share = 1;
    for (int k = 0; k < kMostHalvings; ++k, share *= 0.5) {
      Numbers next = w;
      for (size_t i = 0; i < n; ++i) next[i] += share * move[i];
      Shape there = at(next);
      // Near the end the fall drowns in rounding: there the gradient decides.
      const bool falls = there.loss <= here.loss + 1e-4 * share * fall;
      const bool level = there.loss <= here.loss + 1e-14 * std::abs(here.loss);
      const bool flatter = dot(there.gradient, there.gradient) < dot(here.gradient, here.gradient);
      if (!falls && !(level && flatter)) continue;
      moved = there.loss < here.loss || flatter;
      if (moved) {
        w = next;
        here = there;
      }
      break;
    }
    if (!moved) break;
  }
  return w;
}

void divide(Shape& shape, size_t rows) {
  const auto n = static_cast<double>(rows);
  shape.loss /= n;
  for (double& g : shape.gradient) g /= n;
  for (Numbers& row : shape.curvature) {
    for (double& c : row) c /= n;
  }
}

}  // namespace

std::vector<double> fit_logit(const std::vector<const std::vector<double>*>& columns,
                              std::span<const double> offset, std::span<const double> target) {
  const size_t slopes = columns.size();
  const auto at = [&](const Numbers& w) {
    Shape out;
    Numbers x{};
    x[slopes] = 1;
    for (size_t i = 0; i < target.size(); ++i) {
      for (size_t c = 0; c < slopes; ++c) x[c] = (*columns[c])[i];
      const double z = dot(w, x) + (offset.empty() ? 0.0 : offset[i]);
      const double e = std::exp(-std::abs(z));
      const double p = z >= 0 ? 1 / (1 + e) : e / (1 + e);
      out.loss += (z >= 0 ? (1 - target[i]) * z : -target[i] * z) + std::log1p(e);
      const double bend = e / ((1 + e) * (1 + e));
      for (size_t r = 0; r <= slopes; ++r) {
        out.gradient[r] += (p - target[i]) * x[r];
        for (size_t c = 0; c <= slopes; ++c) out.curvature[r][c] += bend * x[r] * x[c];
      }
    }
    divide(out, target.size());
    return out;
  };
  const Numbers w = least({}, slopes + 1, at);
  return {w.begin(), w.begin() + static_cast<std::ptrdiff_t>(slopes + 1)};
}

double fit_power(std::span<const double> logs, std::span<const int32_t> y, int classes,
                 double lowest, double highest) {
  const auto k = static_cast<size_t>(classes);
  std::vector<double> p(k);
  const auto at = [&](const Numbers& w) {
    Shape out;
    for (size_t i = 0; i < y.size(); ++i) {
      const std::span<const double> row = logs.subspan(i * k, k);
      double greatest = w[0] * row[0], sum = 0, mean = 0, square = 0;
      for (const double v : row) greatest = std::max(greatest, w[0] * v);
      for (size_t c = 0; c < k; ++c) sum += p[c] = std::exp(w[0] * row[c] - greatest);
      for (size_t c = 0; c < k; ++c) {
        mean += p[c] / sum * row[c];
        square += p[c] / sum * row[c] * row[c];
      }
      const double own = row[static_cast<size_t>(y[i])];
      out.loss += std::log(sum) + greatest - w[0] * own;
      out.gradient[0] += mean - own;
      out.curvature[0][0] += std::max(0.0, square - mean * mean);
    }
    divide(out, y.size());
    return out;
  };
  return std::clamp(least({1}, 1, at)[0], lowest, highest);
}

}  // namespace perennial
