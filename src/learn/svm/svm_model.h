// A fitted support vector machine.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learn/changing_row.h"
#include "learn/learner.h"
#include "learn/svm/kernel.h"

namespace perennial {

// One decision function a class (one in all for two classes): f(x) = sum_s beta_s K(x, x_s) + bias.
struct Decision {
  std::vector<double> beta;
  double bias = 0;  // -infinity: a class without rows, whose output is 0
};

// How the coefficients came about.
enum class SvmMethod : uint8_t { kExact, kLandmarks, kCoordinateDescent };

// Decision values, one a function -> outputs that sum to 1, one a class.
void svm_outputs(std::span<const double> f, std::span<double> out);

// matrix: rows x support.stride kernel values. Returns rows x classes.
std::vector<double> svm_outputs(const std::vector<Decision>& decisions,
                                const std::vector<float>& matrix, size_t rows,
                                const RowBlock& support, int classes);

class SvmModel : public Model, public FollowsChanges {
 public:
  // beta: one a row of `support`; rows without any coefficient are dropped.
  SvmModel(const KernelSpec& kernel, const RowBlock& support, std::vector<Decision> decisions,
           int classes, SvmMethod method, size_t landmarks);
  void predict(const Matrix& x, std::span<double> probability) const override;
  std::unique_ptr<ChangingRow> changing_row() const override;
  void save(ByteWriter& out) const override;
  std::string note() const override;
  static std::unique_ptr<Model> load(ByteReader& in);
  const std::vector<Decision>& decisions() const { return decisions_; }
  const RowBlock& support() const { return support_; }

 private:
  KernelSpec kernel_;
  RowBlock support_;
  std::vector<Decision> decisions_;  // beta padded with zeros to support_.stride
  int classes_;
  SvmMethod method_;
  size_t landmarks_;
};

}  // namespace perennial
