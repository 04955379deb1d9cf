#include "feature/sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"
#include "table/store.h"

namespace perennial {
namespace {

std::string alias_of(size_t table) { return fmt::format("t{}", table + 1); }

std::string with_alias(const std::string& alias, const std::string& column) {
  return alias.empty() ? column : alias + "." + column;
}

// Does a wrong belief that a customer has one row a period change the pivoted value?
bool relies_on_one_row(const PlanTable& table) {
  return !table.pivot_by.empty() && !table.several &&
         (table.aggregate == "sum" || table.aggregate == "mean");
}

std::string count_name(size_t first_feature) {
  return Store::identifier(fmt::format("#values:{}", first_feature));
}

std::string indented(const std::string& text) {
  std::string result = "  ";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += "  ";
  }
  return result;
}

}  // namespace

std::string period_literal(const std::string& period, const SqlColumn& by) {
  if (by.is_text) return Store::literal(period);
  return number_text(by.is_date ? parse_iso_date(period) : parse_number(period).value_or(0));
}

PlanSql::PlanSql(const FeaturePlan& plan, const Dialect& dialect)
    : plan_(plan), dialect_(dialect), features_(feature_names(plan)) {
  const auto names = table_names(plan);
  for (const auto& name : names) taken_.insert(to_lower(name));
  std::set<bool> kinds;
  for (size_t t = 0; t < plan.tables.size(); ++t) {
    TableCompiler compiler(plan, t, names[t], dialect_,
                           [this](const std::string& wanted) { return fresh_name(wanted); });
    tables_.push_back(compiler.compile(ctes_));
    kinds.insert(column(t, plan.tables[t].id).is_text);
  }
  id_as_text_ = kinds.size() > 1;
}

std::vector<std::string> PlanSql::table_names(const FeaturePlan& plan) {
  std::vector<std::string> names;
  for (const auto& table : plan.tables) names.push_back(table.name);
  return Store::sql_names(names);
}

std::string PlanSql::fresh_name(const std::string& wanted) {
  std::string name = wanted;
  for (int i = 2; !taken_.insert(to_lower(name)).second; ++i)
    name = fmt::format("{}_{}", wanted, i);
  return name;
}

const SqlColumn& PlanSql::column(size_t table, const std::string& name) const {
  const int index = find_name(schema_names(plan_.tables[table]), name);
  PERENNIAL_CHECK(index >= 0);
  return tables_[table].columns[static_cast<size_t>(index)];
}

ColumnType PlanSql::type_after(size_t table, const std::string& name) const {
  const SqlColumn& found = column(table, name);
  if (found.is_text) return ColumnType::kText;
  return found.is_date ? ColumnType::kDate : ColumnType::kNumber;
}

std::string PlanSql::id(size_t table, const std::string& alias) const {
  const SqlColumn& found = column(table, plan_.tables[table].id);
  std::string expression = with_alias(alias, found.expression);
  if (!id_as_text_ || found.is_text) return expression;
  return fmt::format(fmt::runtime(dialect_.number_to_text), expression);
}

bool PlanSql::in_entity_file(size_t table, const std::string& name) const {
  if (table != 0) return false;
  const int index = find_name(schema_names(plan_.tables[0]), name);
  PERENNIAL_CHECK(index >= 0);
  if (name == plan_.tables[0].id && id_as_text_ && !column(0, name).is_text) return false;
  return tables_[0].as_in_file[static_cast<size_t>(index)] != 0;
}

std::string PlanSql::cell(size_t table, const std::string& quoted_name) {
  return with_alias(alias_of(table), quoted_name);
}

std::string PlanSql::with(const std::string& statement) const {
  std::vector<std::string> parts;
  for (const auto& cte : ctes_) {
    parts.push_back(fmt::format("{} AS (\n{}\n)", Store::identifier(cte.name), indented(cte.body)));
  }
  if (parts.empty()) return statement;
  return "WITH " + join(parts, ",\n") + "\n" + statement;
}

// The aggregate of the values of one customer and period. Where a customer has one row a period,
// all but the count are that value, and the cheapest of them serves.
std::string PlanSql::pivoted(const PlanTable& table, const std::string& value) const {
  if (table.aggregate == "count") return fmt::format("COUNT({})", value);
  if (table.aggregate == "min") return fmt::format("MIN({})", value);
  if (table.aggregate == "max" || !table.several) return fmt::format("MAX({})", value);
  return fmt::format(fmt::runtime(table.aggregate == "mean" ? dialect_.mean : dialect_.sum), value);
}

std::vector<PlanSql::CountedValue> PlanSql::counted_values() const {
  std::vector<CountedValue> result;
  size_t next = 0;
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    const PlanTable& table = plan_.tables[t];
    for (const auto& feature : table.features) {
      if (relies_on_one_row(table)) result.push_back({t, next});
      next += names_of(table, feature).size();
    }
  }
  return result;
}

