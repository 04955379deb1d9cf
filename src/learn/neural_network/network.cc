#include "learn/neural_network/network.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace perennial::neural {

Network::Network(std::vector<size_t> widths) : widths_(std::move(widths)) {
  PERENNIAL_CHECK(widths_.size() >= 2);
  size_t size = 0;
  for (size_t l = 0; l < layers(); ++l) {
    start_.push_back(size);
    size += (widths_[l] + 1) * out_width(l);
  }
  parameters_.assign(size, 0.0F);
}

void Network::start(std::span<const double> bias, Rng rng) {
  for (size_t l = 0; l + 1 < layers(); ++l) {
    const double sd = std::sqrt(2.0 / static_cast<double>(std::max<size_t>(widths_[l], 1)));
    for (size_t i = 0; i < widths_[l]; ++i) {
      float* row = parameters_.data() + weights_at(l) + i * out_width(l);
      for (size_t h = 0; h < widths_[l + 1]; ++h) row[h] = static_cast<float>(sd * rng.normal());
    }
  }
  float* last = parameters_.data() + biases_at(layers() - 1);
  for (size_t c = 0; c < bias.size(); ++c) last[c] = static_cast<float>(bias[c]);
}

std::vector<float> Network::packed() const {
  std::vector<float> out;
  for (size_t l = 0; l < layers(); ++l) {
    for (size_t i = 0; i <= widths_[l]; ++i) {
      const auto row =
          parameters_.begin() + static_cast<ptrdiff_t>(weights_at(l) + i * out_width(l));
      out.insert(out.end(), row, row + static_cast<ptrdiff_t>(widths_[l + 1]));
    }
  }
  return out;
}

size_t Network::packed_size(std::span<const size_t> widths) {
  size_t size = 0;
  for (size_t l = 0; l + 1 < widths.size(); ++l) size += (widths[l] + 1) * widths[l + 1];
  return size;
}

void Network::unpack(std::span<const float> values) {
  PERENNIAL_CHECK(values.size() == packed_size(widths_));
  const float* from = values.data();
  for (size_t l = 0; l < layers(); ++l) {
    for (size_t i = 0; i <= widths_[l]; ++i) {
      std::copy_n(from, widths_[l + 1], parameters_.data() + weights_at(l) + i * out_width(l));
      from += widths_[l + 1];
    }
  }
}

namespace {

void rectify(std::span<float> values) {
  for (float& v : values) v = v > 0 ? v : 0;
}

void drop(std::span<float> values, double dropout, Rng& rng) {
  const auto scale = static_cast<float>(1 / (1 - dropout));
  // Four draws of 16 bits from one number.
  const auto limit = static_cast<uint64_t>(std::lround(dropout * 65536));
  uint64_t bits = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    bits = i % 4 == 0 ? rng.next() : bits >> 16;
    values[i] = (bits & 0xffff) < limit ? 0 : values[i] * scale;
  }
}

}  // namespace

void forward(const Network& network, const float* x, size_t rows, double dropout, Rng* rng,
             Pass& pass) {
  pass.out.resize(network.layers());
  const float* in = x;
  size_t in_width = network.widths()[0];
  for (size_t l = 0; l < network.layers(); ++l) {
    std::vector<float>& out = pass.out[l];
    const size_t width = network.out_width(l);
    out.resize(rows * width);
    const float* parameters = network.parameters().data();
    multiply(in, in_width, 1, parameters + network.weights_at(l), parameters + network.biases_at(l),
             rows, network.widths()[l], width, out.data());
    if (l + 1 < network.layers()) {
      rectify(out);
      if (dropout > 0 && rng != nullptr) drop(out, dropout, *rng);
    }
    in = out.data();
    in_width = width;
  }
}

