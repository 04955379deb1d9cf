// The study file -> Study. What a section may hold stands in keys.cc; here is what it means.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "study/keys.h"
#include "study/keys_offer.h"
#include "study/keys_segment.h"
#include "study/section.h"
#include "study/study.h"
#include "study/targets.h"
#include "study/toml_tree.h"
#include "study/uplift.h"
#include "table/condition.h"
#include "table/read_splits.h"

namespace perennial {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kStudy, where, what, hint);
}

// Names become folders, parts of feature names and names in messages.
void check_name(const std::string& name, const std::string& where, bool folder) {
  const bool control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (trim(name).empty() || control || trim(name) != name || name.size() > 100) {
    fail(where, "this name cannot be used", "Take a short name without blanks at its ends");
  }
  constexpr std::string_view kNotInFolders = "/\\:*?\"<>|";
  if (folder && (name.front() == '.' || name.find_first_of(kNotInFolders) != std::string::npos)) {
    fail(
        where, fmt::format("\"{}\" cannot be the name of a folder", name),
        "The question's name is that of the folder with its results: use letters, digits, _ and -");
  }
}

void check_distinct(std::set<std::string>& seen, const std::string& name, const std::string& where,
                    std::string_view what) {
  if (seen.insert(to_lower(name)).second) return;
  fail(where, fmt::format("there are two {} of the name \"{}\"", what, name),
       "Names that differ in case alone count as equal: rename one");
}

std::optional<char> one_char(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return *text == "tab" ? '\t' : text->front();
}

ReadOptions read_options(const Section& section) {
  ReadOptions out;
  out.files = section.get_texts("file");
  out.separator = one_char(section.text_if("separator"));
  out.decimal = one_char(section.text_if("decimal"));
  out.quote = one_char(section.text_if("quote"));
  out.encoding = section.text_if("encoding");
  out.header = section.bool_if("header");
  out.names = section.get_texts("names");
  out.missing = section.get_texts("missing");
  out.keep_markers = section.get_bool("keep_markers");
  for (const auto& [column, type] : section.get_map("types")) {
    out.types[column] = std::get<std::string>(type);
  }
  for (const auto& [column, parts] : section.get_map("calendar")) {
    out.calendar[column] = std::get<std::vector<std::string>>(parts);
  }
  if (out.separator && out.decimal && out.separator == out.decimal) {
    fail(section.where("decimal"), "the decimal mark is the separator",
         "One of the two must be different");
  }
  if (out.header == true && !out.names.empty()) {
    fail(section.where("names"), "names are given for a file that has a header",
         "Remove names, or say header = false");
  }
  return out;
}

// A table has files or a folder of parts; what says how text files are written has no use there.
void check_source(const Section& section, const StudyTable& table) {
  if (table.splits.empty()) {
    if (section.has("file") || section.has("splits")) return;
    fail(section.where("file"), "the key \"file\" is missing",
         "Say file = \"…\", relative to the study's folder or to --data");
  }
  for (const KeySpec& key : section_at("tables.NAME").keys) {
    const std::string& name = key.param.name;
    if (!section.has(name) || name == "splits" || name == "ignore" || name == "value") continue;
    fail(section.where(name), fmt::format("splits has no use for the key \"{}\"", name),
         "A folder of .npz files says everything itself: remove it");
  }
}

