// metrics.json, audit.json, leaderboard.csv, scores.csv.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/money.h"
#include "report/offers.h"
#include "report/report.h"
#include "report/scores.h"
#include "report/segments.h"

namespace perennial {
namespace {

Json figure_json(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json figures_json(const std::map<std::string, Figure>& figures) {
  Json out = Json::object();
  for (const auto& [name, figure] : figures) out[name] = figure_json(figure);
  return out;
}

// Learner and preparation share one name space in outputs, as they do in studies.
Json params_json(const Trial& trial) {
  Json out = to_json(trial.params);
  const Json prep = to_json(trial.prep_params);
  for (const auto& [name, value] : prep.items()) out[name] = value;
  return out;
}

Json comparison_json(const LearnerComparison& c) {
  return {{"better", c.better},         {"worse", c.worse},    {"difference", c.test.mean},
          {"low", c.test.low},          {"high", c.test.high}, {"p_value", c.test.p_value},
          {"adjusted_p", c.adjusted_p}, {"tie", c.tie}};
}

Json inputs_json(const std::vector<FileReading>& files) {
  Json out = Json::array();
  for (const FileReading& f : files) {
    out.push_back({{"file", f.file}, {"rows", f.rows}, {"bytes", f.bytes}, {"sha256", f.sha256}});
  }
  return out;
}

Json reading_json(const FileReading& f) {
  Json out = {{"file", f.file},
              {"format", f.format},
              {"compression", f.compression},
              {"encoding", f.encoding},
              {"bom", f.bom},
              {"separator", std::string(1, f.separator)},
              {"decimal", std::string(1, f.decimal)},
              {"header", f.header},
              {"line_end", f.line_end},
              {"rows", f.rows},
              {"sha256", f.sha256},
              {"notes", f.notes}};
  return out;
}

Json calibration_json(const CalibrationChoice& c) {
  Json out = {{"method", c.chosen.method}, {"asked", c.asked}, {"cv", Json::array()}};
  for (const CalibrationChoice::Candidate& each : c.candidates) {
    out["cv"].push_back({{"method", each.method},
                         {"log_loss", each.log_loss},
                         {"worse", each.worse},
                         {"standard_error", each.error}});
  }
  return out;
}

}  // namespace

namespace {

Json loss_curve_json(const LossCurve& c) {
  Json out = {{"step", c.step}, {"best", c.best}, {"training", c.training}};
  if (!c.validation.empty()) out["validation"] = c.validation;
  return out;
}

// What was called what: at the threshold for two classes, class by class for several.
void add_calls(const Verdict& v, const std::vector<std::string>& classes, Json& m) {
  if (v.classes == 2) {
    m["threshold"] = v.threshold;
    const Confusion& c = v.confusion;
    m["confusion"] = {{"true_positive", c.true_positive},
                      {"false_positive", c.false_positive},
                      {"true_negative", c.true_negative},
                      {"false_negative", c.false_negative}};
    return;
  }
  m["confusion"] = v.counts;
  m["per_class"] = Json::object();
  for (size_t c = 0; c < v.per_class.size(); ++c) {
    Json of_class = figures_json(v.per_class[c].figures);
    of_class["rows"] = v.per_class[c].rows;
    of_class["called"] = v.per_class[c].called;
    m["per_class"][classes[c]] = std::move(of_class);
  }
}

Json ranking_json(const RankingFigures& f) {
  return {{"hit_at_1", figure_json(f.hit_at_1)},
          {"hit_at_k", figure_json(f.hit_at_k)},
          {"mrr", figure_json(f.mrr)},
          {"ndcg_at_k", figure_json(f.ndcg_at_k)},
          {"coverage", f.coverage}};
}

Json recommendation_json(const RankingVerdict& v) {
  return {{"k", v.k},
          {"customers", v.customers},
          {"taken", v.taken},
          {"model", ranking_json(v.model)},
          {"popularity", ranking_json(v.popularity)},
          {"gain",
           {{"hit_at_k", figure_json(v.hit_at_k_gain)},
            {"mrr", figure_json(v.mrr_gain)},
            {"ndcg_at_k", figure_json(v.ndcg_gain)}}}};
}

Json ensemble_json(const RunRecord& record, const Ensemble& e) {
  Json out = {{"chosen", e.chosen},
              {"gain", {{"value", e.gain.mean}, {"low", e.gain.low}, {"high", e.gain.high}}}};
  out["members"] = Json::array();
  for (const Ensemble::Share& m : e.members) {
    const Trial& t = record.trials[m.trial];
    out["members"].push_back(
        {{"learner", t.learner}, {"params", params_json(t)}, {"weight", m.weight}});
  }
  if (!e.intercept.empty()) out["intercept"] = e.intercept;
  return out;
}

Json events_json(const RunRecord& record) {
  Json out = {{"cutoffs", record.cutoffs}, {"definitions", Json::object()}};
  for (const auto& [name, definition] : record.definitions) out["definitions"][name] = definition;
  if (record.backtest.empty()) return out;
  out["backtest"] = Json::array();
  for (const Backtest& b : record.backtest) {
    out["backtest"].push_back({{"cutoff", b.cutoff},
                               {"learned_from", b.learned_from},
                               {"rows", b.rows},
                               {"base_rate", b.base_rate},
                               {"figures", figures_json(b.figures)}});
  }
  return out;
}

Json nested_json(const RunRecord& record) {
  const NestedScores& n = record.nested;
  return {{"value", n.score.mean},
          {"low", n.score.low},
          {"high", n.score.high},
          {"folds", n.fold_scores},
          {"winners", n.winners},
          {"own_score_minus_nested", record.trials.front().cv_mean - n.score.mean},
          {"cut", n.cut}};
}

}  // namespace

std::string metrics_json(const RunRecord& record) {
  if (record.other) return record.other->metrics_json;
  const Trial& winner = record.trials.front();
  Json m;
  m["question"] = record.question;
  m["target"] = record.target;
  const bool two = record.verdict.classes == 2;
  if (two) m["positive"] = record.positive;
  m["classes"] = record.classes;
  m["customers"] = record.customers;
  m["dropped"] = Json::array();
  for (const DropStep& s : record.dropped) {
    m["dropped"].push_back({{"reason", s.reason}, {"customers", s.customers}});
  }
  m["rows"] = Json(record.rows);
  m["refit"] = record.refit;
  m["class_rates"] = record.class_rates;
  if (two) {
    m["positives"] = record.positives;
    m["base_rate"] = record.base_rate;
  }
  m["features"] = record.features;
  if (!record.cutoffs.empty()) m["events"] = events_json(record);
  m["winner"] = {{"learner", winner.learner}, {"params", params_json(winner)}};
  m["cv"] = {{record.search_options.metric, winner.cv_mean}};
  m["cv"]["sd"] = winner.cv_sd;
  m["test"] = figures_json(record.verdict.test);
  m["baseline"] = figures_json(record.verdict.baseline);
  if (!record.validation.empty()) m["validation"] = figures_json(record.validation);
  if (record.loss_curve) m["loss_curve"] = loss_curve_json(*record.loss_curve);
  m["calibration"] = calibration_json(record.calibration);
  add_calls(record.verdict, record.classes, m);
  if (record.verdict.recommendation) {
    m["recommendation"] = recommendation_json(*record.verdict.recommendation);
  }
  if (record.verdict.money) m["money"] = money_json(record);
  if (record.segments.computed()) m["segments"] = segments_json(record.segments);
  if (record.offers) m["offers"] = offers_json(record);
  m["evidence"] = record.verdict.evidence;
  m["better_than_baseline"] = record.verdict.better_than_baseline;
  m["comparisons"] = Json::array();
  for (const LearnerComparison& each : record.comparisons) {
    m["comparisons"].push_back(comparison_json(each));
  }
  if (!record.ensemble.members.empty()) m["ensemble"] = ensemble_json(record, record.ensemble);
  if (!record.stack.members.empty()) m["stacking"] = ensemble_json(record, record.stack);
  if (!record.nested.fold_scores.empty()) m["nested"] = nested_json(record);
  m["fits"] = record.fits;
  m["fitted"] = record.fitted;
  m["shared"] = record.shared;
  m["search"] = {{"method", record.plan.method},
                 {"budget_seconds", record.plan.budget_seconds},
                 {"trials", record.plan.trials},
                 {"complete", record.plan.complete},
                 {"stopped_early", record.plan.stopped_early},
                 {"rounds", record.plan.rounds},
                 {"taken_over", record.plan.taken_over},
                 {"cut", record.plan.cut}};
  if (record.explanation.computed()) {
    const ShapMethod& shap = record.explanation.shap;
    m["explanation"] = {
        {"sentences", record.explanation.sentences},
        {"shap", {{"method", shap.method}, {"space", shap.space}, {"exact", shap.exact}}}};
  }
  m["notes"] = record.notes;
  m["warnings"] = record.warnings;
  m["inputs"] = inputs_json(record.files);
  m["seconds"] = Json::object();
  for (const auto& [stage, seconds] : record.seconds) m["seconds"][stage] = seconds;
  m["peak_rss_bytes"] = record.peak_rss_bytes;
  m["seed"] = record.seed;
  m["version"] = record.version;
  return json_text(m);
}

std::string audit_json(const std::vector<Finding>& findings,
                       const std::vector<FileReading>& files) {
  Json out;
  out["findings"] = Json::array();
  for (const Finding& f : findings) out["findings"].push_back(to_json(f));
  out["files"] = Json::array();
  for (const FileReading& f : files) out["files"].push_back(reading_json(f));
  return json_text(out);
}

std::string leaderboard_csv(const RunRecord& record) {
  std::string out = "rank,learner,params,cv_mean,cv_sd,fits,seconds,note\n";
  int rank = 0;
  for (const Trial& t : record.trials) {
    out +=
        fmt::format("{},{},{},{},{},{},{},{}\n", ++rank, csv_field(t.learner),
                    csv_field(params_json(t).dump()), number_text(t.cv_mean), number_text(t.cv_sd),
                    t.fits, fixed(t.seconds, 6), t.complete ? "" : "stopped early");
  }
  return out;
}

namespace {

constexpr size_t kScoreLines = 8192;  // of a part

std::string scores_head(const RunRecord& record) {
  std::string head = csv_field(record.id_name);
  if (!record.scores.moment.empty()) head += ",cutoff";
  head += ",role," + csv_field(record.target);
  for (const std::string& c : record.classes) head += "," + csv_field("probability " + c);
  head += record.contact.empty() ? ",predicted" : ",predicted,contact";
  if (record.segments.computed()) head += ",segment,risk";
  return head + (record.reasons.empty() ? "\n" : ",reasons\n");
}

}  // namespace

ScoresText::ScoresText(const RunRecord& record) : record_(record) {
  for (const Segment& s : record.segments.list) segments_.push_back(csv_field(s.name));
  for (const std::string& c : record.classes) classes_.push_back(csv_field(c));
}

size_t ScoresText::parts() const {
  return 1 + (record_.scores.rows() + kScoreLines - 1) / kScoreLines;
}

std::string ScoresText::part(size_t number) const {
  if (number == 0) return scores_head(record_);
  constexpr size_t kLine = 128;
  const ScoreTable& scores = record_.scores;
  const size_t begin = (number - 1) * kScoreLines;
  const size_t end = std::min(scores.rows(), begin + kScoreLines);
  std::string out;
  out.reserve((end - begin) * kLine);
  for (size_t i = begin; i < end; ++i) {
    append_csv_field(out, scores.id[i]);
    out += ',';
    if (!scores.moment.empty()) out.append(scores.moment[i]).append(",");
    out.append(scores.role[i]).append(",");
    if (!scores.truth.empty() && !scores.truth[i].empty()) {
      append_csv_field(out, scores.truth[i]);
    } else if (scores.y[i] >= 0) {
      out += classes_[static_cast<size_t>(scores.y[i])];
    }
    for (const double p : scores.of(i)) {
      out += ',';
      append_number(out, p);
    }
    out.append(",").append(classes_[static_cast<size_t>(scores.predicted[i])]);
    if (!record_.contact.empty()) out += record_.contact[i] != 0 ? ",yes" : ",no";
    if (record_.segments.computed()) {
      out.append(",").append(segments_[static_cast<size_t>(record_.segments.primary[i])]);
      out += ',';
      append_number(out, record_.segments.risk[i]);
    }
    if (!record_.reasons.empty()) {
      out += ',';
      append_csv_field(out, record_.reasons[i]);
    }
    out += '\n';
  }
  return out;
}

}  // namespace perennial
