#include "run/uplift_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace perennial {
namespace {

Json json_of(const Figure& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }

Json json_of(const std::vector<ArmEffect>& effects) {
  Json out = Json::array();
  for (const ArmEffect& e : effects) {
    out.push_back({{"arm", e.arm},
                   {"customers", e.customers},
                   {"positives", e.positives},
                   {"rate", json_of(e.rate)},
                   {"effect", json_of(e.effect)}});
  }
  return out;
}

Json json_of(const std::vector<UpliftCurve>& curves) {
  Json out = Json::array();
  for (const UpliftCurve& c : curves) {
    Json points = Json::array();
    for (const UpliftPoint& p : c.points) {
      points.push_back({{"share", p.share}, {"gain", json_of(p.gain)}, {"random", p.random}});
    }
    out.push_back({{"arm", c.arm},
                   {"qini", json_of(c.qini)},
                   {"p_value", c.p_value},
                   {"points", std::move(points)}});
  }
  return out;
}

Json json_of(const std::vector<PolicyValue>& policies, const std::vector<std::string>& arms) {
  Json out = Json::array();
  for (const PolicyValue& p : policies) {
    Json shares = Json::object();
    for (size_t a = 0; a < arms.size(); ++a) shares[arms[a]] = p.shares[a];
    out.push_back({{"policy", p.name},
                   {"arm", p.arm},
                   {"value", json_of(p.value)},
                   {"ipw", json_of(p.ipw)},
                   {"by_uplift_over", json_of(p.by_uplift_over)},
                   {"shares", std::move(shares)}});
  }
  return out;
}

Json json_of(const std::vector<UpliftReason>& reasons) {
  Json out = Json::array();
  for (const UpliftReason& r : reasons) {
    Json slices = Json::array();
    for (const UpliftSlice& s : r.slices) {
      slices.push_back({{"label", s.label},
                        {"customers", s.customers},
                        {"predicted", s.predicted},
                        {"measured", json_of(s.measured)}});
    }
    out.push_back({{"arm", r.arm},
                   {"feature", r.feature},
                   {"share", r.share},
                   {"slices", std::move(slices)}});
  }
  return out;
}

Json json_of(const UpliftRecord& u) {
  return {{"treatment", u.treatment},
          {"arms", u.arms},
          {"propensity", u.options.propensity},
          {"outcome_learner", u.fit.outcome_learner},
          {"evidence", u.verdict.evidence},
          {"sentence", u.verdict.sentence},
          {"effects", json_of(u.effects)},
          {"test",
           {{"rows", u.verdict.rows},
            {"effects", json_of(u.verdict.effects)},
            {"curves", json_of(u.verdict.curves)},
            {"policies", json_of(u.verdict.policies, u.arms)},
            {"reasons", json_of(u.verdict.reasons)}}}};
}

Json inputs_json(const std::vector<FileReading>& files) {
  Json out = Json::array();
  for (const FileReading& f : files) {
    out.push_back({{"file", f.file}, {"rows", f.rows}, {"bytes", f.bytes}, {"sha256", f.sha256}});
  }
  return out;
}

std::string percent(double v) { return fixed(100 * v, 1) + " %"; }

std::string with_interval(const Figure& f) {
  return fmt::format("{} ({} to {})", fixed(100 * f.value, 1), fixed(100 * f.low, 1),
                     fixed(100 * f.high, 1));
}

std::string padded(const std::string& text, int width) {
  const int gap = width - display_width(text);
  return text + std::string(static_cast<size_t>(std::max(0, gap)), ' ');
}

std::string policy_name(const PolicyValue& p) {
  if (p.name == "by_uplift") return "by uplift";
  if (p.name == "nobody") return "no offer to anybody";
  if (p.name == "everybody") return shortened(p.arm, 24) + " to everybody";
  return "best single: " + shortened(p.arm, 20);
}

std::string effects_text(const UpliftRecord& u) {
  std::string out = fmt::format("  {}  {}  {}\n", padded("all customers", 26), padded("rate", 26),
                                "effect, points (95 %)");
  for (const ArmEffect& e : u.effects) {
    out += fmt::format("  {}  {}  {}\n", padded(shortened(e.arm, 26), 26),
                       padded(percent(e.rate.value) + " of " + grouped(e.customers), 26),
                       &e == &u.effects[0] ? "control" : with_interval(e.effect));
  }
  return out;
}

std::string policies_text(const UpliftRecord& u) {
  std::string out =
      fmt::format("  {}  {}  {}\n", padded(grouped(u.verdict.rows) + " sealed customers", 34),
                  padded("rate if done so (95 %)", 24), "by uplift brings more, points (95 %)");
  for (const PolicyValue& p : u.verdict.policies) {
    out += fmt::format("  {}  {}  {}\n", padded(policy_name(p), 34),
                       padded(with_interval(p.value), 24),
                       p.name == "by_uplift" ? "" : with_interval(p.by_uplift_over));
  }
  return out;
}

std::string reasons_text(const UpliftRecord& u) {
  std::string out;
  std::map<std::string, int> shown;
  for (const UpliftReason& r : u.verdict.reasons) {
    if (++shown[r.arm] > 3) continue;
    out += fmt::format("  {}, {} ({} of the predicted differences):\n", r.arm, r.feature,
                       percent(r.share));
    for (const UpliftSlice& s : r.slices) {
      out += fmt::format("    {}  predicted {}  measured {}\n", padded(shortened(s.label, 28), 28),
                         padded(fixed(100 * s.predicted, 1), 6), with_interval(s.measured));
    }
  }
  return out;
}

}  // namespace

