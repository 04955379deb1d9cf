#include "judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "base/error.h"
#include "judge/several.h"

namespace perennial {

// The one place that may look at sealed rows; it takes them for good.
class SealBreaker {
 public:
  static std::shared_ptr<const OpenedRows> open(SealedRows sealed) {
    return std::make_shared<const OpenedRows>(OpenedRows(std::move(sealed.table_)));
  }
};

namespace {

// Mean loss of the rows with its interval, within [0, highest].
Figure loss_figure(Labels y, Scores p, double (*row_loss)(int32_t, double), double highest) {
  std::vector<double> losses(y.size());
  for (size_t i = 0; i < y.size(); ++i) losses[i] = row_loss(y[i], p[i]);
  Figure figure = mean_interval(losses);
  if (figure.low < 0) figure.low = 0;
  if (figure.high > highest) figure.high = highest;
  return figure;
}

// A share that is nought by definition when there is nothing to take a share of.
Figure share_figure(int64_t part, int64_t whole) {
  Figure figure = wilson(part, whole);
  if (whole == 0) figure.value = 0;
  return figure;
}

// `drawn`: the figures that need more than a formula over rows.
std::map<std::string, Figure> figures(Labels y, Scores p, double threshold,
                                      const BootstrapFigures& drawn) {
  const Confusion c = confusion(y, p, threshold);
  const auto rows = static_cast<int64_t>(y.size());
  return {
      {"roc_auc", roc_auc_delong(y, p)},
      {"average_precision", drawn.average_precision},
      {"log_loss", loss_figure(y, p, row_log_loss, HUGE_VAL)},
      {"brier", loss_figure(y, p, row_brier, 1)},
      {"accuracy", wilson(c.true_positive + c.true_negative, rows)},
      {"balanced_accuracy", balanced_accuracy_interval(c)},
      {"f1", drawn.f1},
      {"precision", share_figure(c.true_positive, c.true_positive + c.false_positive)},
      {"recall", share_figure(c.true_positive, c.true_positive + c.false_negative)},
      {"expected_calibration_error", drawn.calibration_error},
  };
}

void check_targets(const FeatureTable& table) {
  for (size_t i = 0; i < table.rows(); ++i) {
    const int32_t y = table.y[i];
    if (y >= 0 && static_cast<size_t>(y) < table.classes.size()) continue;
    throw Error(
        ErrorCode::kData, fmt::format("customer {}", table.ids[i]),
        fmt::format("no class of \"{}\" is known, so the row cannot be judged", table.target_name),
        "Leave customers without a target out of the split");
  }
}

void judge_two(const JudgeOptions& options, Seed seed, const Workers* workers, Verdict& verdict) {
  verdict.positives = std::ranges::count(verdict.y, 1);
  const Labels y = verdict.y;
  const Scores p = verdict.probability;
  const double base_rate = options.class_rates[1];
  const std::vector<double> always(verdict.rows, base_rate);
  const BootstrapFigures drawn =
      bootstrap_figures(y, p, options.threshold, options.reliability_bins, options.bootstrap_rounds,
                        seed.child("model"), workers);
  // Each fills a place of its own.
  const std::vector<std::function<void()>> parts = {
      [&] { verdict.test = figures(y, p, options.threshold, drawn); },
      // The baseline calls everybody the more frequent class, whatever threshold suits the model.
      [&] { verdict.baseline = figures(y, always, 0.5, constant_figures(y, base_rate, 0.5)); },
      [&] { verdict.roc = roc_curve(y, p); },
      [&] { verdict.precision_recall = precision_recall_curve(y, p); },
      [&] { verdict.reliability = reliability(y, p, options.reliability_bins); },
      [&] { verdict.over_baseline = roc_auc_difference(y, p, always); }};
  if (workers != nullptr) {
    workers->run(parts.size(), [&](size_t i) { parts[i](); });
  } else {
    for (const auto& part : parts) part();
  }
  verdict.confusion = confusion(y, p, options.threshold);
  const Confusion& c = verdict.confusion;
  verdict.counts = {{c.true_negative, c.false_positive}, {c.false_negative, c.true_positive}};
}

void judge_rows(const FeatureTable& table, const Pipeline& pipeline, const JudgeOptions& options,
                Seed seed, const Workers* workers, Verdict& verdict) {
  PERENNIAL_CHECK(options.class_rates.size() == static_cast<size_t>(pipeline.classes));
  check_targets(table);
  verdict.rows = table.rows();
  verdict.classes = pipeline.classes;
  verdict.threshold = options.threshold;
  if (verdict.rows > 0) verdict.probability = pipeline.predict(table);
  verdict.y = table.y;
  verdict.ids = table.ids;
  if (verdict.classes == 2) {
    verdict.probability = positive_column(verdict.probability);
    judge_two(options, seed, workers, verdict);
    if (options.contacts) {
      verdict.money = judge_money(table, verdict.probability, *options.contacts,
                                  options.bootstrap_rounds, seed.child("money"), workers);
    }
  } else {
    judge_several(options, seed, workers, verdict);
    if (options.recommend && verdict.rows > 0) {
      verdict.recommendation =
          judge_recommendation(table, verdict.probability, *options.recommend, options.class_rates);
    }
  }
}

}  // namespace

std::map<std::string, Figure> open_figures(const FeatureTable& rows, const Pipeline& pipeline,
                                           const JudgeOptions& options, Seed seed,
                                           const Workers* workers) {
  Verdict verdict;
  judge_rows(rows, pipeline, options, seed, workers, verdict);
  return std::move(verdict.test);
}

std::shared_ptr<const OpenedRows> open_rows(SealedRows sealed) {
  return SealBreaker::open(std::move(sealed));
}

Verdict judge(SealedRows sealed, const Pipeline& pipeline, const JudgeOptions& options, Seed seed,
              const Workers* workers) {
  Verdict verdict;
  verdict.opened = SealBreaker::open(std::move(sealed));
  judge_rows(verdict.opened->table(), pipeline, options, seed, workers, verdict);
  verdict.better_than_baseline = verdict.test.at("roc_auc").low > 0.5;
  if (verdict.better_than_baseline) verdict.evidence = "better than the base rate";
  return verdict;
}

}  // namespace perennial
