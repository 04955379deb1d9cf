// Everything that a run says about its winner, after the verdict.
#pragma once

#include "explain/dependence.h"
#include "explain/effects.h"
#include "explain/importance.h"
#include "explain/shap.h"

namespace perennial {

struct ExplainOptions {
  ImportanceOptions importance;
  EffectOptions effects;
  DependenceOptions dependence;
  size_t curves = 6;                                               // of the most important features
  std::map<std::string, std::vector<std::string>> category_order;  // of the study
  double shap_budget =
      3e8;  // rough operations for SHAP values of the sealed rows: sets their number
};

// The same answer whatever the number of threads.
Explanation explain(const OpenedRows& opened, const TrainingRows& training,
                    const Pipeline& pipeline, const ExplainReference& reference,
                    const ExplainOptions& asked, Seed seed, const Workers& workers);

// English sentences from the numbers, the most important first. Rules: only features whose
// importance is clear are said to matter; unstable ones are named as such; nothing is said of faint
// ones but how many they are.
std::vector<std::string> sentences_of(const Explanation& e);

}  // namespace perennial
