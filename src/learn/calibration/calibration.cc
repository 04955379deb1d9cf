#include "learn/calibration/calibration.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "learn/calibration/newton.h"

namespace perennial {
namespace {

constexpr double kLeastSlope = 1e-3;
constexpr double kMostLogOdds = 30;      // temperature: beyond, probabilities would round to 1
constexpr double kShareOfOutput = 1e-3;  // isotonic: what keeps rows of one step apart

// As log_odds goes on for ever, the result comes close to the bound plus 1, rising strictly. Within
// the bound (what half a row of each class more would allow) nothing changes.
double bounded(double log_odds, double rows) {
  const double bound = std::log(2 * rows + 1), size = std::abs(log_odds);
  if (size <= bound) return log_odds;
  return std::copysign(bound + 1 - 1 / (1 + size - bound), log_odds);
}

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }
double log_sigmoid(double z) {
  return z < 0 ? z - std::log1p(std::exp(z)) : -std::log1p(std::exp(-z));
}

double score_of(const double* row, double rows) {
  return bounded(std::log(row[1]) - std::log(row[0]), rows);
}

std::vector<double> scores_of(std::span<const double> probability, double rows) {
  std::vector<double> out(probability.size() / 2);
  for (size_t i = 0; i < out.size(); ++i) out[i] = score_of(&probability[2 * i], rows);
  return out;
}

// Platt's targets: the chance of each class after one row more of both.
std::vector<double> smoothed(std::span<const int32_t> y) {
  const auto positives = static_cast<double>(std::count(y.begin(), y.end(), 1));
  const double negatives = static_cast<double>(y.size()) - positives;
  std::vector<double> out(y.size());
  for (size_t i = 0; i < y.size(); ++i) {
    out[i] = y[i] == 1 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2);
  }
  return out;
}

// One slope; where the data want none or a falling one, the least slope.
Calibration fit_platt(const std::vector<double>& s, std::span<const int32_t> y) {
  const std::vector<double> target = smoothed(y);
  std::vector<double> w = fit_logit({&s}, {}, target);
  if (!(w[0] >= kLeastSlope)) {
    std::vector<double> offset(s);
    for (double& v : offset) v *= kLeastSlope;
    w = {kLeastSlope, fit_logit({}, offset, target)[0]};
  }
  return {.method = "platt", .numbers = w, .values = {}};
}

Calibration fit_beta(const std::vector<double>& s, std::span<const int32_t> y) {
  const std::vector<double> target = smoothed(y);
  std::vector<double> low(s), high(s);  // ln p and -ln(1 - p)
  for (double& v : low) v = log_sigmoid(v);
  for (double& v : high) v = -log_sigmoid(-v);
  Calibration out{.method = "beta", .numbers = fit_logit({&low, &high}, {}, target), .values = {}};
  std::vector<double>& w = out.numbers;
  if (w[0] >= 0 && w[1] >= 0 && w[0] + w[1] >= kLeastSlope) return out;
  // As in the paper: the slope below nought is left out and the rest fitted again.
  const bool keep_high = w[0] < 0;
  std::vector<double>& kept = keep_high ? high : low;
  std::vector<double> one = fit_logit({&kept}, {}, target);
  if (!(one[0] >= kLeastSlope)) {
    for (double& v : kept) v *= kLeastSlope;
    one = {kLeastSlope, fit_logit({}, kept, target)[0]};
  }
  w = {keep_high ? 0 : one[0], keep_high ? one[0] : 0, one[1]};
  return out;
}

Calibration fit_steps(const std::vector<double>& s, std::span<const int32_t> y) {
  const auto [least, most] = std::minmax_element(s.begin(), s.end());
  std::vector<double> x(s), target(y.begin(), y.end()), weight(s.size(), 1.0);
  for (double& v : x) v = sigmoid(v);
  for (const double end : {sigmoid(*least), sigmoid(*most)}) {
    x.push_back(end);
    target.push_back(0.5);
    weight.push_back(2);
  }
  Steps steps = fit_isotonic(x, target, weight);
  return {.method = "isotonic", .numbers = std::move(steps.x), .values = std::move(steps.y)};
}

// Log of each class's output against the greatest, bounded: rows x classes.
std::vector<double> log_shares(std::span<const double> probability, int classes, double rows) {
  const auto k = static_cast<size_t>(classes);
  std::vector<double> out(probability.begin(), probability.end());
  for (size_t at = 0; at < out.size(); at += k) {
    const double greatest = *std::max_element(&out[at], &out[at] + k);
    for (size_t c = at; c < at + k; ++c) {
      out[c] = bounded(std::log(out[c]) - std::log(greatest), rows);
    }
  }
  return out;
}

double interpolated(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const auto above = std::upper_bound(x.begin(), x.end(), at);
  if (above == x.begin()) return y.front();
  if (above == x.end()) return y.back();
  const auto i = static_cast<size_t>(above - x.begin());
  return y[i - 1] + (y[i] - y[i - 1]) * ((at - x[i - 1]) / (x[i] - x[i - 1]));
}

