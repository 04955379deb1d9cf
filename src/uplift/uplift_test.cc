#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/error.h"
#include "uplift/fit.h"
#include "uplift/judge_uplift.h"
#include "uplift/reasons.h"
#include "uplift/test_campaigns.h"

namespace perennial {
namespace {

// By hand: differences 1, 0, 0, -1 in the order of the uplift. The curve is 0, 1/4, 1/4, 1/4, 0 at
// shares 0, 1/4, …; the random line is 0; the trapezoids add up to 3/16.
TEST(UpliftCurve, QiniByHand) {
  const PerArm scores = {0, 1, 0, 0, 0, 0, 0, -1}, uplift = {0, .4, 0, .3, 0, .2, 0, .1};
  const UpliftCurve c = uplift_curve(scores, uplift, 1, 2);
  EXPECT_NEAR(c.qini.value, 3.0 / 16, 1e-15);
  EXPECT_NEAR(c.points.back().gain.value, 0, 1e-15);
  EXPECT_NEAR(c.points[10].share, 0.5, 1e-15);
  EXPECT_NEAR(c.points[10].gain.value, 0.25, 1e-15);
}

// The order says nothing where all uplifts are equal: exactly the random model.
TEST(UpliftCurve, EqualUpliftIsTheRandomModel) {
  const PerArm scores = {0, 1, 0, 0, 0, .5, 0, -1, 0, 2}, uplift(10, 0.2);
  const UpliftCurve c = uplift_curve(scores, uplift, 1, 2);
  EXPECT_NEAR(c.qini.value, 0, 1e-15);
  for (const UpliftPoint& p : c.points) EXPECT_NEAR(p.gain.value, p.random, 1e-12);
}

// The U-statistic's projection against the jackknife of the same figure, an independent way to its
// variance.
TEST(UpliftCurve, QiniIntervalAgreesWithTheJackknife) {
  Rng rng(Seed{3});
  const size_t n = 200;
  PerArm scores(2 * n, 0), uplift(2 * n, 0);
  for (size_t i = 0; i < n; ++i) {
    uplift[2 * i + 1] = std::round(20 * rng.normal()) / 20;
    scores[2 * i + 1] = 0.5 * uplift[2 * i + 1] + rng.normal();
  }
  const Figure whole = uplift_curve(scores, uplift, 1, 2).qini;
  std::vector<double> left_out;
  for (size_t i = 0; i < n; ++i) {
    PerArm s = scores, u = uplift;
    const auto at = static_cast<std::ptrdiff_t>(2 * i);
    s.erase(s.begin() + at, s.begin() + at + 2);
    u.erase(u.begin() + at, u.begin() + at + 2);
    left_out.push_back(uplift_curve(s, u, 1, 2).qini.value);
  }
  const double mean = std::accumulate(left_out.begin(), left_out.end(), 0.0) / n;
  double squares = 0;
  for (const double v : left_out) squares += (v - mean) * (v - mean);
  const double jackknife = std::sqrt(squares * (n - 1) / n);
  EXPECT_NEAR((whole.high - whole.low) / 2 / 1.959963984540054 / jackknife, 1, 0.02);
}

// By hand: both arms at chance 1/2, no outcome models. Treating rows 0 and 1 only: weights of rows
// that got what the rule says are 2; their mean outcome is (1 + 0) / 2 of rows 0 and 3.
TEST(Policy, ByHand) {
  UpliftRows rows;
  rows.table.y = {1, 1, 1, 0};
  rows.table.ids = {"1", "2", "3", "4"};
  rows.arm = {1, 0, 1, 0};
  const Nuisance nuisance{.propensity = PerArm(8, 0.5), .outcome = PerArm(8, 0)};
  const PerArm scores = robust_scores(rows, nuisance, 2);
  EXPECT_EQ(scores, (PerArm{0, 2, 2, 0, 0, 2, 0, 0}));
  const std::vector<int32_t> rule = {1, 1, 0, 0};
  const PolicyValue p = policy_value("rule", rows, scores, nuisance.propensity, rule, rule, 2);
  EXPECT_NEAR(p.value.value, 0.5, 1e-15);
  EXPECT_NEAR(p.ipw.value, 0.5, 1e-15);
  EXPECT_EQ(p.by_uplift_over.value, 0);
  EXPECT_EQ(p.by_uplift_over.high, 0);
  EXPECT_EQ(p.shares, (std::vector<double>{0.5, 0.5}));
}

TEST(BestArms, NoneWhereNothingHelps) {
  EXPECT_EQ(best_arms({0, -.1, -.2, 0, .1, .1, 0, 0, .3, 0, .2, .3}, 3),
            (std::vector<int32_t>{0, 1, 2, 2}));
}

// A column that says nothing: the fitted mean is the mean of the targets, whatever their range.
TEST(MeanModel, LogisticKeepsTheMean) {
  const UpliftRows rows = PastCampaign{}.draw(400, Seed{4});
  std::vector<uint32_t> all(400);
  std::iota(all.begin(), all.end(), 0U);
  std::vector<double> target;
  Rng rng(Seed{5});
  for (size_t i = 0; i < 400; ++i) target.push_back(-3 + 8 * rng.uniform());
  const double mean = std::accumulate(target.begin(), target.end(), 0.0) / 400;
  for (const char* learner : {"logistic", "boosted_trees", "random_forest"}) {
    const MeanModel model =
        MeanModel::fit(uplift_learner(learner), rows.table, all, target, -3, 5, Seed{6});
    const std::vector<double> p = model.predict(rows.table, all);
    const double fitted = std::accumulate(p.begin(), p.end(), 0.0) / 400;
    // An unpenalised intercept makes the sum of residuals nought; trees come near.
    EXPECT_NEAR(fitted, mean, learner == std::string("logistic") ? 1e-6 : 0.2) << learner;
  }
  const MeanModel constant = MeanModel::fit(uplift_learner("logistic"), rows.table, all,
                                            std::vector<double>(400, 0.7), 0, 1, Seed{6});
  EXPECT_EQ(constant.predict(rows.table, all)[17], 0.7);
}

UpliftFit fitted(const UpliftRows& rows, const std::vector<std::string>& learners,
                 const UpliftOptions& options, int threads = 1) {
  std::vector<UpliftLearner> all;
  for (const std::string& name : learners) all.push_back(uplift_learner(name));
  return fit_uplift(rows, PastCampaign::arms(), folds_in_turn(rows.arm.size(), 3), 3, all, options,
                    Seed{7}, Workers(threads));
}

// Each method alone finds that "one" helps plan b and harms plan a.
TEST(Fit, EveryMethodFindsWhomItHelps) {
  const PastCampaign campaign{.gain = 0.35, .loss = 0.15};
  const UpliftRows rows = campaign.draw(3000, Seed{8}), fresh = campaign.draw(2000, Seed{9});
  for (const char* method : {"t", "x", "dr", "s"}) {
    UpliftOptions options;
    options.methods = {method};
    const UpliftFit fit = fitted(rows, {"boosted_trees"}, options);
    ASSERT_EQ(fit.trials.size(), 2U);
    EXPECT_EQ(fit.trials[0].method, method);
    EXPECT_LT(fit.trials[0].loss_over_average, 0) << method;
    const PerArm uplift = fit.best->predict(fresh.table);
    // Mean uplift of each plan; some 500 customers of an arm and plan make a standard error of
    // 0.03.
    double sum[2] = {0, 0}, n[2] = {0, 0};
    for (size_t i = 0; i < 2000; ++i) {
      const size_t b = fresh.table.features[0].value_text(i) == "b" ? 1 : 0;
      sum[b] += uplift[3 * i + 1];
      n[b] += 1;
      EXPECT_EQ(uplift[3 * i], 0);
    }
    EXPECT_NEAR(sum[1] / n[1], campaign.truth(true), 0.09) << method;
    EXPECT_NEAR(sum[0] / n[0], campaign.truth(false), 0.09) << method;
  }
}

TEST(Fit, JudgedOnFreshRows) {
  const PastCampaign campaign{.gain = 0.3, .loss = 0.1};
  const UpliftRows rows = campaign.draw(3000, Seed{10}), fresh = campaign.draw(3000, Seed{11});
  const UpliftFit fit = fitted(rows, {"logistic", "boosted_trees"}, {});
  EXPECT_EQ(fit.trials.size(), 9U);
  const UpliftVerdict v = judge_uplift(fresh, PastCampaign::arms(), fit.best->predict(fresh.table),
                                       fit.nuisance(fresh.table), fit.average);
  EXPECT_EQ(v.evidence, "uplift that differs") << v.sentence;
  ASSERT_EQ(v.policies.size(), 5U);
  // Rate without any offer 0.35; with "one" for plan b alone 0.35 + 0.3 / 2. Within three standard
  // errors.
  const auto near = [](const Figure& f, double truth) {
    EXPECT_NEAR(f.value, truth, 1.53 * (f.high - f.value));
  };
  near(v.policies[0].value, 0.5);
  near(v.policies[1].value, 0.35);
  near(v.policies[1].ipw, 0.35);
  EXPECT_GT(v.policies[1].by_uplift_over.low, 0.05);
  ASSERT_FALSE(v.reasons.empty());
  EXPECT_EQ(v.reasons[0].feature, "plan");
  EXPECT_TRUE(unlike_arms(fresh, PastCampaign::arms()).empty());
}

// Offers went to older customers more often: shares would mislead, estimated chances do not.
TEST(Fit, EstimatedPropensities) {
  const PastCampaign campaign{};  // the offers change nothing
  UpliftRows drawn = campaign.draw(6000, Seed{12}), rows = drawn;
  Rng rng(Seed{13});
  for (size_t i = 0; i < rows.arm.size(); ++i) {
    const double age = rows.table.features[1].numbers[i];
    rows.arm[i] = rng.bernoulli((age - 10) / 60) ? 1 : rng.bernoulli(0.5) ? 2 : 0;
  }
  const std::vector<ArmEffect> naive = average_effects(rows, PastCampaign::arms());
  EXPECT_GT(naive[1].effect.low, 0);
  EXPECT_FALSE(unlike_arms(rows, PastCampaign::arms()).empty());
  UpliftOptions options;
  options.propensity = "estimated";
  options.methods = {"dr"};
  const UpliftFit fit = fitted(rows, {"logistic"}, options);
  EXPECT_NEAR(fit.average[1] - fit.average[0], 0, 0.04);
}

TEST(Fit, TheSameWithAnyNumberOfThreads) {
  const UpliftRows rows = PastCampaign{.gain = 0.2}.draw(600, Seed{14});
  UpliftOptions options;
  const UpliftFit one = fitted(rows, {"logistic", "boosted_trees"}, options, 1);
  const UpliftFit many = fitted(rows, {"logistic", "boosted_trees"}, options, 3);
  ASSERT_EQ(one.trials.size(), many.trials.size());
  for (size_t i = 0; i < one.trials.size(); ++i) {
    EXPECT_EQ(one.trials[i].method, many.trials[i].method);
    EXPECT_EQ(one.trials[i].loss, many.trials[i].loss);
  }
  EXPECT_EQ(one.best->predict(rows.table), many.best->predict(rows.table));
}

TEST(Fit, AnArmOfTooFewIsRefused) {
  UpliftRows rows = PastCampaign{}.draw(90, Seed{15});
  for (int32_t& a : rows.arm) a = std::min(a, 1);
  rows.arm[0] = 2;  // in fold 0 alone
  EXPECT_THROW(fitted(rows, {"logistic"}, {}), Error);
}

}  // namespace
}  // namespace perennial
