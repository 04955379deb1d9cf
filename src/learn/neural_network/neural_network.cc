#include "learn/neural_network/neural_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "learn/canonical_rows.h"
#include "learn/neural_network/network.h"
#include "learn/neural_network/training.h"
#include "learn/prep_defaults.h"

namespace perennial {
namespace {

using neural::Network;
using neural::Pass;
using neural::Rows;

constexpr uint8_t kFormat = 1;
constexpr size_t kMostUnits = 4096, kMostLayers = 10;
constexpr size_t kBlock = 256;
constexpr double kFarthest = 8;

std::vector<ParamSpec> make_params() {
  return {
      {.name = "hidden_layers",
       .type = ParamType::kText,
       .default_value = std::string("50,50"),
       .description = "Units of each hidden layer, from the inputs on.",
       .grid = {std::string("50,50"), std::string("100")},
       .search =
           SearchRange{.choices = {std::string("50,50"), std::string("100"), std::string("32")}}},
      {.name = "learning_rate",
       .type = ParamType::kReal,
       .default_value = 0.003,
       .description = "Step size of Adam.",
       .min = 0,
       .max = 1,
       .min_open = true,
       .log_scale = true,
       .search = SearchRange{.low = 1e-3, .high = 1e-2, .log = true}},
      {.name = "batch_size",
       .type = ParamType::kInt,
       .default_value = int64_t{100},
       .description = "Most rows a step.",
       .min = 1,
       .max = 100000},
      {.name = "dropout",
       .type = ParamType::kReal,
       .default_value = 0.1,
       .description = "Share of hidden units left out at random in each step.",
       .min = 0,
       .max = 0.9,
       .grid = {0.0, 0.1, 0.3},
       .search = SearchRange{.low = 0, .high = 0.4}},
      {.name = "weight_decay",
       .type = ParamType::kReal,
       .default_value = 0.01,
       .description = "Share of the weights lost in a step of rate 1.",
       .min = 0,
       .max = 1000,
       .search = SearchRange{.low = 1e-4, .high = 0.1, .log = true}},
      {.name = "max_epochs",
       .type = ParamType::kInt,
       .default_value = int64_t{200},
       .description = "Most passes over the training rows.",
       .min = 1,
       .max = 100000},
      {.name = "patience",
       .type = ParamType::kInt,
       .default_value = int64_t{10},
       .description = "Stop after so many epochs without a better log loss on held-out training "
                      "rows, and keep the best weights.",
       .min = 1,
       .max = 100000},
      {.name = "validation_fraction",
       .type = ParamType::kReal,
       .default_value = 0.1,
       .description = "Share of each class's training rows held out for early stopping; 0: none.",
       .min = 0,
       .max = 0.5},
      {.name = "class_weight",
       .type = ParamType::kChoice,
       .default_value = std::string("none"),
       .description = "balanced: rare classes weigh as much as frequent ones.",
       .choices = {"none", "balanced"}},
  };
}

// "50,50" -> {50, 50}.
std::vector<size_t> units_of(const std::string& text) {
  std::vector<size_t> units;
  for (const std::string& part : split(text, ',')) {
    const std::string number(trim(part));
    size_t value = 0;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool whole = code == std::errc() && end == number.data() + number.size();
    if (!whole || value < 1 || value > kMostUnits || units.size() == kMostLayers) {
      throw Error(ErrorCode::kStudy, "hidden_layers",
                  fmt::format("{} is no list of layers", quoted(text)),
                  fmt::format("Write the units of each layer, as in \"50,50\": up to {} layers of "
                              "1 to {} units",
                              kMostLayers, kMostUnits));
    }
    units.push_back(value);
  }
  return units;
}

// A column's way to the network: (v * unit - shift) * factor, held within kFarthest.
struct Input {
  int32_t column = 0;
  double unit = 1;  // a power of two that keeps sums of squares in range
  double shift = 0, factor = 1;

  float of(double v) const {
    return static_cast<float>(std::clamp((v * unit - shift) * factor, -kFarthest, kFarthest));
  }
};

Input fit_input(const Matrix& x, uint32_t column, const CanonicalRows& rows) {
  double largest = 0, low = x.at(rows.rows[0], column), high = low, weights = 0, sum = 0;
  for (uint32_t row : rows.rows) {
    const double v = x.at(row, column);
    largest = std::max(largest, std::abs(v));
    low = std::min(low, v);
    high = std::max(high, v);
  }
  Input in{.column = static_cast<int32_t>(column)};
  in.unit = std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1000, 1000));
  bool two_values = true;
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    const double v = x.at(rows.rows[i], column);
    two_values = two_values && (v == low || v == high);
    weights += rows.weight[i];
    sum += rows.weight[i] * (v * in.unit);
  }
  in.shift = sum / weights;
  double squares = 0;
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    const double d = x.at(rows.rows[i], column) * in.unit - in.shift;
    squares += rows.weight[i] * (d * d);
  }
  const double spread = two_values ? (high - low) * in.unit : std::sqrt(squares / weights);
  in.factor = spread > 0 && std::isfinite(1 / spread) ? 1 / spread : 0;
  return in;
}

