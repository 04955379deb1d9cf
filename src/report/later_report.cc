#include "report/later_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace perennial {
namespace {

Json figure_json(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json figures_json(const std::map<std::string, Figure>& figures) {
  Json out = Json::object();
  for (const auto& [name, figure] : figures) out[name] = figure_json(figure);
  return out;
}

Json bins_json(const std::vector<ReliabilityBin>& bins) {
  Json out = Json::array();
  for (const ReliabilityBin& b : bins) {
    out.push_back({{"mean_probability", b.mean_probability},
                   {"rate", b.rate},
                   {"low", b.low},
                   {"high", b.high},
                   {"rows", b.rows}});
  }
  return out;
}

Json shift_json(const Shift& s) {
  Json out = {{"name", s.name},
              {"type", s.is_text ? "text"
                       : s.time  ? "time"
                                 : "number"},
              {"level", s.level},
              {"psi", s.psi},
              {"p_value", s.p_value},
              {"change", figure_json(s.change)},
              {"missing_then", s.missing_then},
              {"missing_now", s.missing_now}};
  if (s.is_text) {
    out["new_share"] = s.new_share;
    out["new_values"] = Json::array();
    for (const auto& [value, rows] : s.new_values) {
      out["new_values"].push_back({{"value", value}, {"rows", rows}});
    }
  }
  return out;
}

std::string padded(const std::string& text, int width) {
  const int missing = width - display_width(text);
  return text + std::string(static_cast<size_t>(std::max(0, missing)), ' ');
}

std::string figure_text(const Figure& f) {
  return fmt::format("{} ({} to {})", fixed(f.value, 3), fixed(f.low, 3), fixed(f.high, 3));
}

std::string shifts_text(const std::vector<Shift>& shifts) {
  std::string out = fmt::format("  {}  {}  {}  {}\n", padded("column or score", 32),
                                padded("change since training", 24), padded("missing", 16), "");
  for (const Shift& s : shifts) {
    const std::string missing =
        fmt::format("{} % → {} %", fixed(100 * s.missing_then, 1), fixed(100 * s.missing_now, 1));
    std::string remark = s.time ? "a date: moves on by itself" : s.level;
    if (s.new_share > 0) {
      remark += fmt::format("; new values in {} %, such as {}", fixed(100 * s.new_share, 1),
                            quoted(s.new_values.front().first));
    }
    out += fmt::format("  {}  {}  {}  {}\n", padded(shortened(s.name, 32), 32),
                       padded(figure_text(s.change), 24), padded(missing, 16), remark);
  }
  return out + "  Change: population stability index beyond chance; 0.1 counts, 0.25 is far.\n";
}

std::string performance_text(const LaterReport& r) {
  if (!r.now) return "";
  std::string out = fmt::format("  {}  {}  {}\n", padded("", 28), padded("sealed rows then", 24),
                                "later rows now");
  for (const auto& [name, title] :
       {std::pair{"roc_auc", "ROC-AUC"}, std::pair{"log_loss", "log loss"},
        std::pair{"brier", "Brier score"}, std::pair{"accuracy", "accuracy"},
        std::pair{"expected_calibration_error", "calibration error"}}) {
    const auto then = r.then.test.find(name);
    out += fmt::format("  {}  {}  {}\n", padded(title, 28),
                       padded(then == r.then.test.end() ? "" : figure_text(then->second), 24),
                       figure_text(r.now->now.at(name)));
  }
  if (r.recommendation) {
    const RankingVerdict& v = *r.recommendation;
    out += fmt::format("  {}  {}  {}\n", padded(fmt::format("hit rate at {}", v.k), 28),
                       padded("", 24), figure_text(v.model.hit_at_k));
  }
  return out;
}

}  // namespace

Json later_json(const LaterReport& r) {
  Json out = {{"study", r.study},
              {"question", r.question},
              {"rows", r.rows},
              {"verdict", r.verdict.verdict},
              {"reasons", r.verdict.reasons},
              {"outcomes", r.now.has_value()},
              {"shifts", Json::array()},
              {"then", figures_json(r.then.test)},
              {"notes", r.notes},
              {"history", r.history}};
  for (const Shift& s : r.shifts) out["shifts"].push_back(shift_json(s));
  if (!r.now) return out;
  out["now"] = figures_json(r.now->now);
  out["drop"] = figure_json(r.now->drop);
  out["recalibration"] = figure_json(r.now->recalibration);
  if (r.now->retraining) {
    out["retraining"] = figure_json(*r.now->retraining);
    out["retraining"]["rows"] = r.now->retrained_rows;
  }
  out["calibration"] = {{"then", bins_json(r.then.reliability)},
                        {"now", bins_json(r.now->reliability)}};
  if (r.recommendation) {
    const RankingVerdict& v = *r.recommendation;
    out["recommendation"] = {{"k", v.k},
                             {"customers", v.customers},
                             {"hit_at_1", figure_json(v.model.hit_at_1)},
                             {"hit_at_k", figure_json(v.model.hit_at_k)},
                             {"mrr", figure_json(v.model.mrr)},
                             {"ndcg_at_k", figure_json(v.model.ndcg_at_k)},
                             {"popularity_hit_at_k", figure_json(v.popularity.hit_at_k)}};
  }
  return out;
}

std::string later_text(const LaterReport& r) {
  std::string out = fmt::format("{}: {} on {}\n\n", r.study, r.question, counted(r.rows, "row"));
  out += fmt::format("Verdict: {}\n", r.verdict.verdict);
  for (const std::string& reason : r.verdict.reasons) out += "  " + reason + "\n";
  const std::string performance = performance_text(r);
  if (!performance.empty()) out += "\nHow well it does\n" + performance;
  return out + "\nWhat has moved\n" + shifts_text(r.shifts);
}

}  // namespace perennial
