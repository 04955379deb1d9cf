// Logistic regression by penalised maximum likelihood.
//
// Minimises  P(w) + C * sum_i weight_i * loss_i(w, b)  with the logistic loss of row i, as
// scikit-learn does, and P the penalty:
//   none         0
//   l1           |w|_1
//   l2           |w|_2^2 / 2
//   elastic_net  l1_ratio |w|_1 + (1 - l1_ratio) |w|_2^2 / 2
// The intercept b is never penalised (LIBLINEAR penalises it). class_weight = balanced multiplies
// the weight of a row by rows / (classes * rows of its class), counted by weight.
//
// Solvers, chosen by the shape of the table alone:
//   up to 512 columns: Newton's method with the exact matrix of second derivatives (Hastie,
//     Tibshirani and Friedman 2009, The Elements of Statistical Learning, 4.4.1). With an absolute
//     value in the penalty its quadratic model is minimised by coordinate descent (Friedman, Hastie
//     and Tibshirani 2010, J. Stat. Softw. 33(1)) within a line search (Yuan, Ho and Lin 2012,
//     JMLR 13), and finished by one linear solve on the columns that are not zero. Large tables
//     start from the solution on a sixteenth of their rows.
//   more columns, smooth penalty: L-BFGS (Liu and Nocedal 1989); with an absolute value: the
//     method above on a growing set of columns, until no column outside it wants in.
// Data of two separable classes without a penalty have no finite solution: the fit ends when the
// loss is gone or after max_iter steps. Two classes only.
#pragma once

#include <memory>

#include "learn/learner.h"

namespace perennial {

std::unique_ptr<Learner> make_logistic();

}  // namespace perennial
