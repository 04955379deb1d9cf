// Repairs of one table, compiled to a chain of CTEs.
#include "feature/table_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"
#include "table/store.h"

namespace perennial {
namespace {

constexpr const char* kRow = "\"#row\"";
// White space of every script at both ends; as base/text.h's trim.
constexpr const char* kOuterBlanks =
    "^[\\s\\v\\p{Z}\\x{FEFF}\\x{0085}]+|[\\s\\v\\p{Z}\\x{FEFF}\\x{0085}]+$";

template <typename... Args>
std::string filled(const std::string& pattern, const Args&... args) {
  return fmt::format(fmt::runtime(pattern), args...);
}

}  // namespace

TableCompiler::TableCompiler(const FeaturePlan& plan, size_t table, const std::string& relation,
                             const Dialect& dialect, NewName new_name)
    : plan_(plan),
      table_(plan.tables[table]),
      is_entity_(table == 0),
      dialect_(dialect),
      new_name_(std::move(new_name)) {
  result_.relation = Store::identifier(relation);
  for (const auto& name : Store::sql_names(schema_names(table_))) {
    const auto& type = table_.schema[state_.size()].second;
    state_.push_back({.name = Store::identifier(name),
                      .expression = Store::identifier(name),
                      .is_text = type == ColumnType::kText,
                      .is_date = type == ColumnType::kDate});
  }
}

TableSql TableCompiler::compile(std::vector<Cte>& ctes) {
  ctes_ = &ctes;
  for (size_t i = 0; i < plan_.repairs.steps.size(); ++i) {
    const Repair& repair = plan_.repairs.steps[i];
    if (repair.table != table_.name) continue;
    where_ = fmt::format("repair {}, table {}", i + 1, quoted(table_.name));
    apply(repair, i + 1);
  }
  flush();
  for (const auto& column : state_) {
    result_.columns.push_back({column.name, column.is_text, column.is_date});
    result_.as_in_file.push_back(column.as_in_file);
  }
  return result_;
}

void TableCompiler::apply(const Repair& repair, size_t step) {
  switch (repair.kind) {
    case Repair::Kind::kTrim:
    case Repair::Kind::kReplaceValues:
    case Repair::Kind::kParseNumber:
    case Repair::Kind::kMissingRows:
      change_values(repair);
      break;
    case Repair::Kind::kDropRows:
      drop_rows(repair, step);
      break;
    case Repair::Kind::kDropCustomers:
      drop_customers(repair, step);
      break;
    case Repair::Kind::kDropDuplicates:
      drop_duplicates();
      break;
    case Repair::Kind::kRenameColumns:  // names of features: make_plan has used them
    case Repair::Kind::kIgnoreColumn:
      break;
  }
}

void TableCompiler::change_values(const Repair& repair) {
  const int index = find_name(schema_names(table_), repair.column);
  if (index < 0) return;  // a column that the plan does not read
  State& column = state_[static_cast<size_t>(index)];
  switch (repair.kind) {
    case Repair::Kind::kTrim:
      if (!column.is_text) return;
      set(column, fmt::format("NULLIF({}, '')", filled(dialect_.without, column.expression,
                                                       Store::literal(kOuterBlanks))));
      break;
    case Repair::Kind::kParseNumber:
      if (!column.is_text) return;
      flush_if_pending();  // the expression stands twice in what follows
      set(column, number_of(column.expression, repair));
      column.is_text = false;
      break;
    case Repair::Kind::kReplaceValues:
      flush_if_pending();
      set(column, replaced(column, repair));
      break;
    default:
      flush_if_pending();
      set(column, fmt::format("CASE WHEN {} THEN NULL ELSE {} END", condition(repair.where),
                              column.expression));
  }
}

// As repaired_number (audit/finding.h): what is removed goes first; a thousands mark stays until
// the groups it parts have been looked at.
std::string TableCompiler::number_of(const std::string& text, const Repair& repair) const {
  const auto part = [](char c) { return c == '.' ? "[.]" : std::string(1, c); };
  const auto replace = [](const std::string& in, const std::string& from, const char* to) {
    return fmt::format("REPLACE({}, {}, {})", in, Store::literal(from), Store::literal(to));
  };
  const char thousands = thousands_mark(repair);
  std::string bare = text;
  for (const std::string& each : repair.remove) {
    if (thousands == 0 || each != std::string(1, thousands)) bare = replace(bare, each, "");
  }
  const std::string whole =
      thousands == 0 ? "[0-9]+"
                     : fmt::format("([0-9]+|[0-9]{{1,3}}({}[0-9]{{3}})+)", part(thousands));
  const std::string pattern = fmt::format("^[+-]?({1}({0}[0-9]*)?|{0}[0-9]+)([eE][+-]?[0-9]+)?$",
                                          part(repair.decimal), whole);
  std::string plain = bare;
  if (thousands != 0) plain = replace(plain, std::string(1, thousands), "");
  if (repair.decimal != '.') plain = replace(plain, std::string(1, repair.decimal), ".");
  return fmt::format("CASE WHEN {} THEN {} END",
                     filled(dialect_.matches, bare, Store::literal(pattern)),
                     filled(dialect_.to_number, plain));
}

std::string TableCompiler::replaced(const State& column, const Repair& repair) const {
  std::string cases;
  for (const auto& [from, to] : repair.map) {
    if (column.is_text) {
      cases += fmt::format(" WHEN {} THEN {}", Store::literal(from), Store::literal(to));
      continue;
    }
    const auto number = parse_number(from), result = parse_number(to);
    if (!number) continue;  // no number is spelled like that
    cases += fmt::format(" WHEN {} THEN {}", number_text(*number),
                         result ? number_text(*result) : "NULL");
  }
  if (cases.empty()) return column.expression;
  return fmt::format("CASE {0}{1} ELSE {0} END", column.expression, cases);
}

void TableCompiler::drop_rows(const Repair& repair, size_t step) {
  flush_if_pending();
  const std::string drop = condition(repair.where);
  if (!is_entity_) {
    emit(fmt::format("SELECT\n  *\nFROM {}\nWHERE NOT ({})", result_.relation, drop));
    return;
  }
  // A customer all of whose rows go leaves the study and is counted; for that a row has to stay.
  const std::string id = id_name();
  const std::string gone = new_name_(table_.name + "_drop_" + std::to_string(step));
  ctes_->push_back(
      {gone, fmt::format("SELECT\n  {0}\nFROM {1}\nGROUP BY {0}\nHAVING COUNT(*) = COUNT(CASE "
                         "WHEN {2} THEN 1 END)",
                         id, result_.relation, drop)});
  result_.drops.push_back({step, gone});
  emit(fmt::format("SELECT\n  *\nFROM {}\nWHERE NOT ({})\n  OR {} IN (SELECT {} FROM {})",
                   result_.relation, drop, id, id, Store::identifier(gone)));
}

void TableCompiler::drop_customers(const Repair& repair, size_t step) {
  flush_if_pending();
  const std::string gone = new_name_(table_.name + "_drop_" + std::to_string(step));
  ctes_->push_back({gone, fmt::format("SELECT DISTINCT\n  {}\nFROM {}\nWHERE {}", id_name(),
                                      result_.relation, condition(repair.where))});
  result_.drops.push_back({step, gone});
}

void TableCompiler::drop_duplicates() {
  flush_if_pending();
  std::vector<std::string> names;
  for (const auto& column : state_) names.push_back(column.name);
  emit(fmt::format("SELECT\n  MIN({}) AS {},\n  {}\nFROM {}\nGROUP BY\n  {}", kRow, kRow,
                   join(names, ",\n  "), result_.relation, join(names, ",\n  ")));
}

std::string TableCompiler::id_name() const {
  const int index = find_name(schema_names(table_), table_.id);
  PERENNIAL_CHECK(index >= 0);
  return state_[static_cast<size_t>(index)].name;
}

std::string TableCompiler::condition(const std::string& text) const {
  const auto names = schema_names(table_);
  const auto columns = [&](const std::string& name, Condition::Over over) {
    if (over != Condition::Over::kOne) {
      throw Error(ErrorCode::kStudy, where_,
                  "\"every\" and \"any\" belong into a cohort, not into a repair",
                  "write the condition on one row of the table");
    }
    const int index = find_name(names, name);
    if (index < 0) {
      throw Error(
          ErrorCode::kStudy, where_,
          fmt::format("the table has no column {}{}", quoted(name), did_you_mean(name, names)),
          "use one of: " + join(names, ", "));
    }
    const State& column = state_[static_cast<size_t>(index)];
    return std::vector<SqlColumn>{{column.expression, column.is_text, column.is_date}};
  };
  return to_sql(parse_condition(text, where_), columns, where_);
}

void TableCompiler::set(State& column, std::string expression) {
  if (expression == column.expression) return;
  column.expression = std::move(expression);
  column.as_in_file = false;
  pending_ = true;
}

void TableCompiler::flush_if_pending() {
  if (pending_) flush();
}

void TableCompiler::flush() {
  if (!pending_) return;
  std::vector<std::string> items = {kRow};
  for (auto& column : state_) {
    items.push_back(column.expression == column.name ? column.name
                                                     : column.expression + " AS " + column.name);
    column.expression = column.name;
  }
  pending_ = false;
  emit(fmt::format("SELECT\n  {}\nFROM {}", join(items, ",\n  "), result_.relation));
}

void TableCompiler::emit(std::string body) {
  const std::string name = new_name_(table_.name + "_repaired");
  ctes_->push_back({name, std::move(body)});
  result_.relation = Store::identifier(name);
}

}  // namespace perennial
