// What a run found, in plain sentences. The words come from the numbers; terminal and page share
// them.
#pragma once

#include <string>
#include <vector>

#include "report/record.h"

namespace perennial {

// "knn" -> "k nearest neighbours".
std::string learner_title(const std::string& learner);
// "0.912 (0.880 to 0.941)".
std::string figure_text(const Figure& figure, int decimals = 3);
// "38.3 %".
// "1,234 €", "12.30": cents only where they matter; "?": not a number.
std::string amount_text(double value, const std::string& unit = "");
std::string percent(double share, int decimals = 1);
// A metric's key as people write it: "roc_auc" -> "ROC-AUC".
std::string metric_title(const std::string& metric);

// "who has "plan" = "premium"?", or which class of the target where there are several.
std::string question_text(const RunRecord& record);
// How many have it, or how frequent the classes are.
std::string class_sentence(const RunRecord& record);
// The answer in at most three sentences: what is predicted for whom, how well on sealed rows
// against the naive rule, how sure.
std::vector<std::string> verdict_sentences(const RunRecord& record);
// One sentence a pair of learners' bests: a tie, or how much better and how sure.
// How the probabilities were calibrated, if they were.
std::string calibration_sentence(const RunRecord& record);
std::vector<std::string> comparison_sentences(const RunRecord& record);
// What an ensemble adds to the best alone, and a stacked one to what is simpler; empty: none was
// made.
std::string ensemble_sentence(const RunRecord& record);
std::string stacking_sentence(const RunRecord& record);
// What the whole search scores, and how optimistic the winner's own score was; empty: not asked.
std::string nested_sentence(const RunRecord& record);
// "1,300 customers in the files, 1,296 kept" and a sentence for each step that dropped some.
std::vector<std::string> drop_sentences(const RunRecord& record);

}  // namespace perennial
