#include "learn/all_learners.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "learn/boosted_trees/boosted_trees.h"
#include "learn/forest/forest.h"
#include "learn/knn/knn.h"
#include "learn/logistic/logistic.h"
#include "learn/naive/naive.h"
#include "learn/naive_bayes/naive_bayes.h"
#include "learn/neural_network/neural_network.h"
#include "learn/svm/svm.h"
#include "learn/tree/tree.h"

namespace perennial {
namespace {

// Simple learners first: of two that score the same, the earlier one leads.
std::vector<std::unique_ptr<Learner>> make_all() {
  std::vector<std::unique_ptr<Learner>> all;
  all.push_back(make_naive());
  all.push_back(make_logistic());
  all.push_back(make_tree());
  all.push_back(make_knn());
  all.push_back(make_naive_bayes());
  all.push_back(make_random_forest());
  all.push_back(make_extra_trees());
  all.push_back(make_boosted_trees());
  all.push_back(make_neural_network());
  all.push_back(make_svm());
  return all;
}

}  // namespace

const std::vector<std::unique_ptr<Learner>>& all_learners() {
  static const std::vector<std::unique_ptr<Learner>> all = make_all();
  return all;
}

std::vector<std::string> learner_names() {
  std::vector<std::string> names;
  for (const auto& learner : all_learners()) names.emplace_back(learner->name());
  return names;
}

const Learner& learner_named(const std::string& name, const std::string& where) {
  for (const auto& learner : all_learners()) {
    if (learner->name() == name) return *learner;
  }
  const std::vector<std::string> names = learner_names();
  throw Error(ErrorCode::kStudy, where,
              "there is no learner " + quoted(name) + did_you_mean(name, names),
              "Choose one of " + join(names, ", "));
}

size_t learner_rank(const std::string& name) {
  const std::vector<std::string> names = learner_names();
  const auto found = std::find(names.begin(), names.end(), name);
  PERENNIAL_CHECK(found != names.end());
  return static_cast<size_t>(found - names.begin());
}

}  // namespace perennial
