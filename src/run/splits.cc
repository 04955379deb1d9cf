#include "run/splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "learn/prep_defaults.h"
#include "prep/prep.h"
#include "run/moments.h"
#include "table/npz.h"
#include "table/read_splits.h"

namespace perennial {
namespace {

// Values of the group column as numbers; a customer without one is a group alone.
std::vector<uint32_t> groups_of(const Column& column, const FeatureTable& table) {
  std::map<std::string, uint32_t> numbers;
  std::vector<uint32_t> out(table.rows());
  uint32_t next = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const uint32_t row = table.position[i];
    if (column.missing(row)) {
      out[i] = next++;
      continue;
    }
    const auto [found, is_new] = numbers.try_emplace(column.value_text(row), next);
    if (is_new) ++next;
    out[i] = found->second;
  }
  return out;
}

std::vector<double> times_of(const Column& column, const FeatureTable& table, const Table& file,
                             const std::string& where) {
  if (column.is_text()) {
    throw Error(ErrorCode::kData, where,
                fmt::format("the column {} holds text, not dates or numbers", quoted(column.name)),
                fmt::format("Say types = {{ {} = \"date\" }} if it holds dates such as 2024-03-01, "
                            "or name another column",
                            quoted(column.name)));
  }
  std::vector<double> out(table.rows());
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = column.numbers[table.position[i]];
    if (std::isfinite(out[i])) continue;
    const Example example = file.example(table.position[i], table.ids[i]);
    throw Error(ErrorCode::kData, fmt::format("{}:{}", example.file, example.line),
                fmt::format("the customer {} has no {}, so it cannot be told when it is from",
                            quoted(table.ids[i]), quoted(column.name)),
                "Leave such customers out with a cohort or a repair, or split in another way");
  }
  return out;
}

std::vector<Role> given_roles(const Column& column, const FeatureTable& table) {
  std::vector<Role> out;
  for (const uint32_t row : table.position) {
    const std::string role = column.value_text(row);
    out.push_back(role == to_string(Role::kTrain)  ? Role::kTrain
                  : role == to_string(Role::kTest) ? Role::kTest
                                                   : Role::kValidation);
  }
  return out;
}

// Several cutoffs say by themselves who is tested.
void check_no_columns(const Study& study, const StudyQuestion& question) {
  const SplitOptions& options = question.validation;
  for (const auto& [column, key] :
       {std::pair{&options.group, "group"}, std::pair{&options.time, "time"}}) {
    if (column->empty()) continue;
    throw Error(ErrorCode::kStudy,
                fmt::format("{}:{}, question {}, key \"validation.{}\"", study.path, question.line,
                            quoted(question.name), key),
                "several cutoffs say by themselves who is tested: the latest",
                "Remove this key, or name one cutoff");
  }
}

// Rows of one customer.
std::vector<uint32_t> groups_of_ids(const FeatureTable& table) {
  std::map<std::string_view, uint32_t> first;
  std::vector<uint32_t> out;
  for (uint32_t row = 0; row < table.rows(); ++row) {
    out.push_back(first.try_emplace(table.ids[row], row).first->second);
  }
  return out;
}

// Later cutoffs are put aside; the rows of one customer stay in one fold.
QuestionSplit split_by_moment(const FeatureTable& table, const StudyQuestion& question,
                              std::span<const uint32_t> copies, Seed seed) {
  QuestionSplit out;
  const std::vector<Role> role = roles_by_moment(table.moment);
  out.plan = plan_split(table, joined_groups(copies, groups_of_ids(table)), question.validation,
                        seed, {.time = {}, .role = role});
  out.plan.test_from = *std::max_element(table.moment.begin(), table.moment.end());
  out.notes.push_back(
      fmt::format("Split by cutoff: the test rows are those of {}, the latest; all "
                  "rows of a customer are in one fold.",
                  date_text(out.plan.test_from)));
  return out;
}

