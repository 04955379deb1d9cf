#include "judge/money.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace perennial {
namespace {

FeatureTable table_of(std::vector<int32_t> y, std::vector<double> profit) {
  FeatureTable table;
  table.classes = {"no", "yes"};
  table.y = std::move(y);
  for (size_t i = 0; i < table.y.size(); ++i) table.ids.push_back(std::to_string(i));
  table.values.push_back(Column::number("profit", std::move(profit)));
  return table;
}

const std::vector<double> kP = {.9, .6, .5, .2, .1};

// By hand, a contact costs 3 and keeps 10 in half of the cases, 5 on average. Training: profits
// from the top 2, 4, 1, 3, 0, so the best cut lies between .6 and .5. Sealed rows y = 1 0 1 0 0
// with p = .9 .6 .5 .2 .1: two are contacted (.9 right, .6 wrong), 5 - 6 = -1; everybody: 10 - 15 =
// -5.
TEST(Money, KnownByHand) {
  const FeatureTable training = table_of({1, 1, 0, 1, 0}, {0, 0, 0, 0, 0});
  const MoneyTerms terms{
      .contact_cost = 3, .kept_value = 10, .success_rate = 0.5, .threshold = "money"};
  const ContactPlan plan = plan_contacts(training, kP, terms, 0.4);
  EXPECT_DOUBLE_EQ(plan.cut, 0.55);
  const FeatureTable opened = table_of({1, 0, 1, 0, 0}, {0, 0, 0, 0, 0});
  const MoneyVerdict m = judge_money(opened, kP, plan, 100, Seed{1});
  EXPECT_EQ(m.customers, 5);
  EXPECT_EQ(m.positives, 2);
  EXPECT_EQ(m.contacted, 2);
  EXPECT_EQ(m.found, 1);
  EXPECT_DOUBLE_EQ(m.cost, 6);
  EXPECT_DOUBLE_EQ(m.cost_of_everybody, 15);
  EXPECT_DOUBLE_EQ(m.profit.value, -1);
  EXPECT_DOUBLE_EQ(m.profit_of_everybody.value, -5);
  EXPECT_DOUBLE_EQ(m.over_everybody.value, 4);
  // Gains 0 0 -2 3 3 over contacting everybody: mean 0.8, sd sqrt(18.8 / 4), t(4) = 2.776445.
  EXPECT_NEAR(m.over_everybody.low, 4 - 2.776445 * std::sqrt(18.8 / 4 * 5), 1e-5);
  // Sums from the top 2, -1, 1, -2, -5: one customer with hindsight.
  EXPECT_DOUBLE_EQ(m.best_profit, 2);
  EXPECT_DOUBLE_EQ(m.best_share.value, 0.2);
  ASSERT_EQ(m.curve.size(), 6U);
}

// By value: p * worth is 0.9, 6, 1 and .2 for the four; two of them earn more than they cost.
TEST(Money, ByTheCustomersOwnValue) {
  const std::vector<double> p = {.9, .6, .5, .2};
  const FeatureTable training = table_of({1, 1, 1, 0}, {1, 10, 2, 1});
  const MoneyTerms terms{.contact_cost = 1.5, .kept_value_column = "profit", .threshold = "money"};
  const ContactPlan plan = plan_contacts(training, p, terms, 0.4);
  EXPECT_TRUE(plan.by_value);
  EXPECT_DOUBLE_EQ(plan.cut, 0.95);
  EXPECT_FALSE(contacted(plan, .9, 1));
  EXPECT_TRUE(contacted(plan, .6, 10));
  const MoneyVerdict m = judge_money(training, p, plan, 100, Seed{1});
  EXPECT_EQ(m.contacted, 2);
  EXPECT_DOUBLE_EQ(m.profit.value, 8.5 + 0.5);
}

TEST(Money, ShareAndF1) {
  const FeatureTable training = table_of({1, 1, 0, 1, 0}, {0, 0, 0, 0, 0});
  MoneyTerms terms{.contact_cost = 3, .kept_value = 10, .threshold = "share", .contact_share = 0.6};
  EXPECT_DOUBLE_EQ(plan_contacts(training, kP, terms, 0.4).cut, 0.35);
  terms.threshold = "f1";
  EXPECT_EQ(plan_contacts(training, kP, terms, 0.4).cut, 0.4);
}

// What is meant for nobody or everybody holds for new customers too, whatever they score.
TEST(Money, NobodyAndEverybody) {
  const FeatureTable training = table_of({1, 1, 0, 1, 0}, {0, 0, 0, 0, 0});
  const MoneyTerms dear{.contact_cost = 30, .kept_value = 10, .threshold = "money"};
  EXPECT_FALSE(contacted(plan_contacts(training, kP, dear, 0.4), 1, 10));
  const MoneyTerms all{
      .contact_cost = 3, .kept_value = 10, .threshold = "share", .contact_share = 1};
  EXPECT_TRUE(contacted(plan_contacts(training, kP, all, 0.4), 0, 10));
}

TEST(Money, UnknownValueIsWorthNothingAndUnknownColumnAnError) {
  const FeatureTable table = table_of({1, 0}, {kMissing, 4});
  MoneyTerms terms{.contact_cost = 1, .kept_value_column = "profit", .success_rate = 0.5};
  EXPECT_EQ(worth_of(table, terms), (std::vector<double>{0, 2}));
  EXPECT_EQ(without_value(table, terms), 1);
  terms.kept_value_column = "profits";
  try {
    worth_of(table, terms);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(error.problem().find("did you mean \"profit\"?"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace perennial
