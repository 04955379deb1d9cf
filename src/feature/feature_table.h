// One row a customer: features, target, value. Rows are ordered by id (numbers as numbers, else by
// bytes), so that the order of the files changes nothing that is computed later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/table.h"

namespace perennial {

struct FeatureTable {
  std::string id_name;  // as in the file
  std::vector<std::string> ids;
  std::vector<Column> features;             // kNumber and kText (dates as kNumber, in days)
  std::vector<std::string> feature_tables;  // the study's table each feature came from
  std::string target_name;
  std::vector<std::string> classes;  // of two the second is the positive one
  std::vector<int32_t> y;            // index into classes; -1 unknown
  std::vector<Column> values;        // the value role, kNumber
  std::vector<uint32_t> position;    // row in the entity table's file

  size_t rows() const { return ids.size(); }
  FeatureTable take(const std::vector<uint32_t>& rows) const;
};

// Customers that left on the way, and why.
struct DropStep {
  std::string reason;  // sentence part: "revenue of 106862.2 in one month (repair 1)"
  int64_t customers = 0;
  std::vector<Example> examples;  // value = id
};

}  // namespace perennial