void fill_row(const Matrix& x, size_t row, std::span<const Input> inputs, float* out) {
  for (size_t k = 0; k < inputs.size(); ++k) {
    out[k] = inputs[k].of(x.at(row, static_cast<size_t>(inputs[k].column)));
  }
}

struct Parts {
  int32_t classes = 2;
  size_t cols = 0;
  std::vector<int32_t> present;
  std::vector<Input> inputs;
  Network network;
  LossCurve curve;
};

class NeuralNetworkModel : public Model {
 public:
  explicit NeuralNetworkModel(Parts parts) : parts_(std::move(parts)) {}

  void predict(const Matrix& x, std::span<double> probability) const override {
    const auto classes = static_cast<size_t>(parts_.classes);
    PERENNIAL_CHECK(x.cols == parts_.cols && probability.size() == x.rows * classes);
    std::fill(probability.begin(), probability.end(), 0.0);
    const size_t width = parts_.inputs.size();
    std::vector<float> block(kBlock * width);
    std::vector<double> share(parts_.present.size());
    Pass pass;
    for (size_t begin = 0; begin < x.rows; begin += kBlock) {
      const size_t n = std::min(kBlock, x.rows - begin);
      for (size_t i = 0; i < n; ++i) {
        fill_row(x, begin + i, parts_.inputs, block.data() + i * width);
      }
      neural::forward(parts_.network, block.data(), n, 0, nullptr, pass);
      const size_t logits = pass.out.back().size() / n;
      for (size_t i = 0; i < n; ++i) {
        neural::softmax(pass.out.back().data() + i * logits, share);
        for (size_t k = 0; k < share.size(); ++k) {
          probability[(begin + i) * classes + static_cast<size_t>(parts_.present[k])] = share[k];
        }
      }
    }
  }

  void save(ByteWriter& out) const override {
    out.u8(kFormat);
    out.u32(static_cast<uint32_t>(parts_.classes));
    out.u64(parts_.cols);
    out.i32s(parts_.present);
    out.u64(parts_.inputs.size());
    for (const Input& in : parts_.inputs) {
      out.u32(static_cast<uint32_t>(in.column));
      for (double v : {in.unit, in.shift, in.factor}) out.f64(v);
    }
    const auto& widths = parts_.network.widths();
    out.i32s(std::vector<int32_t>(widths.begin() + 1, widths.end() - 1));
    std::vector<int32_t> bits;
    for (float v : parts_.network.packed()) bits.push_back(std::bit_cast<int32_t>(v));
    out.i32s(bits);
    out.f64s(parts_.curve.training);
    out.f64s(parts_.curve.validation);
    out.u64(parts_.curve.best);
  }

  static std::unique_ptr<NeuralNetworkModel> load(ByteReader& in);

  const LossCurve& curve() const { return parts_.curve; }

 private:
  Parts parts_;
};

std::vector<Input> load_inputs(ByteReader& in, size_t cols) {
  const uint64_t count = in.u64();
  if (count > cols || count > in.left()) in.damaged("the number of inputs");
  std::vector<Input> inputs(count);
  for (Input& one : inputs) {
    const uint32_t column = in.u32();
    if (column >= cols || column > INT32_MAX) in.damaged("an input of no column");
    one.column = static_cast<int32_t>(column);
    one.unit = in.f64();
    one.shift = in.f64();
    one.factor = in.f64();
    if (!std::isfinite(one.unit) || !std::isfinite(one.shift) || !std::isfinite(one.factor)) {
      in.damaged("the scale of an input");
    }
  }
  return inputs;
}

std::vector<float> load_parameters(ByteReader& in) {
  std::vector<float> values;
  for (int32_t bits : in.i32s()) {
    values.push_back(std::bit_cast<float>(bits));
    if (!std::isfinite(values.back())) in.damaged("a weight");
  }
  return values;
}

std::unique_ptr<NeuralNetworkModel> NeuralNetworkModel::load(ByteReader& in) {
  if (in.u8() != kFormat) in.damaged("a neural network of an unknown format");
  const uint32_t classes = in.u32();
  const size_t cols = in.u64();
  std::vector<int32_t> present = in.i32s();
  if (classes < 2 || classes > INT32_MAX || present.size() < 2) in.damaged("the classes");
  for (size_t k = 0; k < present.size(); ++k) {
    const bool rises = k == 0 || present[k] > present[k - 1];
    if (present[k] < 0 || static_cast<uint32_t>(present[k]) >= classes || !rises) {
      in.damaged("the classes");
    }
  }
  std::vector<Input> inputs = load_inputs(in, cols);
  std::vector<size_t> widths = {inputs.size()};
  for (int32_t units : in.i32s()) {
    if (units < 1 || static_cast<size_t>(units) > kMostUnits || widths.size() > kMostLayers) {
      in.damaged("the layers");
    }
    widths.push_back(static_cast<size_t>(units));
  }
  widths.push_back(present.size());
  const std::vector<float> values = load_parameters(in);
  if (values.size() != Network::packed_size(widths)) in.damaged("the number of weights");
  Parts parts{.classes = static_cast<int32_t>(classes),
              .cols = cols,
              .present = std::move(present),
              .inputs = std::move(inputs),
              .network = Network(widths),
              .curve = {}};
  parts.network.unpack(values);
  parts.curve.step = "epoch";
  parts.curve.training = in.f64s();
  parts.curve.validation = in.f64s();
  parts.curve.best = in.u64();
  if (parts.curve.best > parts.curve.training.size() ||
      parts.curve.validation.size() > parts.curve.training.size()) {
    in.damaged("the loss curve");
  }
  return std::make_unique<NeuralNetworkModel>(std::move(parts));
}