void check_roles(const Section& section, const StudyTable& table) {
  const auto has = [](const std::vector<std::string>& list, const std::string& column) {
    return std::find(list.begin(), list.end(), column) != list.end();
  };
  if (!table.time.empty() && !table.pivot_by.empty()) {
    fail(section.where("time"), "the table has both \"time\" and \"pivot\"",
         "Events become features by themselves; keep one of the two");
  }
  if (table.time.empty() && !table.session_gap.empty()) {
    fail(section.where("session_gap"), "sessions are made of events, and the table has no \"time\"",
         "Say which column holds the time of each row: time = \"…\"");
  }
  if (!table.time.empty() && !table.value.empty()) {
    fail(section.where("value"), "a table of events has no value columns yet",
         "Take the value from a table with one row a customer");
  }
  if (table.id.empty()) return;
  if (has(table.ignore, table.id) || has(table.value, table.id)) {
    fail(section.where(has(table.ignore, table.id) ? "ignore" : "value"),
         fmt::format("the id column \"{}\" has two roles", table.id),
         "Ids never become features; remove it here");
  }
  if (table.pivot_by == table.id || has(table.pivot_values, table.id)) {
    fail(section.where("pivot"), fmt::format("the id column \"{}\" has two roles", table.id),
         "Pivot by the column with the period, and take the values of another");
  }
}

StudyTable read_table_section(const Section& section) {
  StudyTable out;
  out.name = section.node_key();
  out.line = section.line();
  out.splits = section.get_text("splits");
  check_source(section, out);
  out.read = read_options(section);
  out.id = out.splits.empty() ? section.get_text("id") : kSplitsId;
  out.time = section.get_text("time");
  if (section.has("session_gap")) {
    out.session_gap = parse_duration(section.get_text("session_gap"), section.where("session_gap"));
  }
  out.value = section.get_texts("value");
  out.ignore = section.get_texts("ignore");
  if (const auto pivot = section.section_if("pivot")) {
    out.pivot_by = pivot->get_text("by");
    out.pivot_values = pivot->get_texts("value");
    out.aggregate = pivot->get_text("aggregate");
  }
  for (const auto& [column, categories] : section.get_map("order")) {
    out.order[column] = std::get<std::vector<std::string>>(categories);
  }
  check_roles(section, out);
  return out;
}

std::vector<std::pair<std::string, std::string>> text_map(const Section& section,
                                                          const std::string& key) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [from, to] : section.get_map(key))
    out.emplace_back(from, std::get<std::string>(to));
  return out;
}

// A flag that says what to do may only be true: false would be a repair that does nothing.
void check_true(const Section& section, const std::string& key) {
  if (section.has(key) && section.bool_if(key) == false) {
    fail(section.where(key), key + " = false does nothing", "Remove this [[repair]]");
  }
}

std::string action_of(const Section& section) {
  static const std::vector<std::string> actions = {"replace", "trim", "decimal",
                                                   "rename",  "drop", "ignore"};
  std::string found;
  for (const std::string& action : actions) {
    if (!section.has(action)) continue;
    if (!found.empty()) {
      fail(section.where(action), fmt::format("one repair says both {} and {}", found, action),
           "Write a [[repair]] of its own for each");
    }
    found = action;
  }
  if (found.empty()) {
    fail(section.where("table"), "this repair does not say what to do",
         "Add one of these keys: " + join(actions, ", "));
  }
  return found;
}

Repair::Kind drop_kind(const std::string& drop) {
  if (drop == "row") return Repair::Kind::kDropRows;
  if (drop == "customer") return Repair::Kind::kDropCustomers;
  if (drop == "value") return Repair::Kind::kMissingRows;
  return Repair::Kind::kDropDuplicates;
}

Repair::Kind repair_kind(const Section& section, const std::string& action) {
  if (action == "replace") return Repair::Kind::kReplaceValues;
  if (action == "trim") return Repair::Kind::kTrim;
  if (action == "decimal") return Repair::Kind::kParseNumber;
  if (action == "rename") return Repair::Kind::kRenameColumns;
  if (action == "ignore") return Repair::Kind::kIgnoreColumn;
  return drop_kind(section.get_text("drop"));
}

