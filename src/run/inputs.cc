#include "run/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "audit/protocol.h"
#include "base/error.h"
#include "base/text.h"
#include "run/moments.h"
#include "table/calendar.h"
#include "table/condition.h"
#include "table/read_splits.h"

namespace perennial {
namespace {

std::string table_place(const Study& study, const StudyTable& table) {
  return fmt::format("{}:{}, table {}", study.path, table.line, quoted(table.name));
}

// The stated column, under its name in the file.
std::string resolved(const Study& study, const StudyTable& said, const Table& table,
                     const std::string& column, const char* key) {
  const Column* found = table.find(column);
  if (found != nullptr) return found->name;
  const std::vector<std::string> names = table.column_names();
  throw Error(
      ErrorCode::kStudy, table_place(study, said) + ", key " + quoted(key),
      fmt::format("the table has no column {}{}", quoted(column), did_you_mean(column, names)),
      "Its columns: " + join(names, ", "));
}

// Column names that every table has, in the first table's order.
std::vector<std::string> shared_names(const std::vector<Table>& tables) {
  std::vector<std::string> out;
  for (const std::string& name : tables[0].column_names()) {
    const bool everywhere = std::all_of(tables.begin(), tables.end(), [&](const Table& t) {
      const std::vector<std::string> names = t.column_names();
      return std::find(names.begin(), names.end(), name) != names.end();
    });
    if (everywhere) out.push_back(name);
  }
  return out;
}

bool uses(const StudyQuestion& question, const std::string& table) {
  return question.tables.empty() ||
         std::find(question.tables.begin(), question.tables.end(), table) != question.tables.end();
}

// A row's number tells nothing about the rows of another table.
void number_rows(const Study& study, const StudyTable& said, Table& table) {
  const bool joined =
      study.tables.size() > 1 &&
      std::any_of(study.questions.begin(), study.questions.end(), [&](const StudyQuestion& q) {
        return uses(q, said.name) && q.tables.size() != 1;
      });
  if (joined) {
    throw Error(ErrorCode::kStudy, table_place(study, said) + ", key \"id\"",
                fmt::format("{} names the customers of a study with one table alone, and this one "
                            "has {}: tables are joined by ids, not by the place of a row",
                            quoted(kRowNumber), study.tables.size()),
                "Name a column that all tables have, or say in each question which tables it uses: "
                "tables = [\"…\"]");
  }
  add_row_numbers(table);
}

std::vector<std::string> settle_ids(const Study& study, const std::vector<Table>& tables) {
  std::vector<std::string> ids(tables.size());
  bool open = false;
  for (size_t i = 0; i < tables.size(); ++i) {
    const StudyTable& said = study.tables[i];
    if (said.id.empty()) {
      open = true;
    } else {
      ids[i] = resolved(study, said, tables[i], said.id, "id");
    }
  }
  if (!open) return ids;
  const std::vector<std::string> shared = shared_names(tables);
  for (size_t i = 0; i < tables.size(); ++i) {
    if (!ids[i].empty()) continue;
    if (tables.size() > 1 && shared.size() == 1) {
      ids[i] = shared[0];
      continue;
    }
    throw Error(ErrorCode::kStudy, table_place(study, study.tables[i]),
                "the table's id column is not named and cannot be found out",
                fmt::format("Say which column holds the customer's id: id = \"…\"{} (columns: {})",
                            tables.size() == 1 ? ", or id = \"#row\" if every row is one" : "",
                            join(tables[i].column_names(), ", ")));
  }
  return ids;
}

// The study's own repairs name tables and columns that exist; the message names their line.
void check_repairs(const Study& study, const std::vector<Table>& tables) {
  std::vector<std::string> table_names;
  for (const Table& t : tables) table_names.push_back(t.name);
  for (size_t i = 0; i < study.repairs.steps.size(); ++i) {
    const Repair& repair = study.repairs.steps[i];
    const std::string where = fmt::format("{}:{}, [[repair]]", study.path, study.repair_lines[i]);
    const auto table = std::find(table_names.begin(), table_names.end(), repair.table);
    if (table == table_names.end()) {
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("the study has no table {}{}", quoted(repair.table),
                              did_you_mean(repair.table, table_names)),
                  "Its tables: " + join(table_names, ", "));
    }
    const Table& target = tables[static_cast<size_t>(table - table_names.begin())];
    std::vector<std::string> columns;
    if (!repair.column.empty()) columns.push_back(repair.column);
    if (!repair.where.empty()) {
      for (std::string& name : names_in(parse_condition(repair.where, where))) {
        columns.push_back(std::move(name));
      }
    }
    for (const std::string& column : columns) {
      if (target.find(column) != nullptr) continue;
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("the table {} has no column {}{}", quoted(repair.table),
                              quoted(column), did_you_mean(column, target.column_names())),
                  "Its columns: " + join(target.column_names(), ", "));
    }
  }
}

