#include "offer/control.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace perennial {
namespace {

// Fleiss, Levin and Paik's formula without continuity correction, computed with scipy.stats.norm:
// equal groups for 0.40 against 0.30 need 355.94 customers each.
TEST(Control, SizesAreThoseOfTheTwoProportionFormula) {
  const PowerTerms terms{.base = 0.40, .lowers = true, .alpha = 0.05, .power = 0.8};
  EXPECT_LE(smallest_effect(terms, 356, 356), 0.10);
  EXPECT_GT(smallest_effect(terms, 355, 355), 0.10);
  EXPECT_EQ(control_size(terms, 0.10, 712), 356);
  EXPECT_EQ(control_size(terms, 0.10, 711), std::nullopt);
  // Unequal groups: the first size that suffices, counted up one by one in Python.
  EXPECT_EQ(control_size(terms, 0.05, 10'000), 791);
  EXPECT_EQ(control_size({.base = 0.383, .lowers = true}, 0.1, 2'000), 186);
  // The root of the formula, by scipy.optimize.brentq.
  EXPECT_NEAR(smallest_effect(terms, 900, 100), 0.1356016866321337, 1e-9);
}

TEST(Control, WhereNothingCanBeSeen) {
  const PowerTerms terms{.base = 0.4};
  EXPECT_EQ(smallest_effect(terms, 3, 1), 1);
  EXPECT_EQ(smallest_effect(terms, 5, 0), 1);
  EXPECT_EQ(control_size(terms, 0.1, 1), std::nullopt);
  EXPECT_EQ(control_size(terms, 0, 1'000'000), std::nullopt);
}

TEST(Control, DrawsExactlyAsManyWhateverTheOrder) {
  std::vector<std::string> ids;
  std::vector<int32_t> stratum;
  for (int i = 0; i < 1000; ++i) {
    ids.push_back("c" + std::to_string(i));
    stratum.push_back(i % 4 - 1);
  }
  const std::vector<int64_t> held = {25, 0, 250};
  const auto drawn = draw_control(ids, stratum, held, Seed{3});
  std::vector<int64_t> count(3, 0);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (stratum[i] < 0) {
      EXPECT_EQ(drawn[i], 0);
    } else if (drawn[i])
      ++count[static_cast<size_t>(stratum[i])];
  }
  EXPECT_EQ(count, held);
  std::vector<std::string> back(ids.rbegin(), ids.rend());
  std::vector<int32_t> back_stratum(stratum.rbegin(), stratum.rend());
  auto again = draw_control(back, back_stratum, held, Seed{3});
  std::ranges::reverse(again);
  EXPECT_EQ(again, drawn);
  EXPECT_NE(draw_control(ids, stratum, held, Seed{4}), drawn);
}

// Over many seeds everybody is held out equally often: 400 draws of 20 out of 100 are 80 +- 4 x 8.
TEST(Control, EverybodyIsHeldOutEquallyOften) {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(std::to_string(200'000 + i));
  const std::vector<int32_t> stratum(100, 0);
  const std::vector<int64_t> held = {20};
  std::vector<int> times(100, 0);
  for (uint64_t s = 0; s < 400; ++s) {
    const auto drawn = draw_control(ids, stratum, held, Seed{s});
    for (size_t i = 0; i < times.size(); ++i) times[i] += drawn[i];
  }
  for (const int t : times) {
    EXPECT_GT(t, 48);
    EXPECT_LT(t, 112);
  }
}

}  // namespace
}  // namespace perennial
