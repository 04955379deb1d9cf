// A multilayer perceptron: hidden layers of ReLU units, one linear output a class, softmax.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/seed.h"
#include "learn/neural_network/kernels.h"

namespace perennial::neural {

class Network {
 public:
  // widths: inputs, units of each hidden layer, outputs. All parameters are 0.
  explicit Network(std::vector<size_t> widths);

  size_t layers() const { return widths_.size() - 1; }
  const std::vector<size_t>& widths() const { return widths_; }
  size_t outputs() const { return widths_.back(); }
  size_t out_width(size_t layer) const { return padded(widths_[layer + 1]); }
  // The parameters of a layer are its weights (inputs x out_width, row-major), then its biases
  // (out_width). What fills a row up stays 0.
  size_t weights_at(size_t layer) const { return start_[layer]; }
  size_t biases_at(size_t layer) const { return start_[layer] + widths_[layer] * out_width(layer); }
  std::vector<float>& parameters() { return parameters_; }
  const std::vector<float>& parameters() const { return parameters_; }

  // Hidden weights after He et al. (2015): normal with variance 2 / inputs; output weights 0 and
  // output biases `bias`, so that learning starts from the class rates.
  void start(std::span<const double> bias, Rng rng);

  // The parameters without what fills rows up.
  std::vector<float> packed() const;
  static size_t packed_size(std::span<const size_t> widths);
  void unpack(std::span<const float> values);

 private:
  std::vector<size_t> widths_, start_;
  std::vector<float> parameters_;
};

// What a pass through the network leaves behind, reused from batch to batch.
struct Pass {
  std::vector<std::vector<float>> out;    // of each layer: rows x out_width
  std::vector<std::vector<float>> error;  // slope of the loss by `out`
  std::vector<float> transposed;
  std::vector<float> gradient;  // by the parameters, in their order
};

// x: rows x inputs, row-major. The last layer's outputs are logits. With dropout, each hidden unit
// is 0 with that probability, and the others are scaled up to make up for it.
void forward(const Network& network, const float* x, size_t rows, double dropout, Rng* rng,
             Pass& pass);

// Logits of a row -> probabilities, in doubles.
void softmax(const float* logits, std::span<double> probability);

// Sum over rows of weight times log loss, in doubles. y: class numbers. REQUIRES: forward ran.
double weighted_loss(const Network& network, std::span<const int32_t> y,
                     std::span<const float> weight, const Pass& pass);

// As weighted_loss; leaves the gradient of (that sum / rows) in pass.gradient. dropout: as forward
// had it.
double backward(const Network& network, const float* x, std::span<const int32_t> y,
                std::span<const float> weight, double dropout, Pass& pass);

}  // namespace perennial::neural