// What decides about the split does not describe the customer: groups are ids, and a time that lies
// behind all training rows tells nothing about them.
void add_split_columns(const Study& study, const StudyQuestion& question, const Inputs& inputs,
                       TableRoles& roles) {
  const SplitOptions& split = question.validation;
  for (const auto& [column, key] :
       {std::pair{split.group, "validation.group"}, std::pair{split.time, "validation.time"}}) {
    if (column.empty()) continue;
    const std::string& name = question_column(study, inputs, question, column, key).name;
    if (name != roles.id) roles.ignored.push_back(name);
  }
}

std::vector<TableRoles> roles_of(const Study& study, const Inputs& inputs,
                                 const StudyQuestion& question) {
  std::vector<TableRoles> roles;
  for (size_t i = 0; i < inputs.tables.size(); ++i) {
    const StudyTable& said = study.tables[i];
    if (!uses(question, said.name)) continue;
    const Table& table = inputs.tables[i];
    TableRoles r{.table = &table, .id = inputs.ids[i], .aggregate = said.aggregate};
    if (!said.pivot_by.empty()) {
      r.pivot_by = resolved(study, said, table, said.pivot_by, "pivot.by");
      for (const std::string& v : said.pivot_values) {
        r.pivot_values.push_back(resolved(study, said, table, v, "pivot.value"));
      }
    }
    for (const std::string& v : said.value) {
      r.values.push_back(resolved(study, said, table, v, "value"));
    }
    for (const std::string& v : said.ignore) {
      r.ignored.push_back(resolved(study, said, table, v, "ignore"));
    }
    for (const std::string& v : question.ignore) {
      if (const Column* found = table.find(v)) r.ignored.push_back(found->name);
    }
    if (i == entity_table(study, inputs, question)) {
      add_split_columns(study, question, inputs, r);
      if (question.uplift) {
        r.ignored.push_back(
            question_column(study, inputs, question, question.uplift->treatment, "treatment.column")
                .name);
      }
    }
    if (!said.splits.empty()) r.ignored.emplace_back(kSplitsRole);
    roles.push_back(std::move(r));
  }
  return roles;
}

// Columns of a pivoted table that the pivot does not name are never features.
void ignore_beside_pivot(const StudyTable& said, const std::string& id, AuditTable& out) {
  const auto is = [&](const std::string& stated, const Column& column) {
    const Column* found = out.table->find(stated);
    return found != nullptr && found->name == column.name;
  };
  for (const Column& column : out.table->columns) {
    bool named = column.name == id || is(said.pivot_by, column);
    for (const std::string& v : said.pivot_values) named = named || is(v, column);
    for (const std::string& v : said.value) named = named || is(v, column);
    if (!named) out.ignored.push_back(column.name);
  }
}

std::vector<AuditTable> audit_view(const Study& study, const Inputs& inputs) {
  std::vector<AuditTable> view;
  for (size_t i = 0; i < inputs.tables.size(); ++i) {
    const StudyTable& said = study.tables[i];
    AuditTable a{.table = &inputs.tables[i],
                 .id = inputs.ids[i],
                 .pivot_by = said.time.empty() ? said.pivot_by : said.time,
                 .values = said.value,
                 .target = "",
                 .ignored = said.ignore};
    if (!said.splits.empty()) a.ignored.emplace_back(kSplitsRole);
    if (!said.pivot_by.empty()) ignore_beside_pivot(said, inputs.ids[i], a);
    for (const StudyQuestion& q : study.questions) {
      if (q.target_where.empty() && inputs.tables[i].find(q.target) != nullptr) a.target = q.target;
    }
    view.push_back(std::move(a));
  }
  return view;
}

// A finding whose proposed repair the user has accepted in the study counts as applied.
void mark_accepted(const RepairPlan& accepted, std::vector<Finding>& findings) {
  for (Finding& f : findings) {
    if (f.repair.empty() || f.applied) continue;
    f.applied = std::all_of(f.repair.begin(), f.repair.end(), [&](const Repair& r) {
      return std::find(accepted.steps.begin(), accepted.steps.end(), r) != accepted.steps.end();
    });
  }
}

