// What uplift promises, over simulated campaigns: no uplift announced where outcomes mean nothing,
// found where there is much of it, and intervals that hold the truth.
#include <gtest/gtest.h>

#include <cstdio>

#include "uplift/fit.h"
#include "uplift/judge_uplift.h"
#include "uplift/test_campaigns.h"

namespace perennial {
namespace {

UpliftVerdict verdict_of(const UpliftRows& train, const UpliftRows& test,
                         const std::vector<UpliftLearner>& learners, Seed seed) {
  const std::vector<std::string> arms = PastCampaign::arms();
  const UpliftFit fit = fit_uplift(train, arms, folds_in_turn(train.arm.size(), 3), 3, learners,
                                   UpliftOptions{}, seed, Workers(1));
  return judge_uplift(test, arms, fit.best->predict(test.table), fit.nuisance(test.table),
                      fit.average);
}

TEST(NoEvidence, ShuffledOutcomes) {
  constexpr int kRuns = 200;
  const std::vector<UpliftLearner> learners = {uplift_learner("logistic")};
  const PastCampaign campaign{.gain = 0.4, .loss = 0.2};
  int silent = 0, found = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const Seed seed = Seed{1}.child(run);
    UpliftRows train = campaign.draw(600, seed.child("train"));
    UpliftRows test = campaign.draw(600, seed.child("test"));
    if (run < 50) {
      found += verdict_of(train, test, learners, seed).evidence != "no evidence of uplift" ? 1 : 0;
    }
    Rng rng(seed.child("shuffle"));
    rng.shuffle(train.table.y);
    rng.shuffle(test.table.y);
    silent += verdict_of(train, test, learners, seed).evidence == "no evidence of uplift" ? 1 : 0;
  }
  std::printf("  shuffled: no evidence in %d of %d; as they were: found in %d of 50\n", silent,
              kRuns, found);
  EXPECT_GE(silent, kRuns * 95 / 100);
  EXPECT_GE(found, 40);
}

// A fixed rule and order (uplift foretold as it truly is), so that the truth is known: intervals of
// the rule's value, of its gain, of the area and of the curve half-way. 460 to 490 of 500.
TEST(Coverage, PolicyAndCurve) {
  constexpr int kRuns = 500;
  const PastCampaign campaign{.gain = 0.3, .loss = 0.1};
  const std::vector<std::string> arms = PastCampaign::arms();
  // Half of the customers are of plan b, and no two uplifts of a plan differ: ranks 3/4 and 1/4, so
  // the area is (0.3 * 1/4 - (-0.1) * 1/4) / 2 = 0.05.
  int value = 0, gain = 0, area = 0, half = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const UpliftRows rows = campaign.draw(900, Seed{2}.child(run));
    PerArm uplift;
    Nuisance nuisance;
    for (size_t i = 0; i < rows.arm.size(); ++i) {
      const bool b = rows.table.features[0].value_text(i) == "b";
      uplift.insert(uplift.end(), {0, campaign.truth(b), -0.01});
      nuisance.propensity.insert(nuisance.propensity.end(), 3, 1.0 / 3);
      nuisance.outcome.insert(nuisance.outcome.end(), {0.3, 0.4, 0.3});  // wrong, and no harm
    }
    const UpliftVerdict v = judge_uplift(rows, arms, uplift, nuisance, {0.3, 0.4, 0.3});
    const auto holds = [](const Figure& f, double t) { return f.low <= t && t <= f.high ? 1 : 0; };
    value += holds(v.policies[0].value, 0.35 + 0.15);
    gain += holds(v.policies[1].by_uplift_over, 0.15);
    area += holds(v.curves[0].qini, 0.05);
    half += holds(v.curves[0].points[6].gain, 0.3 * 0.3);  // 30 %: all of plan b
  }
  std::printf("  value %d, gain %d, area %d, curve at 30 %% %d of %d\n", value, gain, area, half,
              kRuns);
  for (const int covered : {value, gain, area}) {
    EXPECT_GE(covered, kRuns * 92 / 100);
    EXPECT_LE(covered, kRuns * 98 / 100);
  }
  // A point of the curve allows for its border being estimated. Here the border is known, so that
  // its interval is wider than it need be: it must hold the truth often enough, and may hold it
  // more often.
  EXPECT_GE(half, kRuns * 92 / 100);
}

}  // namespace
}  // namespace perennial
