// Short rules for customers who are at risk more often than others.
//
// Found on training customers by beam search (subgroup discovery after Klösgen 1996: the score is
// the z value of the number of cases, here with a small price a condition), one rule after another,
// each on the customers that the rules before it do not hold for (separate and conquer). Each found
// rule is then looked up on the sealed customers once: it is kept where the rate inside exceeds the
// rate outside by more than chance explains (Fisher's exact test, one-sided, Holm over the rules
// looked up). So that of runs on pure noise at most 5 % keep any rule.
#pragma once

#include <span>
#include <vector>

#include "base/workers.h"
#include "feature/feature_table.h"
#include "split/split.h"
#include "table/condition.h"

namespace perennial {

struct DiscoverOptions {
  int64_t rules = 3;
  int64_t min_customers = 30;  // of all; of the training rows and sealed ones their share of it
  int conditions = 3;
  size_t beam = 20;
  size_t most_rows = 20000;  // training rows to search in, drawn by the seed
};

struct FoundRule {
  Condition condition;         // compares features with numbers or categories, joined by "and"
  std::vector<uint8_t> holds;  // one a customer
  int64_t training = 0, training_cases = 0, sealed = 0, sealed_cases = 0;
  double p_value = 1, adjusted_p = 1;
};
struct Discovery {
  std::vector<FoundRule> rules;  // kept ones, in the order in which they were found
  int64_t tried = 0;             // combinations of conditions
  int64_t tested = 0;            // rules looked up on the sealed customers
};

// `role`: one a row; validation rows are not looked at. The same for any number of threads.
Discovery discover_rules(const FeatureTable& table, std::span<const Role> role,
                         const DiscoverOptions& options, Seed seed, const Workers& workers);

// P(at least `inside_cases` cases inside | margins): Fisher's exact test, one-sided.
double fisher_above(int64_t inside_cases, int64_t inside, int64_t cases, int64_t rows);

}  // namespace perennial
