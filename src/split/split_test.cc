#include "split/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/error.h"

namespace perennial {
namespace {

// Customers "1000", "1001", …; every third is positive.
FeatureTable customers(size_t rows, size_t first = 1000) {
  FeatureTable table;
  table.target_name = "y";
  table.classes = {"no", "yes"};
  std::vector<double> x;
  for (size_t i = 0; i < rows; ++i) {
    table.ids.push_back(std::to_string(first + i));
    table.y.push_back((first + i) % 3 == 0);
    table.position.push_back(static_cast<uint32_t>(i));
    x.push_back(static_cast<double>(i));
  }
  table.features = {Column::number("x", x)};
  table.feature_tables = {"t"};
  return table;
}

std::vector<uint32_t> alone(size_t rows) {
  std::vector<uint32_t> group(rows);
  std::iota(group.begin(), group.end(), 0u);
  return group;
}

// Rows of a class with a role (or in a fold) within one of the share.
void expect_stratified(const FeatureTable& table, const SplitPlan& plan,
                       const SplitOptions& options) {
  for (int32_t c = 0; c < 2; ++c) {
    double all = 0, test = 0, validation = 0, training = 0;
    std::map<int32_t, double> folds;
    for (size_t i = 0; i < table.rows(); ++i) {
      if (table.y[i] != c) continue;
      ++all;
      test += plan.role[i] == Role::kTest;
      validation += plan.role[i] == Role::kValidation;
      if (plan.role[i] != Role::kTrain) continue;
      ++training;
      ++folds[plan.fold[i]];
    }
    EXPECT_LE(std::abs(test - all * options.test), 1.0);
    EXPECT_LE(std::abs(validation - all * options.validation), 1.0);
    ASSERT_EQ(folds.size(), static_cast<size_t>(options.folds));
    for (const auto& [fold, rows] : folds)
      EXPECT_LE(std::abs(rows - training / options.folds), 1.0);
  }
}

TEST(Split, IsStratifiedToWithinOneCustomerAClass) {
  for (const size_t rows : {37u, 100u, 1297u}) {
    const FeatureTable table = customers(rows);
    for (const auto& options :
         std::vector<SplitOptions>{{.test = 0.25, .folds = 5},
                                   {.test = 0.1, .validation = 0.1, .folds = 3},
                                   {.test = 0.5, .validation = 0.2, .folds = 2}}) {
      for (uint64_t seed = 0; seed < 5; ++seed) {
        expect_stratified(table, plan_split(table, alone(rows), options, {seed}), options);
      }
    }
  }
}

TEST(Split, SameSeedSameRolesOtherSeedOthers) {
  const FeatureTable table = customers(1000);
  const auto a = plan_split(table, alone(1000), {}, {1}),
             b = plan_split(table, alone(1000), {}, {1}),
             c = plan_split(table, alone(1000), {}, {2});
  EXPECT_EQ(a.role, b.role);
  EXPECT_EQ(a.fold, b.fold);
  size_t moved = 0;
  for (size_t i = 0; i < 1000; ++i) moved += a.role[i] != c.role[i];
  EXPECT_NEAR(static_cast<double>(moved), 375, 60);  // 2 * 0.25 * 0.75, if independent
}

TEST(Split, TheOrderOfRowsAndTheNumbersOfGroupsChangeNothing) {
  const FeatureTable table = customers(500);
  std::vector<uint32_t> group = alone(500);
  group[3] = group[77] = 7;
  const auto plan = plan_split(table, group, {.validation = 0.2}, {4});
  std::vector<uint32_t> order = alone(500);
  Rng rng(Seed{9});
  rng.shuffle(order);
  const FeatureTable shuffled = table.take(order);
  std::vector<uint32_t> numbers;
  for (const uint32_t row : order) numbers.push_back(100000 - group[row] * 3);
  const auto other = plan_split(shuffled, numbers, {.validation = 0.2}, {4});
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(other.role[i], plan.role[order[i]]);
    EXPECT_EQ(other.fold[i], plan.fold[order[i]]);
  }
}

TEST(Split, CopiesStayTogetherAndTheCountsHold) {
  const FeatureTable table = customers(600);
  std::vector<uint32_t> group = alone(600);
  for (uint32_t i = 0; i < 60; ++i) group[i + 300] = group[i];  // pairs, of one class
  group[599] = group[598];                                      // and one of two classes
  const SplitOptions options{.test = 0.25, .validation = 0.15, .folds = 4};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto plan = plan_split(table, group, options, {seed});
    std::map<uint32_t, std::set<std::pair<Role, int32_t>>> places;
    for (size_t i = 0; i < 600; ++i) places[group[i]].insert({plan.role[i], plan.fold[i]});
    for (const auto& [number, place] : places) EXPECT_EQ(place.size(), 1u) << number;
    expect_stratified(table, plan, options);
  }
}

