#include "learn/svm/kernel.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <map>

#include "base/error.h"
#include "learn/svm/passes.h"

namespace perennial {
namespace {

class DenseKernel : public KernelRows {
 public:
  DenseKernel(const KernelSpec& spec, const RowBlock& x, std::span<const double> products)
      : n_(x.rows), stride_(x.stride), values_(kernel_matrix(spec, x, x, products)) {
    for (size_t i = 0; i < n_; ++i) {
      diagonal_.push_back(static_cast<double>(values_[i * stride_ + i]));
    }
  }
  size_t size() const override { return n_; }
  const float* row(size_t i) override { return values_.data() + i * stride_; }
  const std::vector<double>& diagonal() const override { return diagonal_; }

 private:
  size_t n_, stride_;
  std::vector<float> values_;
  std::vector<double> diagonal_;
};

// Rows on demand; the least recently used one makes room.
class CachedKernel : public KernelRows {
 public:
  CachedKernel(const KernelSpec& spec, const RowBlock& x, size_t budget_bytes)
      : spec_(spec),
        x_(x),
        most_(std::max<size_t>(3, budget_bytes / (x.stride * sizeof(float)))),
        products_(x.stride) {
    std::vector<float> value(8);
    for (size_t i = 0; i < x.rows; ++i) {
      const RowBlock one({x.row(i), x.row(i) + x.cols}, 1, x.cols);
      row_products(one, 0, one, products_.data());
      kernel_values(spec, products_.data(), one.squared[0], one, value.data());
      diagonal_.push_back(static_cast<double>(value[0]));
    }
  }
  size_t size() const override { return x_.rows; }
  const std::vector<double>& diagonal() const override { return diagonal_; }
  const float* row(size_t i) override {
    const auto found = at_.find(i);
    if (found != at_.end()) {
      rows_.splice(rows_.begin(), rows_, found->second);
      return rows_.front().second.data();
    }
    std::vector<float> values;
    if (rows_.size() >= most_) {
      values = std::move(rows_.back().second);
      at_.erase(rows_.back().first);
      rows_.pop_back();
    }
    values.resize(x_.stride);
    row_products(x_, i, x_, products_.data());
    kernel_values(spec_, products_.data(), x_.squared[i], x_, values.data());
    rows_.emplace_front(i, std::move(values));
    at_[i] = rows_.begin();
    return rows_.front().second.data();
  }

 private:
  using Rows = std::list<std::pair<size_t, std::vector<float>>>;
  KernelSpec spec_;
  const RowBlock& x_;
  size_t most_;
  std::vector<double> diagonal_, products_;
  Rows rows_;
  std::map<size_t, Rows::iterator> at_;
};

}  // namespace

RowBlock::RowBlock(std::vector<double> row_major, size_t row_count, size_t col_count)
    : rows(row_count),
      cols(col_count),
      stride(KernelRows::padded(row_count)),
      values(std::move(row_major)),
      columns(cols * stride, 0.0),
      squared(stride, 0.0) {
  PERENNIAL_CHECK(values.size() == rows * cols);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t k = 0; k < cols; ++k) {
      const double v = values[i * cols + k];
      columns[k * stride + i] = v;
      squared[i] += v * v;
    }
  }
}

void row_products(const RowBlock& a, size_t i, const RowBlock& b, double* out) {
  svm::products(a.row(i), a.cols, b.columns.data(), b.stride, b.stride, out);
}

std::vector<double> product_matrix(const RowBlock& a, const RowBlock& b) {
  std::vector<double> out(a.rows * b.stride);
  for (size_t i = 0; i < a.rows; ++i) row_products(a, i, b, out.data() + i * b.stride);
  return out;
}

void kernel_values(const KernelSpec& spec, const double* product, double squared_u,
                   const RowBlock& b, float* out) {
  switch (spec.kind) {
    case KernelSpec::Kind::kLinear:
      svm::poly_values(product, 1, 0, 1, b.stride, out);
      break;
    case KernelSpec::Kind::kRbf:
      svm::rbf_values(product, squared_u, b.squared.data(), spec.gamma, b.stride, out);
      break;
    case KernelSpec::Kind::kPoly:
      svm::poly_values(product, spec.gamma, spec.coef0, spec.degree, b.stride, out);
      break;
    case KernelSpec::Kind::kSigmoid:
      svm::sigmoid_values(product, spec.gamma, spec.coef0, b.stride, out);
      break;
  }
  std::fill(out + b.rows, out + b.stride, 0.0F);
}

std::vector<float> kernel_matrix(const KernelSpec& spec, const RowBlock& a, const RowBlock& b,
                                 std::span<const double> products) {
  std::vector<float> out(a.rows * b.stride);
  std::vector<double> own(products.empty() ? b.stride : 0);
  for (size_t i = 0; i < a.rows; ++i) {
    if (products.empty()) row_products(a, i, b, own.data());
    const double* row = products.empty() ? own.data() : products.data() + i * b.stride;
    kernel_values(spec, row, a.squared[i], b, out.data() + i * b.stride);
  }
  return out;
}

std::unique_ptr<KernelRows> make_kernel(const KernelSpec& spec, const RowBlock& x,
                                        std::span<const double> products, size_t budget_bytes) {
  if (x.rows * x.stride * sizeof(float) <= budget_bytes) {
    return std::make_unique<DenseKernel>(spec, x, products);
  }
  return std::make_unique<CachedKernel>(spec, x, budget_bytes);
}

}  // namespace perennial
