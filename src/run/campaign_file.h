// The memory of a campaign: who was drawn for what (campaign.csv), why and with which model
// (campaign.json beside it).
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/workers.h"
#include "lift/measure.h"

namespace perennial {

struct CampaignRow {
  std::string id, segment, offer, arm;  // arm: offer, control, none
  double propensity = 0, score = 0, value = 0, cost = 0;
};

struct Campaign {
  std::string study, question, id, target, positive;
  std::string aim = "avoid";  // the positive class shall not happen; "reach": it shall
  double alpha = 0.05, power = 0.8;
  std::vector<LiftStratum> strata;  // as planned: smallest effects
  std::vector<CampaignRow> rows;
};

// Errors (kIo, kData) name file, row and column: not a campaign of this format, campaign.csv
// changed since it was drawn (its hash is remembered), a row of an arm that cannot be, an id that
// stands twice.
Campaign read_campaign(const fs::path& json, const Workers& workers);

}  // namespace perennial