// Which of `column` and `where` this kind of repair needs; the others must not stand there, because
// they would be passed over.
void check_companions(const Section& section, Repair::Kind kind, const std::string& action) {
  using Kind = Repair::Kind;
  const bool column = kind == Kind::kReplaceValues || kind == Kind::kTrim ||
                      kind == Kind::kParseNumber || kind == Kind::kMissingRows ||
                      kind == Kind::kIgnoreColumn;
  const bool where =
      kind == Kind::kDropRows || kind == Kind::kDropCustomers || kind == Kind::kMissingRows;
  const std::string what =
      action == "drop" ? fmt::format("drop = \"{}\"", section.get_text("drop")) : action;
  for (const auto& [key, needed] : {std::pair{"column", column}, std::pair{"where", where}}) {
    if (needed && !section.has(key)) {
      fail(section.where(action), fmt::format("{} needs the key \"{}\" too", what, key),
           fmt::format("Add {} to this [[repair]]", key));
    }
    if (!needed && section.has(key)) {
      fail(section.where(key), fmt::format("{} has no use for the key \"{}\"", what, key),
           "Remove it, or look at the other values of drop");
    }
  }
}

// What is removed goes with decimal alone; an empty text would never end.
std::vector<std::string> removed_texts(const Section& section, Repair::Kind kind) {
  if (!section.has("remove")) return {};
  if (kind != Repair::Kind::kParseNumber) {
    fail(section.where("remove"), "remove goes with decimal alone", "Remove it, or say decimal");
  }
  std::vector<std::string> out = section.get_texts("remove");
  for (const std::string& part : out) {
    if (part.empty())
      fail(section.where("remove"), "an empty text stands in the list", "Remove it");
    if (part == section.get_text("decimal")) {
      fail(section.where("remove"), "the decimal mark would be removed",
           "One of the two must be different");
    }
  }
  return out;
}

Repair read_repair(const Section& section) {
  const std::string action = action_of(section);
  check_true(section, "trim");
  check_true(section, "ignore");
  Repair out;
  out.kind = repair_kind(section, action);
  check_companions(section, out.kind, action);
  out.remove = removed_texts(section, out.kind);
  out.table = section.get_text("table");
  out.column = section.get_text("column");
  out.where = section.get_text("where");
  if (!out.where.empty()) parse_condition(out.where, section.where("where"));
  if (action == "replace" || action == "rename") out.map = text_map(section, action);
  if (action == "decimal") out.decimal = section.get_text("decimal").front();
  return out;
}

ParamValue one_value(const ParamSpec& spec, const TomlNode& node, const std::string& where) {
  return checked(spec, value_of(node, where, wanted_text(spec)), where);
}

// Values to try: one, or a list of them, each checked by the learner's own declaration.
std::vector<ParamValue> values_to_try(const ParamSpec& spec, const TomlNode& node,
                                      const std::string& where) {
  if (node.kind != TomlNode::Kind::kList) return {one_value(spec, node, where)};
  std::vector<ParamValue> out;
  for (const TomlNode& item : node.children) {
    ParamValue value = one_value(spec, item, where);
    if (std::find(out.begin(), out.end(), value) != out.end()) {
      fail(where, "a value stands twice in the list", "Keep one of them");
    }
    out.push_back(std::move(value));
  }
  if (out.empty()) fail(where, "the list is empty", "Give a value or remove the key");
  return out;
}

LearnerSpace read_space(const TomlNode& node, const std::string& learner, const std::string& path,
                        const std::string& name) {
  const std::string at = fmt::format("{}:{}, key \"{}\"", path, node.line, name);
  const std::vector<ParamSpec> specs = learner_keys(learner, at);
  if (node.kind != TomlNode::Kind::kTable) {
    fail(at, kind_text(node.kind) + " stands where a section belongs",
         fmt::format("Write [{}] and its parameters below it", name));
  }
  LearnerSpace out{.learner = learner, .values = {}};
  for (const TomlNode& given : node.children) {
    const std::string where =
        fmt::format("{}:{}, key \"{}.{}\"", path, given.line, name, given.key);
    const auto spec = std::find_if(specs.begin(), specs.end(),
                                   [&](const ParamSpec& s) { return s.name == given.key; });
    if (spec == specs.end()) {
      std::vector<std::string> names;
      for (const ParamSpec& s : specs) names.push_back(s.name);
      fail(where, fmt::format("{} has no such parameter", learner) + did_you_mean(given.key, names),
           "Parameters of " + learner + ": " + join(names, ", "));
    }
    out.values[given.key] = values_to_try(*spec, given, where);
  }
  return out;
}

