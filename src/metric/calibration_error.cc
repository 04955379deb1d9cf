// Interval of the binned calibration error, by inverting a test.
//
// What is estimated: theta = sum over bins of share * |delta|, where delta is how far the mean
// probability of the bin's customers lies from their true rate. The plug-in V puts the observed
// difference d in place of delta. d is delta and noise, so V is too large, and the more so the
// fewer the rows: resampling adds the noise once more and makes it worse. But d is close to normal
// with a known standard error s, so the distribution of V for given deltas is known: a sum of
// folded normals (Leone, Nelson and Nottingham 1961). The limits are those theta for which the
// observed V would lie at the 97.5 and 2.5 % points of that distribution. Of all deltas with that
// theta a ray is tried, t times a shape, t from 0 up. The fewer bins a theta sits in, the more the
// noise of the others adds to V: so the lower limit takes the observed differences with their noise
// taken out, the upper one with it put in once more, and each limit errs to its careful side. No
// draws are needed.
#include "metric/calibration_error.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace perennial {
namespace {

struct Bin {
  double share = 0;  // of the rows
  double error = 0;  // |rate - mean probability|
  double noise = 0;  // standard error of the rate
  double shape = 0;  // what t is multiplied by
};

// The mean of |N(mean, 1)| and the second and third central moment.
struct Folded {
  double mean = 0, variance = 0, third = 0;
};

Folded folded(double mean) {
  const double density =
      2 * std::exp(-0.5 * mean * mean) / std::sqrt(2 * std::numbers::pi_v<double>);
  const double balance = std::erf(mean / std::numbers::sqrt2_v<double>);
  const double square = mean * mean;
  Folded f;
  f.mean = density + mean * balance;
  f.variance = square + 1 - f.mean * f.mean;
  const double raw_third = (square + 2) * density + (square + 3) * mean * balance;
  f.third = raw_third - 3 * f.mean * (square + 1) + 2 * f.mean * f.mean * f.mean;
  return f;
}

// Quantile of V at normal quantile z where the deltas are t times the shape; Cornish and Fisher
// 1938, to the second order in the skewness.
double quantile_of_plug_in(const std::vector<Bin>& bins, double t, double z) {
  double mean = 0, variance = 0, third = 0;
  for (const Bin& bin : bins) {
    const Folded f = folded(t * bin.shape / bin.noise);
    const double unit = bin.share * bin.noise;
    mean += unit * f.mean;
    variance += unit * unit * f.variance;
    third += unit * unit * unit * f.third;
  }
  const double sd = std::sqrt(variance);
  const double skew = third / (variance * sd);
  return mean + sd * (z + skew * (z * z - 1) / 6 - skew * skew * (2 * z * z * z - 5 * z) / 36);
}

// The t for which V lies at that quantile; 0 where it lies there, or below, without any error.
double ray_at(const std::vector<Bin>& bins, double plug_in, double z) {
  if (quantile_of_plug_in(bins, 0, z) >= plug_in) return 0;
  double low = 0, high = 1;
  while (quantile_of_plug_in(bins, high, z) < plug_in && high < 1e6) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (quantile_of_plug_in(bins, middle, z) < plug_in ? low : high) = middle;
  }
  return high;
}

// The limit where V lies at normal quantile z. `with_noise`: of noise^2, how much is added to the
// square of the observed differences; what is left is never quite nought, as something may hide.
double limit(std::vector<Bin>& bins, double plug_in, double with_noise, double z) {
  double along = 0;  // theta at t = 1
  for (Bin& bin : bins) {
    const double noise = bin.noise * bin.noise;
    bin.shape = std::sqrt(std::max(bin.error * bin.error + with_noise * noise, 0.01 * noise));
    along += bin.share * bin.shape;
  }
  return along * ray_at(bins, plug_in, z);
}

// Laplace's rate (one success and one failure more): a bin without positives is noisy too.
double noise_of(const ReliabilityBin& bin) {
  const auto n = static_cast<double>(bin.rows);
  const double rate = (bin.rate * n + 1) / (n + 2);
  return std::sqrt(rate * (1 - rate) / n);
}

}  // namespace

Figure calibration_error_interval(Labels y, Scores p, int bins) {
  const double plug_in = expected_calibration_error(y, p, bins);
  Figure out{.value = plug_in, .low = plug_in, .high = plug_in};
  if (std::isnan(plug_in)) return out;
  std::vector<Bin> filled;
  for (const ReliabilityBin& bin : reliability(y, p, bins)) {
    filled.push_back({.share = static_cast<double>(bin.rows) / static_cast<double>(y.size()),
                      .error = std::abs(bin.rate - bin.mean_probability),
                      .noise = noise_of(bin)});
  }
  const double z = normal_quantile(0.975);
  out.low = std::min(plug_in, limit(filled, plug_in, -1, z));
  out.high = std::clamp(limit(filled, plug_in, 1, -z), plug_in, 1.0);
  return out;
}

}  // namespace perennial
