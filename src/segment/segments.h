// Scores, value and features -> segments with a rule that a person can read.
//
// Three kinds of segments, which may overlap:
//   cells       risk band x value band: every customer is in exactly one, so that their sums are
//               the totals
//   named       rules of the study
//   discovered  short rules found on the training customers, kept where they hold on sealed ones
//
// Risk is the probability of the positive class by a model that had not seen the customer: out of
// fold for training customers, say (run/segments.h). Sizes, values and expected losses are of all
// customers; rates of the sealed ones.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/workers.h"
#include "feature/feature_table.h"
#include "metric/metric.h"
#include "segment/options.h"
#include "split/split.h"

namespace perennial {

enum class SegmentKind { kCell, kNamed, kDiscovered };
const char* to_string(SegmentKind kind);  // "cell", "named", "discovered"

// How the customers of a segment differ from all others in one feature, or in one category of it.
struct SegmentDifference {
  std::string feature;
  std::string category;            // "": a number's mean is compared; else the share with it
  bool is_date = false;            // its mean is in days since 1970-01-01
  double inside = 0, outside = 0;  // means or shares
  // In standard deviations (mean difference over the root of the mean of both variances); 95 %.
  Figure size;
  double p_value = 1, adjusted_p = 1;  // Holm over all differences of the question's segments
  bool in_rule = false;                // the segment's own rule is about it
};

// What moves the model's score of these customers, against the average customer.
struct SegmentDriver {
  std::string feature;
  Figure contribution;  // mean SHAP value, in the space of Segments::driver_space
};

struct Segment {
  std::string name;                                         // in files; unique
  std::vector<std::pair<std::string, std::string>> titles;  // language -> title; may be empty
  SegmentKind kind = SegmentKind::kCell;
  std::string rule;                     // a condition in which every number is known
  int risk_band = -1, value_band = -1;  // cells: from low to high; value_band -1: there is no value
  bool may_be_primary = true;
  int64_t customers = 0;   // all that the rule holds for
  int64_t primary = 0;     // of them those whose own segment it is
  double share = 0;        // of all customers
  double value = 0;        // sum
  double value_share = 0;  // of everybody's value
  double mean_risk = 0;
  // Sum of risk x value. The interval follows from how far risk x value was from what happened on
  // the sealed customers of the segment (t interval of the mean error), widened to hold the value;
  // NaN limits where fewer than ten of them are sealed.
  Figure expected_loss;
  int64_t sealed = 0, cases = 0;  // sealed customers of the segment; positives among them
  Figure rate;                    // cases / sealed, Wilson; NaN where none is sealed
  std::vector<SegmentDifference> differences;  // largest first; certain ones (adjusted_p < 0.05)
  std::vector<SegmentDriver> drivers;          // largest first
  int64_t driver_rows = 0;                     // customers that the drivers are means over
  // Discovered: what the rule was found by.
  int64_t training = 0, training_cases = 0;
  double sealed_p =
      1;               // that the rate inside and outside are equal on sealed rows, Holm over rules
  bool small = false;  // fewer customers than SegmentOptions::min_customers: nothing is compared
};

struct SegmentOverlap {
  size_t a = 0, b = 0;  // indices into list, a < b
  int64_t customers = 0;
};

struct Segments {
  std::vector<Segment> list;  // cells, then named in the order of the study, then discovered
  // One entry a customer, in the order of the feature table:
  std::vector<int32_t> primary;  // index into list: the first named one that may be, else the cell
  std::vector<double> risk;
  std::vector<double> value;  // 0 where it is not known or there is no value column
  // One entry a segment: its rows, rising. Cells, named and discovered ones alike.
  std::vector<std::vector<uint32_t>> members;

  std::string value_column;  // as in the feature table; "": there is none
  std::string unit, period;
  std::vector<double> risk_cuts, value_cuts;  // rising; a band begins at its cut
  std::string risk_cut_from;                  // "threshold", "base rate", "study"
  int64_t min_customers = 0;
  int64_t without_value = 0;
  double total_value = 0;
  Figure expected_loss;                  // of everybody
  Figure base_rate;                      // sealed rows, Wilson
  std::vector<SegmentOverlap> overlaps;  // of named and discovered ones, largest first; none empty
  int64_t leftover = 0;                  // customers in no named or discovered segment
  int64_t rules_tried = 0, rules_tested = 0;  // by the search; of them looked up on sealed rows
  std::string driver_space;                   // "log-odds" or "probability"; "": no drivers
  std::vector<std::string> notes;             // sentences
  bool computed() const { return !list.empty(); }
};

struct SegmentInput {
  const FeatureTable& table;     // two classes
  std::span<const double> risk;  // one a row
  std::span<const Role> role;    // one a row
  double threshold = 0.5;        // of the model; not looked at where it is not inside (0, 1)
};

// Errors (kStudy) name the key and the nearest column: no such column, a text compared with a
// number, two segments of one name. The same for any number of threads.
Segments make_segments(const SegmentInput& input, const SegmentOptions& options, Seed seed,
                       const Workers& workers);

// Only what a study says: fails as make_segments would, before anything is learned. `table` may be
// the whole feature table; nothing of its target is looked at.
void check_segments(const FeatureTable& table, const SegmentOptions& options);

}  // namespace perennial
