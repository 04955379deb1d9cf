#include "report/story.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "learn/learner.h"

namespace perennial {
namespace {

// The metric of the search, for sentences about differences.
std::string searched_metric(const RunRecord& record) {
  return metric_title(record.search_options.metric);
}

std::string several_sentence(const RunRecord& record) {
  const Verdict& v = record.verdict;
  const Figure &auc = v.test.at("roc_auc"), &right = v.test.at("accuracy");
  return fmt::format(
      "On {} the model never saw, it names the right one of {} classes of {} for {} (95 % interval "
      "{} to {}; always naming the most frequent one: {}), and ranks those of a class above the "
      "others in {} of pairs, averaged over the classes (ROC-AUC {}, 95 % interval {} to {}; "
      "guessing scores 0.500).",
      counted(static_cast<int64_t>(v.rows), "customer"), v.classes, quoted(record.target),
      percent(right.value), percent(right.low), percent(right.high),
      percent(v.baseline.at("accuracy").value), percent(auc.value), fixed(auc.value, 3),
      fixed(auc.low, 3), fixed(auc.high, 3));
}

std::string ranking_sentence(const RunRecord& record) {
  if (record.verdict.classes > 2) return several_sentence(record);
  const Figure& auc = record.verdict.test.at("roc_auc");
  return fmt::format(
      "On {} the model never saw, it ranks a customer with {} = {} above one without in {} of "
      "pairs "
      "(ROC-AUC {}, 95 % interval {} to {}; guessing scores 0.500).",
      counted(static_cast<int64_t>(record.verdict.rows), "customer"), quoted(record.target),
      quoted(record.positive), percent(auc.value), fixed(auc.value, 3), fixed(auc.low, 3),
      fixed(auc.high, 3));
}

std::string call_sentence(const RunRecord& record) {
  const Verdict& v = record.verdict;
  const int64_t called = v.confusion.true_positive + v.confusion.false_positive;
  return fmt::format(
      "Calling everybody with a probability of at least {} finds {} of the {} ({} of them); of the "
      "{} "
      "it calls, {} are right.",
      percent(v.threshold), grouped(v.confusion.true_positive),
      counted(v.positives, "such customer"), percent(v.test.at("recall").value), grouped(called),
      percent(v.test.at("precision").value));
}

}  // namespace

std::string learner_title(const std::string& learner) {
  if (learner == kEnsemble) return "ensemble";
  return std::string(learner_named(learner).title());
}

std::string figure_text(const Figure& f, int decimals) {
  if (std::isnan(f.value)) return "not to be had";
  return fmt::format("{} ({} to {})", fixed(f.value, decimals), fixed(f.low, decimals),
                     fixed(f.high, decimals));
}

std::string amount_text(double value, const std::string& unit) {
  if (!std::isfinite(value)) return "?";
  const bool whole = std::abs(value) >= 1000 || value == std::round(value);
  std::string out = fixed(value, 2);
  if (whole) {
    const auto rounded = static_cast<int64_t>(std::llround(value));
    out = (rounded < 0 ? "-" : "") + grouped(std::abs(rounded));
  }
  return unit.empty() ? out : out + " " + unit;
}

std::string percent(double share, int decimals) { return fixed(100 * share, decimals) + " %"; }

std::string metric_title(const std::string& metric) {
  static const std::map<std::string, std::string> kTitles = {
      {"roc_auc", "ROC-AUC"},
      {"average_precision", "average precision"},
      {"log_loss", "log loss"},
      {"brier", "Brier score"},
      {"accuracy", "accuracy"},
      {"balanced_accuracy", "balanced accuracy"},
      {"f1", "F1"},
      {"precision", "precision"},
      {"recall", "recall"},
      {"expected_calibration_error", "calibration error"}};
  const auto found = kTitles.find(metric);
  return found == kTitles.end() ? metric : found->second;
}

std::string question_text(const RunRecord& record) {
  if (record.positive.empty())
    return fmt::format("which value of {} fits each customer?", quoted(record.target));
  // A condition or events made it, rather than a column with such a value.
  if (record.positive == "yes" && record.target.find(' ') != std::string::npos)
    return fmt::format("for whom is it true: {}?", quoted(record.target));
  return fmt::format("who has {} = {}?", quoted(record.target), quoted(record.positive));
}

std::string class_sentence(const RunRecord& record) {
  if (!record.positive.empty()) {
    return fmt::format("{} have it ({}).", grouped(record.positives), percent(record.base_rate));
  }
  constexpr size_t kMostNamed = 8;
  std::string out;
  for (size_t c = 0; c < record.classes.size() && c < kMostNamed; ++c) {
    out += fmt::format("{}{} {}", c > 0 ? ", " : "", quoted(record.classes[c]),
                       percent(record.class_rates[c]));
  }
  return fmt::format("{} classes: {}{}.", record.classes.size(), out,
                     record.classes.size() > kMostNamed ? ", …" : "");
}

std::vector<std::string> verdict_sentences(const RunRecord& record) {
  std::vector<std::string> out;
  if (std::isnan(record.verdict.test.at("roc_auc").value)) {
    out.push_back(fmt::format(
        "All {} that were sealed for the verdict have the same {}, so nothing can be said about "
        "how well the model tells customers apart. Put more of them aside (`test` in "
        "`validation`), or bring more.",
        counted(static_cast<int64_t>(record.verdict.rows), "customer"), quoted(record.target)));
    return out;
  }
  out.push_back(ranking_sentence(record));
  if (!record.verdict.better_than_baseline) {
    out.push_back(
        "That interval reaches down to guessing: there is no evidence that these tables predict "
        "the "
        "target, and the scores should not be acted on.");
    return out;
  }
  if (record.verdict.classes == 2) out.push_back(call_sentence(record));
  const Trial& winner = record.trials.front();
  out.push_back(
      fmt::format("The winner is {}; its ROC-AUC in cross-validation was {} (±{} over {} folds).",
                  learner_title(winner.learner), fixed(winner.cv_mean, 3), fixed(winner.cv_sd, 3),
                  winner.fold_scores.size()));
  if (record.search_options.metric != "roc_auc") {
    out.back() =
        fmt::format("The winner is {}; its {} in cross-validation was {} (±{} over {} folds).",
                    learner_title(winner.learner), searched_metric(record),
                    fixed(winner.cv_mean, 3), fixed(winner.cv_sd, 3), winner.fold_scores.size());
  }
  return out;
}

std::string calibration_sentence(const RunRecord& record) {
  const CalibrationChoice& c = record.calibration;
  const std::string& method = c.chosen.method;
  const auto loss_of = [&](const std::string& name) {
    for (const auto& each : c.candidates) {
      if (each.method == name) return fixed(each.log_loss, 3);
    }
    return std::string();
  };
  if (method == "none") {
    return c.candidates.empty()
               ? "Probabilities are as the learner gives them."
               : "Probabilities are as the learner gives them: no calibration was better in "
                 "cross-validation than noise would be.";
  }
  std::string out =
      fmt::format("Probabilities were calibrated ({}) on out-of-fold predictions", method);
  if (!c.candidates.empty()) {
    out += fmt::format("; cross-validated log loss {} without, {} with", loss_of("none"),
                       loss_of(method));
  }
  return out + ".";
}

// "An ensemble of 4 settings adds 0.001 (...) to the ROC-AUC of the best alone: ...".
std::string ensemble_sentence(const RunRecord& record) {
  const Ensemble& e = record.ensemble;
  if (e.members.empty()) return "";
  return fmt::format(
      "An ensemble of {} adds {} to the {} of the best alone (95 % interval {} to {}, folds chosen "
      "apart): {}.",
      counted(static_cast<int64_t>(e.members.size()), "setting"), fixed(e.gain.mean, 4),
      searched_metric(record), fixed(e.gain.low, 4), fixed(e.gain.high, 4),
      !e.chosen             ? "the single model is kept"
      : record.stack.chosen ? "the single model is outdone"
                            : "it is the winner");
}

std::string stacking_sentence(const RunRecord& record) {
  const Ensemble& e = record.stack;
  if (e.members.empty()) return "";
  return fmt::format(
      "Stacking {} adds {} to the {} of {} (95 % interval {} to {}, folds chosen apart): {}.",
      counted(static_cast<int64_t>(e.members.size()), "setting"), fixed(e.gain.mean, 4),
      searched_metric(record), record.ensemble.chosen ? "their mean" : "the best alone",
      fixed(e.gain.low, 4), fixed(e.gain.high, 4),
      e.chosen ? "more than its standard error, so it is the winner"
               : "not more than its standard error, so what is simpler is kept");
}

std::string nested_sentence(const RunRecord& record) {
  const NestedScores& n = record.nested;
  if (n.fold_scores.empty()) return "";
  const double own = record.trials.front().cv_mean;
  return fmt::format(
      "Nested cross-validation: the whole search scores {} in {} (95 % interval {} to {}) on folds "
      "it knew nothing of; the winner's own score of {} differs from that by {}.{}",
      fixed(n.score.mean, 4), searched_metric(record), fixed(n.score.low, 4),
      fixed(n.score.high, 4), fixed(own, 4), fixed(own - n.score.mean, 4),
      n.cut.empty() ? "" : " Not all of these searches went to their end.");
}

namespace {

std::string comparison_sentence(const RunRecord& record, const LearnerComparison& c) {
  const std::string interval =
      fmt::format("difference in {} {}, 95 % interval {} to {}", searched_metric(record),
                  fixed(c.test.mean, 3), fixed(c.test.low, 3), fixed(c.test.high, 3));
  if (c.tie && c.test.low > 0) {
    return fmt::format(
        "A tie: {} and {} cannot be told apart on these data ({}; p = {} with {} comparisons "
        "made).",
        learner_title(c.better), learner_title(c.worse), interval, fixed(c.adjusted_p, 2),
        record.comparisons.size());
  }
  if (c.tie) {
    return fmt::format("A tie: {} and {} cannot be told apart on these data ({}).",
                       learner_title(c.better), learner_title(c.worse), interval);
  }
  return fmt::format("{} is better than {} on these data ({}).", learner_title(c.better),
                     learner_title(c.worse), interval);
}

// Of many learners only the best is compared with the others, in a sentence or two.
std::vector<std::string> best_against_all(const RunRecord& record) {
  const std::string& best = record.comparisons.front().better;
  std::string ties, worse;
  for (const LearnerComparison& c : record.comparisons) {
    if (c.better != best) continue;
    std::string& into = c.tie ? ties : worse;
    // One interval alone would say more than all comparisons together allow.
    const bool allowed_for = c.tie && c.test.low > 0;
    into += fmt::format("{}{} ({}, {} to {}{})", into.empty() ? "" : ", ", learner_title(c.worse),
                        fixed(c.test.mean, 3), fixed(c.test.low, 3), fixed(c.test.high, 3),
                        allowed_for ? ", p = " + fixed(c.adjusted_p, 2) : "");
  }
  const std::string what =
      fmt::format("difference in {} with its 95 % interval, all {} comparisons allowed for",
                  searched_metric(record), record.comparisons.size());
  std::vector<std::string> out;
  if (!ties.empty()) {
    out.push_back(fmt::format("A tie: {} cannot be told apart on these data from {}: {}.",
                              learner_title(best), ties, what));
  }
  if (!worse.empty()) {
    out.push_back(fmt::format("{} is better on these data than {}{}.", learner_title(best), worse,
                              ties.empty() ? ": " + what : ""));
  }
  return out;
}

}  // namespace

std::vector<std::string> comparison_sentences(const RunRecord& record) {
  std::vector<std::string> out;
  for (std::string s :
       {ensemble_sentence(record), stacking_sentence(record), nested_sentence(record)}) {
    if (!s.empty()) out.push_back(std::move(s));
  }
  constexpr size_t kMostPairs = 3;
  if (record.comparisons.size() > kMostPairs) {
    for (std::string& s : best_against_all(record)) out.push_back(std::move(s));
    out.emplace_back("The other pairs stand in report.html and metrics.json.");
    return out;
  }
  for (const LearnerComparison& c : record.comparisons) {
    out.push_back(comparison_sentence(record, c));
  }
  return out;
}

std::vector<std::string> drop_sentences(const RunRecord& record) {
  int64_t kept = 0;
  for (const auto& [role, n] : record.rows) kept += n;
  std::vector<std::string> out = {fmt::format(
      "{} in the files, {} kept.", counted(record.customers, "customer"), grouped(kept))};
  for (const DropStep& step : record.dropped) {
    if (step.customers == 0) continue;
    std::string ids;
    for (const Example& e : step.examples) ids += (ids.empty() ? " (" : ", ") + e.value;
    if (!ids.empty()) {
      ids += step.customers > static_cast<int64_t>(step.examples.size()) ? ", …)" : ")";
    }
    out.push_back(
        fmt::format("{} dropped: {}{}.", counted(step.customers, "customer"), step.reason, ids));
  }
  return out;
}

}  // namespace perennial
