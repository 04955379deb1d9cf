// What a pipeline says of rows that are made of two: some features of a row of one table, the
// others of a row of another. Sampled SHAP values ask for little else.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "learn/changing_row.h"
#include "learn/pipeline.h"

namespace perennial {

// The rows asked about, all made with one row of the first table.
struct CrossedRows {
  size_t features = 0;
  std::vector<uint32_t> second;  // of each: the row of the second table
  std::vector<uint8_t> first;    // rows x features: 1 where the cell is the first table's
  size_t rows() const { return second.size(); }
  bool from_first(size_t row, size_t feature) const { return first[row * features + feature] != 0; }
};

class Crossing {
 public:
  // Prepares both tables. All three must outlive it. Error (kData): as Pipeline::predict.
  Crossing(const Pipeline& pipeline, const FeatureTable& first, const FeatureTable& second);
  ~Crossing();
  Crossing(const Crossing&) = delete;
  Crossing& operator=(const Crossing&) = delete;

  // rows x classes, those of Pipeline::predict for such rows, as exactly as ChangingRow is. For
  // some models rows that differ in few features from the one before cost little
  // (learn/changing_row.h).
  std::vector<double> answers(size_t first_row, const CrossedRows& rows) const;

 private:
  struct Part;
  std::unique_ptr<Part> part_;
};

}  // namespace perennial
