#include "learn/svm/svm_row.h"

#include <vector>

#include "base/clones.h"
#include "base/error.h"
#include "learn/svm/passes.h"

namespace perennial {
namespace {

PERENNIAL_CLONES void add_column(const double* column, double factor, size_t n, double* out) {
  for (size_t j = 0; j < n; ++j) out[j] += column[j] * factor;
}

class SvmRow : public ChangingRow {
 public:
  SvmRow(const KernelSpec& kernel, const RowBlock& support, std::span<const Decision> decisions)
      : kernel_(kernel),
        support_(support),
        decisions_(decisions),
        product_(support.stride),
        value_(support.stride),
        f_(decisions.size()) {}

  std::unique_ptr<ChangingRow> fresh() const override {
    return std::make_unique<SvmRow>(kernel_, support_, decisions_);
  }

  void set(std::span<const double> cells) override {
    PERENNIAL_CHECK(cells.size() == support_.cols);
    cells_.assign(cells.begin(), cells.end());
    svm::products(cells_.data(), cells_.size(), support_.columns.data(), support_.stride,
                  support_.stride, product_.data());
  }

  void change(size_t column, double to) override {
    const double by = to - cells_[column];
    if (by == 0) return;
    add_column(support_.columns.data() + column * support_.stride, by, support_.stride,
               product_.data());
    cells_[column] = to;
  }

  void answer(std::span<double> probability) override {
    double squared = 0;
    for (const double v : cells_) squared += v * v;
    kernel_values(kernel_, product_.data(), squared, support_, value_.data());
    for (size_t d = 0; d < f_.size(); ++d) {
      f_[d] = decisions_[d].bias +
              svm::row_sum(decisions_[d].beta.data(), value_.data(), value_.size());
    }
    svm_outputs(f_, probability);
  }

 private:
  const KernelSpec& kernel_;
  const RowBlock& support_;
  std::span<const Decision> decisions_;
  std::vector<double> cells_, product_;
  std::vector<float> value_;
  std::vector<double> f_;
};

}  // namespace

std::unique_ptr<ChangingRow> make_svm_row(const KernelSpec& kernel, const RowBlock& support,
                                          std::span<const Decision> decisions) {
  return std::make_unique<SvmRow>(kernel, support, decisions);
}

}  // namespace perennial
