// The few calls of XGBoost's C API that fitting needs, as values that free themselves. Errors of
// the library become Error{kInternal}. The library prints nothing.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"

namespace perennial::xgboost {

// Rows of floats (NaN: missing) with labels, weights and margins to start from. Its quantised form
// is made at the first use and shared by all boosters that are trained on it.
class Data {
 public:
  // features: rows x cols, row-major; margin: rows x groups.
  Data(std::span<const float> features, size_t rows, std::span<const float> label,
       std::span<const float> weight, std::span<const float> margin);
  ~Data();
  Data(const Data&) = delete;
  Data& operator=(const Data&) = delete;
  void* handle() const { return handle_; }
  size_t rows() const { return rows_; }

 private:
  void* handle_ = nullptr;
  size_t rows_;
};

class Booster {
 public:
  // watched: rows that predict() is asked for after each round, or nullptr.
  Booster(const Data& data, const Data* watched, const std::map<std::string, std::string>& params);
  ~Booster();
  Booster(const Booster&) = delete;
  Booster& operator=(const Booster&) = delete;

  void update(int round);
  // rows x groups margins of all rounds so far.
  std::vector<float> margins(const Data& rows) const;
  // rows x (columns + 1) SHAP values of the margin (two classes), path-dependent; the last is the
  // base. For tests and benchmarks. threads: 0 all.
  std::vector<float> contributions(const Data& rows, int threads = 1) const;
  Json model() const;

 private:
  void* handle_ = nullptr;
  const Data& data_;
};

}  // namespace perennial::xgboost
