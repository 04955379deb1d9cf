#include "watch/picture.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/seed.h"

namespace perennial {
namespace {

FeatureTable table_of(std::vector<Column> columns) {
  FeatureTable table;
  table.features = std::move(columns);
  table.ids.resize(table.features[0].size());
  return table;
}

TrainingPicture picture_of_table(const FeatureTable& table) {
  TrainingPicture picture;
  for (const Column& c : table.features) picture.columns.push_back(picture_of(c));
  return picture;
}

std::vector<double> normals(size_t n, double mean, Seed seed) {
  Rng rng(seed);
  std::vector<double> out(n);
  for (double& v : out) v = mean + rng.normal();
  return out;
}

// By hand: shares 0.5 0.5 become 0.8 0.2, so 0.3 ln(1.6) - 0.3 ln(0.4) = 0.3 ln 4 = 0.41589 (half a
// row more in each of the two bins hardly shows in 100,000).
TEST(Picture, IndexByHand) {
  std::vector<std::string> then, now;
  for (int i = 0; i < 100'000; ++i) {
    then.emplace_back(i % 2 == 0 ? "a" : "b");
    now.emplace_back(i % 10 < 8 ? "a" : "b");
  }
  const TrainingPicture picture = picture_of_table(table_of({Column::text("x", then)}));
  const Shift shift = shifts_of(picture, table_of({Column::text("x", now)}), {}).at(0);
  EXPECT_NEAR(shift.psi, 0.3 * std::log(4.0), 2e-4);
  EXPECT_EQ(shift.level, "moved far");
  EXPECT_LT(shift.change.low, shift.change.value);
  EXPECT_GT(shift.change.high, shift.change.value);
}

// The same distribution: the index alone is above 0, what is beyond chance holds 0, and 95 % of
// intervals do. 400 draws: with the stated coverage fewer than 358 would come up twice in a million
// (scipy: binom.cdf(357, 400, 0.95)).
TEST(Picture, ChanceIsNoChange) {
  int holds = 0, steady = 0;
  for (uint64_t s = 0; s < 400; ++s) {
    const Seed seed{s};
    const FeatureTable then = table_of({Column::number("x", normals(600, 0, seed.child("then")))});
    const FeatureTable now = table_of({Column::number("x", normals(400, 0, seed.child("now")))});
    const Shift shift = shifts_of(picture_of_table(then), now, {}).at(0);
    holds += shift.change.low == 0;
    steady += shift.level == "steady";
    EXPECT_GT(shift.psi, 0);
  }
  EXPECT_GE(holds, 358);
  EXPECT_EQ(steady, 400);
}

// Two normal distributions a shift d apart have the index d * d before it is cut into bins
// (Kullback-Leibler both ways), and somewhat less in ten bins.
TEST(Picture, ShiftedNumbersMove) {
  const FeatureTable then = table_of({Column::number("x", normals(20'000, 0, Seed{1}))});
  const FeatureTable now = table_of({Column::number("x", normals(20'000, 1, Seed{2}))});
  const Shift shift = shifts_of(picture_of_table(then), now, {}).at(0);
  EXPECT_GT(shift.change.value, 0.75);
  EXPECT_LT(shift.change.value, 1.0);
  EXPECT_EQ(shift.level, "moved far");
}

TEST(Picture, NewValuesAndMissingOnes) {
  std::vector<std::string> then(1000, "a"), now(1000, "a");
  for (int i = 0; i < 300; ++i) now[static_cast<size_t>(i)] = i < 200 ? "new" : "newer";
  Column numbers = Column::number("n", std::vector<double>(1000, 1.0));
  Column gone = numbers;
  for (size_t i = 0; i < 500; ++i) gone.numbers[i] = kMissing;
  const TrainingPicture picture = picture_of_table(table_of({Column::text("x", then), numbers}));
  const auto shifts = shifts_of(picture, table_of({Column::text("x", now), gone}), {});
  EXPECT_NEAR(shifts[0].new_share, 0.3, 1e-12);
  ASSERT_EQ(shifts[0].new_values.size(), 2u);
  EXPECT_EQ(shifts[0].new_values[0], (std::pair<std::string, int64_t>{"new", 200}));
  EXPECT_EQ(shifts[0].level, "moved far");
  EXPECT_EQ(shifts[1].missing_then, 0);
  EXPECT_EQ(shifts[1].missing_now, 0.5);
  EXPECT_EQ(shifts[1].level, "moved far");
}

TEST(Picture, TravelsAsJson) {
  FeatureTable table = table_of({Column::number("x", normals(500, 0, Seed{3})),
                                 Column::text("t", std::vector<std::string>(500, "a"))});
  TrainingPicture picture = picture_of_table(table);
  picture.scores = {picture_of(Column::number("p", normals(500, 0, Seed{4})))};
  picture.test["roc_auc"] = {.value = 0.8, .low = 0.7, .high = std::nan("")};
  picture.reliability = {
      {.mean_probability = 0.5, .rate = 0.4, .low = 0.3, .high = 0.5, .rows = 9}};
  const TrainingPicture back = TrainingPicture::from_json(Json::parse(picture.to_json().dump()));
  EXPECT_EQ(back.columns, picture.columns);
  EXPECT_EQ(back.scores, picture.scores);
  EXPECT_EQ(back.test.at("roc_auc").value, 0.8);
  EXPECT_TRUE(std::isnan(back.test.at("roc_auc").high));
  EXPECT_EQ(back.reliability.at(0).rows, 9);
  Json damaged = picture.to_json();
  damaged["columns"][0]["counts"] = {1, 2};
  EXPECT_THROW(TrainingPicture::from_json(damaged), Error);
}

}  // namespace
}  // namespace perennial
