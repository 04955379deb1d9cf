// Randomness as a value. A Seed is passed down; children are derived by name, so that adding a
// consumer never shifts the numbers another one sees, and threads never share a generator.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace perennial {

// Stable 64-bit hash of bytes (FNV-1a with a final avalanche); the same on every machine.
uint64_t hash_bytes(std::string_view bytes, uint64_t basis = 0xcbf29ce484222325ULL);
// Stable mix of two hashes (order matters).
uint64_t hash_mix(uint64_t a, uint64_t b);

struct Seed {
  uint64_t value = 0;
  Seed child(std::string_view name) const { return {hash_mix(value, hash_bytes(name))}; }
  Seed child(uint64_t index) const { return {hash_mix(value, index + 0x9e3779b97f4a7c15ULL)}; }
};

// xoshiro256** (Blackman and Vigna 2018) seeded by splitmix64; own distributions, because those of
// the standard library differ between implementations.
class Rng {
 public:
  explicit Rng(Seed seed);
  uint64_t next();
  // Uniform in [0, 1), 53 bits.
  double uniform();
  // Uniform integer in [0, n); n > 0. Unbiased (Lemire 2019).
  uint64_t below(uint64_t n);
  // Standard normal (polar method).
  double normal();
  bool bernoulli(double p) { return uniform() < p; }
  template <typename T>
  void shuffle(std::vector<T>& v) {
    for (size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[below(i)]);
  }

 private:
  uint64_t state_[4];
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace perennial
