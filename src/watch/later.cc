#include "watch/later.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr int kFolds = 5;
constexpr double kMostRetrained = 20'000;
constexpr int64_t kFewestOfClass = 25;
constexpr double kWiden = 2.575829303548901 / 1.959963984540054;  // 95 % to 99 %
constexpr double kRetrainShare = 0.01, kRecalibrateShare = 0.002, kDrop = 0.02;
constexpr double kManyNew = 0.05;

std::vector<double> losses(std::span<const int32_t> y, std::span<const double> p, size_t classes) {
  std::vector<double> out(y.size());
  for (size_t i = 0; i < y.size(); ++i) {
    out[i] = row_multi_log_loss(y[i], p.subspan(classes * i, classes));
  }
  return out;
}

Figure wide(Figure f) {
  return {f.value, f.value - kWiden * (f.value - f.low), f.value + kWiden * (f.high - f.value)};
}

Figure gain(const std::vector<double>& before, const std::vector<double>& after) {
  std::vector<double> differences(before.size());
  for (size_t i = 0; i < before.size(); ++i) differences[i] = before[i] - after[i];
  return wide(mean_interval(differences));
}

// Independent figures: MOVER (Zou and Donner 2008).
Figure difference(const Figure& a, const Figure& b) {
  const double d = a.value - b.value;
  return wide({d, d - std::hypot(a.value - a.low, b.high - b.value),
               d + std::hypot(a.high - a.value, b.value - b.low)});
}

// Each row's probabilities by a calibration that was fitted on the other folds.
std::vector<double> cross_calibrated(std::span<const int32_t> y, std::vector<double> p,
                                     std::span<const int32_t> fold, int classes) {
  const auto k = static_cast<size_t>(classes);
  const char* method = classes == 2 ? "platt" : "temperature";
  std::vector<double> out = p;
  for (int f = 0; f < kFolds; ++f) {
    std::vector<int32_t> other_y;
    std::vector<double> other_p;
    for (size_t i = 0; i < y.size(); ++i) {
      if (fold[i] == f) continue;
      other_y.push_back(y[i]);
      other_p.insert(other_p.end(), p.begin() + static_cast<ptrdiff_t>(k * i),
                     p.begin() + static_cast<ptrdiff_t>(k * (i + 1)));
    }
    const Calibration map = fit_calibration(method, other_y, other_p, classes);
    for (size_t i = 0; i < y.size(); ++i) {
      if (fold[i] == f) map.apply(std::span(out).subspan(k * i, k), classes);
    }
  }
  return out;
}

// The rows a new model is tried on: all, or about so many, by their ids.
std::vector<uint32_t> retrained_rows(const FeatureTable& later, Seed seed) {
  const double share = kMostRetrained / static_cast<double>(later.rows());
  std::vector<uint32_t> out;
  for (uint32_t row = 0; row < later.rows(); ++row) {
    const uint64_t hash = seed.child(std::string_view(later.ids[row])).value;
    if (static_cast<double>(hash >> 11) * 0x1p-53 < share) out.push_back(row);
  }
  return out;
}

bool enough(const FeatureTable& table) {
  std::vector<int64_t> n(table.classes.size(), 0);
  for (const int32_t y : table.y) ++n[static_cast<size_t>(y)];
  return *std::min_element(n.begin(), n.end()) >= kFewestOfClass;
}

// Probabilities of each row by the settings of `like` fitted on the rows of the other folds.
std::vector<double> refitted(const Pipeline& like, const FeatureTable& table,
                             std::span<const int32_t> fold, Seed seed, const Workers& workers) {
  const auto k = static_cast<size_t>(like.classes);
  std::vector<double> out(table.rows() * k);
  for (int f = 0; f < kFolds; ++f) {
    std::vector<uint32_t> learn, hold;
    for (uint32_t row = 0; row < table.rows(); ++row) {
      (fold[row] == f ? hold : learn).push_back(row);
    }
    if (hold.empty()) continue;
    const Pipeline fresh =
        fit_like(like, table, learn, {}, seed.child(static_cast<uint64_t>(f)), &workers);
    const std::vector<double> p = fresh.predict(table.take(hold));
    for (size_t i = 0; i < hold.size(); ++i) {
      std::copy_n(p.begin() + static_cast<ptrdiff_t>(k * i), k,
                  out.begin() + static_cast<ptrdiff_t>(k * hold[i]));
    }
  }
  return out;
}

std::vector<double> rates_of(const FeatureTable& table) {
  std::vector<double> rates(table.classes.size(), 0);
  for (const int32_t y : table.y) rates[static_cast<size_t>(y)] += 1;
  for (double& rate : rates) rate /= static_cast<double>(table.rows());
  return rates;
}

double entropy(const std::vector<double>& rates) {
  double sum = 0;
  for (const double rate : rates) sum -= rate > 0 ? rate * std::log(rate) : 0;
  return sum;
}

std::string by(const Figure& f, int decimals) {
  return fmt::format("{} ({} to {})", fixed(f.value, decimals), fixed(f.low, decimals),
                     fixed(f.high, decimals));
}

void tell_shifts(const std::vector<Shift>& shifts, LaterVerdict& out) {
  std::vector<std::string> far, moved;
  for (const Shift& s : shifts) {
    if (s.time) continue;
    if (s.level == "moved far") far.push_back(quoted(s.name));
    if (s.level == "moved") moved.push_back(quoted(s.name));
    if (s.new_share > kManyNew) {
      out.reasons.push_back(
          fmt::format("{} has values that training never saw in {} % of the rows.", quoted(s.name),
                      fixed(100 * s.new_share, 1)));
    }
  }
  if (!far.empty()) out.reasons.push_back("Moved far since training: " + join(far, ", ") + ".");
  if (!moved.empty()) out.reasons.push_back("Moved since training: " + join(moved, ", ") + ".");
  if (far.empty() && moved.empty()) {
    out.reasons.emplace_back(
        "Neither the columns nor the scores have moved beyond chance and size.");
  }
}

