// Who is in which part, and the parts as files.
#pragma once

#include <string>
#include <vector>

#include "base/seed.h"
#include "run/inputs.h"

namespace perennial {

struct QuestionSplit {
  SplitPlan plan;
  std::vector<std::string> notes, warnings;  // sentences
};

// By hash, by group, by time, or as the table's own parts say. Errors (kStudy, kData): a group or
// time column that is not there, a time that is missing or no time.
QuestionSplit split_question(const Study& study, const Inputs& inputs,
                             const StudyQuestion& question, const QuestionRows& rows, Seed seed,
                             const Workers& workers);

// train.npz, validation.npz and test.npz in the folder, which is made. Arrays: inputs (float32 or
// float64, rows x features), targets (int64, index into classes, -1 unknown), ids, feature_names,
// classes (text); train.npz also fold (int64). Inputs are prepared whatever the winner is: numbers
// to mean 0 and standard deviation 1 of the training rows, missing ones as their median with a 0/1
// column that says so, text as a 0/1 column a category.
void write_splits(const fs::path& folder, const FeatureTable& table, const SplitPlan& plan,
                  const std::string& type);

}  // namespace perennial
