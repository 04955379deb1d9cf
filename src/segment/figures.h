// Sizes, money, rates and differences of one segment. Pure functions of rows.
#pragma once

#include <span>
#include <vector>

#include "base/workers.h"
#include "segment/segments.h"

namespace perennial {

// What the figures are made of; one entry a customer.
struct SegmentFacts {
  const FeatureTable& table;
  std::span<const double> risk, value;  // value: 0 where it is not known
  std::vector<uint8_t> sealed;          // 1: sealed and its class is known
};

// Fills customers, share, value, value_share, mean_risk, expected_loss, sealed, cases, rate.
// total_value: everybody's.
void fill_figures(Segment& segment, std::span<const uint32_t> rows, const SegmentFacts& facts,
                  double total_value);

// Sum of risk x value over `rows` with its interval (see Segment::expected_loss).
Figure expected_loss_of(std::span<const uint32_t> rows, const SegmentFacts& facts);

// Differences of each segment that is not small against all other customers: of every feature, and
// of its most frequent categories. Holm over all of them; only certain ones stay, largest first, at
// most `most` a segment. Mean differences are tested after Welch; the interval of the standardised
// difference is normal, by the delta method with the third and fourth moments, so that it is right
// for shares and skewed numbers too.
void fill_differences(std::vector<Segment>& list, const std::vector<std::vector<uint32_t>>& members,
                      const FeatureTable& table, size_t most, const Workers& workers);

}  // namespace perennial