// The learners in the order in which they are listed, each with the values that the study gives.
std::vector<LearnerSpace> read_spaces(const Section& question, const std::string& path,
                                      std::vector<std::string> learners) {
  std::vector<LearnerSpace> spaces;
  for (std::string& learner : learners) {
    spaces.push_back({.learner = std::move(learner), .values = {}});
  }
  const TomlNode* given = question.find("learner");
  if (!given) return spaces;
  if (given->kind != TomlNode::Kind::kTable) {
    fail(question.where("learner"), kind_text(given->kind) + " stands where sections belong",
         fmt::format("Write [{}.learner.NAME] with the name of a learner", question.name()));
  }
  for (const TomlNode& node : given->children) {
    const std::string name = question.name() + ".learner." + node.key;
    LearnerSpace space = read_space(node, node.key, path, name);
    const auto place = std::find_if(spaces.begin(), spaces.end(), [&](const LearnerSpace& s) {
      return s.learner == space.learner;
    });
    if (place == spaces.end()) {
      fail(fmt::format("{}:{}, key \"{}\"", path, node.line, name),
           fmt::format("\"{}\" is not among the learners of this question", node.key),
           fmt::format("Add it to learners in [{}.search]", question.name()));
    }
    *place = std::move(space);
  }
  return spaces;
}

void read_validation(const Section& section, StudyQuestion& out) {
  out.validation = {.test = section.get_real("test"),
                    .validation = section.get_real("validation"),
                    .folds = static_cast<int>(section.get_int("folds")),
                    .group = section.get_text("group"),
                    .time = section.get_text("time")};
  out.refit = section.get_bool("refit");
  out.save = section.get_text("save");
  if (out.validation.test + out.validation.validation > 0.95) {
    fail(section.where("test"), "too few customers are left to learn from",
         "test and validation together must not be more than 0.95");
  }
}

// Where the parts are given, nothing else can say who is in them.
void check_given_parts(const Section& question, const Study& study) {
  const auto validation = question.section_if("validation");
  const auto given = std::find_if(study.tables.begin(), study.tables.end(),
                                  [](const StudyTable& table) { return !table.splits.empty(); });
  if (!validation || given == study.tables.end()) return;
  for (const char* key : {"test", "validation", "group", "time"}) {
    if (!validation->has(key)) continue;
    fail(validation->where(key),
         fmt::format("the files of {} already say who is in which part", quoted(given->name)),
         "Remove this key, or splits");
  }
}

// What would be passed over in silence must not stand there. Whether the files of given parts hold
// a validation part shows when they are read.
void check_refit(const Section& section, const Study& study) {
  const StudyQuestion& question = study.questions.back();
  const bool given = std::any_of(study.tables.begin(), study.tables.end(),
                                 [](const StudyTable& table) { return !table.splits.empty(); });
  const bool by_cutoff = question.cutoffs.size() > 2;
  if (!question.refit || question.validation.validation > 0 || given || by_cutoff) return;
  fail(section.section_if("validation")->where("refit"),
       "there is no validation part that the final model could learn from",
       "Say how large it is, validation = 0.1, or remove refit");
}