EntityView entity_view(const Inputs& inputs, size_t entity, const FeatureTable& rows, int folds) {
  EntityView view{.table = inputs.tables[entity].name,
                  .id_name = rows.id_name,
                  .ids = rows.ids,
                  .features = {},
                  .feature_tables = rows.feature_tables,
                  .y = rows.y,
                  .positive = rows.classes.back(),
                  .position = rows.position,
                  .origin = {},
                  .folds = folds};
  if (!rows.position.empty()) {
    view.origin = [&table = inputs.tables[entity], &rows](size_t row) {
      return table.example(rows.position[row], rows.ids[row]);
    };
  }
  for (const Column& c : rows.features) view.features.push_back(&c);
  return view;
}

// How the question is asked, for what misleads in it.
ProtocolView protocol_view(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                           size_t entity) {
  ProtocolView view{.entity = &inputs.tables[entity],
                    .id = inputs.ids[entity],
                    .target = {question.target},
                    .group = question.validation.group};
  if (!question.target_where.empty()) {
    view.target = names_in(parse_condition(question.target_where, "target"));
  }
  if (!question.cohort.empty()) {
    view.filters.push_back({.table = "", .where = question.cohort, .key = "cohort"});
  }
  for (const Repair& r : study.repairs.steps) {
    const bool drops = r.kind == Repair::Kind::kDropRows || r.kind == Repair::Kind::kDropCustomers;
    if (drops) view.filters.push_back({.table = r.table, .where = r.where, .key = "[[repair]]"});
  }
  for (size_t i = 0; i < inputs.tables.size(); ++i) {
    if (study.tables[i].pivot_by.empty() || !uses(question, study.tables[i].name)) continue;
    view.sums.push_back({.table = &inputs.tables[i], .bounded = false});
  }
  return view;
}

// Of several classes each is looked at against the rest; what is found for one class and column is
// not said again for another. Which customers are copies does not depend on the class.
EntityAudit audit_rows(EntityView view, const std::vector<std::string>& classes,
                       const Workers& workers) {
  if (classes.size() == 2) return audit_entities(view, workers);
  const std::vector<int32_t> y = view.y;
  EntityAudit all;
  std::set<std::tuple<std::string, std::string, std::string>> said;
  for (size_t c = 0; c < classes.size(); ++c) {
    view.positive = classes[c];
    for (size_t i = 0; i < y.size(); ++i) {
      view.y[i] = y[i] < 0 ? -1 : y[i] == static_cast<int32_t>(c) ? 1 : 0;
    }
    EntityAudit one = audit_entities(view, workers);
    if (c == 0) all.copy_group = std::move(one.copy_group);
    for (Finding& f : one.findings) {
      if (said.emplace(f.kind, f.table, f.column).second) all.findings.push_back(std::move(f));
    }
  }
  return all;
}

// The table that brings the customers where a condition makes the target: the named one, or the
// only one with one row a customer that has all columns of the condition.
size_t entity_of_condition(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                           const std::string& where) {
  const std::vector<std::string> names = names_in(parse_condition(question.target_where, where));
  std::vector<size_t> holders;
  std::vector<std::string> tables;
  for (size_t i = 0; i < inputs.tables.size(); ++i) {
    const Table& t = inputs.tables[i];
    if (!uses(question, t.name)) continue;
    if (t.name == question.table) return i;
    tables.push_back(t.name);
    const bool all = std::all_of(names.begin(), names.end(),
                                 [&](const std::string& n) { return t.find(n) != nullptr; });
    if (all && study.tables[i].pivot_by.empty()) holders.push_back(i);
  }
  if (holders.size() == 1) return holders[0];
  throw Error(ErrorCode::kStudy, where + ", key \"target.where\"",
              fmt::format("{} with one row a customer {} all columns of the condition {}",
                          holders.empty() ? "no table" : std::to_string(holders.size()) + " tables",
                          holders.size() > 1 ? "have" : "has", quoted(question.target_where)),
              "Say which table brings the customers: target = { where = \"…\", table = \"…\" }; "
              "tables: " +
                  join(tables, ", "));
}

// What is read from the files; parts of dates are added to it.
ReadOptions as_in_files(const StudyTable& table) {
  ReadOptions options = table.read;
  options.calendar.clear();
  return options;
}

