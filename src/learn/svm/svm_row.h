// A changing row of a support vector machine: its products with the support vectors are kept, and a
// cell that changes moves each by one addend. Answers are those of SvmModel::predict up to the
// rounding of these sums.
#pragma once

#include <memory>
#include <span>

#include "learn/changing_row.h"
#include "learn/svm/svm_model.h"

namespace perennial {

// Both must outlive it.
std::unique_ptr<ChangingRow> make_svm_row(const KernelSpec& kernel, const RowBlock& support,
                                          std::span<const Decision> decisions);

}  // namespace perennial