void apply_temperature(std::span<double> probability, int classes, double rows, double power) {
  const auto k = static_cast<size_t>(classes);
  const std::vector<double> logs = log_shares(probability, classes, rows);
  for (size_t at = 0; at < logs.size(); at += k) {
    double sum = 0;
    for (size_t c = at; c < at + k; ++c) sum += probability[c] = std::exp(power * logs[c]);
    for (size_t c = at; c < at + k; ++c) probability[c] /= sum;
  }
}

[[noreturn]] void bad_file() {
  throw Error(ErrorCode::kData, "", "the calibration in the model file cannot be read",
              "Copy it again from where it was made");
}

bool is_finite(const std::vector<double>& v) {
  return std::all_of(v.begin(), v.end(), [](double d) { return std::isfinite(d); });
}

bool is_sound(const Calibration& c) {
  if (!(c.rows >= 0) || !is_finite({c.rows}) || !is_finite(c.numbers) || !is_finite(c.values)) {
    return false;
  }
  const size_t n = c.numbers.size();
  if (c.method == "none") return n == 0 && c.values.empty();
  if (c.method == "platt") return n == 2 && c.values.empty();
  if (c.method == "beta") return n == 3 && c.values.empty();
  if (c.method == "temperature") return n == 1 && c.values.empty();
  return c.method == "isotonic" && n > 0 && n == c.values.size() &&
         std::is_sorted(c.numbers.begin(), c.numbers.end());
}

}  // namespace

const ParamSpec& calibration_param() {
  static const ParamSpec spec{
      .name = "calibration",
      .type = ParamType::kChoice,
      .default_value = std::string("auto"),
      .description =
          "How the winner's outputs become probabilities that mean what they say, learned from its "
          "out-of-fold predictions. auto: the simplest that cross-validated log loss cannot tell "
          "from the best.",
      .choices = {"none", "platt", "isotonic", "beta", "temperature", "auto"}};
  return spec;
}

void Calibration::apply(std::span<double> probability, int classes) const {
  if (method == "none") return;
  if (method == "temperature") {
    apply_temperature(probability, classes, rows, numbers.front());
    return;
  }
  PERENNIAL_CHECK(classes == 2);
  for (size_t at = 0; at + 1 < probability.size(); at += 2) {
    const double s = score_of(&probability[at], rows);
    double& other = probability[at];
    double& positive = probability[at + 1];
    if (method == "isotonic") {
      const double p = sigmoid(s);
      positive = (1 - kShareOfOutput) * interpolated(numbers, values, p) + kShareOfOutput * p;
      other = 1 - positive;
      continue;
    }
    const double z = method == "platt"
                         ? numbers[0] * s + numbers[1]
                         : numbers[0] * log_sigmoid(s) - numbers[1] * log_sigmoid(-s) + numbers[2];
    positive = sigmoid(z);
    other = sigmoid(-z);
  }
}

Json Calibration::to_json() const {
  Json out = {{"method", method}};
  if (method == "none") return out;
  out["rows"] = rows;
  out["numbers"] = numbers;
  if (!values.empty()) out["values"] = values;
  return out;
}

Calibration Calibration::from_json(const Json& json) {
  Calibration out;
  try {
    out.method = json.at("method").get<std::string>();
    if (json.contains("rows")) out.rows = json.at("rows").get<double>();
    if (json.contains("numbers")) out.numbers = json.at("numbers").get<std::vector<double>>();
    if (json.contains("values")) out.values = json.at("values").get<std::vector<double>>();
  } catch (const nlohmann::json::exception&) {
    bad_file();
  }
  if (!is_sound(out)) bad_file();
  return out;
}

Calibration fit_calibration(const std::string& method, std::span<const int32_t> y,
                            std::span<const double> probability, int classes) {
  PERENNIAL_CHECK(!y.empty() && probability.size() == y.size() * static_cast<size_t>(classes));
  const auto rows = static_cast<double>(y.size());
  Calibration out;
  if (method == "temperature") {
    out = {.method = method,
           .numbers = {fit_power(log_shares(probability, classes, rows), y, classes, kLeastSlope,
                                 kMostLogOdds / (std::log(2 * rows + 1) + 1))},
           .values = {}};
  } else if (method != "none") {
    PERENNIAL_CHECK(classes == 2);
    const std::vector<double> s = scores_of(probability, rows);
    out = method == "platt" ? fit_platt(s, y) : method == "beta" ? fit_beta(s, y) : fit_steps(s, y);
  }
  out.rows = rows;
  return out;
}

Sigmoid fit_sigmoid(std::span<const double> s, std::span<const int32_t> y, bool smooth) {
  const std::vector<double> column(s.begin(), s.end());
  const std::vector<double> target = smooth ? smoothed(y) : std::vector<double>(y.begin(), y.end());
  const std::vector<double> w = fit_logit({&column}, {}, target);
  return {.a = w[0], .b = w[1]};
}

}  // namespace perennial