std::vector<std::string> read_search(const Section& question, const Section& section,
                                     StudyQuestion& out) {
  const bool lists_values = question.find("learner") != nullptr;
  out.search.method = section.text_if("method").value_or(lists_values ? "grid" : "auto");
  if (section.has("trials")) out.search.trials = section.get_int("trials");
  out.search.budget_seconds = section.get_real("budget");
  out.search.metric = section.get_text("metric");
  out.search.ensemble = section.get_bool("ensemble");
  out.search.stacking = section.get_bool("stacking");
  out.search.calibration = section.get_text("calibration");
  if (section.has("trials") && out.search.method == "grid") {
    fail(section.where("trials"), "a grid search has no number of trials",
         "Say method = \"auto\" or \"random\", or remove trials");
  }
  std::vector<std::string> learners = default_learners(out.search.method);
  if (section.has("learners")) learners = section.get_texts("learners");
  std::set<std::string> seen;
  for (const std::string& learner : learners) {
    if (!seen.insert(learner).second) {
      fail(section.where("learners"), fmt::format("\"{}\" stands twice in the list", learner),
           "Keep one of them");
    }
  }
  if (learners.empty()) {
    fail(section.where("learners"), "the list is empty", "Name at least one learner");
  }
  return learners;
}

MoneyTerms read_money(const Section& section) {
  MoneyTerms out{.contact_cost = section.get_real("contact_cost"),
                 .success_rate = section.get_real("success_rate"),
                 .threshold = section.get_text("threshold")};
  const std::string value = section.get_text("kept_value");
  if (const auto number = parse_number(value)) {
    out.kept_value = *number;
    if (!(out.kept_value > 0)) {
      fail(section.where("kept_value"), "a kept customer is worth nothing",
           "Give a number above 0, or the name of a value column");
    }
  } else {
    out.kept_value_column = value;
  }
  const bool share = out.threshold == "share";
  if (share != section.has("contact_share")) {
    fail(section.where(share ? "threshold" : "contact_share"),
         share ? "the share to contact is not said"
               : fmt::format("threshold = {} has no use for a share", quoted(out.threshold)),
         share ? "Add contact_share = 0.2" : "Say threshold = \"share\", or remove contact_share");
  }
  if (share) out.contact_share = section.get_real("contact_share");
  return out;
}

StudyQuestion read_question(const Section& section, const std::string& path) {
  StudyQuestion out;
  out.name = section.node_key();
  out.line = section.line();
  read_target(*section.section_if("target"), path, out);
  out.cohort = section.get_text("cohort");
  if (!out.cohort.empty()) {
    parse_condition(out.cohort, section.where("cohort"));
    out.cohort_line = section.find("cohort")->line;
  }
  out.ignore = section.get_texts("ignore");
  read_times(section, out);
  out.explore = section.get_bool("explore");
  out.explain = section.get_bool("explain");
  if (const auto validation = section.section_if("validation")) read_validation(*validation, out);
  if (section.find("learner") != nullptr) out.search.method = "grid";
  read_uplift(section, out);
  std::vector<std::string> learners = default_learners(out.search.method);
  if (const auto given = section.section_if("search")) learners = read_search(section, *given, out);
  const auto search = section.section_if("search");
  if (out.uplift && !(search && search->has("learners"))) learners = default_uplift_learners();
  out.tables = section.get_texts("tables");
  if (const auto recommend = section.section_if("recommend")) {
    out.recommend = RecommendTerms{.k = static_cast<int>(recommend->get_int("k")),
                                   .exclude = recommend->get_text("exclude")};
    out.recommend_line = recommend->line();
  } else if (!out.target_each.empty()) {
    out.recommend = RecommendTerms{};
  }
  if (const auto money = section.section_if("money")) {
    out.money = read_money(*money);
    out.money_line = money->line();
  }
  out.reasons = section.get_int("reasons");
  read_segments(section, path, out);
  read_offers(section, path, out);
  out.search.spaces = read_spaces(section, path, std::move(learners));
  return out;
}

void check_table_exists(const Study& study, const std::string& table, const std::string& where) {
  std::vector<std::string> names;
  for (const StudyTable& t : study.tables) names.push_back(t.name);
  if (std::find(names.begin(), names.end(), table) != names.end()) return;
  fail(where, fmt::format("the study has no table \"{}\"", table) + did_you_mean(table, names),
       "Tables of this study: " + join(names, ", "));
}

