#include "learn/svm/svm_model.h"

#include <algorithm>
#include <cmath>

#include "learn/svm/passes.h"
#include "learn/svm/svm_row.h"

namespace perennial {
namespace {

RowBlock used_rows(const RowBlock& x, std::vector<Decision>& decisions) {
  std::vector<double> values;
  size_t rows = 0;
  for (size_t i = 0; i < x.rows; ++i) {
    const bool used = std::any_of(decisions.begin(), decisions.end(),
                                  [&](const Decision& d) { return d.beta[i] != 0; });
    if (!used) continue;
    for (Decision& d : decisions) d.beta[rows] = d.beta[i];
    values.insert(values.end(), x.row(i), x.row(i) + x.cols);
    ++rows;
  }
  RowBlock kept(std::move(values), rows, x.cols);
  for (Decision& d : decisions) {
    d.beta.resize(rows);
    d.beta.resize(kept.stride, 0.0);
  }
  return kept;
}

}  // namespace

void svm_outputs(std::span<const double> f, std::span<double> out) {
  const auto logistic = [](double v) { return 1.0 / (1.0 + std::exp(-v)); };
  if (f.size() == 1) {
    out[1] = logistic(f[0]);
    out[0] = 1.0 - out[1];
    return;
  }
  double sum = 0;
  for (size_t c = 0; c < f.size(); ++c) sum += out[c] = logistic(f[c]);
  for (double& v : out) v = sum > 0 ? v / sum : 1.0 / static_cast<double>(f.size());
}

std::vector<double> svm_outputs(const std::vector<Decision>& decisions,
                                const std::vector<float>& matrix, size_t rows,
                                const RowBlock& support, int classes) {
  const auto width = static_cast<size_t>(classes);
  std::vector<double> out(rows * width), f(decisions.size());
  std::vector<std::vector<double>> beta;
  for (const Decision& d : decisions) {
    beta.push_back(d.beta);
    beta.back().resize(support.stride, 0.0);
  }
  for (size_t i = 0; i < rows; ++i) {
    const float* k = matrix.data() + i * support.stride;
    for (size_t d = 0; d < decisions.size(); ++d) {
      f[d] = decisions[d].bias + svm::row_sum(beta[d].data(), k, support.stride);
    }
    svm_outputs(f, std::span(out).subspan(i * width, width));
  }
  return out;
}

SvmModel::SvmModel(const KernelSpec& kernel, const RowBlock& support,
                   std::vector<Decision> decisions, int classes, SvmMethod method, size_t landmarks)
    : kernel_(kernel),
      support_(used_rows(support, decisions)),
      decisions_(std::move(decisions)),
      classes_(classes),
      method_(method),
      landmarks_(landmarks) {}

void SvmModel::predict(const Matrix& x, std::span<double> probability) const {
  const RowBlock rows(x.row_major(), x.rows, x.cols);
  const auto width = static_cast<size_t>(classes_);
  std::vector<double> product(support_.stride), f(decisions_.size());
  std::vector<float> k(support_.stride);
  for (size_t i = 0; i < rows.rows; ++i) {
    row_products(rows, i, support_, product.data());
    kernel_values(kernel_, product.data(), rows.squared[i], support_, k.data());
    for (size_t d = 0; d < decisions_.size(); ++d) {
      f[d] = decisions_[d].bias + svm::row_sum(decisions_[d].beta.data(), k.data(), k.size());
    }
    svm_outputs(f, probability.subspan(i * width, width));
  }
}

std::unique_ptr<ChangingRow> SvmModel::changing_row() const {
  return make_svm_row(kernel_, support_, decisions_);
}

std::string SvmModel::note() const {
  if (method_ == SvmMethod::kExact) return "";
  if (method_ == SvmMethod::kCoordinateDescent) return "by coordinate descent";
  return "approximated with " + std::to_string(landmarks_) + " landmarks";
}

void SvmModel::save(ByteWriter& out) const {
  out.u8(static_cast<uint8_t>(kernel_.kind));
  out.f64(kernel_.gamma);
  out.f64(kernel_.coef0);
  out.u32(static_cast<uint32_t>(kernel_.degree));
  out.u8(static_cast<uint8_t>(method_));
  out.u32(static_cast<uint32_t>(landmarks_));
  out.u32(static_cast<uint32_t>(classes_));
  out.u64(support_.rows);
  out.u64(support_.cols);
  out.f64s(support_.values);
  for (const Decision& d : decisions_) {
    out.f64s({d.beta.data(), support_.rows});
    out.f64(d.bias);
  }
}

std::unique_ptr<Model> SvmModel::load(ByteReader& in) {
  KernelSpec kernel;
  const uint8_t kind = in.u8();
  if (kind > 3) in.damaged("an unknown kernel");
  kernel.kind = static_cast<KernelSpec::Kind>(kind);
  kernel.gamma = in.f64();
  kernel.coef0 = in.f64();
  const uint32_t degree = in.u32();
  if (degree > 100) in.damaged("a kernel of an impossible degree");
  kernel.degree = static_cast<int>(degree);
  const uint8_t method = in.u8();
  if (method > 2) in.damaged("an unknown method");
  const uint32_t landmarks = in.u32(), classes = in.u32();
  if (classes < 2 || classes > in.left()) in.damaged("an impossible number of classes");
  const uint64_t rows = in.u64(), cols = in.u64();
  std::vector<double> values = in.f64s();
  const bool fits = cols == 0 ? values.empty() && rows <= in.left()
                              : values.size() % cols == 0 && values.size() / cols == rows;
  if (!fits) in.damaged("support vectors of an impossible shape");
  std::vector<Decision> decisions(classes == 2 ? 1 : classes);
  for (Decision& d : decisions) {
    d.beta = in.f64s();
    d.bias = in.f64();
    if (d.beta.size() != rows) in.damaged("coefficients that do not match the support vectors");
  }
  return std::make_unique<SvmModel>(kernel, RowBlock(std::move(values), rows, cols),
                                    std::move(decisions), static_cast<int>(classes),
                                    static_cast<SvmMethod>(method), landmarks);
}

}  // namespace perennial
