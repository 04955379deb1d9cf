#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "feature/build.h"
#include "feature/inspect.h"
#include "feature/names.h"
#include "feature/native_table.h"
#include "feature/sql.h"
#include "table/condition.h"

namespace perennial {
namespace {

// Text columns with more distinct values than this, and than half of their rows, are names and
// remarks rather than categories.
constexpr size_t kFewDistinct = 50;

class Planner {
 public:
  Planner(const std::vector<TableRoles>& tables, const std::string& entity_table,
          const Workers& workers)
      : workers_(workers) {
    for (const auto& roles : tables) {
      PERENNIAL_CHECK(roles.table != nullptr);
      if (roles.table->name == entity_table) roles_.push_back(&roles);
    }
    if (roles_.empty()) {
      throw Error(ErrorCode::kStudy, "",
                  fmt::format("there is no table {}{}", quoted(entity_table),
                              did_you_mean(entity_table, names_of_tables(tables))),
                  "name the table that brings the customers");
    }
    for (const auto& roles : tables) {
      if (roles.table->name != entity_table) roles_.push_back(&roles);
    }
  }

  FeaturePlan plan(const std::string& target, const std::string& positive,
                   const std::string& cohort, const RepairPlan& repairs,
                   const std::string& target_where) {
    plan_.target_where = target_where;
    plan_.positive = positive;
    plan_.cohort = cohort;
    for (size_t t = 0; t < roles_.size(); ++t) add_table(t);
    if (!target.empty()) plan_.target = resolved(0, target, "the target");
    add_repairs(repairs);
    keep_target_apart();
    choose_columns();
    read_periods();
    make_names();
    keep_needed_columns(plan_);
    to_sql(plan_);  // throws where the cohort names what is not there
    return plan_;
  }

 private:
  static std::vector<std::string> names_of_tables(const std::vector<TableRoles>& tables) {
    std::vector<std::string> names;
    for (const auto& roles : tables) names.push_back(roles.table->name);
    return names;
  }

  std::string where(size_t t) const { return "table " + quoted(roles_[t]->table->name); }

  // A column's name as it stands in the file.
  std::string resolved(size_t t, const std::string& name, const std::string& role) const {
    const auto names = roles_[t]->table->column_names();
    const int index = find_name(names, name);
    if (index >= 0) return names[static_cast<size_t>(index)];
    throw Error(
        ErrorCode::kStudy, where(t),
        fmt::format("there is no column {} ({}){}", quoted(name), role, did_you_mean(name, names)),
        "use one of: " + join(names, ", "));
  }

  // All columns at first; keep_needed_columns leaves those that the plan reads.
  void add_table(size_t t) {
    const TableRoles& roles = *roles_[t];
    PlanTable table;
    table.name = roles.table->name;
    for (const auto& column : roles.table->columns) {
      table.schema.emplace_back(column.name, column.type);
    }
    if (roles.id.empty()) {
      throw Error(ErrorCode::kStudy, where(t), "it has no id column",
                  "name the column that identifies the customer: id = \"…\"");
    }
    table.id = resolved(t, roles.id, "the id");
    if (!roles.pivot_by.empty()) table.pivot_by = resolved(t, roles.pivot_by, "pivot by");
    if (t == 0 && !table.pivot_by.empty()) {
      throw Error(ErrorCode::kStudy, where(t),
                  "the table that holds the target has several rows a customer",
                  "take the target from a table with one row a customer");
    }
    static const std::vector<std::string> aggregates = {"sum", "mean", "min", "max", "count"};
    table.aggregate = roles.aggregate;
    if (std::find(aggregates.begin(), aggregates.end(), table.aggregate) == aggregates.end()) {
      throw Error(ErrorCode::kStudy, where(t),
                  fmt::format("there is no aggregate {}{}", quoted(table.aggregate),
                              did_you_mean(table.aggregate, aggregates)),
                  "use one of: " + join(aggregates, ", "));
    }
    plan_.tables.push_back(std::move(table));
  }

  size_t table_of(const Repair& repair) const {
    std::vector<std::string> names;
    for (const auto& table : plan_.tables) names.push_back(table.name);
    const auto found = std::find(names.begin(), names.end(), repair.table);
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
    throw Error(ErrorCode::kStudy, "",
                fmt::format("a repair names the table {}, which does not exist{}",
                            quoted(repair.table), did_you_mean(repair.table, names)),
                "use one of: " + join(names, ", "));
  }

