// perennial measure: a campaign and its outcomes -> did it work, and what it earned.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "lift/measure.h"

namespace perennial {

struct MeasureOptions {
  std::string campaign;                 // campaign.json, with campaign.csv beside it
  std::string outcomes;                 // table with the id, the outcome and perhaps more
  std::optional<std::string> outcome;   // column; default: the study's target
  std::optional<std::string> positive;  // its value that counts as yes; default: the study's
  std::optional<std::string> money;  // column: what the customer brought; default: value at stake
  std::optional<std::string> received;  // column that says who really got the offer
  bool early = false;                   // intervals that hold however often one looks
  bool absent_is_no = false;  // a customer who is not in the file did not have the outcome
  int threads = 0;
};

struct MeasureResult {
  LiftResult lift;
  std::string text;  // for a terminal
  std::string json;  // measure.json
};

// Errors (kIo, kData, kUsage) name file, line and column: see read_campaign; a column that is not
// there; no id in common; a customer with two different outcomes; too many outcomes missing.
MeasureResult measure_campaign(const MeasureOptions& options, Progress& progress);

}  // namespace perennial
