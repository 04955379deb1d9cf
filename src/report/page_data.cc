#include "report/page_data.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "report/money.h"
#include "report/offers.h"
#include "report/page_parts.h"
#include "report/segments.h"
#include "report/story.h"

namespace perennial {
namespace {

constexpr size_t kMostTrials = 30, kMostPoints = 200, kScoreBins = 20, kMostExamples = 5,
                 kLongestValue = 200;

// A value of the data, cut where it is very long.
std::string value_text(const std::string& text) {
  return shortened(text, static_cast<int>(kLongestValue));
}

// In the order in which the page shows them; naive: the same of "always the base rate", if known.
Json figures_json(const std::map<std::string, Figure>& figures,
                  const std::map<std::string, Figure>& baseline) {
  Json out = Json::array();
  for (const char* name :
       {"roc_auc", "average_precision", "log_loss", "brier", "accuracy", "balanced_accuracy", "f1",
        "precision", "recall", "expected_calibration_error"}) {
    const auto found = figures.find(name);
    if (found == figures.end()) continue;
    const Figure& f = found->second;
    const auto naive = baseline.find(name);
    out.push_back(
        {{"name", name},
         {"value", shown_number(f.value)},
         {"low", shown_number(f.low)},
         {"high", shown_number(f.high)},
         {"naive", naive == baseline.end() ? Json() : shown_number(naive->second.value)}});
  }
  return out;
}

// At most kMostPoints points, the first and the last among them.
Json curve_json(const std::vector<CurvePoint>& line) {
  Json out = Json::array();
  const size_t count = std::min(line.size(), kMostPoints);
  for (size_t k = 0; k < count; ++k) {
    const size_t i = count == 1 ? 0 : k * (line.size() - 1) / (count - 1);
    out.push_back({shown_number(line[i].x), shown_number(line[i].y)});
  }
  return out;
}

Json reliability_json(const std::vector<ReliabilityBin>& bins) {
  Json out = Json::array();
  for (const ReliabilityBin& b : bins) {
    if (b.rows == 0) continue;
    out.push_back({{"p", shown_number(b.mean_probability)},
                   {"rate", shown_number(b.rate)},
                   {"low", shown_number(b.low)},
                   {"high", shown_number(b.high)},
                   {"rows", b.rows}});
  }
  return out;
}

// How many sealed rows of each class have a probability in each twentieth of [0, 1].
Json score_bins(const Verdict& v) {
  std::array<std::array<int64_t, kScoreBins>, 2> counts{};
  for (size_t i = 0; i < v.probability.size() && i < v.y.size(); ++i) {
    if (v.y[i] < 0 || v.y[i] > 1 || !std::isfinite(v.probability[i])) continue;
    const double p = std::clamp(v.probability[i], 0.0, 1.0);
    const auto bin = std::min(kScoreBins - 1, static_cast<size_t>(p * kScoreBins));
    ++counts[static_cast<size_t>(v.y[i])][bin];
  }
  return Json(counts);
}

// [true class][called class].
Json confusion_json(const Verdict& v) {
  if (v.classes > 2) return Json(v.counts);
  const Confusion& c = v.confusion;
  return {{c.true_negative, c.false_positive}, {c.false_negative, c.true_positive}};
}

Json per_class_json(const RunRecord& r) {
  Json out = Json::array();
  for (size_t c = 0; c < r.verdict.per_class.size() && c < r.classes.size(); ++c) {
    const ClassFigures& f = r.verdict.per_class[c];
    out.push_back({{"name", r.classes[c]},
                   {"rows", f.rows},
                   {"called", f.called},
                   {"figures", figures_json(f.figures, {})}});
  }
  return out;
}

// The lists of things recommended; naive: the list by popularity.
Json ranking_json(const RankingVerdict& v) {
  Json figures = Json::array();
  const auto add = [&](const char* name, const Figure& f, const Figure& popular) {
    figures.push_back({{"name", name},
                       {"value", shown_number(f.value)},
                       {"low", shown_number(f.low)},
                       {"high", shown_number(f.high)},
                       {"naive", shown_number(popular.value)}});
  };
  add("hit_at_1", v.model.hit_at_1, v.popularity.hit_at_1);
  add("hit_at_k", v.model.hit_at_k, v.popularity.hit_at_k);
  add("mrr", v.model.mrr, v.popularity.mrr);
  add("ndcg_at_k", v.model.ndcg_at_k, v.popularity.ndcg_at_k);
  return {{"k", v.k}, {"customers", v.customers}, {"figures", figures}};
}

Json verdict_json(const RunRecord& r) {
  const Verdict& v = r.verdict;
  Json out = {{"rows", v.rows},
              {"positives", v.positives},
              {"threshold", shown_number(v.threshold)},
              {"better", v.better_than_baseline},
              {"figures", figures_json(v.test, v.baseline)},
              {"confusion", confusion_json(v)},
              {"roc", curve_json(v.roc)},
              {"pr", curve_json(v.precision_recall)},
              {"reliability", reliability_json(v.reliability)}};
  if (v.classes == 2) {
    out["scores"] = score_bins(v);
  } else {
    out["perClass"] = per_class_json(r);
    if (v.recommendation) out["recommendation"] = ranking_json(*v.recommendation);
  }
  return out;
}

Json repair_json(const Repair& step) {
  Json out = to_json(step);
  out["toml"] = to_toml(step);
  return out;
}

Json finding_json(const Finding& f) {
  Json examples = Json::array();
  for (size_t i = 0; i < f.examples.size() && i < kMostExamples; ++i) {
    const Example& e = f.examples[i];
    examples.push_back({{"file", e.file}, {"line", e.line}, {"value", value_text(e.value)}});
  }
  Json repair = Json::array();
  for (const Repair& step : f.repair) repair.push_back(repair_json(step));
  Json facts = f.facts;
  for (auto& [name, fact] : facts.items()) {
    if (fact.is_number_float()) fact = shown_number(fact.get<double>());
    if (fact.is_string()) fact = value_text(fact.get<std::string>());
  }
  return {
      {"kind", f.kind},       {"facts", facts},       {"severity", to_string(f.severity)},
      {"table", f.table},     {"column", f.column},   {"rows", f.rows},
      {"examples", examples}, {"message", f.message}, {"confidence", shown_number(f.confidence)},
      {"repair", repair},     {"applied", f.applied}};
}

// Warnings that no finding tells.
Json other_warnings(const RunRecord& r) {
  Json out = Json::array();
  for (const std::string& warning : r.warnings) {
    const bool told = std::any_of(r.findings.begin(), r.findings.end(),
                                  [&](const Finding& f) { return f.message == warning; });
    if (!told) out.push_back(warning);
  }
  return out;
}

Json trial_json(const Trial& t, size_t rank, bool best) {
  Json params = to_json(t.params);
  const Json prep = to_json(t.prep_params);
  for (const auto& [name, value] : prep.items()) params[name] = value;
  return {{"rank", rank},
          {"learner", t.learner},
          {"title", learner_title(t.learner)},
          {"params", params},
          {"mean", shown_number(t.cv_mean)},
          {"sd", shown_number(t.cv_sd)},
          {"complete", t.complete},
          {"best", best}};
}

Json search_json(const RunRecord& r) {
  Json trials = Json::array();
  for (size_t i = 0; i < r.trials.size(); ++i) {
    const bool best =
        std::find(r.best_of_learner.begin(), r.best_of_learner.end(), i) != r.best_of_learner.end();
    const std::string& learner = r.trials[i].learner;
    if (i < kMostTrials || best || learner == "naive" || learner == kEnsemble) {
      trials.push_back(trial_json(r.trials[i], i + 1, best));
    }
  }
  Json comparisons = Json::array();
  for (const LearnerComparison& c : r.comparisons) {
    comparisons.push_back({{"better", learner_title(c.better)},
                           {"worse", learner_title(c.worse)},
                           {"betterKey", c.better},
                           {"worseKey", c.worse},
                           {"difference", shown_number(c.test.mean)},
                           {"low", shown_number(c.test.low)},
                           {"high", shown_number(c.test.high)},
                           {"p", shown_number(c.adjusted_p)},
                           {"tie", c.tie}});
  }
  std::vector<std::string> notes = r.shared;
  for (std::string s : {ensemble_sentence(r), stacking_sentence(r), nested_sentence(r)}) {
    if (!s.empty()) notes.push_back(std::move(s));
  }
  return {{"metric", r.search_options.metric},
          {"method", r.search_options.method},
          {"folds", r.trials.empty() ? 0 : r.trials.front().fold_scores.size()},
          {"settings", r.trials.size()},
          {"stopped", r.plan.stopped_early},
          {"cut", r.plan.cut},
          {"fits", r.fits},
          {"fitted", r.fitted},
          {"trials", trials},
          {"comparisons", comparisons},
          {"shared", notes}};
}

Json calibration_json(const CalibrationChoice& c) {
  Json candidates = Json::array();
  for (const CalibrationChoice::Candidate& each : c.candidates) {
    candidates.push_back({{"method", each.method}, {"loss", shown_number(each.log_loss)}});
  }
  return {{"method", c.chosen.method}, {"candidates", candidates}};
}

Json dropped_json(const RunRecord& r) {
  Json out = Json::array();
  for (const DropStep& step : r.dropped) {
    if (step.customers == 0) continue;
    Json ids = Json::array();
    for (const Example& e : step.examples) ids.push_back(value_text(e.value));
    out.push_back({{"reason", step.reason}, {"customers", step.customers}, {"ids", ids}});
  }
  return out;
}

Json files_json(const RunRecord& r) {
  Json out = Json::array();
  for (const FileReading& f : r.files) {
    out.push_back({{"file", f.file}, {"rows", f.rows}, {"bytes", f.bytes}, {"sha256", f.sha256}});
  }
  return out;
}

// Customers whom the model calls positive, among all that were scored.
Json scored_json(const RunRecord& r) {
  int64_t called = 0;
  for (size_t i = 0; r.scores.classes == 2 && i < r.scores.rows(); ++i) {
    called += r.scores.of(i)[1] >= r.verdict.threshold ? 1 : 0;
  }
  return {{"customers", r.scores.rows()}, {"called", called}};
}

// At most about kMostPoints steps, the last and the one that was kept among them.
Json loss_curve_json(const LossCurve& c) {
  Json training = Json::array(), validation = Json::array();
  const size_t steps = c.training.size(), stride = std::max<size_t>(1, steps / kMostPoints);
  for (size_t k = 0; k < steps; ++k) {
    if (k % stride != 0 && k + 1 != steps && k + 1 != c.best) continue;
    training.push_back({k + 1, shown_number(c.training[k])});
    if (k < c.validation.size()) validation.push_back({k + 1, shown_number(c.validation[k])});
  }
  return {{"step", c.step}, {"best", c.best}, {"training", training}, {"validation", validation}};
}

// Earlier moments, and the verdict's own as the last.
Json backtest_json(const RunRecord& r) {
  Json out = Json::array();
  const auto add = [&](const std::string& cutoff, int64_t learned_from, int64_t rows, double rate,
                       bool sealed, const std::map<std::string, Figure>& figures) {
    Json shown = Json::array();
    for (Json& f : figures_json(figures, {})) {
      if (f.at("name") == "roc_auc" || f.at("name") == "average_precision") shown.push_back(f);
    }
    out.push_back({{"cutoff", cutoff},
                   {"learnedFrom", learned_from},
                   {"rows", rows},
                   {"baseRate", shown_number(rate)},
                   {"sealed", sealed},
                   {"figures", shown}});
  };
  for (const Backtest& b : r.backtest) {
    add(b.cutoff, b.learned_from, b.rows, b.base_rate, false, b.figures);
  }
  const Verdict& v = r.verdict;
  const int64_t learned_from = r.rows.at("train") + (r.refit ? r.rows.at("validation") : 0);
  add(r.cutoffs.back(), learned_from, v.rows,
      static_cast<double>(v.positives) / static_cast<double>(v.rows), true, v.test);
  return out;
}

bool has_cyrillic(const std::string& text) {
  const std::u32string letters = decode_utf8(text);
  return std::any_of(letters.begin(), letters.end(),
                     [](char32_t c) { return c >= 0x400 && c <= 0x4FF; });
}

bool looks_portuguese(const std::string& text) {
  const std::u32string letters = decode_utf8(to_lower(text));
  return letters.find_first_of(U"ãõç") != std::u32string::npos;
}

}  // namespace

Json shown_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0;
  const double scale = std::pow(10.0, 5 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

Json shown_numbers(const Json& json) {
  if (json.is_number_float()) return shown_number(json.get<double>());
  Json out = json;
  if (json.is_structured()) {
    for (Json& each : out) each = shown_numbers(each);
  }
  return out;
}

std::string page_language(const RunRecord& record) {
  if (!record.language.empty() && record.language != "auto") return record.language;
  std::vector<std::string> names = record.features;
  names.insert(names.end(), {record.study_name, record.target, record.positive, record.id_name});
  if (std::any_of(names.begin(), names.end(), has_cyrillic)) return "ru";
  if (std::any_of(names.begin(), names.end(), looks_portuguese)) return "pt";
  return "en";
}

Json page_data(const RunRecord& r) {
  Json findings = Json::array();
  for (const Finding& f : r.findings) findings.push_back(finding_json(f));
  Json out;
  out["language"] = page_language(r);
  out["study"] = {
      {"name", r.study_name}, {"file", r.study_file},           {"question", r.question},
      {"target", r.target},   {"positive", r.positive},         {"id", r.id_name},
      {"classes", r.classes}, {"seed", std::to_string(r.seed)}, {"version", r.version}};
  out["rows"] = {{"customers", r.customers},
                 {"train", r.rows.at("train")},
                 {"validation", r.rows.at("validation")},
                 {"test", r.rows.at("test")},
                 {"refit", r.refit},
                 {"positives", r.positives},
                 {"rate", shown_number(r.base_rate)}};
  out["rows"]["classRates"] = Json::array();
  for (const double rate : r.class_rates) out["rows"]["classRates"].push_back(shown_number(rate));
  out["scored"] = scored_json(r);
  out["dropped"] = dropped_json(r);
  out["verdict"] = verdict_json(r);
  if (r.verdict.money) out["money"] = shown_numbers(money_json(r));
  if (r.segments.computed()) out["segments"] = shown_numbers(segments_json(r.segments));
  if (r.offers) out["offers"] = offers_page(r);
  if (!r.validation.empty()) out["validation"] = figures_json(r.validation, {});
  if (!r.backtest.empty()) out["backtest"] = backtest_json(r);
  if (r.loss_curve) out["lossCurve"] = loss_curve_json(*r.loss_curve);
  out["search"] = search_json(r);
  out["calibration"] = calibration_json(r.calibration);
  out["findings"] = std::move(findings);
  out["warnings"] = other_warnings(r);
  out["notes"] = r.notes;
  out["features"] = r.features;
  out["files"] = files_json(r);
  if (r.explanation.computed()) out["explanation"] = explanation_page(r.explanation);
  if (!r.exploration.columns.empty())
    out["exploration"] = exploration_page(r.exploration, r.definitions);
  return out;
}

std::string script_json(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else if (text.compare(i, 3, "\xe2\x80\xa8") == 0 || text.compare(i, 3, "\xe2\x80\xa9") == 0) {
      out += text[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace perennial
