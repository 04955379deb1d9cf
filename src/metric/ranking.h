// Lists of things recommended to customers, first to last. One customer is one observation, however
// many things they took; all figures have intervals over customers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metric/metric.h"

namespace perennial {

// One customer: the score of every class, the classes that were taken, and those that are not to be
// recommended (already owned). REQUIRES: classes are within the scores.
struct RankedCustomer {
  std::vector<double> score;
  std::vector<int32_t> taken, excluded;
};

// Classes that may be recommended, by falling score; of equals the earlier class first.
std::vector<int32_t> ranked_classes(std::span<const double> score,
                                    std::span<const int32_t> excluded);

// Of one list. taken: what the customer took; not in the list: never recommended.
// 1 where any of the first k was taken, else 0.
double hit_at(std::span<const int32_t> list, std::span<const int32_t> taken, int k);
// 1 / place of the first that was taken (places from 1); 0 where none was.
double reciprocal_rank(std::span<const int32_t> list, std::span<const int32_t> taken);
// Normalised discounted cumulative gain of the first k with gain 1 for what was taken, discount
// log2(1 + place), over that of the best list (Järvelin and Kekäläinen 2002; scikit-learn's
// ndcg_score).
double ndcg_at(std::span<const int32_t> list, std::span<const int32_t> taken, int k);

struct RankingFigures {
  Figure hit_at_1, hit_at_k;  // share of customers; Wilson
  Figure mrr, ndcg_at_k;      // means over customers; t intervals
  double coverage = 0;        // share of classes that are among the first k of any customer's list
};

struct RankingVerdict {
  int k = 3;
  int64_t customers = 0, taken = 0;  // taken: customers x classes
  RankingFigures model, popularity;  // the same list for everybody but for what is excluded
  // Model minus popularity, customer by customer; t intervals.
  Figure hit_at_k_gain, mrr_gain, ndcg_gain;
};

// popularity: share of each class among the training rows. REQUIRES: customers; k >= 1.
RankingVerdict judge_ranking(std::span<const RankedCustomer> customers,
                             std::span<const double> popularity, int k);

}  // namespace perennial
