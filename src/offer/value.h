// What an offer is expected to change for a customer, in money.
#pragma once

#include "metric/metric.h"
#include "offer/catalogue.h"
#include "offer/columns.h"
#include "offer/eligible.h"
#include "offer/solve.h"

namespace perennial {

// Of the risk (aim avoid) or to the chance (aim reach) of one customer; at most what there is.
double change_of(const OfferTerms& terms, const Offer& offer, double effect, double risk);
// What a certain success would bring: risk or 1 - chance, times the value (0 where negative).
double stake_of(const OfferTerms& terms, double risk, double value);

// The solver's problem, with effects multiplied by `factor`. Costs: `cost` and the share of the
// column that the offer names (0 where that is negative), both whether or not the customer takes
// it; where that column is missing the offer is not for the customer.
OfferProblem problem_of(const OfferTerms& terms, const OfferInput& input,
                        const Eligibility& eligibility, const std::vector<double>& value,
                        const std::string& where, double factor);

// Expected profit of a set of offers, and its 95 % range: relative uncertainties of risk, value and
// effect add in squares, to either side.
Figure profit_range(const OfferTerms& terms, const OfferInput& input,
                    const std::vector<double>& value, size_t customer, uint32_t mask, double cost);

}  // namespace perennial
