// What the terminal shows: findings one under another, and the run as a short story.
#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "report/money.h"
#include "report/offers.h"
#include "report/report.h"
#include "report/segments.h"
#include "report/story.h"

namespace perennial {
namespace {

constexpr size_t kMostTerminalTrials = 6;

// ANSI colours, or nothing.
struct Paint {
  bool on = false;
  std::string operator()(const char* code, const std::string& text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
};

// Breaks at blanks so that no line is wider than `width`, each line after `indent` blanks.
std::string wrapped(const std::string& text, int width, int indent) {
  std::string out, line;
  int used = 0;
  const std::string margin(static_cast<size_t>(indent), ' ');
  for (const std::string& word : split(text, ' ')) {
    const int w = display_width(word);
    if (used > 0 && indent + used + 1 + w > width) {
      out += margin + line + "\n";
      line.clear();
      used = 0;
    }
    line += (used > 0 ? " " : "") + word;
    used += w + (used > 0 ? 1 : 0);
  }
  return out + (line.empty() ? "" : margin + line + "\n");
}

std::string indented(const std::string& block, int indent) {
  std::string out;
  for (const std::string& line : split(block, '\n')) {
    if (!line.empty()) out += std::string(static_cast<size_t>(indent), ' ') + line + "\n";
  }
  return out;
}

std::string padded(const std::string& text, int width) {
  const int gap = width - display_width(text);
  return text + std::string(static_cast<size_t>(std::max(0, gap)), ' ');
}

// "стандартт (market_file.csv:12), …": the folder is left to the JSON; "" where there is neither a
// value nor a line to show.
std::string example_text(const std::vector<Example>& examples) {
  std::string out;
  for (const Example& e : examples) {
    const bool blank = e.value.find_first_not_of(" \t\r\n") == std::string::npos;
    if (blank && e.line == 0) continue;
    if (!out.empty()) out += ", ";
    const std::string place =
        e.line > 0 ? fmt::format("{}:{}", path_of(e.file).filename().string(), e.line) : "";
    out += blank ? place : shortened(e.value, 40) + (place.empty() ? "" : " (" + place + ")");
  }
  return out;
}

std::string finding_text(const Finding& f, int width, const Paint& paint) {
  const char* colour = f.severity == Severity::kError     ? "1;31"
                       : f.severity == Severity::kWarning ? "1;33"
                                                          : "36";
  const std::string place = f.table + (f.table.empty() || f.column.empty() ? "" : " · ") + f.column;
  std::string out = paint(colour, padded(to_string(f.severity), 8)) + paint("1", f.kind) +
                    (place.empty() ? "" : "  " + place) + "\n";
  out += wrapped(f.message, width, 8);
  const std::string examples = example_text(f.examples);
  if (!examples.empty()) out += wrapped("e.g. " + examples, width, 8);
  if (f.applied) {
    for (const Repair& r : f.repair) out += wrapped("repaired: " + describe(r), width, 8);
  } else if (!f.repair.empty()) {
    out += "        not applied; to accept it, paste into the study:\n";
    for (const Repair& r : f.repair) out += paint("2", indented(to_toml(r), 10));
  }
  return out;
}

std::string short_params(const Trial& t) {
  std::string out;
  for (const Params* p : {&t.params, &t.prep_params}) {
    for (const auto& [name, value] : p->values()) {
      if (std::holds_alternative<std::monostate>(value)) continue;
      out += (out.empty() ? "" : " ") + name + "=";
      const Json json = to_json(value);
      out += json.is_string() ? json.get<std::string>() : json.dump();
    }
  }
  return out;
}

std::string leaderboard_text(const RunRecord& r, int width, const Paint& paint) {
  std::vector<size_t> shown = r.best_of_learner;
  for (size_t i = 0; i < r.trials.size(); ++i) {
    const std::string& learner = r.trials[i].learner;
    if (learner == "naive" || learner == kEnsemble) shown.push_back(i);
  }
  std::sort(shown.begin(), shown.end());
  if (shown.size() > kMostTerminalTrials) shown.resize(kMostTerminalTrials);
  std::string out =
      paint("1", fmt::format("  {}  {}  {}  {}\n", padded("rank", 5), padded("learner", 22),
                             padded("cv mean ± sd", 15), "best settings"));
  for (const size_t i : shown) {
    const Trial& t = r.trials[i];
    out += fmt::format("  {}  {}  {}  {}\n", padded(std::to_string(i + 1), 5),
                       padded(learner_title(t.learner), 22),
                       padded(fixed(t.cv_mean, 3) + " ± " + fixed(t.cv_sd, 3), 15),
                       shortened(short_params(t), std::max(20, width - 52)));
  }
  return out;
}

std::string figures_text(const RunRecord& r, const Paint& paint) {
  std::string out = paint("1", fmt::format("  {}  {}  {}\n", padded("on sealed rows", 20),
                                           padded("model (95 % interval)", 24), "base rate alone"));
  for (const char* name : {"roc_auc", "average_precision", "log_loss", "brier", "accuracy",
                           "balanced_accuracy", "f1", "expected_calibration_error"}) {
    const auto naive = r.verdict.baseline.find(name);
    out += fmt::format("  {}  {}  {}\n", padded(metric_title(name), 20),
                       padded(figure_text(r.verdict.test.at(name)), 24),
                       naive == r.verdict.baseline.end() ? "" : fixed(naive->second.value, 3));
  }
  return out;
}

// Lists of things recommended: how often something on them was taken.
std::string recommendation_text(const RunRecord& r, const Paint& paint) {
  if (!r.verdict.recommendation) return "";
  const RankingVerdict& v = *r.verdict.recommendation;
  std::string out = paint("1", fmt::format("  {}  {}  {}\n", padded("recommended", 20),
                                           padded("model (95 % interval)", 24), "most popular"));
  const std::string k = std::to_string(v.k);
  const auto line = [&](const std::string& name, const Figure& model, const Figure& popular) {
    out += fmt::format("  {}  {}  {}\n", padded(name, 20), padded(figure_text(model), 24),
                       fixed(popular.value, 3));
  };
  line("hit rate at 1", v.model.hit_at_1, v.popularity.hit_at_1);
  line("hit rate at " + k, v.model.hit_at_k, v.popularity.hit_at_k);
  line("MRR", v.model.mrr, v.popularity.mrr);
  line("NDCG at " + k, v.model.ndcg_at_k, v.popularity.ndcg_at_k);
  out += fmt::format("  Of {} sealed customers; {} of the classes are among somebody's first {}.\n",
                     grouped(v.customers), percent(v.model.coverage), k);
  return out;
}

// How the rows of a validation part came out, in a line.
std::string validation_text(const RunRecord& r) {
  if (r.validation.empty()) return "";
  return fmt::format(
      "  On the {} validation rows{}: ROC-AUC {}, log loss {}.\n", grouped(r.rows.at("validation")),
      r.refit ? ", before the model learned from them" : "",
      figure_text(r.validation.at("roc_auc")), figure_text(r.validation.at("log_loss")));
}

// The columns that go with the target, and where the rate is lowest and highest.
std::string exploration_text(const RunRecord& r, int width, const Paint& paint) {
  const Exploration& e = r.exploration;
  std::string rows;
  size_t shown = 0;
  for (const TargetAssociation& a : e.with_target) {
    if (shown == kMostTerminalTrials) break;
    if (!(a.phik > 0) || !(a.adjusted_p < 0.05) || a.lowest_group < 0) continue;
    const auto column = std::find_if(e.columns.begin(), e.columns.end(),
                                     [&](const ColumnProfile& c) { return c.name == a.column; });
    if (column == e.columns.end()) continue;
    const auto group = [&](int at) {
      const Slice& s = column->groups.at(static_cast<size_t>(at));
      const std::string name = s.label.empty() ? to_string(s.kind) : s.label;
      return percent(s.rate.back().value) + " (" + shortened(name, 22) + ")";
    };
    rows += fmt::format("  {}  {}  {}  {}\n", padded(shortened(a.column, 36), 36),
                        padded(fixed(a.phik, 2), 8), padded(group(a.lowest_group), 32),
                        group(a.highest_group));
    ++shown;
  }
  if (rows.empty()) return "";
  return "\nWhich columns go with it (all customers; 0: not at all, 1: one tells the other)\n" +
         paint("1", fmt::format("  {}  {}  {}  {}\n", padded("column", 36), padded("strength", 8),
                                padded("rarest among", 32), "most often among")) +
         rows +
         wrapped("Strength is φK. Going together is not being a cause; explore.json has the rest.",
                 width, 2);
}

// One of several classes a line: how many there are, how well each is told from the rest.
std::string classes_text(const RunRecord& r, const Paint& paint) {
  if (r.verdict.per_class.empty()) return "";
  std::string out =
      paint("1", fmt::format("  {}  {}  {}  {}  {}\n", padded("class", 20), padded("rows", 8),
                             padded("ROC-AUC against the rest", 24), padded("found", 8),
                             "right when called"));
  for (size_t c = 0; c < r.classes.size(); ++c) {
    const ClassFigures& f = r.verdict.per_class[c];
    out += fmt::format(
        "  {}  {}  {}  {}  {}\n", padded(shortened(r.classes[c], 20), 20),
        padded(grouped(f.rows), 8), padded(figure_text(f.figures.at("roc_auc")), 24),
        padded(f.rows == 0 ? "-" : percent(f.figures.at("recall").value), 8),
        f.called == 0
            ? "never called"
            : fmt::format("{} of {}", percent(f.figures.at("precision").value), grouped(f.called)));
  }
  return out;
}

// The strongest columns whose part is clear: what happens to the probability from where a tenth of
// the customers lies below to where nine tenths do (or between categories).
std::string causes_text(const RunRecord& r, int width, const Paint& paint) {
  constexpr size_t kMostCauses = 3;
  if (!r.verdict.better_than_baseline) return "";
  std::string rows;
  size_t shown = 0;
  for (const FeatureImportance& f : r.explanation.importance) {
    if (shown == kMostCauses) break;
    if (f.certainty != Certainty::kClear) continue;
    const bool text = f.direction == Direction::kCategories;
    const auto end = [&](double number, const std::string& category) {
      return shortened(
          text ? (category.empty() ? "missing" : category) : short_value(number, f.is_date), 14);
    };
    const std::string values =
        end(f.low_value, f.low_category) + " -> " + end(f.high_value, f.high_category);
    const std::string answer = percent(f.low_probability) + " -> " + percent(f.high_probability);
    rows += fmt::format("  {}  {}  {}  {}\n", padded(shortened(f.feature, 36), 36),
                        padded(values, 32), padded(answer, 18), figure_text(f.auc_drop));
    ++shown;
  }
  if (rows.empty()) return "";
  const std::string probability =
      r.classes.size() == 2 ? "probability" : "of " + shortened(quoted(r.classes.back()), 15);
  return "\nWhy: what the answer hangs on most\n" +
         paint("1",
               fmt::format("  {}  {}  {}  {}\n", padded("column", 36), padded("from -> to", 32),
                           padded(probability, 18), "ROC-AUC lost without it")) +
         rows +
         wrapped(
             "It is the model's view: a column may stand for a cause that is not in the tables. "
             "importance.csv has all columns.",
             width, 2);
}

}  // namespace

std::string findings_text(const std::vector<Finding>& findings, int width, bool colour) {
  const Paint paint{colour};
  int64_t errors = 0, warnings = 0, applied = 0, open = 0;
  std::string out;
  for (const Finding& f : findings) {
    errors += f.severity == Severity::kError;
    warnings += f.severity == Severity::kWarning;
    applied += f.applied;
    open += !f.applied && !f.repair.empty();
    out += finding_text(f, width, paint) + "\n";
  }
  out += fmt::format("{}: {}, {}, {} for information. {} repaired, {} for you to decide.\n",
                     counted(static_cast<int64_t>(findings.size()), "finding"),
                     counted(errors, "error"), counted(warnings, "warning"),
                     static_cast<int64_t>(findings.size()) - errors - warnings, applied, open);
  return out;
}

std::string summary_text(const RunRecord& r, const std::string& folder, int width, bool colour) {
  if (r.other) return r.other->summary;
  const Paint paint{colour};
  std::string out = paint("1", r.study_name + ": " + question_text(r) + "\n");
  int64_t applied = 0, open = 0;
  for (const Finding& f : r.findings) {
    applied += f.applied;
    open += !f.applied && !f.repair.empty();
  }
  out += "\nThe data\n";
  for (const std::string& s : drop_sentences(r)) out += wrapped(s, width, 2);
  out += wrapped(fmt::format("{} {} sealed for the verdict, {} to learn from.", class_sentence(r),
                             grouped(r.rows.at("test")), grouped(r.rows.at("train"))),
                 width, 2);
  out += wrapped(
      fmt::format("{} in the data: {} repaired, {} for you to decide "
                  "(`perennial audit` shows them all).",
                  counted(static_cast<int64_t>(r.findings.size()), "finding"), applied, open),
      width, 2);
  for (const std::string& n : r.notes) out += wrapped("· " + n, width, 2);
  for (const std::string& w : r.warnings) out += paint("33", wrapped("! " + w, width, 2));
  out += exploration_text(r, width, paint);
  out +=
      fmt::format("\nThe search: {} fits\n", grouped(r.fits)) + leaderboard_text(r, width, paint);
  for (const std::string& s : comparison_sentences(r)) out += wrapped(s, width, 2);
  out += "\nThe verdict\n" + figures_text(r, paint) + classes_text(r, paint) +
         recommendation_text(r, paint) + validation_text(r);
  out += paint("1", "  Evidence: " + r.verdict.evidence + ".\n");
  for (const std::string& s : verdict_sentences(r)) out += wrapped(s, width, 2);
  out += wrapped(calibration_sentence(r), width, 2);
  out += causes_text(r, width, paint);
  const std::vector<std::string> money = money_sentences(r);
  if (!money.empty()) out += "\nThe money\n";
  for (const std::string& s : money) out += wrapped(s, width, 2);
  if (r.segments.computed()) out += "\nThe segments\n" + segments_text(r.segments, width);
  const std::vector<std::string> offers = offer_sentences(r);
  if (!offers.empty()) out += "\nThe offers\n";
  for (const std::string& s : offers) out += wrapped(s, width, 2);
  out += "\n" + paint("1", "Report: ") + folder + "/report.html\n";
  return out;
}

}  // namespace perennial
