// Which calibration: the methods themselves are cross-fitted over the folds.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "learn/calibration/calibration.h"

namespace perennial {
namespace {

constexpr double kLeastProbability = 1e-15;

void check_asked(const std::string& asked, int classes) {
  const bool two_only = asked == "platt" || asked == "beta" || asked == "isotonic";
  if (!two_only || classes == 2) return;
  throw Error(ErrorCode::kStudy, "key \"calibration\"",
              fmt::format("{} maps two classes, the target has {}", asked, classes),
              "Choose \"temperature\", \"none\" or \"auto\"");
}

// One method mapped over the rows, each by what the other folds taught; loss of each row.
std::vector<double> cross_fitted_loss(const std::string& method, std::span<const int32_t> y,
                                      std::span<const double> probability, int classes,
                                      std::span<const int32_t> fold, int folds) {
  const auto k = static_cast<size_t>(classes);
  std::vector<double> loss(y.size());
  for (int f = 0; f < folds; ++f) {
    std::vector<int32_t> others_y;
    std::vector<double> others, own;
    for (size_t i = 0; i < y.size(); ++i) {
      const auto row = probability.subspan(i * k, k);
      std::vector<double>& to = fold[i] == f ? own : others;
      to.insert(to.end(), row.begin(), row.end());
      if (fold[i] != f) others_y.push_back(y[i]);
    }
    if (others_y.empty()) continue;
    fit_calibration(method, others_y, others, classes).apply(own, classes);
    size_t at = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      if (fold[i] != f) continue;
      loss[i] = -std::log(std::max(own[at + static_cast<size_t>(y[i])], kLeastProbability));
      at += k;
    }
  }
  return loss;
}

double mean_of(std::span<const double> v) {
  double sum = 0;
  for (const double d : v) sum += d;
  return sum / static_cast<double>(v.size());
}

// Means, and differences to the best of those from `first` on, with their paired standard errors.
std::vector<CalibrationChoice::Candidate> compared(const std::vector<std::string>& methods,
                                                   const std::vector<std::vector<double>>& losses,
                                                   size_t first) {
  std::vector<CalibrationChoice::Candidate> out;
  size_t best = first;
  for (size_t m = 0; m < methods.size(); ++m) {
    out.push_back({.method = methods[m], .log_loss = mean_of(losses[m])});
    if (m > first && out[m].log_loss < out[best].log_loss) best = m;
  }
  const auto n = static_cast<double>(losses[best].size());
  for (size_t m = 0; m < methods.size(); ++m) {
    out[m].worse = out[m].log_loss - out[best].log_loss;
    double squares = 0;
    for (size_t i = 0; i < losses[m].size(); ++i) {
      const double d = losses[m][i] - losses[best][i] - out[m].worse;
      squares += d * d;
    }
    out[m].error = n > 1 ? std::sqrt(squares / (n - 1) / n) : 0.0;
  }
  return out;
}

// A certainty can be right in every training row and still cost without bound in the next.
bool has_certainties(std::span<const double> probability) {
  return std::any_of(probability.begin(), probability.end(),
                     [](double p) { return p < kLeastProbability; });
}

}  // namespace

CalibrationChoice choose_calibration(const std::string& asked, bool probabilities,
                                     std::span<const int32_t> y,
                                     std::span<const double> probability, int classes,
                                     std::span<const int32_t> fold, int folds) {
  check_asked(asked, classes);
  CalibrationChoice out{.chosen = {}, .asked = asked, .candidates = {}};
  std::string method = asked;
  if (!probabilities && (asked == "auto" || asked == "none")) {
    method = classes == 2 ? "platt" : "temperature";
  }
  if (method == "auto") {
    const std::vector<std::string> methods =
        classes == 2 ? std::vector<std::string>{"none", "platt", "beta", "isotonic"}
                     : std::vector<std::string>{"none", "temperature"};
    std::vector<std::vector<double>> losses;
    for (const std::string& m : methods) {
      losses.push_back(cross_fitted_loss(m, y, probability, classes, fold, folds));
    }
    const size_t first = has_certainties(probability) ? 1 : 0;
    out.candidates = compared(methods, losses, first);
    method = std::find_if(out.candidates.begin() + static_cast<std::ptrdiff_t>(first),
                          out.candidates.end(), [](const auto& c) { return c.worse <= c.error; })
                 ->method;
  }
  out.chosen = fit_calibration(method, y, probability, classes);
  return out;
}

}  // namespace perennial