TEST(Split, AFewNewCustomersMoveFewOldOnes) {
  const size_t rows = 2000, more = 20;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto before = plan_split(customers(rows), alone(rows), {}, {seed});
    const FeatureTable grown = customers(rows + more);
    const auto after = plan_split(grown, alone(rows + more), {}, {seed});
    size_t roles = 0, folds = 0;
    for (size_t i = 0; i < rows; ++i) {
      roles += before.role[i] != after.role[i];
      folds += before.fold[i] >= 0 && after.fold[i] >= 0 && before.fold[i] != after.fold[i];
    }
    EXPECT_LT(roles, rows / 50);
    EXPECT_LT(folds, rows / 50);
  }
}

TEST(Split, ACrowdOfCopiesIsKeptTogetherToo) {
  const FeatureTable table = customers(90);
  std::vector<uint32_t> group = alone(90);
  for (size_t i = 0; i < 45; ++i) group[i] = 0;
  const auto plan = plan_split(table, group, {.folds = 2}, {1});
  for (size_t i = 1; i < 45; ++i) {
    EXPECT_EQ(plan.role[i], plan.role[0]);
    EXPECT_EQ(plan.fold[i], plan.fold[0]);
  }
}

TEST(Split, RefusesClassesThatAreTooSmall) {
  FeatureTable table = customers(40);
  table.y.assign(40, 0);
  for (size_t i = 0; i < 5; ++i) table.y[i] = 1;
  try {
    plan_split(table, alone(40), {.folds = 5}, {1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_NE(error.problem().find("the class \"yes\" has 5 customers"), std::string::npos);
  }
  table.y[5] = 1;
  const auto plan = plan_split(table, alone(40), {.test = 0.1, .folds = 5}, {1});
  size_t test = 0;
  for (size_t i = 0; i < 6; ++i) test += plan.role[i] == Role::kTest;
  EXPECT_EQ(test, 1u);
}

TEST(Split, RefusesSharesThatLeaveNothing) {
  const FeatureTable table = customers(100);
  for (const auto& options : std::vector<SplitOptions>{{.test = 0},
                                                       {.test = 1},
                                                       {.test = 0.5, .validation = 0.5},
                                                       {.validation = -0.1},
                                                       {.folds = 1},
                                                       {.test = std::nan("")}}) {
    EXPECT_THROW(plan_split(table, alone(100), options, {1}), Error);
  }
}

TEST(Split, SealHandsOutTheRows) {
  const FeatureTable table = customers(100);
  const auto plan = plan_split(table, alone(100), {.validation = 0.1}, {3});
  const SplitRows rows = seal(table, plan);
  EXPECT_EQ(rows.training.table.rows() + rows.validation.rows() + rows.sealed.size(), 100u);
  EXPECT_EQ(rows.training.fold.size(), rows.training.table.rows());
  EXPECT_EQ(rows.training.folds, 5);
  for (size_t i = 0; i < rows.training.table.rows(); ++i) {
    const auto row = rows.training.table.position[i];
    EXPECT_EQ(plan.role[row], Role::kTrain);
    EXPECT_EQ(plan.fold[row], rows.training.fold[i]);
    EXPECT_EQ(rows.training.table.features[0].numbers[i], static_cast<double>(row));
    EXPECT_EQ(rows.training.table.y[i], table.y[row]);
  }
}

TEST(Split, UnsealedRowsAreTrainingAndValidationInTheOrderOfTheTable) {
  const FeatureTable table = customers(100);
  const auto plan = plan_split(table, alone(100), {.validation = 0.1}, {3});
  const TrainingRows rows = unsealed(table, plan);
  EXPECT_EQ(rows.folds, 5);
  size_t next = 0;
  for (uint32_t row = 0; row < 100; ++row) {
    if (plan.role[row] == Role::kTest) continue;
    ASSERT_LT(next, rows.table.rows());
    EXPECT_EQ(rows.table.ids[next], table.ids[row]);
    EXPECT_EQ(rows.fold[next], plan.role[row] == Role::kTrain ? plan.fold[row] : -1);
    ++next;
  }
  EXPECT_EQ(next, rows.table.rows());
  EXPECT_EQ(next, 75u);
}

// Groups of 5 to 9 customers, classes mixed.
TEST(Split, GroupsStayOnOneSideAndInOneFold) {
  const FeatureTable table = customers(1400);
  std::vector<uint32_t> group(1400);
  for (uint32_t i = 0; i < 1400; ++i) group[i] = i * 7919 % 1400 / 7;
  const SplitOptions options{.test = 0.1, .validation = 0.1, .folds = 4};
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto plan = plan_split(table, group, options, {seed});
    std::map<uint32_t, std::set<std::pair<Role, int32_t>>> places;
    std::map<Role, int> rows;
    for (size_t i = 0; i < 1400; ++i) {
      places[group[i]].insert({plan.role[i], plan.fold[i]});
      ++rows[plan.role[i]];
    }
    for (const auto& [number, place] : places) EXPECT_EQ(place.size(), 1u) << number;
    EXPECT_NEAR(rows[Role::kTest], 140, 14);
    EXPECT_NEAR(rows[Role::kValidation], 140, 14);
  }
}

TEST(Split, TheLatestAreTheTest) {
  const FeatureTable table = customers(1000);
  std::vector<double> time(1000);
  for (size_t i = 0; i < 1000; ++i) time[i] = static_cast<double>(i * 7 % 1000);
  const auto plan = plan_split(table, alone(1000), {.test = 0.1, .validation = 0.2, .folds = 5},
                               {1}, {.time = time, .role = {}});
  for (size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(plan.role[i], time[i] >= 900   ? Role::kTest
                            : time[i] >= 700 ? Role::kValidation
                                             : Role::kTrain);
    EXPECT_EQ(plan.fold[i], time[i] >= 700 ? -1 : static_cast<int32_t>(time[i]) / 140);
  }
  EXPECT_EQ(plan.test_from, 900);
}

TEST(Split, RowsOfOneTimeStayTogether) {
  const FeatureTable table = customers(1000);
  std::vector<double> time(1000);
  for (size_t i = 0; i < 1000; ++i) time[i] = std::floor(static_cast<double>(i) / 60);
  std::vector<uint32_t> group = alone(1000);
  group[5] = group[995];  // an old customer with a late copy
  const auto plan = plan_split(table, group, {.test = 0.25}, {1}, {.time = time, .role = {}});
  // 1000 * 0.75 = 750 lies in the time 12 (rows 720 to 779): both borders are 30 away, less the
  // old row that went to the end; the nearer one, before it, is taken.
  for (size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(plan.role[i], i >= 780 || i == 5 ? Role::kTest : Role::kTrain) << i;
  }
}

TEST(Split, GivenRolesAreKept) {
  const FeatureTable table = customers(300);
  std::vector<Role> role(300, Role::kTrain);
  for (size_t i = 0; i < 30; ++i) role[i] = Role::kTest;
  for (size_t i = 30; i < 60; ++i) role[i] = Role::kValidation;
  std::vector<uint32_t> group = alone(300);
  group[100] = group[3];
  const auto plan = plan_split(table, group, {}, {1}, {.time = {}, .role = role});
  EXPECT_EQ(plan.role, role);
  EXPECT_EQ(plan.straddling, 1);
  std::map<int32_t, int> folds;
  for (size_t i = 60; i < 300; ++i) ++folds[plan.fold[i]];
  for (int32_t f = 0; f < 5; ++f) EXPECT_EQ(folds[f], 48);
}

TEST(Split, RefusesATestOfOneClass) {
  FeatureTable table = customers(300);
  std::vector<double> time(300);
  for (size_t i = 0; i < 300; ++i) {
    time[i] = static_cast<double>(i);
    if (i >= 200) table.y[i] = 0;
  }
  try {
    plan_split(table, alone(300), {.test = 0.1}, {1}, {.time = time, .role = {}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.problem().find("one class"), std::string::npos) << error.what();
  }
}

TEST(Split, ByTimeNeedsMoreThanOneTime) {
  const std::vector<double> time(300, 19000.0);
  try {
    plan_split(customers(300), alone(300), {.test = 0.1}, {1}, {.time = time, .role = {}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_NE(error.problem().find("the same time"), std::string::npos) << error.what();
  }
}

TEST(Split, JoinedGroupsHoldBoth) {
  const std::vector<uint32_t> copies = {0, 1, 1, 3, 4, 5}, shops = {9, 8, 7, 7, 6, 9};
  EXPECT_EQ(joined_groups(copies, shops), (std::vector<uint32_t>{0, 1, 1, 1, 4, 0}));
}

TEST(Split, NamesOfRoles) {
  EXPECT_STREQ(to_string(Role::kTrain), "train");
  EXPECT_STREQ(to_string(Role::kValidation), "validation");
  EXPECT_STREQ(to_string(Role::kTest), "test");
}

}  // namespace
}  // namespace perennial
