// What `perennial check` found, for people and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "watch/later.h"

namespace perennial {

struct LaterReport {
  std::string study, question;
  int64_t rows = 0;
  std::vector<Shift> shifts;
  TrainingPicture then;
  std::optional<LaterPerformance> now;  // where outcomes are known
  std::optional<RankingVerdict> recommendation;
  LaterVerdict verdict;
  Json history = Json::array();  // of the model
  std::vector<std::string> notes;
};

Json later_json(const LaterReport& report);
std::string later_text(const LaterReport& report);

}  // namespace perennial
