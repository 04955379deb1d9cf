// How the neighbours' classes become probabilities.
#pragma once

#include <cstdint>
#include <span>

#include "learn/knn/neighbours.h"

namespace perennial {

struct KnnSettings {
  size_t k = 5;
  bool by_distance = false;
  int64_t p = 2;
};

// Class shares of the first settings.k neighbours (nearest first), one probability a class.
void vote(std::span<const Neighbour> neighbours, std::span<const int32_t> y,
          const KnnSettings& settings, std::span<double> probability);

}  // namespace perennial
