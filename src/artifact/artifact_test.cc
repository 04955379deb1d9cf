#include "artifact/artifact.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "learn/all_learners.h"

namespace perennial {
namespace {

FeatureTable made_table(size_t rows) {
  FeatureTable out;
  out.target_name = "y";
  out.classes = {"no", "yes"};
  Rng rng(Seed{4});
  std::vector<double> a;
  std::vector<std::string> kind;
  for (size_t i = 0; i < rows; ++i) {
    a.push_back(rng.normal());
    kind.push_back(rng.bernoulli(0.4) ? "b" : "c");
    out.y.push_back(rng.bernoulli(1 / (1 + std::exp(-a[i]))) ? 1 : 0);
    out.ids.push_back(std::to_string(i));
  }
  out.features = {Column::number("a", a), Column::text("kind", kind)};
  return out;
}

Artifact made_ensemble(const FeatureTable& table) {
  std::vector<uint32_t> all(table.rows());
  std::iota(all.begin(), all.end(), 0U);
  Artifact out;
  PlanTable customers;  // a plan names a table at least
  customers.name = "customers";
  customers.id = "id";
  customers.schema = {{"id", ColumnType::kText}, {"y", ColumnType::kText}};
  out.plan.tables = {customers};
  out.plan.target = "y";
  out.id_name = "id";
  out.target_name = "y";
  out.classes = table.classes;
  out.read_options = Json::object();
  out.metrics = Json::object();
  out.pipeline.learner = kEnsemble;
  for (const auto& [learner, weight] :
       std::map<std::string, double>{{"boosted_trees", 0.5}, {"logistic", 0.2}, {"tree", 0.3}}) {
    const Learner& known = learner_named(learner);
    out.pipeline.members.push_back(
        {.weight = weight,
         .pipeline = std::make_shared<Pipeline>(
             fit_pipeline(learner, complete(known.params(), {}, ""),
                          complete(pipeline_params(known), {}, ""), table, all, {}, Seed{3}))});
  }
  return out;
}

TEST(Artifact, AnEnsembleComesBackToTheBit) {
  const FeatureTable table = made_table(120);
  const Artifact before = made_ensemble(table);
  const std::string bytes = to_bytes(before);
  const Artifact after = artifact_from_bytes(bytes, "here");
  EXPECT_EQ(after.pipeline.predict(table), before.pipeline.predict(table));
  EXPECT_EQ(after.pipeline.members.size(), 3u);
  EXPECT_EQ(to_bytes(after), bytes);
}

// Programs that know no ensembles go on reading files of one model.
TEST(Artifact, OneModelKeepsTheFirstFormat) {
  const FeatureTable table = made_table(60);
  Artifact one = made_ensemble(table);
  const auto format = [](const std::string& bytes) { return static_cast<int>(bytes.at(16)); };
  EXPECT_EQ(format(to_bytes(one)), 2);
  one.pipeline = Pipeline(*one.pipeline.members.front().pipeline);  // which goes with its owner
  const std::string bytes = to_bytes(one);
  EXPECT_EQ(format(bytes), 1);
  EXPECT_EQ(artifact_from_bytes(bytes, "here").pipeline.predict(table),
            one.pipeline.predict(table));
}

// What older programs would misread they must refuse; what they may pass over they may read.
TEST(Artifact, RecommendationsPicturesAndHistoryTravel) {
  const FeatureTable table = made_table(60);
  Artifact one = made_ensemble(table);
  one.pipeline = Pipeline(*one.pipeline.members.front().pipeline);  // which goes with its owner
  const auto format = [](const Artifact& a) { return static_cast<int>(to_bytes(a).at(16)); };
  for (const Column& c : table.features) one.picture.columns.push_back(picture_of(c));
  one.history.push_back({{"event", "trained"}, {"rows", 60}});
  EXPECT_EQ(format(one), 1);
  const Artifact back = artifact_from_bytes(to_bytes(one), "here");
  EXPECT_EQ(back.picture.columns, one.picture.columns);
  EXPECT_EQ(back.history, one.history);
  EXPECT_FALSE(back.recommend);

  Artifact dated = one;
  dated.read_options["visits"] = {{"files", {"v.csv"}}, {"calendar", {{"date", {"month"}}}}};
  EXPECT_EQ(format(dated), 3);
  one.recommend = RecommendPlan{.k = 5, .exclude = "owned", .separator = "|"};
  EXPECT_EQ(format(one), 3);
  const Artifact ranked = artifact_from_bytes(to_bytes(one), "here");
  ASSERT_TRUE(ranked.recommend);
  EXPECT_EQ(ranked.recommend->k, 5);
  EXPECT_EQ(ranked.recommend->exclude, "owned");
}

TEST(Artifact, WeightsThatDoNotSumToOneAreDamage) {
  Artifact bad = made_ensemble(made_table(60));
  bad.pipeline.members.front().weight = 0.6;
  try {
    artifact_from_bytes(to_bytes(bad), "here");
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kData);
    EXPECT_NE(std::string(e.what()).find("damaged"), std::string::npos);
  }
}

}  // namespace
}  // namespace perennial
