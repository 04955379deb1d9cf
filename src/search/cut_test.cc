#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "search/search.h"
#include "search/test_rows.h"

namespace perennial {
namespace {

// A clock that runs out once as many groups of settings were begun.
class SlowProgress : public Progress {
 public:
  SlowProgress(int calls, int milliseconds) : calls_(calls), milliseconds_(milliseconds) {}
  void stage(std::string_view, size_t) override {}
  void advance(size_t, std::string_view) override {
    if (++seen_ == calls_) std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds_));
  }

 private:
  int calls_, milliseconds_, seen_ = 0;
};

// What was left on some folds does not lead what was tried on all: the leader is tried on the rest.
TEST(AutoSearch, ASearchThatIsCutFinishesTheSettingThatLeads) {
  TrainingRows rows = made_rows(400);
  for (size_t i = 0; i < rows.table.rows(); ++i) {  // a straight line cannot tell
    const auto& f = rows.table.features;
    rows.table.y[i] = f[0].numbers[i] * (f[1].numbers[i] - 100) > 0 ? 1 : 0;
  }
  SearchOptions options = auto_options(0);
  SlowProgress progress(10 + 8, 2100);  // the naive rule and logistic regression; first folds
  const SearchResult found = search(rows, options, Seed{1}, Workers(1), progress, {.seconds = 2});
  ASSERT_EQ(found.plan.cut, "budget");
  const auto best = std::find_if(found.trials.begin(), found.trials.end(),
                                 [](const Trial& t) { return t.learner != kEnsemble; });
  int partly = 0;
  for (const Trial& t : found.trials) {
    double lead = 0;
    int known = 0;
    for (size_t f = 0; f < t.fold_scores.size(); ++f) {
      if (std::isnan(t.fold_scores[f])) continue;
      lead += t.fold_scores[f] - best->fold_scores[f];
      ++known;
    }
    if (t.complete || known == 0) continue;
    ++partly;
    EXPECT_LE(lead / known, 0.02) << t.learner;
  }
  EXPECT_GT(partly, 0);
  EXPECT_EQ(best->learner, "boosted_trees");
}

}  // namespace
}  // namespace perennial
