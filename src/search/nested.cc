#include "search/nested.h"

#include "base/error.h"

namespace perennial {
namespace {

struct Outer {
  TrainingRows rest;
  FeatureTable held_out;
};

Outer without_fold(const TrainingRows& rows, int fold) {
  Outer out;
  std::vector<uint32_t> rest, held_out;
  for (size_t i = 0; i < rows.fold.size(); ++i) {
    (rows.fold[i] == fold ? held_out : rest).push_back(static_cast<uint32_t>(i));
    if (rows.fold[i] == fold) continue;
    out.rest.fold.push_back(rows.fold[i] - (rows.fold[i] > fold ? 1 : 0));
  }
  out.rest.table = rows.table.take(rest);
  out.rest.folds = rows.folds - 1;
  out.held_out = rows.table.take(held_out);
  return out;
}

}  // namespace

NestedScores nested_search(const TrainingRows& rows, const SearchOptions& options, Seed seed,
                           const Workers& workers, Progress& progress, const SearchLimits& limits) {
  if (rows.folds < 3) {
    throw Error(ErrorCode::kUsage, "--nested", "the search within a fold needs two folds at least",
                "Say folds = 3 or more in the question's validation section");
  }
  const MetricInfo& metric = metric_named(options.metric);
  NestedScores out;
  for (int fold = 0; fold < rows.folds; ++fold) {
    const Outer outer = without_fold(rows, fold);
    const SearchResult found = search(outer.rest, options, seed.child(static_cast<uint64_t>(fold)),
                                      workers, progress, limits);
    out.fold_scores.push_back(metric.score(outer.held_out.y, found.pipeline.predict(outer.held_out),
                                           found.pipeline.classes));
    out.winners.push_back(found.trials.front().learner);
    if (!found.plan.cut.empty()) out.cut = found.plan.cut;
  }
  out.score = corrected_paired_t(out.fold_scores, 1.0 / static_cast<double>(rows.folds - 1));
  return out;
}

}  // namespace perennial