// A target made of events needs a table of events.
void check_events(const Study& study, const StudyQuestion& question) {
  const bool any = std::any_of(study.tables.begin(), study.tables.end(),
                               [](const StudyTable& table) { return !table.time.empty(); });
  const std::string where =
      fmt::format("{}:{}, question {}", study.path, question.line, quoted(question.name));
  if (question.cutoff_line > 0 && !any) {
    fail(where, "it has a cutoff, and no table holds events",
         "Say in the table's section which column tells when: time = \"…\"");
  }
  if (!question.event) return;
  check_table_exists(study, question.event->table, where + ", key \"target.event\"");
  for (const StudyTable& table : study.tables) {
    if (table.name != question.event->table || !table.time.empty()) continue;
    fail(where + ", key \"target.event\"",
         fmt::format("the table {} does not say when its events were", quoted(table.name)),
         fmt::format("Say time = \"…\" in [tables.{}]", table.name));
  }
}

void read_tables(const Section& top, Study& study) {
  std::set<std::string> seen;
  for (const Section& section : top.sections("tables")) {
    const std::string where =
        fmt::format("{}:{}, section [{}]", study.path, section.line(), section.name());
    check_name(section.node_key(), where, false);
    check_distinct(seen, section.node_key(), where, "tables");
    study.tables.push_back(read_table_section(section));
  }
  if (study.tables.empty()) {
    fail(study.path, "the study has no table", "Add [tables.NAME] with file = \"…\"");
  }
  for (const StudyTable& table : study.tables) {
    if (table.splits.empty() || study.tables.size() == 1) continue;
    fail(fmt::format("{}:{}, table {}", study.path, table.line, quoted(table.name)),
         "a study that starts from .npz files has one table",
         "Remove the other tables, or give the rows as a table with file = \"…\"");
  }
}

void read_questions(const Section& top, Study& study) {
  std::set<std::string> seen;
  for (const Section& section : top.sections("question")) {
    const std::string where =
        fmt::format("{}:{}, section [{}]", study.path, section.line(), section.name());
    check_name(section.node_key(), where, true);
    check_distinct(seen, section.node_key(), where, "questions");
    study.questions.push_back(read_question(section, study.path));
    check_given_parts(section, study);
    check_refit(section, study);
    const StudyQuestion& question = study.questions.back();
    for (const std::string& table : question.tables) {
      check_table_exists(
          study, table,
          fmt::format("{}:{}, key \"{}.tables\"", study.path, question.line, section.name()));
    }
    if (!question.table.empty()) {
      check_table_exists(study, question.table,
                         fmt::format("{}:{}, key \"{}.target.table\"", study.path,
                                     question.target_line, section.name()));
    }
  }
  for (const StudyQuestion& question : study.questions) check_events(study, question);
  if (study.questions.empty()) {
    fail(study.path, "the study has no question",
         "Add [question.NAME] with target = { column = \"…\", positive = \"…\" }");
  }
}

}  // namespace

Study parse_study(const std::string& text, const std::string& path) {
  const TomlNode root = parse_toml(text, path);
  if (root.children.empty()) {
    fail(path, "the study is empty", "`perennial init TABLE...` writes a first one");
  }
  const Section top(root, section_at(""), path, "");
  Study study;
  study.path = path;
  study.name = path_of(path).stem().string();
  if (const auto section = top.section_if("study")) {
    study.name = section->text_if("name").value_or(study.name);
    study.language = section->get_text("language");
    study.seed = static_cast<uint64_t>(section->get_int("seed"));
  }
  if (const auto section = top.section_if("audit")) {
    study.automatic_repair = section->get_bool("repair");
  }
  read_tables(top, study);
  for (const Section& section : top.sections("repair")) {
    study.repairs.steps.push_back(read_repair(section));
    study.repair_lines.push_back(section.line());
    check_table_exists(study, study.repairs.steps.back().table, section.where("table"));
  }
  read_questions(top, study);
  return study;
}

Study load_study(const fs::path& path) { return parse_study(read_file(path), path.string()); }

}  // namespace perennial
