// Made data for the tests of learners: whole-number arithmetic, so that a Python script can make
// the same (learn/tree/sklearn_cases.py).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/params.h"
#include "base/seed.h"
#include "learn/learner.h"

namespace perennial::testing_data {

inline uint32_t hash32(uint32_t a) {
  a ^= a >> 16;
  a *= 0x7feb352dU;
  a ^= a >> 15;
  a *= 0x846ca68bU;
  a ^= a >> 16;
  return a;
}

// Multiples of 1/16 from 0 to 255.9375.
inline Matrix made_matrix(size_t rows, size_t cols, size_t first_row = 0) {
  Matrix x{.rows = rows, .cols = cols, .values = {}, .names = {}, .source = {}};
  for (size_t j = 0; j < cols; ++j) {
    for (size_t i = 0; i < rows; ++i) {
      x.values.push_back(hash32(static_cast<uint32_t>((first_row + i) * 64 + j)) % 4096 / 16.0);
    }
    x.names.push_back("c" + std::to_string(j));
    x.source.push_back(static_cast<int32_t>(j));
  }
  return x;
}

// Depends on the first three columns and on noise.
inline std::vector<int32_t> made_classes(const Matrix& x, int classes) {
  std::vector<int32_t> y(x.rows);
  for (size_t i = 0; i < x.rows; ++i) {
    double score = x.at(i, 0) + 0.5 * x.at(i, 1) + (x.at(i, 2) > 128 ? 60 : 0);
    score += hash32(static_cast<uint32_t>(1000003 + i)) % 160;
    y[i] = std::min(classes - 1, static_cast<int>(score / (560.0 / classes)));
  }
  return y;
}

struct Sample {
  Matrix x;
  std::vector<int32_t> y;
  std::vector<double> weights;
  int classes = 2;

  TrainingSet set(uint64_t seed = 1) const {
    return {.x = &x, .y = y, .classes = classes, .weights = weights, .seed = Seed{seed}};
  }
};

inline Sample made_sample(size_t rows, int classes = 2, size_t cols = 5) {
  Sample sample{.x = made_matrix(rows, std::max<size_t>(cols, 3)), .classes = classes};
  sample.y = made_classes(sample.x, classes);
  sample.x.cols = cols;
  sample.x.values.resize(rows * cols);
  sample.x.names.resize(cols);
  sample.x.source.resize(cols);
  return sample;
}

inline Matrix take_rows(const Matrix& x, std::span<const size_t> rows) {
  Matrix out{
      .rows = rows.size(), .cols = x.cols, .values = {}, .names = x.names, .source = x.source};
  for (size_t j = 0; j < x.cols; ++j) {
    for (size_t row : rows) out.values.push_back(x.at(row, j));
  }
  return out;
}

inline Matrix take_columns(const Matrix& x, std::span<const size_t> columns) {
  Matrix out{.rows = x.rows, .cols = columns.size(), .values = {}, .names = {}, .source = {}};
  for (size_t j : columns) {
    const auto column = x.column(j);
    out.values.insert(out.values.end(), column.begin(), column.end());
    out.names.push_back(x.names[j]);
    out.source.push_back(x.source[j]);
  }
  return out;
}

inline std::vector<double> predicted(const Model& model, const Matrix& x, int classes) {
  std::vector<double> probability(x.rows * static_cast<size_t>(classes), -1.0);
  model.predict(x, probability);
  return probability;
}

inline std::string saved(const Model& model) {
  ByteWriter out;
  model.save(out);
  return out.bytes();
}

inline Params params_of(const Learner& learner, std::map<std::string, ParamValue> given = {}) {
  return complete(learner.params(), Params(std::move(given)), "test");
}

// Probabilities of class 1, or all where there are more than two.
inline std::vector<double> answers(const Learner& learner, const Sample& sample,
                                   const Matrix& queries, std::map<std::string, ParamValue> given) {
  const auto model = learner.fit(sample.set(), params_of(learner, std::move(given)));
  std::vector<double> all = predicted(*model, queries, sample.classes);
  if (sample.classes > 2) return all;
  std::vector<double> positive;
  for (size_t i = 1; i < all.size(); i += 2) positive.push_back(all[i]);
  return positive;
}

}  // namespace perennial::testing_data
