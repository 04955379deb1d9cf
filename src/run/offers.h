// From what the study says about offers to who gets what.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/files.h"
#include "offer/plan.h"
#include "report/record.h"
#include "run/inputs.h"

namespace perennial {

// What plan and files need of the customers. Columns that the offers name and that are no features
// are taken from the table of the question, as they stand in the file.
struct OfferSource {
  const Study& study;
  const StudyQuestion& question;
  const Inputs& inputs;
  const FeatureTable& table;
  fs::path data;  // folder of the study's files
};

// Errors (kStudy, kIo) before anything is searched.
void check_offers_of(const OfferSource& source);

// Fills record.offers. `risk`: of every customer, by a model that had not seen the outcome.
void add_offers(const OfferSource& source, const std::vector<double>& risk, Seed seed,
                const Workers& workers, RunRecord& record);

// offers.csv, not_contacted.csv, campaign.csv and campaign.json into the folder that holds
// model.perennial already. REQUIRES: record.offers.
void write_offers(const OfferSource& source, const std::vector<double>& risk,
                  const RunRecord& record, const fs::path& folder);

}  // namespace perennial
