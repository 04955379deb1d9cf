// Where labels mean nothing the verdict says so: labels of made customers are shuffled, and the
// whole way from split to search to verdict is gone two hundred times.
#include <gtest/gtest.h>

#include <cstdio>
#include <numeric>

#include "judge/judge.h"
#include "search/search.h"

namespace perennial {
namespace {

constexpr int kRuns = 200;

// Four columns; the labels are dealt out whatever the columns say.
FeatureTable shuffled_customers(size_t rows, Rng rng) {
  FeatureTable table;
  table.id_name = "id";
  table.target_name = "leaves";
  table.classes = {"no", "yes"};
  std::vector<std::vector<double>> columns(4);
  for (size_t i = 0; i < rows; ++i) {
    for (auto& column : columns) column.push_back(rng.normal());
    table.ids.push_back(std::to_string(10000 + i));
    table.position.push_back(static_cast<uint32_t>(i));
    table.y.push_back(i % 3 == 0 ? 1 : 0);
  }
  rng.shuffle(table.y);
  for (size_t c = 0; c < columns.size(); ++c) {
    table.features.push_back(Column::number("x" + std::to_string(c), columns[c]));
    table.feature_tables.push_back("t");
  }
  return table;
}

bool finds_evidence(uint64_t run) {
  const Seed seed = Seed{99}.child(run);
  const FeatureTable table = shuffled_customers(400, Rng(seed.child("rows")));
  std::vector<uint32_t> group(table.rows());
  std::iota(group.begin(), group.end(), 0U);
  SplitRows parts = seal(table, plan_split(table, group, {}, seed.child("split")));
  SearchOptions options;
  options.method = "grid";
  options.spaces = {
      {.learner = "logistic", .values = {{"C", {0.01, 1.0}}, {"penalty", {std::string("l2")}}}}};
  SilentProgress progress;
  const Workers workers(1);
  SearchResult found = search(parts.training, options, seed.child("search"), workers, progress);
  const Verdict verdict =
      judge(std::move(parts.sealed), found.pipeline,
            {.threshold = found.threshold, .bootstrap_rounds = 50}, seed.child("judge"));
  EXPECT_EQ(verdict.evidence == "no evidence", !verdict.better_than_baseline);
  return verdict.evidence != "no evidence";
}

TEST(Promises, ShuffledLabelsGiveNoEvidence) {
  int evidence = 0;
  for (uint64_t run = 0; run < kRuns; ++run) evidence += finds_evidence(run) ? 1 : 0;
  std::printf("no evidence in %d of %d runs with shuffled labels\n", kRuns - evidence, kRuns);
  EXPECT_LE(evidence, kRuns / 20);
}

}  // namespace
}  // namespace perennial
