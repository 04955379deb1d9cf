// One row a customer: features, target, value. Rows are ordered by id (numbers as numbers, else by
// bytes), so that the order of the files changes nothing that is computed later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/workers.h"
#include "table/table.h"

namespace perennial {

struct FeatureTable {
  std::string id_name;  // as in the file
  std::vector<std::string> ids;
  std::vector<Column> features;             // dates: days since 1970-01-01
  std::vector<std::string> feature_tables;  // the study's table each feature came from
  std::string target_name;
  std::vector<std::string> classes;  // of two the second is the positive one
  std::vector<int32_t> y;            // index into classes; -1 unknown
  // Where a target's cell holds several values: all classes of each row, rising; y is the first of
  // them. Else empty.
  std::vector<std::vector<int32_t>> several_y;
  std::vector<Column> values;      // the value role, kNumber
  std::vector<uint32_t> position;  // row in the entity table's file

  size_t rows() const { return ids.size(); }
  // Rows in the given order. Workers, where given, share the columns.
  FeatureTable take(const std::vector<uint32_t>& rows, const Workers* workers = nullptr) const;
};

// A row for each class of each customer, in the order of the rows; several_y is empty then.
// rows[i]: the row that row i of the result came from. REQUIRES: several_y is not empty.
struct Exploded {
  FeatureTable table;
  std::vector<uint32_t> rows;
};
Exploded explode(const FeatureTable& table);

// Customers that left on the way, and why.
struct DropStep {
  std::string reason;  // sentence part: "revenue of 106862.2 in one month (repair 1)"
  int64_t customers = 0;
  std::vector<Example> examples;  // value = id
};

}  // namespace perennial