  void add_repairs(const RepairPlan& repairs) {
    for (Repair repair : repairs.steps) {
      const size_t t = table_of(repair);
      if (!repair.column.empty()) repair.column = resolved(t, repair.column, "a repair");
      if (repair.kind == Repair::Kind::kIgnoreColumn) ignored_[t].insert(repair.column);
      if (repair.kind == Repair::Kind::kRenameColumns) {
        for (auto& [from, to] : repair.map) {
          from = resolved(t, from, "a repair");
          renamed_[t][from] = to;
        }
      }
      plan_.repairs.steps.push_back(std::move(repair));
    }
  }

  // What the target is made of tells it: those columns never become features.
  void keep_target_apart() {
    if (plan_.target_where.empty()) return;
    const std::string place = "target " + quoted(plan_.target_where);
    for (const auto& name : names_in(parse_condition(plan_.target_where, place))) {
      for (size_t t = 0; t < roles_.size(); ++t) {
        const auto names = roles_[t]->table->column_names();
        const int index = find_name(names, name);
        if (index < 0) continue;
        if (!plan_.tables[t].pivot_by.empty()) {
          throw Error(ErrorCode::kStudy, place,
                      fmt::format("{} is a column of the table {}, which has several rows a "
                                  "customer",
                                  quoted(name), quoted(plan_.tables[t].name)),
                      "A target's condition names columns of tables with one row a customer");
        }
        const std::string& column = names[static_cast<size_t>(index)];
        if (column == plan_.tables[t].id) continue;
        ignored_[t].insert(column);
        note(t, fmt::format("{} makes the target and is no feature", quoted(column)));
      }
    }
  }

  void choose_columns() {
    const PlanSql sql(plan_);
    for (size_t t = 0; t < roles_.size(); ++t) {
      const TableRoles& roles = *roles_[t];
      for (const auto& name : roles.ignored) ignored_[t].insert(resolved(t, name, "ignore"));
      std::set<std::string> money, pivots;
      for (const auto& name : roles.values) money.insert(resolved(t, name, "value"));
      for (const auto& name : roles.pivot_values) pivots.insert(resolved(t, name, "pivot value"));
      std::vector<std::string> left_out;
      for (const auto& column : roles.table->columns) {
        PlanTable& table = plan_.tables[t];
        if (column.name == table.id || column.name == table.pivot_by) continue;
        if (t == 0 && column.name == plan_.target) continue;
        if (ignored_[t].contains(column.name)) continue;
        PlanFeature feature{column.name, short_name(t, column.name),
                            sql.type_after(t, column.name)};
        if (money.contains(column.name)) {
          add_value(t, feature);
        } else if (!table.pivot_by.empty() && !pivots.empty() && !pivots.contains(column.name)) {
          left_out.push_back(quoted(column.name));
        } else if (!is_near_unique(t, column, feature.type)) {
          table.features.push_back(feature);
        }
      }
      if (!left_out.empty()) {
        note(t, fmt::format("{} left out: the pivot does not name {}", join(left_out, ", "),
                            left_out.size() == 1 ? "it" : "them"));
      }
    }
  }

  std::string short_name(size_t t, const std::string& column) {
    const auto found = renamed_[t].find(column);
    return found == renamed_[t].end() ? column : found->second;
  }

  void note(size_t t, const std::string& text) { plan_.notes.push_back(where(t) + ": " + text); }

  void add_value(size_t t, const PlanFeature& value) {
    if (value.type == ColumnType::kText) {
      note(t, fmt::format("the value column {} is text and left out; say how its numbers are "
                          "written (decimal) or repair it",
                          quoted(value.column)));
      return;
    }
    plan_.tables[t].values.push_back(value);
  }

  bool is_near_unique(size_t t, const Column& column, ColumnType type) {
    if (type != ColumnType::kText || !column.is_text()) return false;
    std::vector<char> used(column.dictionary.size(), 0);
    size_t distinct = 0, present = 0;
    for (const int32_t code : column.codes) {
      if (code < 0) continue;
      ++present;
      char& seen = used[static_cast<size_t>(code)];
      distinct += seen == 0;
      seen = 1;
    }
    if (distinct <= kFewDistinct || distinct * 2 <= present) return false;
    note(t, fmt::format("{} left out: {} different texts in {} are names rather than categories",
                        quoted(column.name), grouped(static_cast<int64_t>(distinct)),
                        counted(static_cast<int64_t>(present), "row")));
    return true;
  }