// For each table the first that is read from the same files in the same way: itself mostly.
std::vector<size_t> sources_of(const Study& study) {
  std::vector<size_t> out;
  for (size_t i = 0; i < study.tables.size(); ++i) {
    size_t first = 0;
    while (first < i && (!study.tables[i].splits.empty() || !study.tables[first].splits.empty() ||
                         as_in_files(study.tables[i]) != as_in_files(study.tables[first]))) {
      ++first;
    }
    out.push_back(first);
  }
  return out;
}

// A table that is read from the files of another becomes a copy of it; each gets columns of its
// own.
void finish_table(const Study& study, size_t i, size_t source, std::vector<Table>& tables) {
  const StudyTable& said = study.tables[i];
  if (source != i) {
    tables[i] = tables[source];
    tables[i].name = said.name;
  }
  for (const auto& [column, parts] : said.read.calendar) {
    add_calendar(tables[i], column, parts, said.read.types_may_lack);
  }
  if (said.id == kRowNumber) number_rows(study, said, tables[i]);
}

// Whether tables are read side by side, a thread each, rather than one after another by all
// threads: where no table is so large that the others' threads would wait for it.
bool even_tables(const Study& study, const std::vector<size_t>& sources, const fs::path& folder,
                 const Workers& workers) {
  double largest = 0, all = 0;
  for (size_t i = 0; i < study.tables.size(); ++i) {
    double bytes = 0;
    if (sources[i] != i) continue;
    for (const std::string& file : study.tables[i].read.files) {
      std::error_code none;  // whoever reads the file says what is wrong with it
      const auto size = fs::file_size(folder / path_of(file), none);
      if (!none) bytes += static_cast<double>(size);
    }
    largest = std::max(largest, bytes);
    all += bytes;
  }
  return workers.threads() > 1 && largest * workers.threads() <= all;
}

}  // namespace

Inputs read_inputs(const Study& study, const fs::path& folder, const Workers& workers) {
  Inputs inputs;
  inputs.tables.resize(study.tables.size());
  const std::vector<size_t> sources = sources_of(study);
  const auto read_one = [&](size_t i) {
    const StudyTable& said = study.tables[i];
    if (sources[i] != i) return;
    inputs.tables[i] = said.splits.empty()
                           ? read_table(said.name, folder, as_in_files(said), workers)
                           : read_splits(said.name, folder, said.splits);
  };
  if (even_tables(study, sources, folder, workers)) {
    workers.run(study.tables.size(), read_one);
  } else {
    for (size_t i = 0; i < study.tables.size(); ++i) read_one(i);
  }
  for (size_t i = study.tables.size(); i-- > 0;) {  // sources come first: they are finished last
    finish_table(study, i, sources[i], inputs.tables);
  }
  inputs.ids = settle_ids(study, inputs.tables);
  check_repairs(study, inputs.tables);
  inputs.events = std::make_shared<EventWork>(study.questions.size() > 1);
  return inputs;
}

size_t entity_table(const Study& study, const Inputs& inputs, const StudyQuestion& question) {
  const std::string where = fmt::format(
      "{}:{}, question {}", study.path,
      question.target_line > 0 ? question.target_line : question.line, quoted(question.name));
  if (question.event) {
    const std::string& name = question.table.empty() ? question.event->table : question.table;
    for (size_t i = 0; i < inputs.tables.size(); ++i) {
      if (inputs.tables[i].name == name) return i;
    }
  }
  if (!question.target_where.empty()) return entity_of_condition(study, inputs, question, where);
  std::vector<size_t> holders;
  std::vector<std::string> names;
  for (size_t i = 0; i < inputs.tables.size(); ++i) {
    const Table& t = inputs.tables[i];
    if (!uses(question, t.name)) continue;
    if (!question.table.empty() && t.name != question.table) continue;
    if (t.find(question.target) != nullptr) holders.push_back(i);
    for (const std::string& n : t.column_names()) names.push_back(n);
  }
  if (holders.size() == 1) return holders[0];
  if (holders.empty()) {
    throw Error(ErrorCode::kStudy, where + ", key \"target.column\"",
                fmt::format("no table has a column {}{}", quoted(question.target),
                            did_you_mean(question.target, names)),
                "Columns: " + join(names, ", "));
  }
  throw Error(ErrorCode::kStudy, where + ", key \"target.column\"",
              fmt::format("{} tables have a column {}", holders.size(), quoted(question.target)),
              "Say which one: target = { table = \"…\", column = \"…\" }");
}