// Weights of mean 1, so that the learning rate means the same for all.
Rows rows_of(const Matrix& x, const CanonicalRows& rows, std::span<const Input> inputs,
             const std::vector<bool>& held, bool wanted) {
  double total = 0;
  for (double w : rows.weight) total += w;
  const double factor = static_cast<double>(rows.weight.size()) / total;
  Rows out;
  out.cols = inputs.size();
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    if (held[i] != wanted) continue;
    out.x.resize(out.x.size() + out.cols);
    fill_row(x, rows.rows[i], inputs, out.x.data() + out.x.size() - out.cols);
    out.y.push_back(rows.y[i]);
    out.weight.push_back(static_cast<float>(std::max(rows.weight[i] * factor, 1e-30)));
  }
  return out;
}

std::vector<double> log_rates(const CanonicalRows& rows) {
  std::vector<double> out;
  double total = 0;
  for (size_t k = 0; k < rows.classes.size(); ++k) {
    out.push_back(rows.class_weight_sum(k));
    total += out.back();
  }
  for (double& v : out) v = std::log(v / total);
  return out;
}

neural::TrainingOptions options_of(const Params& params) {
  return {.learning_rate = params.get_real("learning_rate"),
          .weight_decay = params.get_real("weight_decay"),
          .dropout = params.get_real("dropout"),
          .batch_size = static_cast<size_t>(params.get_int("batch_size")),
          .max_epochs = static_cast<size_t>(params.get_int("max_epochs")),
          .patience = static_cast<size_t>(params.get_int("patience"))};
}

class NeuralNetwork : public Learner {
 public:
  std::string_view name() const override { return "neural_network"; }
  std::string_view title() const override { return "neural network"; }
  std::string_view description() const override {
    return "Layers of ReLU units (multilayer perceptron) fitted by Adam (Kingma and Ba 2015).";
  }
  Capabilities capabilities() const override {
    return {.multiclass = true, .sample_weights = true, .scale_invariant = true, .random = true};
  }
  const std::vector<ParamSpec>& params() const override { return params_; }
  const std::vector<ParamSpec>& prep() const override { return prep_; }

  std::unique_ptr<Model> fit(const TrainingSet& data, const Params& params) const override {
    const std::vector<size_t> units = units_of(params.get_text("hidden_layers"));
    check_training_set(data, capabilities(), title());
    CanonicalRows rows = canonical_rows(data);
    std::vector<Input> inputs;
    for (uint32_t column : rows.columns) inputs.push_back(fit_input(*data.x, column, rows));
    if (params.get_text("class_weight") == "balanced") balance_classes(rows);
    const Seed seed = data.seed.child("neural_network");
    const std::vector<bool> held =
        validation_rows(rows, params.get_real("validation_fraction"), seed.child("validation"));
    const Rows training = rows_of(*data.x, rows, inputs, held, false);
    const Rows validation = rows_of(*data.x, rows, inputs, held, true);
    std::vector<size_t> widths = {inputs.size()};
    widths.insert(widths.end(), units.begin(), units.end());
    widths.push_back(rows.classes.size());
    Network network(std::move(widths));
    network.start(log_rates(rows), Rng(seed.child("start")));
    LossCurve curve = neural::train(training, validation, options_of(params), seed, network);
    return std::make_unique<NeuralNetworkModel>(Parts{.classes = data.classes,
                                                      .cols = data.x->cols,
                                                      .present = rows.classes,
                                                      .inputs = std::move(inputs),
                                                      .network = std::move(network),
                                                      .curve = std::move(curve)});
  }

  std::unique_ptr<Model> load(ByteReader& in) const override {
    return NeuralNetworkModel::load(in);
  }

 private:
  const std::vector<ParamSpec> params_ = make_params();
  const std::vector<ParamSpec> prep_ = prep_defaults({"none"});
};

}  // namespace

std::unique_ptr<Learner> make_neural_network() { return std::make_unique<NeuralNetwork>(); }

const LossCurve* network_losses(const Model& model) {
  const auto* network = dynamic_cast<const NeuralNetworkModel*>(&model);
  return network == nullptr ? nullptr : &network->curve();
}

}  // namespace perennial