std::string uplift_metrics_json(const RunRecord& r, const UpliftRecord& u) {
  Json m = {{"question", r.question}, {"kind", "uplift"},     {"target", r.target},
            {"positive", r.positive}, {"classes", r.classes}, {"customers", r.customers}};
  m["dropped"] = Json::array();
  for (const DropStep& s : r.dropped) {
    m["dropped"].push_back({{"reason", s.reason}, {"customers", s.customers}});
  }
  m["rows"] = Json(r.rows);
  m["positives"] = r.positives;
  m["base_rate"] = r.base_rate;
  m["features"] = r.features;
  const UpliftTrial& winner = u.fit.trials.front();
  m["winner"] = {{"method", winner.method}, {"learner", winner.learner}};
  m["cv"] = {{"loss", winner.loss},
             {"loss_over_average", winner.loss_over_average},
             {"standard_error", winner.standard_error}};
  m["uplift"] = json_of(u);
  m["evidence"] = u.verdict.evidence;
  m["fits"] = r.fits;
  m["notes"] = r.notes;
  m["warnings"] = r.warnings;
  m["inputs"] = inputs_json(r.files);
  m["seconds"] = Json::object();
  for (const auto& [stage, seconds] : r.seconds) m["seconds"][stage] = seconds;
  m["peak_rss_bytes"] = r.peak_rss_bytes;
  m["seed"] = r.seed;
  m["version"] = r.version;
  return json_text(m);
}

std::string uplift_summary(const RunRecord& r, const UpliftRecord& u, const std::string& folder) {
  const UpliftTrial& winner = u.fit.trials.front();
  std::string out = fmt::format("{}: what does {} change in {} = {}?\n\n", r.study_name,
                                u.treatment, r.target, quoted(r.positive));
  for (const std::string& warning : r.warnings) out += "Warning: " + warning + "\n";
  out += effects_text(u) + "\n" + u.verdict.sentence + "\n\n" + policies_text(u) + "\n";
  out += winner.method == "average"
             ? "Of all models the same uplift for everybody foretold best.\n"
             : fmt::format("Chosen out of fold: method {} with {} ({} models fitted).\n",
                           winner.method, winner.learner, grouped(r.fits));
  for (const UpliftCurve& c : u.verdict.curves) {
    out += fmt::format("Order of {}: area over the random model {} points (p = {:.2g}).\n", c.arm,
                       with_interval(c.qini), c.p_value);
  }
  const std::string reasons = reasons_text(u);
  if (!reasons.empty()) out += "\nWhere the uplift is, on the sealed customers\n" + reasons;
  return out + "\n" + folder +
         " holds report.html, metrics.json, scores.csv, uplift.csv, leaderboard.csv\n";
}

std::string uplift_leaderboard_csv(const UpliftRecord& u) {
  std::string out = "rank,method,learner,loss,loss_over_average,standard_error,fits\n";
  for (size_t i = 0; i < u.fit.trials.size(); ++i) {
    const UpliftTrial& t = u.fit.trials[i];
    out += fmt::format("{},{},{},{},{},{},{}\n", i + 1, t.method, t.learner, number_text(t.loss),
                       number_text(t.loss_over_average), number_text(t.standard_error), t.fits);
  }
  return out;
}

std::string uplift_scores_csv(const RunRecord& record, const UpliftRecord& u,
                              const FeatureTable& table) {
  std::string out = csv_field(record.id_name) + ",role," + csv_field(u.treatment) + "," +
                    csv_field(record.target);
  for (size_t a = 1; a < u.arms.size(); ++a) out += "," + csv_field("uplift " + u.arms[a]);
  out += ",best\n";
  const size_t k = u.arms.size();
  for (size_t i = 0; i < table.rows(); ++i) {
    out += csv_field(table.ids[i]) + "," + u.role[i] + "," +
           csv_field(u.arms[static_cast<size_t>(u.arm[i])]) + "," +
           csv_field(table.classes[static_cast<size_t>(table.y[i])]);
    for (size_t a = 1; a < k; ++a) out += "," + number_text(u.uplift[i * k + a]);
    out += "," + csv_field(u.arms[static_cast<size_t>(u.best[i])]) + "\n";
  }
  return out;
}

std::string uplift_curves_csv(const UpliftRecord& u) {
  std::string out = "arm,share,gain,gain_low,gain_high,random\n";
  for (const UpliftCurve& c : u.verdict.curves) {
    for (const UpliftPoint& p : c.points) {
      out += fmt::format("{},{},{},{},{},{}\n", csv_field(c.arm), number_text(p.share),
                         number_text(p.gain.value), number_text(p.gain.low),
                         number_text(p.gain.high), number_text(p.random));
    }
  }
  return out;
}

}  // namespace perennial
