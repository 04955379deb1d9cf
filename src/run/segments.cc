#include "run/segments.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "segment/drivers.h"

namespace perennial {
namespace {

// Where the study says nothing: two classes and one value column.
bool wanted(const StudyQuestion& question, const FeatureTable& table) {
  if (!question.segments_enabled) return false;
  if (question.segments_asked) return true;
  return table.classes.size() == 2 && table.values.size() == 1;
}

// The reasons of scores.csv, and the contributions of the rows to keep.
void add_reasons(const StudyQuestion& question, const FeatureTable& table,
                 const Explainer& explainer, Seed seed, const Workers& workers,
                 KeptContributions& keep, RunRecord& record) {
  const size_t most = question.explain ? static_cast<size_t>(question.reasons) : 0;
  if (most == 0 && keep.rows.empty()) return;
  ShortReasons found = short_reasons(explainer, table, record.scores.probability, {.most = most},
                                     seed.child("reasons"), workers, &keep);
  record.reasons = std::move(found.text);
  if (record.reasons.empty() || found.explained == record.reasons.size()) return;
  record.notes.push_back(fmt::format(
      "scores.csv has the reasons of the {} with the highest probability: for all of them they "
      "would take too long ({})",
      counted(static_cast<int64_t>(found.explained), "customer"),
      found.method.exact ? "a large model" : "this model's reasons have to be sampled"));
}

// The rows of all lists, each once, rising.
std::vector<uint32_t> together(const std::vector<std::vector<uint32_t>>& lists) {
  std::vector<uint32_t> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

void check_segments_of(const StudyQuestion& question, const FeatureTable& table) {
  if (wanted(question, table)) check_segments(table, question.segments);
}

std::vector<double> unseen_risk(const ScoreTable& scored, const SplitPlan& split,
                                const UnseenProbability& unseen) {
  std::vector<double> risk;
  risk.reserve(scored.rows());
  size_t training = 1, validation = 1;  // class 1 of the next row of each part
  const auto next = [](const std::vector<double>& p, size_t& at) {
    PERENNIAL_CHECK(at < p.size());
    at += 2;
    return p[at - 2];
  };
  for (size_t i = 0; i < scored.rows(); ++i) {
    if (split.role[i] == Role::kTrain) {
      risk.push_back(next(unseen.training, training));
    } else if (split.role[i] == Role::kValidation && !unseen.validation.empty()) {
      risk.push_back(next(unseen.validation, validation));
    } else {
      risk.push_back(scored.of(i)[1]);
    }
  }
  return risk;
}

void add_segments_and_reasons(const StudyQuestion& question, const FeatureTable& table,
                              const SplitPlan& split, const UnseenProbability& unseen,
                              const Pipeline& pipeline, const ExplainReference& reference,
                              double threshold, Seed seed, const Workers& workers,
                              RunRecord& record) {
  if (record.scores.rows() != table.rows()) return;  // customers with several classes
  const Explainer explainer(pipeline, reference);
  std::vector<std::vector<uint32_t>> drawn;
  if (wanted(question, table)) {
    const std::vector<double> risk = unseen_risk(record.scores, split, unseen);
    record.segments =
        make_segments({.table = table, .risk = risk, .role = split.role, .threshold = threshold},
                      question.segments, seed.child("segments"), workers);
    if (question.explain) {
      drawn = driver_rows(record.segments, explainer, {}, seed.child("drivers"));
    }
  }
  KeptContributions keep{.rows = together(drawn), .values = {}};
  add_reasons(question, table, explainer, seed, workers, keep, record);
  if (drawn.empty()) return;
  fill_drivers(record.segments, drawn, keep, explainer.method(), table, {});
}

}  // namespace perennial
