#include "learn/neural_network/neural_network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "learn/neural_network/network.h"
#include "learn/test_data.h"

namespace perennial {
namespace {

using testing_data::answers;
using testing_data::made_sample;
using testing_data::params_of;
using testing_data::Sample;

// The slopes from back-propagation against central differences of the loss.
TEST(NeuralNetwork, GradientIsTheSlopeOfTheLoss) {
  neural::Network network({4, 9, 5, 3});
  Rng rng(Seed{5});
  const std::vector<double> bias = {-1.0, -0.5, -2.0};
  network.start(bias, Rng(Seed{6}));
  // Output weights start at 0, which would hide errors below them.
  std::vector<float> packed = network.packed();
  for (float& v : packed) v += static_cast<float>(0.3 * rng.normal());
  network.unpack(packed);
  constexpr size_t kRows = 13;  // not a multiple of a tile
  std::vector<float> x(kRows * 4), weight;
  std::vector<int32_t> y;
  for (float& v : x) v = static_cast<float>(rng.normal());
  for (size_t i = 0; i < kRows; ++i) {
    y.push_back(static_cast<int32_t>(rng.below(3)));
    weight.push_back(static_cast<float>(0.5 + rng.uniform()));
  }
  neural::Pass pass;
  const auto loss = [&] {
    neural::forward(network, x.data(), kRows, 0, nullptr, pass);
    return neural::weighted_loss(network, y, weight, pass) / kRows;
  };
  loss();
  neural::backward(network, x.data(), y, weight, 0, pass);
  const std::vector<float> gradient = pass.gradient;
  // Per layer: slopes of the parameters that are used; the ones that fill rows up have none.
  double largest = 0;
  for (size_t l = 0; l < network.layers(); ++l) {
    for (size_t i = 0; i <= network.widths()[l]; ++i) {
      for (size_t h = 0; h < network.out_width(l); ++h) {
        const size_t at = network.weights_at(l) + i * network.out_width(l) + h;
        const double slope = static_cast<double>(gradient[at]);
        if (h >= network.widths()[l + 1]) {
          EXPECT_EQ(slope, 0.0);
          continue;
        }
        const float before = network.parameters()[at];
        constexpr float kStep = 1e-3F;
        network.parameters()[at] = before + kStep;
        const double up = loss();
        network.parameters()[at] = before - kStep;
        const double down = loss();
        network.parameters()[at] = before;
        // Floats leave about 1e-7 / 2e-3 of noise in the difference.
        EXPECT_NEAR(slope, (up - down) / (2 * static_cast<double>(kStep)), 5e-4)
            << l << " " << i << " " << h;
        largest = std::max(largest, std::abs(slope));
      }
    }
  }
  EXPECT_GT(largest, 0.05);
}

Sample exclusive_or(size_t rows) {
  Sample sample{.x = testing_data::made_matrix(rows, 2)};
  for (size_t i = 0; i < rows; ++i) {
    sample.y.push_back((sample.x.at(i, 0) > 128) != (sample.x.at(i, 1) > 128) ? 1 : 0);
  }
  return sample;
}

TEST(NeuralNetwork, LearnsExclusiveOr) {
  const Sample sample = exclusive_or(2000);
  Sample fresh{.x = testing_data::made_matrix(500, 2, 7000)};
  const auto p = answers(*make_neural_network(), sample, fresh.x, {});
  int right = 0;
  for (size_t i = 0; i < 500; ++i) {
    const bool truth = (fresh.x.at(i, 0) > 128) != (fresh.x.at(i, 1) > 128);
    right += (p[i] > 0.5) == truth ? 1 : 0;
  }
  EXPECT_GE(right, 480);
}

TEST(NeuralNetwork, KeepsTheBestEpochAndItsCurve) {
  Sample sample = made_sample(300);
  const auto learner = make_neural_network();
  const auto model = learner->fit(sample.set(), params_of(*learner, {{"patience", int64_t{4}}}));
  const LossCurve* curve = network_losses(*model);
  ASSERT_NE(curve, nullptr);
  ASSERT_EQ(curve->training.size(), curve->validation.size());
  ASSERT_GE(curve->best, 1u);
  for (size_t e = 0; e < curve->validation.size(); ++e) {
    EXPECT_GE(curve->validation[e], curve->validation[curve->best - 1]);
  }
  EXPECT_LE(curve->training.size(), curve->best + 4);
  // Stopped at the best epoch, the same weights: the rest was undone.
  const auto shorter = learner->fit(
      sample.set(), params_of(*learner, {{"patience", int64_t{4}},
                                         {"max_epochs", static_cast<int64_t>(curve->best)}}));
  EXPECT_EQ(testing_data::predicted(*shorter, sample.x, 2),
            testing_data::predicted(*model, sample.x, 2));
}

TEST(NeuralNetwork, StepsThatAreTooLargeStillGiveAnAnswer) {
  const Sample sample = made_sample(200);
  const std::map<std::string, ParamValue> given = {{"learning_rate", 1.0},
                                                   {"weight_decay", 1000.0},
                                                   {"validation_fraction", 0.0},
                                                   {"max_epochs", int64_t{60}}};
  for (double p : answers(*make_neural_network(), sample, sample.x, given)) {
    EXPECT_TRUE(p >= 0 && p <= 1) << p;
  }
}

TEST(NeuralNetwork, HiddenLayersAreChecked) {
  const Sample sample = made_sample(40);
  for (const std::string bad : {"", "50,", "0", "-3", "5000", "50;50", "пять",
                                "9999999999999999999", "1,1,1,1,1,1,1,1,1,1,1"}) {
    try {
      answers(*make_neural_network(), sample, sample.x, {{"hidden_layers", bad}});
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kStudy);
      EXPECT_NE(error.hint().find("50,50"), std::string::npos);
    }
  }
  EXPECT_NO_THROW(answers(*make_neural_network(), sample, sample.x,
                          {{"hidden_layers", std::string(" 7, 3 ,5 ")}}));
}

}  // namespace
}  // namespace perennial
