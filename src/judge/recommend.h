// How well the classes are ranked for each customer of the opened rows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "feature/feature_table.h"
#include "metric/ranking.h"

namespace perennial {

// What is recommended and to whom it is not.
struct RecommendPlan {
  int k = 3;
  std::string exclude;    // feature with the classes a customer has already, as a set; "": none
  std::string separator;  // of that set
};

// Classes that each row must not be recommended, rising; empty where nothing is excluded. Error
// (kStudy): the table has no such feature, or it is no text (nearest named).
std::vector<std::vector<int32_t>> excluded_classes(const FeatureTable& table,
                                                   const std::vector<std::string>& classes,
                                                   const RecommendPlan& plan);

// probability: rows x classes. Rows that follow each other with one id are one customer who took
// several classes.
RankingVerdict judge_recommendation(const FeatureTable& opened, std::span<const double> probability,
                                    const RecommendPlan& plan, std::span<const double> popularity);

// Sets what is excluded to 0 and the others to a sum of 1. All zeros where nothing is left.
void exclude(std::span<double> probability, std::span<const int32_t> excluded);

}  // namespace perennial
