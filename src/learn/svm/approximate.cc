#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "learn/svm/fitter.h"
#include "learn/svm/passes.h"

namespace perennial {
namespace {

constexpr size_t kLandmarks = 300;
constexpr size_t kMostFeatures = 50'000'000;  // floats: 200 MB of features
constexpr size_t kBlock = 512;                // rows mapped at once
constexpr double kSmallest = 1e-6;            // eigenvalues kept, as a share of the largest
constexpr int kPasses = 200;
constexpr double kGap = 0.05;  // spread of the projected gradient at which a descent ends

// One linear machine: w over the features, the last of them constant.
struct Machine {
  std::vector<double> sign, bounds;
  std::vector<double> alpha, w;
};

class ApproximateFitter : public SvmFitter {
 public:
  ApproximateFitter(const SvmRows& rows, const SvmSettings& s, Seed seed, const Workers* workers)
      : rows_(rows), seed_(seed) {
    linear_ =
        s.kernel.kind == KernelSpec::Kind::kLinear && s.landmarks == 0 && rows.x.cols <= kLandmarks;
    if (linear_) {
      use_columns();
    } else {
      draw_landmarks(s);
      map_rows(s.kernel, workers);
    }
    for (const int32_t told : told_classes(rows.classes)) {
      Machine m{.sign = signs_of(rows, told)};
      if (!m.sign.empty()) {
        m.bounds = unit_bounds(rows, m.sign, s.balanced);
        m.alpha.assign(rows.x.rows, 0.0);
        m.w.assign(stride_, 0.0);
      }
      machines_.push_back(std::move(m));
    }
  }

  std::vector<Decision> solve(const SvmSettings& s) override {
    std::vector<Decision> out;
    for (size_t d = 0; d < machines_.size(); ++d) {
      Machine& m = machines_[d];
      if (m.sign.empty()) {
        out.push_back({std::vector<double>(support_.rows, 0.0), -HUGE_VAL});
        continue;
      }
      const double ratio = last_c_ > 0 ? s.c / last_c_ : 1;
      for (double& a : m.alpha) a *= ratio;
      for (double& w : m.w) w *= ratio;
      descend(s.c, seed_.child("descent").child(d), m);
      const auto width = static_cast<Eigen::Index>(features_);
      const Eigen::VectorXd beta = map_ * Eigen::Map<const Eigen::VectorXd>(m.w.data(), width);
      out.push_back({std::vector<double>(beta.begin(), beta.end()), m.w[features_]});
    }
    last_c_ = s.c;
    return out;
  }
  const RowBlock& support() const override { return support_; }
  SvmMethod method() const override {
    return linear_ ? SvmMethod::kCoordinateDescent : SvmMethod::kLandmarks;
  }

 private:
  void set_width(size_t features) {
    features_ = features;
    stride_ = KernelRows::padded(features + 1);
    values_.assign(rows_.x.rows * stride_, 0.0F);
    for (size_t i = 0; i < rows_.x.rows; ++i) values_[i * stride_ + features] = 1.0F;
  }

  // A linear kernel of few columns: the unit vectors stand for landmarks.
  void use_columns() {
    const size_t d = rows_.x.cols;
    std::vector<double> unit(d * d, 0.0);
    for (size_t k = 0; k < d; ++k) unit[k * d + k] = 1;
    support_ = RowBlock(std::move(unit), d, d);
    map_.setIdentity(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(d));
    set_width(d);
    for (size_t i = 0; i < rows_.x.rows; ++i) {
      for (size_t k = 0; k < d; ++k) {
        values_[i * stride_ + k] = static_cast<float>(rows_.x.row(i)[k]);
      }
    }
  }

  void draw_landmarks(const SvmSettings& s) {
    const size_t n = rows_.x.rows;
    const size_t wanted = s.landmarks > 0 ? static_cast<size_t>(s.landmarks)
                                          : std::clamp<size_t>(kMostFeatures / n, 50, kLandmarks);
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t{0});
    Rng(seed_.child("landmarks")).shuffle(order);
    std::vector<double> values;
    const size_t m = std::min(n, wanted);
    for (size_t a = 0; a < m; ++a) {
      values.insert(values.end(), rows_.x.row(order[a]), rows_.x.row(order[a]) + rows_.x.cols);
    }
    support_ = RowBlock(std::move(values), m, rows_.x.cols);
  }