  // What the long tables hold after their repairs: periods, and whether any customer has several
  // rows in one of them.
  void read_periods() {
    if (std::all_of(plan_.tables.begin(), plan_.tables.end(),
                    [](const PlanTable& table) { return table.pivot_by.empty(); })) {
      return;
    }
    std::vector<char> native(roles_.size(), 0);
    workers_.run(roles_.size(), [&](size_t t) {
      if (!plan_.tables[t].pivot_by.empty()) native[t] = read_periods_natively(t) ? 1 : 0;
    });
    std::optional<Store> store;
    for (size_t t = 0; t < roles_.size(); ++t) {
      if (plan_.tables[t].pivot_by.empty() || native[t] != 0) continue;
      const PlanSql sql(plan_);
      if (!store) {
        store.emplace(workers_.threads());
        const auto names = PlanSql::table_names(plan_);
        for (size_t i = 0; i < roles_.size(); ++i) store->add(names[i], *roles_[i]->table);
      }
      plan_.tables[t].periods = periods_in(*store, sql, plan_, t);
      check_number_of_periods(t);
      plan_.tables[t].several = has_several_rows(*store, sql, plan_, t);
      check_aggregate(t);
    }
  }

  // False where a repair of the table is left to the engine.
  bool read_periods_natively(size_t t) {
    std::vector<const Column*> columns;
    for (const Column& column : roles_[t]->table->columns) columns.push_back(&column);
    const auto native = repaired(plan_, t, columns);
    if (!native) return false;
    plan_.tables[t].periods = periods_in(plan_, t, *native);
    check_number_of_periods(t);
    const auto several = has_several_rows(plan_, t, *native);
    if (!several) return false;
    plan_.tables[t].several = *several;
    check_aggregate(t);
    return true;
  }

  void check_number_of_periods(size_t t) const {
    const PlanTable& table = plan_.tables[t];
    constexpr size_t kMostPeriods = 200;
    if (table.periods.size() > kMostPeriods) {
      throw Error(ErrorCode::kStudy, where(t),
                  fmt::format("{} has {} different values, too many for a column each",
                              quoted(table.pivot_by), table.periods.size()),
                  fmt::format("pivot by a column with at most {} values", kMostPeriods));
    }
  }

  void check_aggregate(size_t t) const {
    const PlanTable& table = plan_.tables[t];
    const bool arithmetic = table.aggregate == "sum" || table.aggregate == "mean";
    if (!table.several || !arithmetic) return;
    for (const auto& feature : table.features) {
      if (feature.type != ColumnType::kText) continue;
      throw Error(ErrorCode::kStudy, where(t),
                  fmt::format("some customers have several rows in one {}, and {} is text: it has "
                              "no {}",
                              quoted(table.pivot_by), quoted(feature.column), table.aggregate),
                  "say aggregate = \"count\", \"min\" or \"max\", or ignore the column");
    }
  }

  // The table's name goes in front of the names that two tables would share.
  void make_names() {
    std::map<std::string, std::set<size_t>> owners;
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      for (const auto& feature : plan_.tables[t].features) {
        for (const auto& name : names_of(plan_.tables[t], feature)) {
          owners[to_lower(name)].insert(t);
        }
      }
    }
    for (auto& table : plan_.tables) {
      for (auto& feature : table.features) {
        const auto names = names_of(table, feature);
        if (std::any_of(names.begin(), names.end(), [&](const std::string& name) {
              return owners[to_lower(name)].size() > 1;
            })) {
          feature.name = table.name + "_" + feature.name;
        }
      }
    }
  }

  const Workers& workers_;
  std::vector<const TableRoles*> roles_;  // the entity table first
  std::map<size_t, std::set<std::string>> ignored_;
  std::map<size_t, std::map<std::string, std::string>> renamed_;
  FeaturePlan plan_;
};

}  // namespace

FeaturePlan make_plan(const std::vector<TableRoles>& tables, const std::string& entity_table,
                      const std::string& target, const std::string& positive,
                      const std::string& cohort, const RepairPlan& repairs, const Workers* workers,
                      const std::string& target_where) {
  const Workers alone(1);
  return Planner(tables, entity_table, workers == nullptr ? alone : *workers)
      .plan(target, positive, cohort, repairs, target_where);
}

}  // namespace perennial