LaterVerdict by_columns(const std::vector<Shift>& shifts) {
  LaterVerdict out{.verdict = "still good", .reasons = {}};
  for (const Shift& s : shifts) {
    if (!s.time && (s.level == "moved far" || s.new_share > kManyNew)) out.verdict = "retrain";
  }
  tell_shifts(shifts, out);
  out.reasons.emplace_back(
      "Without outcomes this rests on the columns alone: with --outcomes it rests on what came "
      "true.");
  return out;
}

}  // namespace

std::vector<int32_t> folds_by_id(const FeatureTable& table, int folds, Seed seed) {
  std::vector<int32_t> out;
  for (const std::string& id : table.ids) {
    const uint64_t hash = seed.child(std::string_view(id)).value;
    out.push_back(static_cast<int32_t>(hash % static_cast<uint64_t>(folds)));
  }
  return out;
}

Pipeline uncalibrated(const Pipeline& pipeline) {
  Pipeline raw = pipeline;
  raw.calibration = {};
  return raw;
}

LaterPerformance judge_later(const Pipeline& pipeline, double threshold,
                             const TrainingPicture& picture, const FeatureTable& later, Seed seed,
                             const Workers& workers) {
  const auto k = static_cast<size_t>(pipeline.classes);
  const std::vector<double> rates = rates_of(later);
  if (std::count_if(rates.begin(), rates.end(), [](double r) { return r > 0; }) < 2) {
    throw Error(ErrorCode::kData, "the later rows",
                fmt::format("all {} have the same outcome",
                            counted(static_cast<int64_t>(later.rows()), "row")),
                "Wait for more outcomes, or check without --outcomes");
  }
  LaterPerformance out{.rows = static_cast<int64_t>(later.rows()), .base_loss = entropy(rates)};
  const JudgeOptions options{.class_rates = rates, .threshold = threshold};
  out.now = open_figures(later, pipeline, options, seed.child("figures"), &workers);
  const std::vector<double> p = pipeline.predict(later);
  if (k == 2) {
    out.reliability = reliability(later.y, positive_column(p), options.reliability_bins);
  } else {
    const OneAgainstRest called = top_label(later.y, p, pipeline.classes);
    out.reliability = reliability(called.y, called.p, options.reliability_bins);
  }
  const auto then = picture.test.find("roc_auc");
  if (then != picture.test.end()) out.drop = difference(then->second, out.now.at("roc_auc"));

  const std::vector<int32_t> fold = folds_by_id(later, kFolds, seed.child("folds"));
  const std::vector<double> remapped =
      cross_calibrated(later.y, uncalibrated(pipeline).predict(later), fold, pipeline.classes);
  out.recalibration = gain(losses(later.y, p, k), losses(later.y, remapped, k));

  const FeatureTable some = later.take(retrained_rows(later, seed.child("retrained")));
  if (some.rows() == 0 || !enough(some)) return out;
  out.retrained_rows = static_cast<int64_t>(some.rows());
  const std::vector<int32_t> some_fold = folds_by_id(some, kFolds, seed.child("folds"));
  const std::vector<double> old =
      cross_calibrated(some.y, uncalibrated(pipeline).predict(some), some_fold, pipeline.classes);
  const std::vector<double> fresh =
      cross_calibrated(some.y, refitted(pipeline, some, some_fold, seed.child("refit"), workers),
                       some_fold, pipeline.classes);
  out.retraining = gain(losses(some.y, old, k), losses(some.y, fresh, k));
  return out;
}

LaterVerdict verdict_of(const std::vector<Shift>& shifts,
                        const std::optional<LaterPerformance>& performance) {
  if (!performance) return by_columns(shifts);
  const LaterPerformance& now = *performance;
  LaterVerdict out{.verdict = "still good", .reasons = {}};
  const bool better = now.retraining && now.retraining->low > 0 &&
                      now.retraining->value >= kRetrainShare * now.base_loss;
  const bool dropped = now.drop.low > 0 && now.drop.value >= kDrop;
  const bool remapped =
      now.recalibration.low > 0 && now.recalibration.value >= kRecalibrateShare * now.base_loss;
  if (better || dropped) {
    out.verdict = "retrain";
  } else if (remapped) {
    out.verdict = "recalibrate";
  }
  if (better) {
    out.reasons.push_back(fmt::format(
        "The same settings fitted on the later rows lose {} less a row than this model.",
        by(*now.retraining, 4)));
  } else if (now.retraining) {
    out.reasons.push_back(
        fmt::format("Fitting anew on the later rows would gain {} a row: nothing that counts.",
                    by(*now.retraining, 4)));
  } else {
    out.reasons.push_back(fmt::format(
        "Too few outcomes of some class ({} are needed) to try a new model.", kFewestOfClass));
  }
  out.reasons.push_back(
      dropped ? fmt::format("ROC-AUC has dropped by {}.", by(now.drop, 3))
              : fmt::format("ROC-AUC has not dropped beyond doubt: {} less.", by(now.drop, 3)));
  out.reasons.push_back(
      remapped
          ? fmt::format("The probabilities no longer mean what they say: new ones lose {} less "
                        "a row.",
                        by(now.recalibration, 4))
          : "The probabilities still mean what they say.");
  tell_shifts(shifts, out);
  return out;
}

}  // namespace perennial
