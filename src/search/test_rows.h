// What several tests of the search work on.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "search/search.h"

namespace perennial {

// Two informative numbers, one of noise and one text; folds in turn.
inline TrainingRows made_rows(size_t rows, int folds = 5, uint64_t seed = 7) {
  TrainingRows out;
  out.folds = folds;
  out.table.target_name = "активность";
  out.table.classes = {"прежняя", "снизилась"};
  Rng rng(Seed{seed});
  std::vector<double> a, b, c;
  std::vector<std::string> kind;
  for (size_t i = 0; i < rows; ++i) {
    a.push_back(rng.normal());
    b.push_back(100 + 20 * rng.normal());
    c.push_back(rng.uniform());
    kind.push_back(rng.bernoulli(0.3) ? "премиум" : "стандарт");
    const double score = 1.5 * a[i] + 0.03 * (b[i] - 100) + (kind[i] == "премиум" ? 0.8 : 0) - 0.6;
    out.table.y.push_back(rng.bernoulli(1 / (1 + std::exp(-score))) ? 1 : 0);
    out.table.ids.push_back(std::to_string(i));
    out.fold.push_back(static_cast<int32_t>(i % static_cast<size_t>(folds)));
  }
  out.table.features = {Column::number("a", a), Column::number("b", b), Column::number("c", c),
                        Column::text("тип", kind)};
  return out;
}

inline SearchOptions auto_options(int64_t trials) {
  SearchOptions options;
  options.trials = trials;
  options.ensemble = false;
  for (const char* learner : {"logistic", "boosted_trees", "knn", "tree"}) {
    options.spaces.push_back({.learner = learner, .values = {}});
  }
  return options;
}

}  // namespace perennial
