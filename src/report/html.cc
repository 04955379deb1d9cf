// report.html in its first plain form: one file, no script, nothing loaded.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/chart.h"
#include "report/report.h"
#include "report/story.h"

namespace perennial {
namespace {

constexpr size_t kMostTrials = 20;

constexpr const char* kStyle = R"css(
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--paper:#fff;--card:#f6f8fa;
--blue:#0060a8;--orange:#b45309;--red:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a4afbd;--line:#38424f;--paper:#12171e;
--card:#1a212b;--blue:#6cb6ff;--orange:#f0a35e;--red:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"DejaVu Sans",sans-serif}
main{max-width:66rem;margin:0 auto;padding:2rem 1.2rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.4rem 0 .6rem}
p{margin:.4rem 0}.soft{color:var(--soft)}.lead{font-size:1.12rem}
.tiles{display:flex;flex-wrap:wrap;gap:.8rem;margin:1.2rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem 1rem;min-width:10rem}
.tile b{display:block;font-size:1.6rem;line-height:1.2}
.tile small{color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code,pre{font:.86rem/1.45 ui-monospace,"DejaVu Sans Mono",monospace}
td code{overflow-wrap:anywhere}
pre{background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .7rem;margin:.4rem 0;overflow-x:auto}
.sev{font-weight:600}.sev.warning{color:var(--orange)}.sev.error{color:var(--red)}.sev.info{color:var(--blue)}
.charts{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0;flex:1 1 18rem;max-width:22rem}
figcaption{font-size:.9rem;color:var(--soft)}svg{width:100%;height:auto}svg.interval{width:10rem;height:1rem}
.grid{stroke:var(--line)}.naive{stroke:var(--soft);stroke-dasharray:5 4}
.curve{fill:none;stroke:var(--blue);stroke-width:2.2}.bar{stroke:var(--blue);stroke-width:2}.dot{fill:var(--blue)}
.tick{font-size:10px;fill:var(--soft)}.axis{font-size:12px;fill:var(--soft)}
@media print{body{font-size:12px}main{padding:0}section{break-inside:avoid}}
)css";

std::string paragraphs(const std::vector<std::string>& sentences, const char* css = "") {
  std::string out;
  for (const std::string& s : sentences) {
    out +=
        fmt::format("<p{}>{}</p>\n", *css ? fmt::format(" class=\"{}\"", css) : "", html_escape(s));
  }
  return out;
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] -= 'a' - 'A';
  return text;
}

std::string tile(const std::string& big, const std::string& small) {
  return "<div class=\"tile\"><b>" + html_escape(big) + "</b><small>" + html_escape(small) +
         "</small></div>\n";
}

std::string head(const RunRecord& r) {
  const Figure& auc = r.verdict.test.at("roc_auc");
  int64_t kept = 0;
  for (const auto& [role, n] : r.rows) kept += n;
  std::string out = fmt::format(
      "<header><p class=\"soft\">{} · question “{}”</p><h1>{}</h1></header>\n",
      html_escape(r.study_name), html_escape(r.question), html_escape(capital(question_text(r))));
  out += "<section aria-label=\"The answer\">\n" + paragraphs(verdict_sentences(r), "lead");
  out += "<div class=\"tiles\">";
  out += tile(fixed(auc.value, 3), fmt::format("ROC-AUC on sealed rows, 95 % interval {} to {}",
                                               fixed(auc.low, 3), fixed(auc.high, 3)));
  const double frequent = *std::max_element(r.class_rates.begin(), r.class_rates.end());
  out +=
      r.verdict.classes == 2
          ? tile(percent(r.base_rate), fmt::format("of {} have it: the base rate", grouped(kept)))
          : tile(percent(frequent),
                 fmt::format("of {} are of the most frequent class", grouped(kept)));
  out += tile(std::to_string(r.findings.size()), "findings in the data");
  out += tile(grouped(r.fits), "models compared");
  out += "</div>\n";
  if (!r.warnings.empty()) {
    out += "<h2>Read this first</h2><ul>";
    for (const std::string& w : r.warnings) out += "<li>" + html_escape(w) + "</li>";
    out += "</ul>\n";
  }
  return out + "</section>\n";
}

std::string counts_table(const RunRecord& r) {
  std::string out =
      "<p>Everybody is called the likeliest class:</p><div class=\"scroll\"><table><tr><th></th>";
  for (const std::string& c : r.classes) {
    out += "<th class=\"n\">called “" + html_escape(c) + "”</th>";
  }
  out += "</tr>";
  for (size_t c = 0; c < r.classes.size(); ++c) {
    out += "<tr><th>is “" + html_escape(r.classes[c]) + "”</th>";
    for (const int64_t n : r.verdict.counts[c]) out += "<td class=\"n\">" + grouped(n) + "</td>";
    out += "</tr>";
  }
  return out + "</table></div>";
}

std::string figures(const RunRecord& r) {
  std::string out =
      "<section><h2>How good it is, on rows nobody had seen</h2><div class=\"scroll\"><table>"
      "<tr><th>Figure</th><th class=\"n\">Model</th><th>95 % interval</th><th></th>"
      "<th class=\"n\">Always the base rate</th></tr>\n";
  for (const char* name :
       {"roc_auc", "average_precision", "log_loss", "brier", "accuracy", "balanced_accuracy", "f1",
        "precision", "recall", "expected_calibration_error"}) {
    const auto found = r.verdict.test.find(name);
    if (found == r.verdict.test.end()) continue;
    const Figure& f = found->second;
    const auto naive = r.verdict.baseline.find(name);
    out += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td>{} to {}</td><td>{}</td><td "
        "class=\"n\">{}</td></tr>\n",
        metric_title(name), fixed(f.value, 3), fixed(f.low, 3), fixed(f.high, 3),
        interval_bar(f, 0, 1),
        naive == r.verdict.baseline.end() ? "" : fixed(naive->second.value, 3));
  }
  out += "</table></div>\n";
  if (r.verdict.classes > 2) return out + counts_table(r) + "</section>\n";
  const Confusion& c = r.verdict.confusion;
  out += fmt::format(
      "<p>At the threshold of {} (best F1 in cross-validation):</p><div class=\"scroll\"><table>"
      "<tr><th></th><th class=\"n\">called “{}”</th><th class=\"n\">called “{}”</th></tr>"
      "<tr><th>is “{}”</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>"
      "<tr><th>is “{}”</th><td class=\"n\">{}</td><td class=\"n\">{}</td></tr></table></div>",
      percent(r.verdict.threshold), html_escape(r.classes[1]), html_escape(r.classes[0]),
      html_escape(r.classes[1]), grouped(c.true_positive), grouped(c.false_negative),
      html_escape(r.classes[0]), grouped(c.false_positive), grouped(c.true_negative));
  return out + "</section>\n";
}

