#include "learn/calibration/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/seed.h"

namespace perennial {
namespace {

struct Made {
  std::vector<double> s;
  std::vector<int32_t> y;
};

// The data of sklearn_cases.py, which printed the numbers below (scikit-learn 1.2.1, NumPy, SciPy).
Made made() {
  Made out;
  for (int i = 0; i < 60; ++i) {
    out.s.push_back((i * 37 % 80 - 40) / 10.0);
    out.y.push_back((i * 29 % 17 - 8) * 0.5 + out.s.back() > 0.3 ? 1 : 0);
  }
  return out;
}

std::vector<double> as_probability(const std::vector<double>& s) {
  std::vector<double> p;
  for (const double v : s) {
    p.push_back(1 / (1 + std::exp(v)));
    p.push_back(1 / (1 + std::exp(-v)));
  }
  return p;
}

TEST(Calibration, PlattAsScikitLearn) {
  const Made m = made();
  const Sigmoid smooth = fit_sigmoid(m.s, m.y, true);
  // Newton's method in NumPy; scikit-learn's optimiser stops 3e-8 away from it.
  EXPECT_NEAR(smooth.a, 0.5039186214180765, 1e-10);
  EXPECT_NEAR(smooth.b, -0.0613810529416933, 1e-10);
  EXPECT_NEAR(smooth.a, 0.5039186512566861, 1e-7);
  EXPECT_NEAR(smooth.b, -0.06138101054269198, 1e-7);
  const Sigmoid plain = fit_sigmoid(m.s, m.y, false);
  EXPECT_NEAR(plain.a, 0.5541115345764946, 1e-10);
  EXPECT_NEAR(plain.b, -0.06279031490330103, 1e-10);
  // The scores lie within the bound, so the whole map is that fit.
  const Calibration c = fit_calibration("platt", m.y, as_probability(m.s), 2);
  EXPECT_NEAR(c.numbers[0], smooth.a, 1e-9);
  EXPECT_NEAR(c.numbers[1], smooth.b, 1e-9);
}

TEST(Calibration, BetaAsNumPy) {
  const Made m = made();
  const Calibration c = fit_calibration("beta", m.y, as_probability(m.s), 2);
  EXPECT_NEAR(c.numbers[0], 0.4061196744740356, 1e-10);
  EXPECT_NEAR(c.numbers[1], 0.6021485797034977, 1e-10);
  EXPECT_NEAR(c.numbers[2], -0.27789114043053803, 1e-10);
}

TEST(Calibration, IsotonicAsScikitLearn) {
  const Made m = made();
  std::vector<double> x, y(m.y.begin(), m.y.end()), weight;
  for (size_t i = 0; i < 60; ++i) {
    x.push_back(std::nearbyint(m.s[i]));
    weight.push_back(1.0 + static_cast<double>(i % 3));
  }
  const Steps steps = fit_isotonic(x, y, weight);
  EXPECT_EQ(steps.x, (std::vector<double>{-4, -3, -2, -1, 0, 1, 2, 3, 4}));
  const std::vector<double> wanted = {0,       1.0 / 12, 1.0 / 6, 2.0 / 7, 4.0 / 7,
                                      4.0 / 7, 0.625,    0.8125,  1};
  ASSERT_EQ(steps.y.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(steps.y[i], wanted[i], 1e-15);
}

TEST(Calibration, TemperatureAsSciPy) {
  const Made m = made();
  std::vector<double> p;
  std::vector<int32_t> y;
  for (int i = 0; i < 60; ++i) {
    const auto at = [&](int k) { return m.s[static_cast<size_t>((k + 60) % 60)]; };
    const double z[3] = {at(i), at(59 - i) * 0.5, at(i - 7)};
    double sum = 0, best = -100;
    y.push_back(0);
    for (int k = 0; k < 3; ++k) {
      sum += std::exp(z[k] / 4);
      const double shifted = z[k] + 3 * (i * (k == 0 ? 2 : k == 1 ? 3 : 5) % 7 - 3);
      if (shifted > best) y.back() = k;
      best = std::max(best, shifted);
    }
    for (const double v : z) p.push_back(std::exp(v / 4) / sum);
  }
  const Calibration c = fit_calibration("temperature", y, p, 3);
  // A quarter of the script's log odds (to stay within the bound), so four times its power.
  EXPECT_NEAR(c.numbers.front(), 4 * 0.10860577225685042, 1e-7);
  c.apply(p, 3);
  for (size_t i = 0; i < 60; ++i) {
    EXPECT_NEAR(p[3 * i] + p[3 * i + 1] + p[3 * i + 2], 1, 1e-12);
  }
}

// Strict order even where outputs are as extreme as doubles go, or the labels want it reversed.
TEST(Calibration, EveryMapRisesStrictly) {
  std::vector<double> s = {-700, -500, -90, -40, -39.9, -8, -1, -0.5, 0, 0.3, 2, 9, 30, 36};
  for (const bool reversed : {false, true}) {
    std::vector<int32_t> y;
    for (const double v : s) y.push_back((v > 0) != reversed ? 1 : 0);
    for (const char* method : {"platt", "beta", "isotonic", "temperature"}) {
      std::vector<double> p;
      for (const double v : s) {
        p.push_back(1 / (1 + std::exp(v)));
        p.push_back(1 / (1 + std::exp(-v)));
      }
      const Calibration c = fit_calibration(method, y, p, 2);
      c.apply(p, 2);
      for (size_t i = 0; i < s.size(); ++i) {
        EXPECT_GT(p[2 * i + 1], 0) << method;
        EXPECT_LT(p[2 * i + 1], 1) << method;
        EXPECT_NEAR(p[2 * i] + p[2 * i + 1], 1, 1e-15);
        if (i > 0) {
          EXPECT_GT(p[2 * i + 1], p[2 * i - 1]) << method << " " << i << reversed;
        }
      }
    }
  }
}

struct Sample {
  std::vector<double> p;
  std::vector<int32_t> y, fold;
};

// y is drawn with sigmoid(s); the output says sigmoid(sharper * s).
Sample drawn(size_t n, double sharper, uint64_t seed) {
  Sample out;
  Rng rng(Seed{seed});
  std::vector<double> s;
  for (size_t i = 0; i < n; ++i) {
    const double v = 1.5 * rng.normal() - 1;
    out.y.push_back(rng.bernoulli(1 / (1 + std::exp(-v))) ? 1 : 0);
    out.fold.push_back(static_cast<int32_t>(i % 5));
    s.push_back(sharper * v);
  }
  out.p = as_probability(s);
  return out;
}

double loss_of(const Sample& s) {
  double sum = 0;
  for (size_t i = 0; i < s.y.size(); ++i) {
    sum -= std::log(std::max(s.p[2 * i + static_cast<size_t>(s.y[i])], 1e-15));
  }
  return sum / static_cast<double>(s.y.size());
}

TEST(Calibration, AutoLeavesGoodProbabilitiesAlone) {
  int none = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Sample s = drawn(1000, 1, seed);
    const auto choice = choose_calibration("auto", true, s.y, s.p, 2, s.fold, 5);
    EXPECT_EQ(choice.candidates.size(), 4u);
    none += choice.chosen.method == "none";
  }
  EXPECT_GE(none, 15);
}

TEST(Calibration, AutoMendsOverconfidence) {
  const Sample s = drawn(2000, 3, 4);
  const auto choice = choose_calibration("auto", true, s.y, s.p, 2, s.fold, 5);
  EXPECT_EQ(choice.chosen.method, "platt");
  // The truth is a third of the output's log odds.
  EXPECT_NEAR(choice.chosen.numbers[0], 1.0 / 3, 0.04);
  Sample fresh = drawn(4000, 3, 5);
  const double before = loss_of(fresh);
  choice.chosen.apply(fresh.p, 2);
  const double truth = loss_of(drawn(4000, 1, 5));
  EXPECT_LT(loss_of(fresh), truth + 0.005);
  EXPECT_GT(before, truth + 0.1);
}

// k nearest neighbours say exactly 0 or 1.
TEST(Calibration, CertaintiesAreNeverKept) {
  Sample s = drawn(1000, 1, 6);
  for (size_t i = 0; i < s.y.size(); ++i) {
    s.p[2 * i + 1] = std::nearbyint(5 * s.p[2 * i + 1]) / 5;
    s.p[2 * i] = 1 - s.p[2 * i + 1];
  }
  const double before = loss_of(s);
  const auto choice = choose_calibration("auto", true, s.y, s.p, 2, s.fold, 5);
  EXPECT_NE(choice.chosen.method, "none");
  choice.chosen.apply(s.p, 2);
  EXPECT_LT(loss_of(s), before - 0.1);
}

TEST(Calibration, NumbersThatAreNoProbabilitiesAreAlwaysMapped) {
  const Sample s = drawn(300, 2, 7);
  for (const char* asked : {"auto", "none"}) {
    const auto choice = choose_calibration(asked, false, s.y, s.p, 2, s.fold, 5);
    EXPECT_EQ(choice.chosen.method, "platt");
  }
  EXPECT_EQ(choose_calibration("isotonic", false, s.y, s.p, 2, s.fold, 5).chosen.method,
            "isotonic");
}

TEST(Calibration, SeveralClassesTakeTemperature) {
  std::vector<double> p;
  std::vector<int32_t> y, fold;
  for (int i = 0; i < 300; ++i) {
    for (int k = 0; k < 3; ++k) p.push_back(k == i % 3 ? 0.98 : 0.01);
    y.push_back(i % 7 == 0 ? (i + 1) % 3 : i % 3);
    fold.push_back(i % 5);
  }
  EXPECT_EQ(choose_calibration("auto", true, y, p, 3, fold, 5).chosen.method, "temperature");
  try {
    choose_calibration("isotonic", true, y, p, 3, fold, 5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kStudy);
    EXPECT_NE(std::string(error.what()).find("temperature"), std::string::npos);
  }
}

TEST(Calibration, SavesToTheLastBitAndRefusesDamage) {
  const Sample s = drawn(300, 2, 8);
  for (const char* method : {"none", "platt", "beta", "isotonic", "temperature"}) {
    const Calibration c = fit_calibration(method, s.y, s.p, 2);
    const Calibration back = Calibration::from_json(Json::parse(c.to_json().dump()));
    std::vector<double> one = s.p, two = s.p;
    c.apply(one, 2);
    back.apply(two, 2);
    EXPECT_EQ(one, two) << method;
  }
  for (const char* bad : {R"({})", R"({"method":"plat"})", R"({"method":"platt","numbers":[1]})",
                          R"([1])", R"({"method":"isotonic","numbers":[1,0],"values":[0,1]})",
                          R"({"method":"isotonic","numbers":[],"values":[]})",
                          R"({"method":"platt","numbers":["a",1]})",
                          R"({"method":"platt","numbers":[1,1],"rows":-1})"}) {
    EXPECT_THROW(Calibration::from_json(Json::parse(bad)), Error) << bad;
  }
}

}  // namespace
}  // namespace perennial
