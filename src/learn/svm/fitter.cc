#include "learn/svm/fitter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/svm/smo.h"

namespace perennial {
namespace {

class ExactFitter : public SvmFitter {
 public:
  ExactFitter(const SvmRows& rows, const SvmSettings& settings, std::span<const double> products)
      : rows_(rows), kernel_(make_kernel(settings.kernel, rows.x, products, kKernelBytes)) {
    for (const int32_t told : told_classes(rows.classes)) {
      std::vector<double> sign = signs_of(rows, told);
      if (sign.empty()) {
        paths_.push_back(nullptr);
        continue;
      }
      std::vector<double> bounds = unit_bounds(rows, sign, settings.balanced);
      paths_.push_back(std::make_unique<SmoPath>(*kernel_, std::move(sign), std::move(bounds)));
    }
  }

  std::vector<Decision> solve(const SvmSettings& s) override {
    // A sigmoid kernel is not positive definite: where one starts decides which optimum one finds.
    const bool warm = s.kernel.kind != KernelSpec::Kind::kSigmoid;
    std::vector<Decision> out;
    for (const auto& path : paths_) {
      if (path == nullptr) {
        out.push_back({std::vector<double>(rows_.x.rows, 0.0), -HUGE_VAL});
        continue;
      }
      const SmoResult r = path->solve(s.c, s.tolerance, s.max_steps, warm);
      out.push_back({path->beta(), r.bias});
    }
    return out;
  }
  const RowBlock& support() const override { return rows_.x; }
  SvmMethod method() const override { return SvmMethod::kExact; }

 private:
  const SvmRows& rows_;
  std::unique_ptr<KernelRows> kernel_;
  std::vector<std::unique_ptr<SmoPath>> paths_;
};

}  // namespace

SvmRows::SvmRows(const TrainingSet& data) : classes(data.classes) {
  const std::vector<double> all = data.x->row_major();
  const size_t cols = data.x->cols;
  std::vector<size_t> order(data.y.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto compare = [&](size_t a, size_t b) {
    for (size_t k = 0; k < cols; ++k) {
      const double u = all[a * cols + k], v = all[b * cols + k];
      if (u != v) return u < v ? -1 : 1;
    }
    return data.y[a] == data.y[b] ? 0 : data.y[a] < data.y[b] ? -1 : 1;
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int c = compare(a, b);
    return c != 0 ? c < 0 : a < b;
  });
  std::vector<double> values;
  for (size_t k = 0; k < order.size(); ++k) {
    const size_t i = order[k];
    const double w = data.weights.empty() ? 1.0 : data.weights[i];
    if (k > 0 && compare(order[k - 1], i) == 0) {
      weight.back() += w;
      continue;
    }
    for (size_t c = 0; c < cols; ++c) values.push_back(all[i * cols + c]);
    y.push_back(data.y[i]);
    weight.push_back(w);
  }
  x = RowBlock(std::move(values), y.size(), cols);
}

bool SvmSettings::same_path(const SvmSettings& o) const {
  return kernel == o.kernel && balanced == o.balanced && tolerance == o.tolerance &&
         max_steps == o.max_steps && landmarks == o.landmarks;
}

std::vector<int32_t> told_classes(int classes) {
  if (classes == 2) return {1};
  std::vector<int32_t> all(static_cast<size_t>(classes));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::vector<double> signs_of(const SvmRows& rows, int32_t told) {
  std::vector<double> sign;
  for (const int32_t c : rows.y) sign.push_back(c == told ? 1.0 : -1.0);
  if (std::find(sign.begin(), sign.end(), 1.0) == sign.end()) return {};
  return sign;
}

std::vector<double> unit_bounds(const SvmRows& rows, const std::vector<double>& sign,
                                bool balanced) {
  std::vector<double> bounds = rows.weight;
  if (!balanced) return bounds;
  double total[2] = {0, 0};
  for (size_t i = 0; i < sign.size(); ++i) total[sign[i] > 0] += rows.weight[i];
  for (size_t i = 0; i < sign.size(); ++i) {
    bounds[i] *= (total[0] + total[1]) / (2 * total[sign[i] > 0]);
  }
  return bounds;
}

std::unique_ptr<SvmFitter> make_svm_fitter(const SvmRows& rows, const SvmSettings& settings,
                                           std::span<const double> products, Seed seed,
                                           const Workers* workers) {
  if (settings.landmarks > 0 || rows.x.rows > kMostExactRows) {
    return make_approximate_fitter(rows, settings, seed, workers);
  }
  return std::make_unique<ExactFitter>(rows, settings, products);
}

}  // namespace perennial