std::string curves(const RunRecord& r) {
  const Verdict& v = r.verdict;
  const double rate = v.rows ? static_cast<double>(v.positives) / static_cast<double>(v.rows) : 0;
  std::string out = "<section><h2>Curves</h2><div class=\"charts\">";
  if (v.classes == 2) {
    out += unit_chart({.title = "ROC curve; dashed: guessing",
                       .x_label = "false positive rate",
                       .y_label = "true positive rate",
                       .line = v.roc,
                       .diagonal = true,
                       .points = {}});
    out += unit_chart({.title = "Precision and recall; dashed: the base rate",
                       .x_label = "recall",
                       .y_label = "precision",
                       .line = v.precision_recall,
                       .level = rate,
                       .points = {}});
  }
  out += unit_chart({.title = "Calibration: predicted against seen, with 95 % intervals",
                     .x_label = "predicted probability",
                     .y_label = v.classes == 2 ? "share that has it" : "share called right",
                     .line = {},
                     .diagonal = true,
                     .points = v.reliability});
  return out + "</div></section>\n";
}

std::string finding_row(const Finding& f) {
  std::string examples;
  for (const Example& e : f.examples) {
    if (!examples.empty()) examples += "<br>";
    if (e.line > 0) {
      examples += html_escape(fmt::format("{}:{} ", e.file, e.line));
    } else if (!e.file.empty()) {
      examples += html_escape(e.file + " ");
    }
    examples += "<code>" + html_escape(shortened(e.value, 60)) + "</code>";
  }
  std::string repair;
  for (const Repair& step : f.repair) repair += "<p>" + html_escape(describe(step)) + "</p>";
  if (f.applied) {
    repair = "<p><b>Applied.</b></p>" + repair;
  } else if (!f.repair.empty()) {
    repair = "<p>Not applied. To accept it, put into the study:</p><pre>";
    for (const Repair& step : f.repair) repair += html_escape(to_toml(step));
    repair += "</pre>";
  }
  return fmt::format(
      "<tr><td class=\"sev {0}\">{0}</td><td>{1}</td><td>{2}{3}</td><td>{4}</td></tr>\n",
      to_string(f.severity),
      html_escape(f.table + (f.table.empty() || f.column.empty() ? "" : " · ") + f.column),
      html_escape(f.message), repair, examples);
}