std::string PlanSql::one_row_a_customer(size_t t, size_t first_feature, bool with_counts) {
  const PlanTable& table = plan_.tables[t];
  if (table.pivot_by.empty()) return tables_[t].relation;
  const SqlColumn& by = column(t, table.pivot_by);
  const std::string id_column = column(t, table.id).expression;
  std::vector<std::string> items = {id_column};
  size_t next = first_feature;
  if (with_counts) items.push_back("COUNT(*) AS \"#rows\"");
  for (const auto& feature : table.features) {
    const std::string value = column(t, feature.column).expression;
    if (with_counts && relies_on_one_row(table)) {
      items.push_back(fmt::format("COUNT({}) AS {}", value, count_name(next)));
    }
    for (const auto& period : table.periods) {
      const std::string cell =
          fmt::format("CASE WHEN {} = {} THEN {} END", by.expression, period_literal(period, by),
                      table.aggregate == "count" ? "1" : value);
      items.push_back(pivoted(table, cell) + " AS " + Store::identifier(features_[next++]));
    }
  }
  for (const auto& value : table.values) {
    items.push_back(fmt::format(
        "{} AS {}", fmt::format(fmt::runtime(dialect_.sum), column(t, value.column).expression),
        Store::identifier("#value:" + value.name)));
  }
  const std::string name = fresh_name(table.name + "_pivot");
  ctes_.push_back({name, fmt::format("SELECT\n  {}\nFROM {}\nGROUP BY {}", join(items, ",\n  "),
                                     tables_[t].relation, id_column)});
  return Store::identifier(name);
}

std::string PlanSql::join_to_customer(size_t t, const std::string& relation,
                                      const std::string& alias) const {
  return fmt::format("\nLEFT JOIN {} AS {} ON {} = {}", relation, alias, id(t, alias),
                     id(0, alias_of(0)));
}

std::vector<std::string> PlanSql::value_items(bool to_build) const {
  std::vector<std::string> items;
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    for (const auto& value : plan_.tables[t].values) {
      const std::string name = Store::identifier("#value:" + value.name);
      const bool one_row = plan_.tables[t].pivot_by.empty();
      if (to_build && in_entity_file(t, value.column)) {
        items.push_back("NULL AS " + name);
        continue;
      }
      const std::string cell = one_row ? column(t, value.column).expression : name;
      items.push_back(with_alias(alias_of(t), cell) + (one_row ? " AS " + name : ""));
    }
  }
  return items;
}

std::vector<std::string> PlanSql::feature_items(bool to_build) const {
  std::vector<std::string> items;
  size_t next = 0;
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    const PlanTable& table = plan_.tables[t];
    for (const auto& feature : table.features) {
      if (table.pivot_by.empty()) {
        const std::string source = column(t, feature.column).expression;
        const std::string name = Store::identifier(features_[next++]);
        if (to_build && in_entity_file(t, feature.column)) {
          items.push_back("NULL AS " + name);
          continue;
        }
        items.push_back(with_alias(alias_of(t), source) + (source == name ? "" : " AS " + name));
        continue;
      }
      for (size_t p = 0; p < table.periods.size(); ++p) {
        const std::string name = Store::identifier(features_[next++]);
        const std::string cell = with_alias(alias_of(t), name);
        items.push_back(
            table.aggregate == "count" ? fmt::format("COALESCE({}, 0) AS {}", cell, name) : cell);
      }
    }
  }
  return items;
}

std::vector<std::string> PlanSql::count_items() const {
  std::vector<std::string> items;
  for (size_t t = 1; t < plan_.tables.size(); ++t) {
    items.push_back(
        plan_.tables[t].pivot_by.empty()
            ? fmt::format("CASE WHEN {} IS NOT NULL THEN 1 END",
                          with_alias(alias_of(t), column(t, plan_.tables[t].id).expression))
            : with_alias(alias_of(t), "\"#rows\""));
  }
  for (const auto& [table, feature] : counted_values()) {
    items.push_back(with_alias(alias_of(table), count_name(feature)));
  }
  return items;
}

std::string PlanSql::dropped(std::string& joins) const {
  std::vector<std::pair<size_t, std::string>> steps;  // step -> test
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    for (const auto& drop : tables_[t].drops) {
      const std::string alias = fmt::format("d{}", drop.step);
      joins += join_to_customer(t, Store::identifier(drop.cte), alias);
      steps.emplace_back(
          drop.step,
          fmt::format(" WHEN {} IS NOT NULL THEN {}",
                      with_alias(alias, column(t, plan_.tables[t].id).expression), drop.step));
    }
  }
  if (steps.empty()) return "CAST(NULL AS INTEGER)";
  std::sort(steps.begin(), steps.end());
  std::string cases;
  for (const auto& [step, test] : steps) cases += test;
  return "CASE" + cases + " END";
}

std::vector<SqlColumn> PlanSql::pivot_columns(const std::string& name) const {
  std::vector<SqlColumn> found;
  size_t next = 0;
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    const PlanTable& table = plan_.tables[t];
    for (const auto& feature : table.features) {
      const size_t count = names_of(table, feature).size();
      const bool named = !table.pivot_by.empty() &&
                         find_name({table.name, feature.column, feature.name}, name) >= 0;
      for (size_t i = next; named && i < next + count; ++i) {
        const SqlColumn& value = column(t, feature.column);
        found.push_back({with_alias(alias_of(t), Store::identifier(features_[i])), value.is_text,
                         value.is_date});
      }
      next += count;
    }
  }
  return found;
}

