// Repairs of one table -> a chain of CTEs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "feature/plan.h"
#include "table/condition.h"

namespace perennial {

// "name" AS (body).
struct Cte {
  std::string name, body;
};

// Customers whom one step of the repairs drops: a CTE of their ids.
struct DropCte {
  size_t step = 0;  // from 1
  std::string cte;
};

// A table after its repairs.
struct TableSql {
  std::string relation;            // quoted: a CTE, or the table itself where nothing is repaired
  std::vector<SqlColumn> columns;  // one a column of the plan's schema; quoted names
  std::vector<char> as_in_file;    // one a column: no repair changes its values
  std::vector<DropCte> drops;
};

// Steps apply in their order. Changes of values gather in one SELECT until a step has to see them.
class TableCompiler {
 public:
  // Makes a name that no table and no CTE has yet out of the wanted one.
  using NewName = std::function<std::string(const std::string& wanted)>;

  TableCompiler(const FeaturePlan& plan, size_t table, const std::string& relation,
                const Dialect& dialect, NewName new_name);
  TableSql compile(std::vector<Cte>& ctes);

 private:
  struct State {
    std::string name, expression;  // equal: nothing pending
    bool is_text = false, is_date = false, as_in_file = true;
  };

  void apply(const Repair& repair, size_t step);
  void change_values(const Repair& repair);
  std::string number_of(const std::string& text, const Repair& repair) const;
  std::string replaced(const State& column, const Repair& repair) const;
  void drop_rows(const Repair& repair, size_t step);
  void drop_customers(const Repair& repair, size_t step);
  void drop_duplicates();
  std::string id_name() const;
  std::string condition(const std::string& text) const;
  void set(State& column, std::string expression);
  void flush_if_pending();
  void flush();
  void emit(std::string body);

  const FeaturePlan& plan_;
  const PlanTable& table_;
  const bool is_entity_;
  const Dialect& dialect_;
  const NewName new_name_;
  std::vector<State> state_;
  std::vector<Cte>* ctes_ = nullptr;
  TableSql result_;
  std::string where_;  // of the step at work, for messages
  bool pending_ = false;
};

}  // namespace perennial