// Matrix of some rows, row after row.
NpzArray inputs_of(const Matrix& x, bool single) {
  return NpzArray::of_reals("inputs", {x.rows, x.cols}, x.row_major(), single);
}

}  // namespace

QuestionSplit split_question(const Study& study, const Inputs& inputs,
                             const StudyQuestion& question, const QuestionRows& rows, Seed seed,
                             const Workers& workers) {
  const FeatureTable& table = rows.built.table;
  const SplitOptions& options = question.validation;
  if (!table.moment.empty()) {
    check_no_columns(study, question);
    return split_by_moment(table, question, rows.audit.copy_group, seed);
  }
  const size_t entity = entity_table(study, inputs, question);
  std::vector<uint32_t> group = rows.audit.copy_group;
  if (!options.group.empty()) {
    const Column& column =
        question_column(study, inputs, question, options.group, "validation.group");
    group = joined_groups(group, groups_of(column, table));
  }
  std::vector<double> time;
  const Column* when = nullptr;
  if (!options.time.empty()) {
    when = &question_column(study, inputs, question, options.time, "validation.time");
    time = times_of(*when, table, inputs.tables[entity],
                    fmt::format("{}:{}, question {}, key \"validation.time\"", study.path,
                                question.line, quoted(question.name)));
  }
  std::vector<Role> role;
  if (!study.tables[entity].splits.empty()) {
    role = given_roles(*inputs.tables[entity].find(kSplitsRole), table);
  }
  QuestionSplit out;
  out.plan = plan_split(table, group, options, seed, {.time = time, .role = role}, &workers);
  if (!options.group.empty()) {
    out.notes.push_back(
        fmt::format("Customers with the same {} stay on one side of the split and "
                    "in one fold.",
                    quoted(options.group)));
  }
  if (when != nullptr) {
    const std::string from = when->type == ColumnType::kDate ? date_text(out.plan.test_from)
                                                             : number_text(out.plan.test_from);
    out.notes.push_back(
        fmt::format("Split by {}: the test rows are the latest, from {} on; the "
                    "folds are blocks in time.",
                    quoted(options.time), from));
  }
  if (!role.empty()) {
    out.notes.emplace_back("Who is train, validation or test was taken from the .npz files.");
  }
  if (out.plan.straddling > 0) {
    out.warnings.push_back(fmt::format(
        "{} of a customer lie in more than one of the given parts: the test may flatter the model.",
        counted(out.plan.straddling, "set of copies", "sets of copies")));
  }
  return out;
}

void write_splits(const fs::path& folder, const FeatureTable& table, const SplitPlan& plan,
                  const std::string& type) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  std::vector<std::vector<uint32_t>> rows(3);
  for (uint32_t row = 0; row < table.rows(); ++row) {
    rows[static_cast<size_t>(plan.role[row])].push_back(row);
  }
  const FittedPrep prep =
      FittedPrep::fit(table, rows[static_cast<size_t>(Role::kTrain)],
                      complete(prep_defaults({"standard"}), Params(), "the preparation"));
  for (const Role role : {Role::kTrain, Role::kValidation, Role::kTest}) {
    const std::vector<uint32_t>& own = rows[static_cast<size_t>(role)];
    std::vector<int64_t> targets, fold;
    std::vector<std::string> ids;
    for (const uint32_t row : own) {
      targets.push_back(table.y[row]);
      fold.push_back(plan.fold[row]);
      ids.push_back(table.ids[row]);
    }
    std::vector<NpzArray> arrays = {inputs_of(prep.apply(table, own), type == "float32"),
                                    NpzArray::of_ints("targets", std::move(targets)),
                                    NpzArray::of_texts("ids", std::move(ids)),
                                    NpzArray::of_texts("feature_names", prep.column_names()),
                                    NpzArray::of_texts("classes", table.classes)};
    if (role == Role::kTrain) arrays.push_back(NpzArray::of_ints("fold", std::move(fold)));
    const std::string name = std::string(to_string(role)) + ".npz";
    write_file(folder / name, npz_bytes(arrays, name));
  }
}

}  // namespace perennial
