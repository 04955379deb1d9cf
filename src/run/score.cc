// perennial score: new tables through the plan and the pipeline of a saved model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "explain/reasons.h"
#include "feature/build.h"
#include "feature/events.h"
#include "run/money.h"
#include "run/new_tables.h"
#include "run/read_json.h"
#include "run/run.h"

namespace perennial {
namespace {

// How the plan's table is to be read: as the study said, with the types the training saw, so that a
// column which happens to look different in the new file still means the same.
ReadOptions options_for(const Artifact& model, const PlanTable& table) {
  ReadOptions options;
  if (model.read_options.contains(table.name)) {
    options = read_options_from_json(model.read_options.at(table.name));
  }
  for (const auto& [column, type] : table.schema) {
    std::string& said = options.types[column];  // "date dmy" says more than "date"
    if (!said.starts_with(to_string(type))) said = to_string(type);
  }
  options.types_may_lack = true;  // a column that is absent is noted, and its values are missing
  return options;
}

bool same_file_name(const ReadOptions& options, const std::string& file) {
  const std::string name = path_of(file).filename().string();
  return std::any_of(options.files.begin(), options.files.end(),
                     [&](const std::string& f) { return path_of(f).filename().string() == name; });
}

// How many of the plan's columns a file has; the id alone does not make a match.
size_t columns_found(const PlanTable& table, const Table& file) {
  size_t n = 0;
  for (const auto& [column, type] : table.schema) n += file.find(column) != nullptr;
  return file.find(table.id) != nullptr && n > 1 ? n : 0;
}

// The plan's table a file belongs to: by its name, else by its columns.
size_t matching_table(const Artifact& model, const std::vector<PlanTable>& tables,
                      const std::string& file, const Workers& workers) {
  for (size_t i = 0; i < tables.size(); ++i) {
    if (same_file_name(options_for(model, tables[i]), file)) return i;
  }
  if (tables.size() == 1) return 0;
  const Table probe = read_table("table", {}, {.files = {file}}, workers);
  size_t best = 0, best_count = 0, ties = 0;
  for (size_t i = 0; i < tables.size(); ++i) {
    const size_t n = columns_found(tables[i], probe);
    ties = n == best_count ? ties + 1 : 0;
    if (n > best_count) {
      best = i;
      best_count = n;
    }
  }
  if (best_count > 0 && ties == 0) return best;
  std::vector<std::string> names;
  for (const PlanTable& t : tables) names.push_back(t.name);
  throw Error(
      ErrorCode::kData, file,
      "its columns do not say which of the model's tables it is (" + join(names, ", ") + ")",
      "Give it the file name or the columns that the table had in training");
}

std::vector<Table> read_new_tables(const Artifact& model, const ScoreOptions& options,
                                   const Workers& workers) {
  const std::vector<PlanTable> wanted = input_tables(model.plan);
  std::vector<std::vector<std::string>> files(wanted.size());
  for (const std::string& file : options.tables) {
    files[matching_table(model, wanted, file, workers)].push_back(file);
  }
  std::vector<Table> tables;
  for (size_t i = 0; i < files.size(); ++i) {
    const PlanTable& plan = wanted[i];
    if (files[i].empty()) continue;
    ReadOptions read = options_for(model, plan);
    read.files = files[i];
    tables.push_back(read_table(plan.name, {}, read, workers));
    if (plan.id == kRowNumber) add_row_numbers(tables.back());
  }
  if (files[0].empty()) {
    throw Error(
        ErrorCode::kData, "",
        "none of the files is the table " + quoted(wanted[0].name) + ", which brings the customers",
        "Add its file to the command");
  }
  return tables;
}

std::vector<std::string> unseen_notes(const UnseenReport& unseen) {
  std::vector<std::string> notes;
  for (const auto& [feature, categories] : unseen.categories) {
    for (const auto& [category, rows] : categories) {
      notes.push_back(fmt::format("feature {}: {} have the value {}, which the training never saw",
                                  quoted(feature), counted(rows, "row"), quoted(category)));
    }
  }
  return notes;
}

// One line a customer; the workers share the lines.
std::string scores_text(const Artifact& model, const FeatureTable& table,
                        const std::vector<double>& p, const std::vector<uint8_t>& contact,
                        const Workers& workers) {
  std::string text = csv_field(model.id_name);
  std::vector<std::string> ends;
  for (const std::string& c : model.classes) {
    text += "," + csv_field("probability " + c);
    ends.push_back("," + csv_field(c));
  }
  text += contact.empty() ? ",predicted\n" : ",predicted,contact\n";
  const size_t classes = model.classes.size();
  constexpr size_t kBlock = 8192;
  std::vector<std::string> blocks((table.rows() + kBlock - 1) / kBlock);
  workers.run_blocks(table.rows(), kBlock, [&](size_t begin, size_t end) {
    std::string& out = blocks[begin / kBlock];
    for (size_t i = begin; i < end; ++i) {
      const auto row = std::span(p).subspan(classes * i, classes);
      append_csv_field(out, table.ids[i]);
      for (const double v : row) {
        out += ',';
        append_number(out, v);
      }
      out += ends[static_cast<size_t>(called_class(row, model.threshold))];
      if (!contact.empty()) out += contact[i] != 0 ? ",yes" : ",no";
      out += '\n';
    }
  });
  for (const std::string& block : blocks) text += block;
  return text;
}

void refuse_cutoff(const ScoreOptions& options) {
  if (options.cutoff.empty()) return;
  throw Error(ErrorCode::kUsage, "--cutoff", "the model looks at no events, so it has no cutoff",
              "Leave --cutoff out");
}

// The moment of the scores: what is asked for, else the day after the last event.
double cutoff_for(const Artifact& model, const ScoreOptions& options,
                  const std::vector<const Table*>& tables, const Workers& workers,
                  std::vector<std::string>& notes) {
  const auto last = latest_event(model.plan, tables, workers);
  if (!options.cutoff.empty() && options.cutoff != "latest") {
    const double asked = parse_iso_date(options.cutoff);
    if (std::isnan(asked)) {
      throw Error(ErrorCode::kUsage, "--cutoff",
                  fmt::format("{} is not a date", quoted(options.cutoff)),
                  "Write it as 2024-03-01, or say latest");
    }
    return asked;
  }
  if (!last) {
    throw Error(ErrorCode::kData, "", "no table of events is there, or none has a time",
                "Add its file to the command, or name the moment of the scores with --cutoff");
  }
  const double cutoff = std::floor(*last) + 1;
  notes.push_back(
      fmt::format("scored as of {}, the day after the last event; --cutoff names "
                  "another moment",
                  date_text(cutoff)));
  return cutoff;
}

// Where the customer stands among the rows.
size_t row_of(const FeatureTable& table, const std::string& id) {
  const auto found = std::find(table.ids.begin(), table.ids.end(), id);
  if (found != table.ids.end()) return static_cast<size_t>(found - table.ids.begin());
  // The nearest of a few thousand is soon found; of millions it is not.
  const size_t looked = std::min<size_t>(table.ids.size(), 20000);
  const std::vector<std::string> some(table.ids.begin(),
                                      table.ids.begin() + static_cast<ptrdiff_t>(looked));
  throw Error(ErrorCode::kData, "--id",
              fmt::format("none of the {} is called {}{}",
                          counted(static_cast<int64_t>(table.rows()), "customer"), quoted(id),
                          did_you_mean(id, some)),
              fmt::format("Give a value of the column {}", quoted(table.id_name)));
}

}  // namespace

BuildResult rows_for(const Artifact& model, const ScoreOptions& options, const Workers& workers,
                     bool need_target) {
  const std::vector<Table> tables = read_new_tables(model, options, workers);
  std::vector<const Table*> views;
  for (const Table& t : tables) views.push_back(&t);
  if (model.plan.events.empty()) {
    refuse_cutoff(options);
    return build_features(model.plan, views, need_target, workers);
  }
  std::vector<std::string> notes;
  const double cutoff = cutoff_for(model, options, views, workers, notes);
  std::vector<Table> held;
  views = derived_tables(model.plan, views, cutoff, need_target, workers, held, &notes);
  BuildResult out = build_features(model.plan, views, need_target, workers);
  out.notes.insert(out.notes.begin(), notes.begin(), notes.end());
  return out;
}

ExplainResult explain_tables(const ExplainRequest& request, Progress& progress) {
  const Workers workers(request.score.threads);
  progress.stage("read", 0);
  const Artifact model = load_artifact(path_of(request.score.model));
  if (!model.reference.present()) {
    throw Error(ErrorCode::kData, request.score.model,
                "the model was made by a version of Perennial that could not explain yet",
                "Train it again with this version: perennial run STUDY");
  }
  const BuildResult built = rows_for(model, request.score, workers);
  const size_t row = row_of(built.table, request.id);
  progress.stage("explain", 0);
  const Explainer explainer(model.pipeline, model.reference);
  FeatureTable one = built.table.take({static_cast<uint32_t>(row)});
  one.classes = model.classes;
  ExplainResult out{.customer = explain_customer(explainer, model.pipeline, model.reference, one, 0,
                                                 {.threshold = model.threshold},
                                                 Seed{model.seed}.child("explain"), workers),
                    .method = explainer.method(),
                    .notes = built.notes};
  out.text = customer_text(out.customer, out.method, model.classes);
  out.json = customer_json(out.customer, out.method, model.classes);
  return out;
}

ScoreResult score_tables(const ScoreOptions& options, Progress& progress) {
  const Workers workers(options.threads);
  progress.stage("read", 0);
  const Artifact model = load_artifact(path_of(options.model));
  const BuildResult built = rows_for(model, options, workers);
  progress.stage("score", 0);
  UnseenReport unseen;
  std::vector<double> p = model.pipeline.predict(built.table, &unseen, &workers);
  if (model.recommend) {
    const auto excluded = excluded_classes(built.table, model.classes, *model.recommend);
    for (size_t i = 0; i < excluded.size(); ++i) {
      exclude(std::span(p).subspan(model.classes.size() * i, model.classes.size()), excluded[i]);
    }
  }

  ScoreResult result;
  result.rows = static_cast<int64_t>(built.table.rows());
  result.notes = built.notes;
  for (std::string& note : unseen_notes(unseen)) result.notes.push_back(std::move(note));
  const std::vector<uint8_t> contact = whom_to_contact(model.contact, built.table, p);
  if (model.contact && without_value(built.table, model.contact->terms) > 0) {
    result.notes.push_back(
        fmt::format("{} without a value in {}: counted as worth nothing, so not contacted",
                    counted(without_value(built.table, model.contact->terms), "customer"),
                    quoted(model.contact->terms.kept_value_column)));
  }
  result.csv = scores_text(model, built.table, p, contact, workers);
  return result;
}

}  // namespace perennial
