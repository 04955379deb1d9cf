// What the tests of this room share: tables with a planted truth, and rows that were judged.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/seed.h"
#include "judge/judge.h"
#include "learn/pipeline.h"

namespace perennial::explain_testing {

// Standard normal columns "x0" ..; the class is drawn with the log odds that `truth` gives a row.
template <typename Truth>
FeatureTable planted_table(size_t rows, size_t cols, Truth truth, uint64_t seed) {
  FeatureTable table;
  table.id_name = "id";
  table.target_name = "left";
  table.classes = {"no", "yes"};
  std::vector<std::vector<double>> x(cols);
  Rng rng(Seed{seed});
  for (size_t i = 0; i < rows; ++i) {
    std::vector<double> row(cols);
    for (size_t j = 0; j < cols; ++j) x[j].push_back(row[j] = rng.normal());
    table.ids.push_back(std::to_string(1000 + i));
    table.y.push_back(rng.bernoulli(1 / (1 + std::exp(-truth(row)))) ? 1 : 0);
    table.position.push_back(static_cast<uint32_t>(i));
  }
  for (size_t j = 0; j < cols; ++j) {
    table.features.push_back(Column::number("x" + std::to_string(j), x[j]));
    table.feature_tables.push_back("t");
  }
  return table;
}

inline std::vector<uint32_t> all_rows(const FeatureTable& table) {
  std::vector<uint32_t> rows(table.rows());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<uint32_t>(i);
  return rows;
}

inline Pipeline fitted(const FeatureTable& table, const std::string& learner,
                       const Params& given = {}) {
  const Learner& known = learner_named(learner);
  return fit_pipeline(learner, complete(known.params(), given, ""),
                      complete(pipeline_params(known), {}, ""), table, all_rows(table), {},
                      Seed{1});
}

inline std::shared_ptr<const OpenedRows> opened(const FeatureTable& table,
                                                const Pipeline& pipeline) {
  SplitPlan plan;
  plan.role.assign(table.rows(), Role::kTest);
  plan.fold.assign(table.rows(), -1);
  return judge(seal(table, plan).sealed, pipeline, {.bootstrap_rounds = 20}, Seed{1}).opened;
}

}  // namespace perennial::explain_testing
