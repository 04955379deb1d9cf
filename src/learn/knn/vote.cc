#include "learn/knn/vote.h"

#include <algorithm>
#include <cmath>

namespace perennial {

// Class shares of the first settings.k neighbours (nearest first), one probability a class.
void vote(std::span<const Neighbour> neighbours, std::span<const int32_t> y,
          const KnnSettings& settings, std::span<double> probability) {
  const std::span<const Neighbour> asked =
      neighbours.first(std::min(settings.k, neighbours.size()));
  const auto distance = [&](const Neighbour& n) {
    return settings.p == 2 ? std::sqrt(n.distance) : n.distance;
  };
  const double nearest = distance(asked.front());
  // Infinitely far neighbours are all equally far.
  const bool weighted = settings.by_distance && std::isfinite(nearest);
  std::fill(probability.begin(), probability.end(), 0.0);
  double total = 0;
  for (const Neighbour& n : asked) {
    // 1/distance in units of the nearest, so that nothing overflows; where rows coincide with the
    // query, they alone vote.
    const double far = weighted ? distance(n) : 0;
    const double weight = !weighted || far == nearest ? 1 : nearest / far;
    probability[static_cast<size_t>(y[n.row])] += weight;
    total += weight;
  }
  for (double& share : probability) share /= total;
}

}  // namespace perennial