  // features(x) = K(x, landmarks) U L^-1/2 for K(landmarks, landmarks) = U L U'.
  void map_rows(const KernelSpec& spec, const Workers* workers) {
    using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto m = static_cast<Eigen::Index>(support_.rows);
    const auto padded = static_cast<Eigen::Index>(support_.stride);
    const std::vector<float> small = kernel_matrix(spec, support_, support_, {});
    const Eigen::MatrixXd k =
        Eigen::Map<const Floats>(small.data(), m, padded).leftCols(m).cast<double>();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(k);
    const double least = kSmallest * std::max(eigen.eigenvalues()[m - 1], 1e-300);
    const Eigen::Index kept = (eigen.eigenvalues().array() > least).count();
    map_ = eigen.eigenvectors().rightCols(kept) *
           eigen.eigenvalues().tail(kept).cwiseSqrt().cwiseInverse().asDiagonal();
    const Floats map = map_.cast<float>();
    set_width(static_cast<size_t>(kept));
    const auto work = [&](size_t begin, size_t end) {
      const auto count = static_cast<Eigen::Index>(end - begin);
      Floats block(count, padded);
      std::vector<double> product(support_.stride);
      for (size_t i = begin; i < end; ++i) {
        row_products(rows_.x, i, support_, product.data());
        kernel_values(spec, product.data(), rows_.x.squared[i], support_,
                      block.data() + (i - begin) * support_.stride);
      }
      Eigen::Map<Floats, 0, Eigen::OuterStride<>>(
          values_.data() + begin * stride_, count, kept,
          Eigen::OuterStride<>(static_cast<Eigen::Index>(stride_))) = block.leftCols(m) * map;
    };
    if (workers != nullptr) {
      workers->run_blocks(rows_.x.rows, kBlock, work);
    } else {
      for (size_t at = 0; at < rows_.x.rows; at += kBlock) {
        work(at, std::min(at + kBlock, rows_.x.rows));
      }
    }
  }

  // Hsieh et al. (2008), algorithm 1 with the hinge loss: one alpha after another, in random order.
  void descend(double c, Seed seed, Machine& m) {
    const size_t n = rows_.x.rows;
    std::vector<double> length(n);
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t{0});
    for (size_t i = 0; i < n; ++i) {
      for (size_t k = 0; k <= features_; ++k) {
        const auto v = static_cast<double>(values_[i * stride_ + k]);
        length[i] += v * v;
      }
    }
    Rng rng(seed);
    for (int pass = 0; pass < kPasses; ++pass) {
      rng.shuffle(order);
      double highest = -HUGE_VAL, lowest = HUGE_VAL;
      for (const size_t i : order) {
        const float* row = values_.data() + i * stride_;
        const double gradient = m.sign[i] * svm::row_sum(m.w.data(), row, stride_) - 1;
        const double upper = c * m.bounds[i];
        double projected = gradient;
        if (m.alpha[i] <= 0) projected = std::min(gradient, 0.0);
        if (m.alpha[i] >= upper) projected = std::max(gradient, 0.0);
        highest = std::max(highest, projected);
        lowest = std::min(lowest, projected);
        if (projected == 0) continue;
        const double alpha = std::clamp(m.alpha[i] - gradient / length[i], 0.0, upper);
        svm::subtract_row(row, -(alpha - m.alpha[i]) * m.sign[i], stride_, m.w.data());
        m.alpha[i] = alpha;
      }
      if (highest - lowest < kGap) break;
    }
  }

  const SvmRows& rows_;
  Seed seed_;
  bool linear_ = false;
  RowBlock support_;
  Eigen::MatrixXd map_;  // support x features
  size_t features_ = 0, stride_ = 0;
  std::vector<float> values_;  // rows x stride: features, a one, zeros
  std::vector<Machine> machines_;
  double last_c_ = 0;
};

}  // namespace

std::unique_ptr<SvmFitter> make_approximate_fitter(const SvmRows& rows, const SvmSettings& settings,
                                                   Seed seed, const Workers* workers) {
  return std::make_unique<ApproximateFitter>(rows, settings, seed, workers);
}

}  // namespace perennial
