// The memory of a campaign: who was drawn for what (campaign.csv), why and with which model
// (campaign.json beside it).
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/workers.h"

namespace perennial {

struct CampaignRow {
  std::string id, segment, offer, arm;  // arm: offer, control, none
  double propensity = 0, score = 0, value = 0, cost = 0;
};

struct CampaignOffer {
  std::string name;
  bool points = false;  // its effect is a difference of probabilities, not a share
};

// Customers of one segment for whom the same was chosen.
struct CampaignStratum {
  std::string segment, offer;
  double smallest_effect = 1;  // in points, that its groups show; 1: none
};

struct Campaign {
  std::string study, question, id_name, target, positive;
  std::string aim = "avoid";  // the positive class shall not happen; "reach": it shall
  double alpha = 0.05, power = 0.8;
  std::vector<CampaignOffer> offers;
  std::vector<CampaignStratum> strata;
  std::vector<CampaignRow> rows;
};

// Errors (kIo, kData) name file, row and column: not a campaign of this format, campaign.csv
// changed since it was drawn (its hash is remembered), a row of an arm that cannot be, an id that
// stands twice.
Campaign read_campaign(const fs::path& json, const Workers& workers);

}  // namespace perennial
