// The quadratic model of a Newton step, scaled to a unit diagonal, with absolute values.
#pragma once

#include <Eigen/Dense>

namespace perennial::logistic {

// The step d that minimises  <slope, d> + d' gram d / 2 + sum_j bend[j] |at[j] + d[j]|.
// gram: symmetric, positive semidefinite, ones on its diagonal. bend[j] >= 0; where bend[j] > 0,
// at[j] + d[j] is exactly 0 for the coordinates that the minimum leaves out. Singular matrices get
// the solution with a ridge of 1e-12.
Eigen::VectorXd quadratic_step(const Eigen::MatrixXd& gram, const Eigen::VectorXd& slope,
                               const Eigen::VectorXd& at, const Eigen::VectorXd& bend);

}  // namespace perennial::logistic
