#include "run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "base/files.h"
#include "base/parts.h"
#include "base/text.h"
#include "explain/explain.h"
#include "explore/explore.h"
#include "learn/loss_curve.h"
#include "report/report.h"
#include "report/scores.h"
#include "run/clock.h"
#include "run/earlier.h"
#include "run/first_record.h"
#include "run/inputs.h"
#include "run/model_file.h"
#include "run/moments.h"
#include "run/money.h"
#include "run/offers.h"
#include "run/read_json.h"
#include "run/refit.h"
#include "run/segments.h"
#include "run/splits.h"
#include "run/uplift.h"
#include "search/nested.h"

namespace perennial {
namespace {

// A table given for a study is the most natural mistake.
void refuse_table(const std::string& path) {
  static const std::vector<std::string> kEndings = {".csv", ".tsv", ".parquet", ".gz", ".zst"};
  const std::string lower = to_lower(path);
  for (const std::string& ending : kEndings) {
    if (!lower.ends_with(ending)) continue;
    throw Error(ErrorCode::kStudy, path, "this is a table, not a study",
                fmt::format("Write a study first: perennial init {} -o study.toml", path));
  }
}

Study study_of(const RunOptions& options) {
  refuse_table(options.study);
  Study study = load_study(path_of(options.study));
  if (options.seed) study.seed = *options.seed;
  if (options.question) {
    std::vector<std::string> names;
    for (const StudyQuestion& q : study.questions) names.push_back(q.name);
    std::erase_if(study.questions,
                  [&](const StudyQuestion& q) { return q.name != *options.question; });
    if (study.questions.empty()) {
      throw Error(ErrorCode::kUsage, "--question",
                  fmt::format("the study has no question {}{}", quoted(*options.question),
                              did_you_mean(*options.question, names)),
                  "Its questions: " + join(names, ", "));
    }
  }
  return study;
}

fs::path data_folder(const RunOptions& options) {
  return options.data ? path_of(*options.data) : path_of(options.study).parent_path();
}

// What a reader must know before anything else, from findings that were not repaired.
std::vector<std::string> warnings_of(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& f : findings) {
    if (f.severity != Severity::kInfo && !f.applied) out.push_back(f.message);
  }
  return out;
}

// What the plan and the rows have to tell, each once.
std::vector<std::string> notes_of(const QuestionRows& rows) {
  std::vector<std::string> out = rows.plan.notes;
  for (const std::string& note : rows.built.notes) {
    if (std::find(out.begin(), out.end(), note) == out.end()) out.push_back(note);
  }
  return out;
}

// The clock ends an auto search whose work is not fixed, and any search that a budget is named for.
SearchLimits search_limits(const SearchOptions& options, const RunOptions& asked) {
  SearchLimits limits{.stop = asked.stop};
  if (asked.replay) return limits;  // its trials are given
  const bool by_clock = options.method == "auto" && options.trials == 0;
  if (by_clock || asked.budget) limits.seconds = 0.9 * options.budget_seconds;
  return limits;
}

// What a reader must know of a search that did not go to its end.
void warn_of_cut(const SearchPlan& plan, RunRecord& record) {
  if (plan.cut.empty()) return;
  record.warnings.push_back(fmt::format(
      "The search was {} before its plan was done: {} of {} settings were tried on all folds. With "
      "other timing other settings may win; --trials N fixes the work instead of the time.",
      plan.cut == "budget" ? "ended by its budget" : "interrupted", plan.complete, plan.trials));
}

SearchOptions search_options(const Study& study, const StudyQuestion& question,
                             const FeatureTable& rows, const std::vector<Table>& tables,
                             const RunOptions& asked) {
  SearchOptions options = question.search;
  if (asked.budget) options.budget_seconds = *asked.budget;
  if (asked.trials) {
    if (options.method == "grid") {
      throw Error(
          ErrorCode::kUsage, "--trials",
          fmt::format("the question {} lists the values to try: a grid search has no number "
                      "of trials",
                      quoted(question.name)),
          "Say method = \"auto\" or \"random\" in its search section");
    }
    options.trials = *asked.trials;
  }
  for (size_t t = 0; t < study.tables.size(); ++t) {
    for (const auto& [column, order] : study.tables[t].order) {
      const Column* found = tables[t].find(column);
      if (found == nullptr) {
        throw Error(ErrorCode::kStudy,
                    fmt::format("{}:{}, table {}, key \"order\"", study.path, study.tables[t].line,
                                quoted(study.tables[t].name)),
                    fmt::format("the table has no column {}{}", quoted(column),
                                did_you_mean(column, tables[t].column_names())),
                    "Name a column of that table");
      }
      for (const Column& feature : rows.features) {
        if (feature.name == found->name || feature.name == regular_name(found->name)) {
          options.category_order[feature.name] = order;
        }
      }
    }
  }
  return options;
}

// Rows that follow each other with one id are one customer with several classes.
ScoreTable scores_of(const FeatureTable& table, const SplitPlan& split, const Pipeline& pipeline,
                     double threshold, const std::optional<RecommendPlan>& recommend,
                     std::span<const double> moment, const Workers& workers) {
  std::vector<double> p = pipeline.predict(table, nullptr, &workers);
  const size_t classes = table.classes.size();
  if (recommend) {
    const auto excluded = excluded_classes(table, table.classes, *recommend);
    for (size_t i = 0; i < excluded.size(); ++i) {
      exclude(std::span(p).subspan(classes * i, classes), excluded[i]);
    }
  }
  std::vector<uint32_t> begins;  // of each customer's rows; several only with several classes
  begins.reserve(table.rows() + 1);
  for (uint32_t i = 0; i < table.rows(); ++i) {
    if (i == 0 || !moment.empty() || table.ids[i] != table.ids[i - 1]) begins.push_back(i);
  }
  const size_t rows = begins.size();
  const bool several = rows < table.rows();
  begins.push_back(static_cast<uint32_t>(table.rows()));
  for (size_t i = 0; several && i < rows; ++i) {  // what its first row says
    if (begins[i] > i) std::copy_n(&p[classes * begins[i]], classes, &p[classes * i]);
  }
  p.resize(classes * rows);
  ScoreTable out{.classes = classes,
                 .id = std::vector<std::string>(rows),
                 .role = std::vector<const char*>(rows),
                 .y = std::vector<int32_t>(rows),
                 .predicted = std::vector<int32_t>(rows),
                 .probability = std::move(p),
                 .truth = std::vector<std::string>(several ? rows : 0),
                 .moment = std::vector<std::string>(moment.empty() ? 0 : rows)};
  const auto truth_of = [&](size_t row) {
    return table.classes[static_cast<size_t>(table.y[row])];
  };
  workers.run_blocks(rows, 4096, [&](size_t begin, size_t end) {
    for (size_t customer = begin; customer < end; ++customer) {
      const size_t i = begins[customer], behind = begins[customer + 1];
      out.id[customer] = table.ids[i];
      out.role[customer] = to_string(split.role[i]);
      out.y[customer] = table.y[i];
      out.predicted[customer] = called_class(out.of(customer), threshold);
      if (!moment.empty()) out.moment[customer] = date_text(moment[i]);
      if (behind - i < 2) continue;
      std::string& truth = out.truth[customer] = truth_of(i);
      for (size_t more = i + 1; more < behind; ++more) truth += "|" + truth_of(more);
    }
  });
  return out;
}

// What is recommended: of several classes, where the study says so.
std::optional<RecommendPlan> settle_recommendation(const Study& study,
                                                   const StudyQuestion& question,
                                                   const FeatureTable& table) {
  if (!question.recommend) return std::nullopt;
  if (table.classes.size() == 2) {
    throw Error(ErrorCode::kStudy,
                fmt::format("{}:{}, question {}, section \"recommend\"", study.path,
                            question.recommend_line, quoted(question.name)),
                "the target has two classes: there is nothing to rank",
                "Remove the section, or ask for a target with several classes");
  }
  RecommendPlan plan{.k = question.recommend->k,
                     .exclude = question.recommend->exclude,
                     .separator = question.target_each};
  excluded_classes(table, table.classes, plan);  // throws where there is no such feature
  return plan;
}

// A customer with several classes becomes as many rows, which stay together from here on.
void explode_rows(QuestionRows& rows) {
  if (rows.built.table.several_y.empty()) return;
  Exploded exploded = explode(rows.built.table);
  std::vector<uint32_t> group;
  for (const uint32_t row : exploded.rows) {
    group.push_back(rows.audit.copy_group.empty() ? row : rows.audit.copy_group[row]);
  }
  const auto customers = static_cast<int64_t>(rows.built.table.rows());
  rows.built.notes.push_back(
      fmt::format("{} with {} in all: each is a row of its own, and those of one customer stay on "
                  "one side of the split and in one fold.",
                  counted(customers, "customer"),
                  counted(static_cast<int64_t>(group.size()), "class", "classes")));
  rows.audit.copy_group = std::move(group);
  rows.built.table = std::move(exploded.table);
}

const std::vector<std::string>& output_names() {
  static const std::vector<std::string> kNames = {
      "report.html",     "metrics.json",  "leaderboard.csv", "scores.csv", "importance.csv",
      "model.perennial", "audit.json",    "explore.json",    "offers.csv", "not_contacted.csv",
      "campaign.csv",    "campaign.json", "segments.csv",    "splits"};
  return kNames;
}

// write_more: files beside the usual ones.
void write_outputs(const RunRecord& record, const Artifact& artifact, const fs::path& folder,
                   const Workers& workers,
                   const std::function<void(const fs::path& folder)>& write_more) {
  StagedFolder staged(folder);
  const auto put = [&](const char* name, const std::string& text) {
    write_file(staged.path() / name, text);
  };
  const std::vector<std::function<void()>> tasks = {
      [&] {
        const ScoresText scores(record);
        write_file_parts(
            staged.path() / "scores.csv", scores.parts(), [&](size_t i) { return scores.part(i); },
            workers);
      },
      [&] { put("report.html", report_html(record)); },
      [&] { put("metrics.json", metrics_json(record)); },
      [&] { put("audit.json", audit_json(record.findings, record.files)); },
      [&] { save(artifact, staged.path() / "model.perennial"); },
      [&] { put("leaderboard.csv", leaderboard_csv(record)); },
      [&] {
        if (record.explanation.computed()) put("importance.csv", importance_csv(record));
      },
      [&] {
        if (record.segments.computed()) put("segments.csv", segments_csv(record.segments));
      },
      [&] {
        if (!record.exploration.columns.empty()) {
          put("explore.json", json_text(to_json(record.exploration)));
        }
      }};
  workers.run(tasks.size(), [&](size_t i) { tasks[i](); });
  write_more(staged.path());
  staged.commit(output_names());
}

// Share of each class among the rows.
std::vector<double> class_rates(const FeatureTable& rows) {
  std::vector<double> rates;
  for (size_t c = 0; c < rows.classes.size(); ++c) {
    const auto n = std::count(rows.y.begin(), rows.y.end(), static_cast<int32_t>(c));
    rates.push_back(static_cast<double>(n) / static_cast<double>(rows.rows()));
  }
  return rates;
}

void fill_rows(RunRecord& record, const FeatureTable& rows, const SplitPlan& split) {
  for (const Role role : {Role::kTrain, Role::kValidation, Role::kTest}) {
    record.rows[to_string(role)] = std::count(split.role.begin(), split.role.end(), role);
  }
  record.class_rates = class_rates(rows);
  if (rows.classes.size() == 2) {
    record.positives = std::count(rows.y.begin(), rows.y.end(), 1);
    record.base_rate = record.class_rates[1];
  }
  for (const Column& c : rows.features) record.features.push_back(c.name);
}

// The search, from the beginning or from an earlier one.
SearchResult searched(const RunOptions& options, const std::optional<SearchMemory>& memory,
                      const TrainingRows& rows, Seed seed, const Workers& workers,
                      Progress& progress, RunRecord& record) {
  SearchStart start;
  if (memory) {
    check_same_search(*memory, rows, record.search_options,
                      options.resume ? *options.resume : *options.replay);
    start = {.memory = &*memory, .replay = options.replay.has_value()};
    // The plan is that of the search that is tried again.
    if (options.replay) record.search_options.trials = memory->trials;
    if (options.replay) record.search_options.budget_seconds = memory->budget_seconds;
  }
  SearchResult found = search(rows, record.search_options, seed, workers, progress,
                              search_limits(record.search_options, options), start);
  tell_of_earlier(options, found.plan, record.notes, record.warnings);
  return found;
}

// One question, from repaired tables to a folder of answers: the list of steps.
RunRecord run_question(const RunOptions& options, const Study& study, const StudyQuestion& question,
                       const Inputs& inputs, const TableAudit& audit, const fs::path& folder,
                       const Workers& workers, Progress& progress, Clock clock) {
  RunRecord record = first_record(study, question, inputs, audit);
  const std::optional<SearchMemory> earlier = earlier_search(options, study, question);

  // One row a customer, and what the joined view shows.
  clock.stage(progress, "features");
  QuestionRows rows = build_question(study, inputs, question, audit.repairs, workers);
  const FeatureTable& table = rows.built.table;
  record.findings.insert(record.findings.end(), rows.audit.findings.begin(),
                         rows.audit.findings.end());
  record.warnings = warnings_of(record.findings);
  explode_rows(rows);
  record.notes = notes_of(rows);
  record.customers = rows.built.customers;
  record.dropped = rows.built.dropped;
  record.classes = table.classes;
  if (table.classes.size() == 2) record.positive = table.classes.back();
  record.id_name = table.id_name;
  describe_events(rows, record);

  // What the data look like, before anything is learned: for people, never for the search.
  if (question.explore) {
    clock.stage(progress, "explore");
    record.exploration = explore(table, {}, workers);
  }

  // The test rows are sealed; copies of one customer stay on one side.
  clock.stage(progress, "split");
  const Seed seed{study.seed};
  const Inputs& own = rows.derived ? *rows.derived : inputs;
  const QuestionSplit settled =
      split_question(study, own, question, rows, seed.child("split"), workers);
  const SplitPlan& split = settled.plan;
  for (const std::string& note : settled.notes) record.notes.push_back(note);
  for (const std::string& warning : settled.warnings) record.warnings.push_back(warning);
  check_refit(study, question, split);
  const auto recommend = settle_recommendation(study, question, table);
  const std::string worthless = check_money(study, question, table);
  if (!worthless.empty()) record.notes.push_back(worthless);
  check_segments_of(question, table);
  const OfferSource offer_source{.study = study,
                                 .question = question,
                                 .inputs = inputs,
                                 .table = table,
                                 .data = data_folder(options)};
  check_offers_of(offer_source);
  SplitRows parts = seal(table, split, &workers);
  fill_rows(record, table, split);

  // The search sees training rows only.
  clock.stage(progress, "search");
  record.search_options = search_options(study, question, table, own.tables, options);
  SearchResult found =
      searched(options, earlier, parts.training, seed.child("search"), workers, progress, record);
  record.plan = found.plan;
  record.ensemble = found.ensemble;
  record.stack = found.stack;
  warn_of_cut(found.plan, record);
  record.best_of_learner = found.best_of_learner;
  record.comparisons = found.comparisons;
  record.fits = found.fits;
  record.fitted = found.fitted;
  record.shared = found.shared;
  record.calibration = found.calibration;
  if (options.nested && found.plan.cut != "interrupted") {
    clock.stage(progress, "nested");
    record.nested = nested_search(parts.training, record.search_options, seed.child("nested"),
                                  workers, progress, search_limits(record.search_options, options));
  }

  // What is settled is tried on the validation rows, and may then learn from them.
  clock.stage(progress, question.refit ? "refit" : "judge");
  const auto contacts = settle_contacts(question, parts.training.table, found);
  JudgeOptions judge_options{.class_rates = class_rates(parts.training.table),
                             .threshold = found.threshold,
                             .contacts = contacts,
                             .recommend = recommend};
  if (parts.validation.rows() > 0) {
    record.validation = open_figures(parts.validation, found.pipeline, judge_options,
                                     seed.child("validation"), &workers);
  }
  UnseenProbability unseen{.training = std::move(found.out_of_fold), .validation = {}};
  Json memory;  // of the rows that the search saw
  const auto keep_memory = [&] {
    memory = to_json(remember(found, parts.training, record.search_options));
  };
  if (question.refit) {
    keep_memory();
    unseen.validation = refit(table, split, seed.child("search"), workers, parts, found, record);
    judge_options.class_rates = class_rates(parts.training.table);
    clock.stage(progress, "judge");
  }
  if (found.pipeline.model) record.loss_curve = loss_curve(*found.pipeline.model);

  // The seal is broken once. The memory's digest of all rows takes one thread: beside the judge.
  side_by_side(
      workers,
      [&] {
        if (!question.refit) keep_memory();
      },
      [&] {
        record.backtest = backtest({.rows = rows,
                                    .split = split,
                                    .winner = found.pipeline,
                                    .category_order = record.search_options.category_order},
                                   seed.child("backtest"), workers);
        record.verdict = judge(std::move(parts.sealed), found.pipeline, judge_options,
                               seed.child("judge"), &workers);
      });
  record.trials = std::move(found.trials);

  // What the model goes by, on the rows that were sealed.
  constexpr size_t kReferenceRows = 100;
  if (question.explain) clock.stage(progress, "explain");
  ExplainReference reference = make_reference(parts.training.table, found.pipeline, kReferenceRows,
                                              seed.child("reference"), &workers);
  if (question.explain) {
    record.explanation = explain(
        *record.verdict.opened, parts.training, found.pipeline, reference,
        {.importance = {}, .effects = {}, .category_order = record.search_options.category_order},
        seed.child("explain"), workers);
  }
  record.verdict.opened.reset();

  // Everybody is scored; the folder appears whole.
  clock.stage(progress, "score");
  record.scores =
      scores_of(table, split, found.pipeline, found.threshold, recommend, rows.moment, workers);
  clock.stage(progress, "segments");
  TrainingPicture picture;
  side_by_side(
      workers,
      [&] {
        add_segments_and_reasons(question, table, split, unseen, found.pipeline, reference,
                                 found.threshold, seed.child("segments"), workers, record);
      },
      [&] { picture = picture_of_run(parts.training.table, record.verdict, workers); });
  std::vector<double> risk;
  if (question.offers) risk = unseen_risk(record.scores, split, unseen);
  if (question.offers) clock.stage(progress, "offers");
  add_offers(offer_source, risk, seed.child("offers"), workers, record);
  Artifact artifact = artifact_of(study, inputs, record, rows.plan, std::move(found.pipeline));
  artifact.reference = std::move(reference);
  artifact.search = memory;
  artifact.recommend = recommend;
  artifact.picture = std::move(picture);
  artifact.history.push_back({{"event", "trained"},
                              {"rows", parts.training.table.rows()},
                              {"seed", study.seed},
                              {"version", kVersion}});
  if (contacts && contacts->terms.threshold != "f1") artifact.contact = contacts;
  record.contact = whom_to_contact(contacts, table, record.scores.probability);
  clock.stop();
  record.seconds = clock.seconds();
  record.peak_rss_bytes = peak_rss();
  progress.stage("write", 0);
  write_outputs(record, artifact, folder / path_of(question.name), workers,
                [&](const fs::path& to) {
                  if (record.offers) write_offers(offer_source, risk, record, to);
                  if (question.save == "none") return;
                  write_splits(to / "splits", table, split, question.save);
                });
  return record;
}

}  // namespace

