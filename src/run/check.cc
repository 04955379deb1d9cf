// perennial check: is a saved model still good on later tables?
#include <algorithm>

#include "base/error.h"
#include "report/later_report.h"
#include "run/new_tables.h"
#include "search/compare.h"

namespace perennial {
namespace {

// The outcomes of the later rows as classes of the model.
void use_classes_of(const Artifact& model, FeatureTable& later) {
  std::vector<int32_t> place;
  for (const std::string& name : later.classes) {
    const auto found = std::find(model.classes.begin(), model.classes.end(), name);
    // Of two classes the other one may be called by whatever else stands there.
    const bool other = model.classes.size() == 2 && !model.plan.positive.empty();
    if (found == model.classes.end() && !other) {
      throw Error(ErrorCode::kData, "column \"" + model.target_name + "\"",
                  "the outcome \"" + name + "\" is none of the model's classes",
                  "Train a new model that knows it: perennial run STUDY");
    }
    place.push_back(
        found == model.classes.end() ? 0 : static_cast<int32_t>(found - model.classes.begin()));
  }
  for (int32_t& y : later.y) y = y < 0 ? y : place[static_cast<size_t>(y)];
  later.classes = model.classes;
}

std::vector<std::vector<double>> score_columns(const std::vector<double>& p, size_t classes) {
  if (classes == 2) return {positive_column(p)};
  std::vector<std::vector<double>> out(classes);
  for (size_t i = 0; i < p.size(); ++i) out[i % classes].push_back(p[i]);
  return out;
}

std::vector<double> rates_of(const FeatureTable& table) {
  std::vector<double> rates(table.classes.size(), 0);
  for (const int32_t y : table.y) {
    rates[static_cast<size_t>(y)] += 1.0 / static_cast<double>(table.rows());
  }
  return rates;
}

// The same order of customers, with probabilities learned from the later outcomes.
Artifact recalibrated(const Artifact& model, const FeatureTable& later,
                      const LaterPerformance& performance) {
  Artifact out = model;
  const int classes = model.pipeline.classes;
  std::vector<double> p = uncalibrated(model.pipeline).predict(later);
  const bool probabilities = model.pipeline.learner == kEnsemble ||
                             learner_named(model.pipeline.learner).capabilities().probabilities;
  constexpr int kFolds = 5;
  const std::vector<int32_t> fold =
      folds_by_id(later, kFolds, Seed{model.seed}.child("recalibrate"));
  const CalibrationChoice choice =
      choose_calibration("auto", probabilities, later.y, p, classes, fold, kFolds);
  out.pipeline.calibration = choice.chosen;
  choice.chosen.apply(p, classes);
  if (classes == 2) {
    const std::vector<double> positive = positive_column(p);
    out.threshold = best_f1_threshold(later.y, positive);
    out.base_rate = rates_of(later)[1];
    out.picture.reliability = reliability(later.y, positive, 10);
  }
  const auto columns = score_columns(p, static_cast<size_t>(classes));
  for (size_t s = 0; s < out.picture.scores.size(); ++s) {
    const std::string name = out.picture.scores[s].name;
    out.picture.scores[s] = picture_of(Column::number(name, columns[s]));
  }
  const double before = performance.now.at("log_loss").value;
  out.history.push_back({{"event", "recalibrated"},
                         {"rows", later.rows()},
                         {"method", choice.chosen.method},
                         {"log_loss_before", before},
                         {"log_loss_after", before - performance.recalibration.value},
                         {"version", kVersion}});
  return out;
}

}  // namespace

CheckResult check_tables(const CheckOptions& options, Progress& progress) {
  const Workers workers(options.score.threads);
  progress.stage("read", 0);
  const Artifact model = load_artifact(path_of(options.score.model));
  if (!model.picture.present()) {
    throw Error(ErrorCode::kData, options.score.model,
                "the model was made by a version of Perennial that kept nothing to compare with",
                "Train it again with this version: perennial run STUDY");
  }
  if (!options.recalibrate.empty() && !options.outcomes) {
    throw Error(ErrorCode::kUsage, "--recalibrate",
                "probabilities are learned anew from what came true", "Add --outcomes");
  }
  BuildResult built = rows_for(model, options.score, workers, options.outcomes);
  if (options.outcomes) {
    if (!built.table.several_y.empty()) built.table = explode(built.table).table;
    use_classes_of(model, built.table);
  } else {
    built.table.classes = model.classes;
  }
  const FeatureTable& later = built.table;
  progress.stage("check", 0);
  const size_t scores = model.classes.size() == 2 ? 1 : model.classes.size();
  if (model.picture.columns.size() != later.features.size() ||
      model.picture.scores.size() != scores) {
    throw Error(ErrorCode::kData, options.score.model,
                "the model file is damaged: what it keeps of the training does not fit its plan",
                "Copy it again from where it was made");
  }
  const std::vector<double> p = model.pipeline.predict(later);
  LaterReport report{.study = model.study_name,
                     .question = model.question,
                     .rows = static_cast<int64_t>(later.rows()),
                     .then = model.picture,
                     .history = model.history,
                     .notes = built.notes};
  report.shifts = shifts_of(model.picture, later, score_columns(p, model.classes.size()));
  const Seed seed = Seed{model.seed}.child("check");
  if (options.outcomes) {
    report.now = judge_later(model.pipeline, model.threshold, model.picture, later, seed, workers);
    if (model.recommend) {
      report.recommendation = judge_recommendation(later, p, *model.recommend, rates_of(later));
    }
  }
  report.verdict = verdict_of(report.shifts, report.now);
  if (!options.recalibrate.empty()) {
    save(recalibrated(model, later, *report.now), path_of(options.recalibrate));
  }
  return {.verdict = report.verdict.verdict,
          .text = later_text(report),
          .json = json_text(later_json(report)),
          .notes = report.notes};
}

}  // namespace perennial