void softmax(const float* logits, std::span<double> probability) {
  const double top = static_cast<double>(*std::max_element(logits, logits + probability.size()));
  double sum = 0;
  for (size_t c = 0; c < probability.size(); ++c) {
    sum += probability[c] = std::exp(static_cast<double>(logits[c]) - top);
  }
  for (double& p : probability) p /= sum;
}

namespace {

// Log loss of one row, from its logits.
double row_loss(const float* logits, size_t classes, size_t truth) {
  const double top = static_cast<double>(*std::max_element(logits, logits + classes));
  double sum = 0;
  for (size_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(logits[c]) - top);
  return std::log(sum) + top - static_cast<double>(logits[truth]);
}

// error(l) from error(l + 1): back through the weights, then through the ReLU. What dropout left
// out is 0 in `out` as well; what it kept was scaled, and so is its slope.
void step_back(const Network& network, size_t l, size_t rows, float kept_scale, Pass& pass) {
  const size_t in_width = network.out_width(l), out_width = network.out_width(l + 1);
  const size_t inputs = network.widths()[l + 1], outputs = network.widths()[l + 2];
  pass.transposed.assign(outputs * in_width, 0.0F);
  const float* weights = network.parameters().data() + network.weights_at(l + 1);
  for (size_t i = 0; i < inputs; ++i) {
    for (size_t o = 0; o < outputs; ++o) {
      pass.transposed[o * in_width + i] = weights[i * out_width + o];
    }
  }
  std::vector<float>& error = pass.error[l];
  error.resize(rows * in_width);
  multiply(pass.error[l + 1].data(), out_width, 1, pass.transposed.data(), nullptr, rows, outputs,
           in_width, error.data());
  const std::vector<float>& out = pass.out[l];
  for (size_t i = 0; i < error.size(); ++i) error[i] = out[i] > 0 ? error[i] * kept_scale : 0;
}

}  // namespace

double weighted_loss(const Network& network, std::span<const int32_t> y,
                     std::span<const float> weight, const Pass& pass) {
  const size_t width = network.out_width(network.layers() - 1);
  double loss = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    loss += static_cast<double>(weight[i]) * row_loss(pass.out.back().data() + i * width,
                                                      network.outputs(), static_cast<size_t>(y[i]));
  }
  return loss;
}

double backward(const Network& network, const float* x, std::span<const int32_t> y,
                std::span<const float> weight, double dropout, Pass& pass) {
  const size_t rows = y.size(), last = network.layers() - 1, width = network.out_width(last);
  pass.error.resize(network.layers());
  pass.gradient.resize(network.parameters().size());
  std::vector<float>& slope = pass.error[last];
  slope.assign(rows * width, 0.0F);
  std::vector<double> probability(network.outputs());
  for (size_t i = 0; i < rows; ++i) {
    softmax(pass.out[last].data() + i * width, probability);
    probability[static_cast<size_t>(y[i])] -= 1;
    const double share = static_cast<double>(weight[i]) / static_cast<double>(rows);
    for (size_t c = 0; c < probability.size(); ++c) {
      slope[i * width + c] = static_cast<float>(share * probability[c]);
    }
  }
  const float kept_scale = static_cast<float>(1 / (1 - dropout));
  const std::vector<float> ones(rows, 1.0F);
  for (size_t l = network.layers(); l-- > 0;) {
    if (l < last) step_back(network, l, rows, kept_scale, pass);
    const float* in = l == 0 ? x : pass.out[l - 1].data();
    const size_t in_width = l == 0 ? network.widths()[0] : network.out_width(l - 1);
    const size_t out_width = network.out_width(l);
    multiply(in, 1, in_width, pass.error[l].data(), nullptr, network.widths()[l], rows, out_width,
             pass.gradient.data() + network.weights_at(l));
    multiply(ones.data(), 0, 1, pass.error[l].data(), nullptr, 1, rows, out_width,
             pass.gradient.data() + network.biases_at(l));
  }
  return weighted_loss(network, y, weight, pass);
}

}  // namespace perennial::neural