AuditRecord audit_study(const RunOptions& options, Progress& progress) {
  const Study study = study_of(options);
  const Workers workers(options.threads);
  progress.stage("read", 0);
  const Inputs inputs = read_inputs(study, data_folder(options), workers);
  progress.stage("audit", 0);
  TableAudit tables = audit_inputs(study, inputs, workers);
  AuditRecord record{.findings = tables.findings, .files = {}, .problem = {}};
  for (const Table& t : inputs.tables) {
    record.files.insert(record.files.end(), t.files.begin(), t.files.end());
  }
  for (const StudyQuestion& question : study.questions) {
    // Ids that stand twice, say, stop the question: what was found explains why.
    try {
      QuestionRows rows = build_question(study, inputs, question, tables.repairs, workers);
      for (Finding& f : rows.audit.findings) record.findings.push_back(std::move(f));
    } catch (const Error& error) {
      if (error.exit_code() != 1) throw;
      if (!record.problem) record.problem = error;
      try {
        for (Finding& f : asked_findings(study, inputs, question)) {
          record.findings.push_back(std::move(f));
        }
      } catch (const Error&) {  // the problem says it
      }
    }
  }
  std::stable_sort(record.findings.begin(), record.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  return record;
}

std::vector<QuestionExploration> explore_study(const RunOptions& options, Progress& progress) {
  const Study study = study_of(options);
  const Workers workers(options.threads);
  progress.stage("read", 0);
  const Inputs inputs = read_inputs(study, data_folder(options), workers);
  progress.stage("audit", 0);
  const TableAudit audit = audit_inputs(study, inputs, workers);
  progress.stage("explore", 0);
  std::vector<QuestionExploration> out;
  for (const StudyQuestion& question : study.questions) {
    const QuestionRows rows = build_question(study, inputs, question, audit.repairs, workers);
    out.push_back({question.name, explore(rows.built.table, {}, workers)});
  }
  return out;
}

std::string plan_text(const RunOptions& options) {
  const Study study = study_of(options);
  const Workers workers(options.threads);
  const Inputs inputs = read_inputs(study, data_folder(options), workers);
  const TableAudit audit = audit_inputs(study, inputs, workers);
  std::string out;
  for (const StudyQuestion& question : study.questions) {
    const FeaturePlan plan = has_events(study)
                                 ? plan_events(study, inputs, question, audit.repairs, workers).plan
                                 : plan_question(study, inputs, question, audit.repairs);
    out += "-- question " + quoted(question.name) + ": the plan\n" + json_text(to_json(plan)) +
           "-- the same as SQL\n" + events_sql(plan) + to_sql(plan) + "\n";
  }
  return out;
}

std::vector<RunRecord> run_study(const RunOptions& options, const std::string& out_dir,
                                 Progress& progress) {
  const Study study = study_of(options);
  const Workers workers(options.threads);
  Clock clock;
  clock.stage(progress, "read");
  const Inputs inputs = read_inputs(study, data_folder(options), workers);
  clock.stage(progress, "audit");
  const TableAudit audit = audit_inputs(study, inputs, workers);
  clock.stop();
  std::vector<RunRecord> records;
  for (const StudyQuestion& question : study.questions) {
    records.push_back(question.uplift ? run_uplift(study, question, inputs, audit, path_of(out_dir),
                                                   workers, progress, clock)
                                      : run_question(options, study, question, inputs, audit,
                                                     path_of(out_dir), workers, progress, clock));
  }
  return records;
}

}  // namespace perennial
