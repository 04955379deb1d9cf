// The parts of a plan's SQL: used by to_sql, by make_plan and by build_features.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "feature/plan.h"
#include "feature/table_sql.h"

namespace perennial {

// A period's text as a literal of the period column's type.
std::string period_literal(const std::string& period, const SqlColumn& by);

class PlanSql {
 public:
  // `plan` must outlive this object.
  explicit PlanSql(const FeaturePlan& plan, const Dialect& dialect = {});

  // A schema column after the repairs, by its name in the file.
  const SqlColumn& column(size_t table, const std::string& name) const;
  ColumnType type_after(size_t table, const std::string& name) const;
  // The id of a table, as text where the tables differ in its type.
  std::string id(size_t table, const std::string& alias) const;
  // The table after its repairs, to stand behind FROM.
  const std::string& relation(size_t table) const { return tables_[table].relation; }

  // The repaired tables as CTEs, then the statement.
  std::string with(const std::string& statement) const;
  // One row a customer: see to_sql. To build features, columns follow that say how many rows of
  // each other table belong to the customer, and then, for the values in counted_values(), how many
  // of them; and columns in_entity_file() are NULL: "#position" says where to fetch them, which
  // costs less than to carry them through the engine.
  std::string customers(bool to_build = false);
  // Do the values of this column (of the id, as id() would give it) stand in the entity's file as
  // they are?
  bool in_entity_file(size_t table, const std::string& name) const;
  // Pivoted values whose aggregate takes it for granted that a customer has one row a period:
  // table, and position of the first of their features.
  struct CountedValue {
    size_t table = 0, first_feature = 0;
  };
  std::vector<CountedValue> counted_values() const;
  // What a name in the cohort or in the target's condition stands for: cell() of a column of a
  // table with one row a customer, or of features of a long one. `where` names the condition.
  // Errors (kStudy): there is no such column.
  std::vector<SqlColumn> columns_named(const std::string& name, Condition::Over over,
                                       const std::string& where) const;
  static std::string cell(size_t table, const std::string& quoted_name);

  // A name in SQL for each table of the plan, as the store must know it.
  static std::vector<std::string> table_names(const FeaturePlan& plan);

 private:
  std::string fresh_name(const std::string& wanted);
  // A left join of a relation that holds the ids of the table.
  std::string join_to_customer(size_t table, const std::string& relation,
                               const std::string& alias) const;
  // Relation of the table with one row a customer: pivoted where it is in long form.
  std::string one_row_a_customer(size_t table, size_t first_feature, bool with_counts);
  std::string pivoted(const PlanTable& table, const std::string& value) const;
  std::vector<std::string> value_items(bool to_build) const;
  std::vector<std::string> feature_items(bool to_build) const;
  std::vector<std::string> count_items() const;
  std::string dropped(std::string& joins) const;
  // A condition of the study on customers; `where` names it ("cohort", "target").
  std::string condition(const std::string& text, const std::string& where) const;
  std::string target_item(bool to_build) const;
  // SQL of the columns that long tables turned into: those of the table or the value so named.
  std::vector<SqlColumn> pivot_columns(const std::string& name) const;
  // Everything that a cohort may name for one column: features, then columns of one-row tables.
  std::vector<std::pair<std::string, SqlColumn>> single_columns() const;

  const FeaturePlan& plan_;
  const Dialect dialect_;
  const std::vector<std::string> features_;  // names
  std::vector<TableSql> tables_;
  std::vector<Cte> ctes_;
  std::set<std::string> taken_;  // names of tables and CTEs, in lower case
  bool id_as_text_ = false;
};

}  // namespace perennial
