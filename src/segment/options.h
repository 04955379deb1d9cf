// What a study says about the segments of a question (study/keys.cc declares the keys).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace perennial {

// A segment that the study names itself.
struct NamedSegment {
  std::string name;
  std::vector<std::pair<std::string, std::string>> titles;  // language -> title; empty: the name
  std::string where;    // condition on features, risk and value; "": everybody
  std::string by;       // a text feature: one segment a category of it, "NAME: category"; "": none
  bool primary = true;  // may be a customer's own segment; false: it only overlaps the others
  std::string place;    // `study.toml:7, section [question.x.segment.y]`, for messages
};

struct SegmentOptions {
  std::string value;   // column of the value role; "": the only one, or none where there is none
  std::string unit;    // of the value, as it is written beside numbers: "€"; "": not said
  std::string period;  // that a value is for: "3 months"; "": not said
  // Where bands begin: as they are, or as shares of the customers below. At most one of each pair;
  // both empty: risk at the threshold of the model, value at the median.
  std::vector<double> risk_cuts, risk_quantiles, value_cuts, value_quantiles;
  int64_t min_customers = 30;  // that a found rule, a category's segment and a comparison rest on
  int64_t discover = 3;        // rules to look for, at most; 0: none
  std::vector<NamedSegment> named;  // in the order of the study
  std::string place;                // of the section, for messages
};

}  // namespace perennial
