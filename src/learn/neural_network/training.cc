#include "learn/neural_network/training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace perennial::neural {
namespace {

constexpr size_t kBlock = 256;  // rows of a pass that only predicts
constexpr double kAveragedEpochs = 2;

double mean_loss(const Network& network, const Rows& rows, Pass& pass) {
  double loss = 0, total = 0;
  for (size_t begin = 0; begin < rows.size(); begin += kBlock) {
    const size_t n = std::min(kBlock, rows.size() - begin);
    forward(network, rows.x.data() + begin * rows.cols, n, 0, nullptr, pass);
    loss += weighted_loss(network, std::span(rows.y).subspan(begin, n),
                          std::span(rows.weight).subspan(begin, n), pass);
  }
  for (float w : rows.weight) total += static_cast<double>(w);
  return loss / total;
}

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

class Optimizer {
 public:
  Optimizer(const TrainingOptions& options, size_t size)
      : options_(options), mean_(size, 0.0F), square_(size, 0.0F) {}

  void step(const Pass& pass, Network& network) {
    ++steps_;
    const auto t = static_cast<double>(steps_);
    const double rate =
        options_.learning_rate * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
    const double shrink = options_.learning_rate * options_.weight_decay;
    for (size_t l = 0; l < network.layers(); ++l) {
      const size_t weights = network.weights_at(l), biases = network.biases_at(l);
      part(pass, network, weights, biases - weights, rate, shrink);
      part(pass, network, biases, network.out_width(l), rate, 0);
    }
  }

 private:
  void part(const Pass& pass, Network& network, size_t at, size_t size, double rate,
            double shrink) {
    adam(pass.gradient.data() + at, size,
         {.rate = static_cast<float>(rate), .shrink = static_cast<float>(shrink)},
         network.parameters().data() + at, mean_.data() + at, square_.data() + at);
  }

  const TrainingOptions& options_;
  std::vector<float> mean_, square_;
  int64_t steps_ = 0;
};

// Running average of the weights over about the last kAveragedEpochs epochs: what is validated and
// kept. It has less of the noise of single steps (Polyak and Juditsky 1992).
class Average {
 public:
  Average(const Network& network, size_t batches)
      : network_(network), least_(1 / (kAveragedEpochs * static_cast<double>(batches))) {}

  void add(const Network& network) {
    ++steps_;
    const auto share = static_cast<float>(std::max(1 / static_cast<double>(steps_), least_));
    std::vector<float>& mean = network_.parameters();
    const std::vector<float>& now = network.parameters();
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += share * (now[i] - mean[i]);
  }
  const Network& network() const { return network_; }

 private:
  Network network_;
  double least_;
  int64_t steps_ = 0;
};

struct Batch {
  std::vector<float> x, weight;
  std::vector<int32_t> y;

  void take(const Rows& rows, std::span<const uint32_t> which) {
    x.resize(which.size() * rows.cols);
    y.resize(which.size());
    weight.resize(which.size());
    for (size_t i = 0; i < which.size(); ++i) {
      std::copy_n(rows.x.data() + which[i] * rows.cols, rows.cols, x.data() + i * rows.cols);
      y[i] = rows.y[which[i]];
      weight[i] = rows.weight[which[i]];
    }
  }
};

}  // namespace

LossCurve train(const Rows& training, const Rows& validation, const TrainingOptions& options,
                Seed seed, Network& network) {
  LossCurve curve{.step = "epoch", .training = {}, .validation = {}};
  Pass pass;
  Batch batch;
  Optimizer optimizer(options, network.parameters().size());
  Rng shuffling(seed.child("shuffle")), dropping(seed.child("dropout"));
  std::vector<uint32_t> order(training.size());
  std::iota(order.begin(), order.end(), 0U);
  const bool stops = validation.size() > 0;
  std::vector<float> best = network.parameters();
  double best_loss = stops ? mean_loss(network, validation, pass) : 0;
  double weights = 0;
  for (float w : training.weight) weights += static_cast<double>(w);
  // Batches of nearly the same size: none is left with a few rows and a wild gradient.
  const size_t batches = (training.size() + options.batch_size - 1) / options.batch_size;
  Average average(network, batches);
  for (size_t epoch = 1; epoch <= options.max_epochs; ++epoch) {
    shuffling.shuffle(order);
    double loss = 0;
    for (size_t b = 0; b < batches; ++b) {
      const size_t begin = b * training.size() / batches;
      const size_t end = (b + 1) * training.size() / batches;
      batch.take(training, std::span(order).subspan(begin, end - begin));
      forward(network, batch.x.data(), end - begin, options.dropout, &dropping, pass);
      loss += backward(network, batch.x.data(), batch.y, batch.weight, options.dropout, pass);
      optimizer.step(pass, network);
      average.add(network);
    }
    if (!std::isfinite(loss) || !all_finite(average.network().parameters()))
      break;  // steps too large
    curve.training.push_back(loss / weights);
    if (stops) curve.validation.push_back(mean_loss(average.network(), validation, pass));
    if (!stops || curve.validation.back() < best_loss) {
      if (stops) best_loss = curve.validation.back();
      best = average.network().parameters();
      curve.best = epoch;
    }
    if (stops && epoch - curve.best >= options.patience) break;
  }
  network.parameters() = std::move(best);
  return curve;
}

}  // namespace perennial::neural
