// The memory of a campaign: who was assigned to what, why, with which model and study. Written by
// `run`, read by `measure`.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "offer/catalogue.h"

namespace perennial {

inline constexpr int kCampaignFormat = 1;

// A customer who may be contacted.
struct CampaignRow {
  std::string id;
  std::string segment;  // "": none
  std::string offer;    // chosen, for `offer` and `control` alike; several joined by '+'; "": none
  std::string channel;  // of the offers, joined likewise
  std::string arm;      // offer | control | none
  double propensity = 0;  // probability of the arm `offer`: 1 - control share of the stratum
  double score = 0;       // probability of the positive class, before the campaign
  double value = 0;       // of the customer, where the outcome is as desired
  double expected_low = 0, expected_mid = 0, expected_high = 0;  // profit of the offer; 0 for none
  double cost = 0;                                               // of the offer, whoever gets it
  bool operator==(const CampaignRow&) const = default;
};

struct CampaignOffer {
  std::string name, channel, message;  // the template
  double cost = 0, cost_share = 0, fixed_cost = 0;
  EffectRange effect;
  bool points = false;
  bool operator==(const CampaignOffer&) const = default;
};

// Customers of one segment for whom the same was chosen: the control group is drawn inside it.
struct CampaignStratum {
  std::string segment, offer;
  int64_t chosen = 0, control = 0;
  double share = 0;            // control / chosen
  double smallest_effect = 1;  // in points, that these two groups show; 1: none
  bool operator==(const CampaignStratum&) const = default;
};

struct Campaign {
  int format = kCampaignFormat;
  std::string study, question;
  std::string model_hash, study_hash;  // SHA-256 of model.perennial and of the study file
  std::string program_version;
  uint64_t seed = 0;
  std::string created;  // UTC; "": not said, so that two runs give the same bytes
  std::string target, positive, id_name;
  std::string aim = "avoid";  // avoid | reach the positive class
  std::string unit;           // of money
  double alpha = 0.05, power = 0.8;
  std::vector<CampaignOffer> offers;
  std::vector<CampaignStratum> strata;
  std::vector<CampaignRow> rows;
  bool operator==(const Campaign&) const = default;
};

std::string campaign_csv(const Campaign& campaign);
// `csv`: the text of campaign.csv, whose hash is remembered.
std::string campaign_json(const Campaign& campaign, const std::string& csv);

// From campaign.json; campaign.csv is looked for beside it. Errors (kData, kIo): not a campaign
// (what is missing), a newer format, a campaign.csv that is not the one that was written, a row
// that cannot be read (file and line).
Campaign read_campaign(const fs::path& json);

}  // namespace perennial