std::string data_section(const RunRecord& r) {
  std::string out = "<section><h2>The data: what was wrong, what was repaired</h2>\n";
  out += paragraphs(drop_sentences(r));
  out += paragraphs(r.notes, "soft");
  if (r.findings.empty()) return out + "<p>No findings.</p></section>\n";
  out +=
      "<div class=\"scroll\"><table><tr><th>Severity</th><th>Where</th><th>What</th>"
      "<th>Examples</th></tr>\n";
  for (const Finding& f : r.findings) out += finding_row(f);
  return out + "</table></div></section>\n";
}

std::string trial_row(const Trial& t, size_t rank) {
  Json params = to_json(t.params);
  const Json prep = to_json(t.prep_params);
  for (const auto& [name, value] : prep.items()) params[name] = value;
  return fmt::format(
      "<tr><td class=\"n\">{}</td><td>{}</td><td><code>{}</code></td><td class=\"n\">{}</td>"
      "<td class=\"n\">{}</td></tr>\n",
      rank + 1, html_escape(learner_title(t.learner)), html_escape(params.dump()),
      fixed(t.cv_mean, 4), fixed(t.cv_sd, 4));
}

std::string leaderboard(const RunRecord& r) {
  std::string out = "<section><h2>Leaderboard</h2>\n" + paragraphs(comparison_sentences(r));
  out += fmt::format(
      "<p class=\"soft\">{} settings, {} fits in cross-validation on the training rows; the best "
      "{} and "
      "each learner's best are shown, all are in leaderboard.csv.</p>",
      grouped(static_cast<int64_t>(r.trials.size())), grouped(r.fits),
      std::min(kMostTrials, r.trials.size()));
  out += fmt::format(
      "<div class=\"scroll\"><table><tr><th class=\"n\">Rank</th><th>Learner</th><th>Settings</th>"
      "<th class=\"n\">{}, mean</th><th class=\"n\">sd over folds</th></tr>\n",
      metric_title(r.search_options.metric));
  for (size_t i = 0; i < r.trials.size(); ++i) {
    const bool best =
        std::find(r.best_of_learner.begin(), r.best_of_learner.end(), i) != r.best_of_learner.end();
    if (i < kMostTrials || best || r.trials[i].learner == "naive") {
      out += trial_row(r.trials[i], i);
    }
  }
  out += "</table></div>";
  out += paragraphs(r.shared, "soft");
  return out + "</section>\n";
}

std::string method(const RunRecord& r) {
  std::string out = fmt::format(
      "<section><h2>Method, and how to run it again</h2><p>Rows: {} to learn from, {} sealed until "
      "the "
      "end, chosen by a hash of the id and the seed, stratified by the target. Preparation, "
      "settings "
      "and threshold were learned on the training rows only. ROC-AUC interval: DeLong; means: t; "
      "shares: Wilson; others: bootstrap. {}</p><p>Perennial {}, seed {}, study "
      "<code>{}</code>.</p>",
      grouped(r.rows.at("train")), grouped(r.rows.at("test")), html_escape(calibration_sentence(r)),
      html_escape(r.version), r.seed, html_escape(r.study_file));
  out +=
      "<div class=\"scroll\"><table><tr><th>File</th><th "
      "class=\"n\">Rows</th><th>SHA-256</th></tr>";
  for (const FileReading& f : r.files) {
    out += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td><code>{}</code></td></tr>",
                       html_escape(f.file), grouped(f.rows), html_escape(f.sha256));
  }
  return out + "</table></div></section>\n";
}

}  // namespace

std::string report_html(const RunRecord& record) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>";
  out += html_escape(record.study_name + ": " + record.question) + "</title><style>" + kStyle +
         "</style></head><body><main>\n";
  out += head(record) + figures(record) + curves(record) + data_section(record) +
         leaderboard(record) + method(record);
  return out + "</main></body></html>\n";
}

}  // namespace perennial
