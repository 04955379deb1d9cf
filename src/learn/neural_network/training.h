// Fits a network: mini-batches, Adam, weight decay, dropout, early stopping.
#pragma once

#include <cstdint>
#include <vector>

#include "base/seed.h"
#include "learn/neural_network/network.h"
#include "learn/neural_network/neural_network.h"

namespace perennial::neural {

// Rows of floats, row-major, with classes and weights of mean 1.
struct Rows {
  size_t cols = 0;
  std::vector<float> x;
  std::vector<int32_t> y;
  std::vector<float> weight;
  size_t size() const { return y.size(); }
};

struct TrainingOptions {
  double learning_rate = 1e-3;
  double weight_decay = 0;  // share of the weights lost in a step of rate 1
  double dropout = 0;
  size_t batch_size = 100;
  size_t max_epochs = 200;
  size_t patience = 10;  // epochs without a better loss on the validation rows
};

// `network` is trained from where it stands. With validation rows it ends with the weights of the
// best epoch (0: those it started with), without with those of the last.
LossCurve train(const Rows& training, const Rows& validation, const TrainingOptions& options,
                Seed seed, Network& network);

}  // namespace perennial::neural