std::vector<std::pair<std::string, SqlColumn>> PlanSql::single_columns() const {
  std::vector<std::pair<std::string, SqlColumn>> found;
  size_t next = 0;
  const auto source = [&](size_t t, const std::string& name) {
    SqlColumn result = column(t, name);
    result.expression = with_alias(alias_of(t), result.expression);
    return result;
  };
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    const PlanTable& table = plan_.tables[t];
    for (const auto& feature : table.features) {
      const size_t end = next + names_of(table, feature).size();
      for (; next < end; ++next) {
        SqlColumn result = source(t, feature.column);
        if (!table.pivot_by.empty()) {
          result.expression = with_alias(alias_of(t), Store::identifier(features_[next]));
        }
        found.emplace_back(features_[next], result);
      }
    }
  }
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    if (!plan_.tables[t].pivot_by.empty()) continue;
    for (const auto& name : schema_names(plan_.tables[t]))
      found.emplace_back(name, source(t, name));
  }
  return found;
}

std::vector<SqlColumn> PlanSql::columns_named(const std::string& name, Condition::Over over,
                                              const std::string& where) const {
  auto pivots = pivot_columns(name);
  if (over != Condition::Over::kOne && !pivots.empty()) return pivots;
  const auto singles = single_columns();
  std::vector<std::string> names;
  for (const auto& [single, column] : singles) names.push_back(single);
  const int index = find_name(names, name);
  if (over == Condition::Over::kOne) {
    if (index >= 0) return {singles[static_cast<size_t>(index)].second};
    if (!pivots.empty()) {
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("{} stands for {} columns", quoted(name), pivots.size()),
                  fmt::format("say \"every {0} …\" or \"any {0} …\"", name));
    }
  } else if (index >= 0) {
    throw Error(ErrorCode::kStudy, where,
                fmt::format("{} is one column, not a table with a column a period", quoted(name)),
                "leave out \"every\" or \"any\"");
  }
  for (const auto& table : plan_.tables) {
    if (table.pivot_by.empty()) continue;
    names.push_back(table.name);
    for (const auto& feature : table.features) names.push_back(feature.column);
  }
  throw Error(ErrorCode::kStudy, where,
              fmt::format("there is no column {}{}", quoted(name), did_you_mean(name, names)),
              "use one of: " + join(names, ", "));
}

std::string PlanSql::condition(const std::string& text, const std::string& where) const {
  const std::string place = where + " " + quoted(text);
  return to_sql(
      parse_condition(text, place),
      [&](const std::string& name, Condition::Over over) {
        return columns_named(name, over, place);
      },
      place);
}

std::string PlanSql::target_item(bool to_build) const {
  if (!plan_.target_where.empty()) {
    return fmt::format("CASE WHEN {} THEN {} ELSE {} END", condition(plan_.target_where, "target"),
                       Store::literal(kHolds), Store::literal(kHoldsNot));
  }
  if (plan_.target.empty()) return "CAST(NULL AS DOUBLE)";
  if (to_build && in_entity_file(0, plan_.target)) return "NULL";
  return with_alias(alias_of(0), column(0, plan_.target).expression);
}

std::string PlanSql::customers(bool to_build) {
  std::string joins;
  size_t next = 0;
  const std::string first = alias_of(0);
  for (size_t t = 0; t < plan_.tables.size(); ++t) {
    const std::string relation = one_row_a_customer(t, next, to_build);
    for (const auto& feature : plan_.tables[t].features) {
      next += names_of(plan_.tables[t], feature).size();
    }
    joins += t == 0 ? fmt::format("\nFROM {} AS {}", relation, first)
                    : join_to_customer(t, relation, alias_of(t));
  }
  const bool id_in_file = to_build && in_entity_file(0, plan_.tables[0].id);
  const std::string id_item = id_in_file ? "NULL" : id(0, first);
  const std::string cohort = plan_.cohort.empty() ? "TRUE" : condition(plan_.cohort, "cohort");
  std::vector<std::string> items = {id_item + " AS \"#id\"", first + ".\"#row\" AS \"#position\"",
                                    target_item(to_build) + " AS \"#target\"",
                                    cohort + " AS \"#cohort\"",
                                    dropped(joins) + " AS \"#dropped\""};
  for (auto& item : value_items(to_build)) items.push_back(std::move(item));
  for (auto& item : feature_items(to_build)) items.push_back(std::move(item));
  if (to_build) {
    for (auto& item : count_items()) items.push_back(std::move(item));
  }
  return with("SELECT\n  " + join(items, ",\n  ") + joins);
}

std::string to_sql(const FeaturePlan& plan, const Dialect& dialect) {
  return PlanSql(plan, dialect).customers() + "\n";
}

}  // namespace perennial
