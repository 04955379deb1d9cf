#include "learn/mix.h"

#include <algorithm>
#include <cmath>

namespace perennial {

void add_to_mix(std::span<const double> probability, double weight, bool stacked,
                std::vector<double>& sum) {
  sum.resize(probability.size());
  for (size_t i = 0; i < sum.size(); ++i) {
    const double p = probability[i];
    sum[i] += weight * (stacked ? std::log(std::max(p, kLeastLogged)) : p);
  }
}

void finish_mix(std::span<const double> intercept, std::vector<double>& sum) {
  const size_t classes = intercept.size();
  if (classes == 0) return;
  for (size_t at = 0; at < sum.size(); at += classes) {
    const std::span<double> row(sum.data() + at, classes);
    for (size_t c = 0; c < classes; ++c) row[c] += intercept[c];
    const double top = *std::max_element(row.begin(), row.end());
    double total = 0;
    for (double& v : row) total += v = std::exp(v - top);
    for (double& v : row) v /= total;
  }
}

}  // namespace perennial