const Column& question_column(const Study& study, const Inputs& inputs,
                              const StudyQuestion& question, const std::string& column,
                              const char* key) {
  const size_t entity = entity_table(study, inputs, question);
  const Table& table = inputs.tables[entity];
  if (!study.tables[entity].time.empty()) {
    throw Error(ErrorCode::kStudy,
                fmt::format("{}:{}, question {}, key {}", study.path, question.line,
                            quoted(question.name), quoted(key)),
                "the customers come from a table of events, which has several rows for each",
                "Remove this key; several cutoffs put the latest rows aside for the test");
  }
  if (const Column* found = table.find(column)) return *found;
  throw Error(ErrorCode::kStudy,
              fmt::format("{}:{}, question {}, key {}", study.path, question.line,
                          quoted(question.name), quoted(key)),
              fmt::format("the table {} has no column {}{}", quoted(table.name), quoted(column),
                          did_you_mean(column, table.column_names())),
              "Its columns: " + join(table.column_names(), ", "));
}

TableAudit audit_inputs(const Study& study, const Inputs& inputs, const Workers& workers) {
  TableAudit audit;
  audit.findings = audit_tables(audit_view(study, inputs), workers);
  if (study.automatic_repair) audit.repairs = safe_repairs(audit.findings);
  for (const Repair& r : study.repairs.steps) {
    if (std::find(audit.repairs.steps.begin(), audit.repairs.steps.end(), r) ==
        audit.repairs.steps.end()) {
      audit.repairs.steps.push_back(r);
    }
  }
  mark_accepted(study.repairs, audit.findings);
  return audit;
}

FeaturePlan plan_question(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                          const RepairPlan& repairs, const Workers* workers) {
  const size_t entity = entity_table(study, inputs, question);
  const std::string& condition = question.target_where;
  const std::string target =
      condition.empty() ? inputs.tables[entity].find(question.target)->name : "";
  RepairPlan own = repairs;
  std::erase_if(own.steps, [&](const Repair& r) { return !uses(question, r.table); });
  FeaturePlan plan = make_plan(roles_of(study, inputs, question), inputs.tables[entity].name,
                               target, question.positive, question.cohort, own, workers, condition);
  plan.target_each = question.target_each;
  return plan;
}

// A model of nothing would only say the base rate, in many words.
void require_features(const Study& study, const StudyQuestion& question, const FeaturePlan& plan) {
  const bool some = std::any_of(plan.tables.begin(), plan.tables.end(),
                                [](const PlanTable& table) { return !table.features.empty(); });
  if (some) return;
  throw Error(ErrorCode::kStudy,
              fmt::format("{}:{}, question {}", study.path, question.line, quoted(question.name)),
              "no column is left to learn from" +
                  (plan.notes.empty() ? "" : " (" + join(plan.notes, "; ") + ")"),
              "Take a column out of `ignore` or `value`, accept a repair that `perennial audit` "
              "proposes, or add a table");
}

BuildResult build_rows(const FeaturePlan& plan, const Inputs& inputs, const Workers& workers) {
  std::vector<const Table*> tables;
  for (const Table& t : inputs.tables) {
    const bool used = std::any_of(plan.tables.begin(), plan.tables.end(),
                                  [&](const PlanTable& p) { return p.name == t.name; });
    if (used) tables.push_back(&t);
  }
  return build_features(plan, tables, true, workers);
}

QuestionRows build_question(const Study& study, const Inputs& inputs, const StudyQuestion& question,
                            const RepairPlan& repairs, const Workers& workers) {
  QuestionRows rows;
  if (has_events(study)) {
    rows = build_at_moments(study, inputs, question, repairs, workers);
  } else {
    rows.plan = plan_question(study, inputs, question, repairs, &workers);
    require_features(study, question, rows.plan);
    rows.built = build_rows(rows.plan, inputs, workers);
  }
  const Inputs& own = rows.derived ? *rows.derived : inputs;
  const size_t entity = entity_table(study, own, question);
  EntityAudit audit =
      audit_rows(entity_view(own, entity, rows.built.table, question.validation.folds),
                 rows.built.table.classes, workers);
  for (Finding& f : audit.findings) rows.audit.findings.push_back(std::move(f));
  rows.audit.copy_group = std::move(audit.copy_group);
  for (Finding& f : audit_protocol(protocol_view(study, own, question, entity))) {
    rows.audit.findings.push_back(std::move(f));
  }
  return rows;
}

std::vector<Finding> asked_findings(const Study& study, const Inputs& inputs,
                                    const StudyQuestion& question) {
  if (has_events(study)) return {};  // their tables are made first
  return audit_protocol(
      protocol_view(study, inputs, question, entity_table(study, inputs, question)));
}

}  // namespace perennial
