// scores.csv: everybody's probabilities.
#pragma once

#include <string>
#include <vector>

#include "report/record.h"

namespace perennial {

// In parts that follow each other: the head, then some thousand lines each. Any number of threads
// may ask for parts. The record stays as it is meanwhile.
class ScoresText {
 public:
  explicit ScoresText(const RunRecord& record);
  size_t parts() const;
  std::string part(size_t number) const;

 private:
  const RunRecord& record_;
  std::vector<std::string> segments_, classes_;  // as fields of a CSV file
};

}  // namespace perennial
