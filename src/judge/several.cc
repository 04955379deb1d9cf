#include "judge/several.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace perennial {
namespace {

// A thousand rounds over a hundred thousand rows and fifty classes would take minutes.
constexpr double kMostDrawnValues = 4e8;
constexpr int kFewestRounds = 200;

Figure loss_figure(Labels y, Scores p, size_t classes,
                   double (*row_loss)(int32_t, std::span<const double>), double highest) {
  std::vector<double> losses(y.size());
  for (size_t i = 0; i < y.size(); ++i) losses[i] = row_loss(y[i], p.subspan(i * classes, classes));
  Figure figure = mean_interval(losses);
  if (figure.low < 0) figure.low = 0;
  if (figure.high > highest) figure.high = highest;
  return figure;
}

int64_t sum_of(const std::vector<int64_t>& counts) {
  int64_t sum = 0;
  for (const int64_t n : counts) sum += n;
  return sum;
}

Figure accuracy_figure(const ClassCounts& counts) {
  int64_t right = 0, rows = 0;
  for (size_t c = 0; c < counts.size(); ++c) {
    right += counts[c][c];
    rows += sum_of(counts[c]);
  }
  return wilson(right, rows);
}

Figure share_figure(int64_t part, int64_t whole) {
  Figure figure = wilson(part, whole);
  if (whole == 0) figure.value = 0;
  return figure;
}

int rounds_for(const JudgeOptions& options, size_t values) {
  const double most = kMostDrawnValues / std::max(1.0, static_cast<double>(values));
  const int fitting = most < options.bootstrap_rounds ? static_cast<int>(most) : INT32_MAX;
  return std::min(options.bootstrap_rounds, std::max(kFewestRounds, fitting));
}

struct Drawing {
  int rounds = 0, bins = 10;
  Seed seed;
  const Workers* workers = nullptr;
};

std::map<std::string, Figure> figures(Labels y, Scores p, const ClassCounts& counts,
                                      const Drawing& draw) {
  const auto classes = static_cast<int>(counts.size());
  const OneAgainstRest called = top_label(y, p, classes);
  const BootstrapFigures right = bootstrap_figures(called.y, called.p, 0.5, draw.bins, draw.rounds,
                                                   draw.seed.child("called"), draw.workers);
  return {
      {"roc_auc", macro_roc_auc_interval(y, p, classes)},
      {"average_precision",
       macro_average_precision_interval(y, p, classes, draw.rounds, draw.seed, draw.workers)},
      {"log_loss", loss_figure(y, p, counts.size(), row_multi_log_loss, HUGE_VAL)},
      {"brier", loss_figure(y, p, counts.size(), row_multi_brier, 2)},
      {"accuracy", accuracy_figure(counts)},
      {"balanced_accuracy", balanced_accuracy_interval(counts)},
      {"f1", macro_f1_interval(counts, draw.rounds, draw.seed.child("f1"))},
      {"expected_calibration_error", right.calibration_error},
  };
}

// Everybody gets the class rates: what that scores needs few draws.
std::map<std::string, Figure> baseline_figures(Labels y, const std::vector<double>& rates,
                                               const Drawing& draw) {
  const auto classes = static_cast<int>(rates.size());
  std::vector<double> p;
  for (size_t i = 0; i < y.size(); ++i) p.insert(p.end(), rates.begin(), rates.end());
  const ClassCounts counts = class_counts(y, p, classes);
  const OneAgainstRest called = top_label(y, p, classes);
  const double highest = *std::ranges::max_element(rates);
  const double precision = macro_average_precision(y, p, classes);
  return {
      {"roc_auc", macro_roc_auc_interval(y, p, classes)},
      // The mean of the shares of the classes that occur: one by their number.
      {"average_precision", {.value = precision, .low = precision, .high = precision}},
      {"log_loss", loss_figure(y, p, rates.size(), row_multi_log_loss, HUGE_VAL)},
      {"brier", loss_figure(y, p, rates.size(), row_multi_brier, 2)},
      {"accuracy", accuracy_figure(counts)},
      {"balanced_accuracy", balanced_accuracy_interval(counts)},
      {"f1", macro_f1_interval(counts, draw.rounds, draw.seed)},
      {"expected_calibration_error", constant_figures(called.y, highest, 0.5).calibration_error},
  };
}

ClassFigures of_class(const Verdict& verdict, int32_t c, const Drawing& draw) {
  const OneAgainstRest one = one_against_rest(verdict.y, verdict.probability, verdict.classes, c);
  const BootstrapFigures drawn =
      bootstrap_figures(one.y, one.p, 0.5, draw.bins, draw.rounds,
                        draw.seed.child("class").child(static_cast<uint64_t>(c)), draw.workers);
  const auto at = static_cast<size_t>(c);
  const ClassCounts& counts = verdict.counts;
  int64_t called = 0;
  for (const auto& row : counts) called += row[at];
  const int64_t rows = sum_of(counts[at]), right = counts[at][at];
  const int64_t others = static_cast<int64_t>(verdict.rows) - rows - called + right;
  const Confusion c2{.true_positive = right,
                     .false_positive = called - right,
                     .true_negative = others,
                     .false_negative = rows - right};
  return {.rows = rows,
          .called = called,
          .figures = {{"roc_auc", roc_auc_delong(one.y, one.p)},
                      {"average_precision", drawn.average_precision},
                      {"precision", share_figure(right, called)},
                      {"recall", share_figure(right, rows)},
                      {"f1", f1_interval(c2)},
                      {"expected_calibration_error", drawn.calibration_error}}};
}

}  // namespace

void judge_several(const JudgeOptions& options, Seed seed, const Workers* workers,
                   Verdict& verdict) {
  const Labels y = verdict.y;
  const Scores p = verdict.probability;
  verdict.counts = class_counts(y, p, verdict.classes);
  const Drawing draw{.rounds = rounds_for(options, p.size()),
                     .bins = options.reliability_bins,
                     .seed = seed.child("model"),
                     .workers = workers};
  verdict.test = figures(y, p, verdict.counts, draw);
  verdict.baseline = baseline_figures(y, options.class_rates, draw);
  for (int32_t c = 0; c < verdict.classes; ++c)
    verdict.per_class.push_back(of_class(verdict, c, draw));
  const OneAgainstRest called = top_label(y, p, verdict.classes);
  verdict.reliability = reliability(called.y, called.p, options.reliability_bins);
}

}  // namespace perennial
