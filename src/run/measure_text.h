// What perennial measure prints and writes.
#pragma once

#include <string>

#include "offer/campaign.h"
#include "run/measure.h"

namespace perennial {

std::string measure_text(const Campaign& campaign, const MeasureOptions& options,
                         const LiftResult& lift);
std::string measure_json(const Campaign& campaign, const MeasureOptions& options,
                         const LiftResult& lift);
// The lines that put measured effects in the place of assumed ones in the study's catalogue.
std::string catalogue_lines(const Campaign& campaign, const LiftResult& lift);

}  // namespace perennial
