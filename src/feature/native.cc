#include "feature/native.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "feature/names.h"
#include "feature/native_condition.h"
#include "feature/native_table.h"
#include "table/store.h"

namespace perennial {
namespace {

constexpr int32_t kNone = -1;

// A table other than the entity's, as far as the customers know it.
struct Joined {
  NativeTable table;
  std::vector<int32_t> customer;  // one a row, dropped ones too; kNone where it is nobody's
  std::vector<int32_t> row;       // one a customer, kNone where there is none (one-row tables)
  std::vector<Column> cells;      // long tables: feature by feature, period by period
  std::vector<uint8_t> has_rows;  // long tables, one a customer
  int64_t strangers = 0;
};

Column gathered(const Column& column, const std::vector<int32_t>& rows) {
  Column result;
  result.name = column.name;
  result.type = column.type;
  if (column.is_text()) {
    result.dictionary = column.dictionary;
    result.codes.reserve(rows.size());
    for (const int32_t row : rows) {
      result.codes.push_back(row < 0 ? kNone : column.codes[static_cast<size_t>(row)]);
    }
  } else {
    result.numbers.reserve(rows.size());
    for (const int32_t row : rows) {
      result.numbers.push_back(row < 0 ? kMissing : column.numbers[static_cast<size_t>(row)]);
    }
  }
  return result;
}

// Puts the values of one column of a long table into its cells. False where a cell would need more
// than one look: a sum or a mean of several values.
class Pivot {
 public:
  Pivot(const std::string& aggregate, const Column& values, size_t periods, size_t customers)
      : values_(values), cells_(periods) {
    kind_ = aggregate == "count" ? Kind::kCount
            : aggregate == "min" ? Kind::kMin
            : aggregate == "max" ? Kind::kMax
                                 : Kind::kOnly;
    for (Column& cell : cells_) {
      cell.type = values.type;
      if (kind_ == Kind::kCount) cell.type = ColumnType::kNumber;
      if (cell.is_text()) {
        cell.dictionary = values.dictionary;
        cell.codes.assign(customers, kNone);
      } else {
        cell.numbers.assign(customers, kMissing);
      }
    }
  }

  bool add(size_t row, size_t customer, size_t period) {
    Column& cell = cells_[period];
    if (kind_ == Kind::kCount) {
      cell.numbers[customer] = std::isnan(cell.numbers[customer]) ? 1 : cell.numbers[customer] + 1;
      return true;
    }
    if (values_.missing(row)) return true;
    if (!cell.missing(customer)) {
      if (kind_ == Kind::kOnly) return false;
      if (!better(row, cell, customer)) return true;
    }
    if (cell.is_text()) {
      cell.codes[customer] = values_.codes[row];
    } else {
      cell.numbers[customer] = values_.numbers[row];
    }
    return true;
  }

  // A customer with rows has none in a period rather than an unknown number.
  std::vector<Column> take(const std::vector<uint8_t>& has_rows) {
    for (Column& cell : cells_) {
      for (size_t i = 0; kind_ == Kind::kCount && i < has_rows.size(); ++i) {
        if (has_rows[i] && cell.missing(i)) cell.numbers[i] = 0;
      }
    }
    return std::move(cells_);
  }

 private:
  enum class Kind { kOnly, kMin, kMax, kCount };

  bool better(size_t row, const Column& cell, size_t customer) const {
    if (!cell.is_text()) {
      const double fresh = values_.numbers[row], old = cell.numbers[customer];
      return kind_ == Kind::kMin ? fresh < old : fresh > old;
    }
    const std::string& fresh = values_.dictionary[static_cast<size_t>(values_.codes[row])];
    const std::string& old = values_.dictionary[static_cast<size_t>(cell.codes[customer])];
    return kind_ == Kind::kMin ? fresh < old : fresh > old;
  }

  const Column& values_;
  Kind kind_ = Kind::kOnly;
  std::vector<Column> cells_;
};

class Native {
 public:
  Native(const FeaturePlan& plan, const PlanSql& sql,
         const std::vector<std::vector<const Column*>>& columns, const Workers& workers)
      : plan_(plan), sql_(sql), files_(columns), workers_(workers), joined_(plan.tables.size()) {}

  std::optional<NativeCustomers> run() {
    if (!plain()) return std::nullopt;
    auto entity = repaired(plan_, 0, files_[0]);
    if (!entity) return std::nullopt;
    joined_[0].table = std::move(*entity);
    const Column& ids = id_of(0);
    const IdNumbers numbers(ids, entity_table().gone);
    for (size_t i = 0; i < ids.size(); ++i) {
      if (entity_table().has(i)) position_.push_back(static_cast<uint32_t>(i));
    }
    size_t present = 0;
    for (const int32_t number : numbers.numbers()) present += number >= 0;
    if (present != numbers.count()) return std::nullopt;
    std::vector<char> fine(plan_.tables.size(), 1);
    workers_.run(plan_.tables.size() - 1,
                 [&](size_t i) { fine[i + 1] = join(i + 1, numbers) ? 1 : 0; });
    if (std::find(fine.begin(), fine.end(), 0) != fine.end()) return std::nullopt;
    file_number_ = &numbers.numbers();
    for (const uint32_t row : position_) number_.push_back(numbers.numbers()[row]);
    return customers(numbers.count());
  }

 private:
  const NativeTable& entity_table() const { return joined_[0].table; }
  const Column& id_of(size_t t) const {
    return joined_[t].table.column(plan_.tables[t], plan_.tables[t].id);
  }

  // What is left to the engine, as far as the plan alone tells.
  bool plain() const {
    const bool text = sql_.column(0, plan_.tables[0].id).is_text;
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      const PlanTable& table = plan_.tables[t];
      if (sql_.column(t, table.id).is_text != text) return false;
      if (table.pivot_by.empty()) continue;
      if (t == 0 || !table.values.empty()) return false;
      if (table.several && (table.aggregate == "sum" || table.aggregate == "mean")) return false;
      auto periods = table.periods;
      std::sort(periods.begin(), periods.end());
      if (std::adjacent_find(periods.begin(), periods.end()) != periods.end()) return false;
    }
    return true;
  }

  bool join(size_t t, const IdNumbers& numbers) {
    auto table = repaired(plan_, t, files_[t]);
    if (!table) return false;
    Joined& out = joined_[t];
    out.table = std::move(*table);
    out.customer = numbers.find(id_of(t));
    count_strangers(t);
    return plan_.tables[t].pivot_by.empty() ? join_rows(out, numbers.count())
                                            : pivot(t, numbers.count());
  }

  void count_strangers(size_t t) {
    Joined& out = joined_[t];
    const Column& ids = id_of(t);
    std::vector<uint8_t> skip(ids.size(), 1);
    bool any = false;
    for (size_t i = 0; i < skip.size(); ++i) {
      if (!out.table.has(i) || out.customer[i] >= 0 || ids.missing(i)) continue;
      skip[i] = 0;
      any = true;
    }
    if (any) out.strangers = static_cast<int64_t>(IdNumbers(ids, skip).count());
  }

  static bool join_rows(Joined& out, size_t customers) {
    out.row.assign(customers, kNone);
    for (size_t i = 0; i < out.customer.size(); ++i) {
      if (out.customer[i] < 0 || !out.table.has(i)) continue;
      int32_t& row = out.row[static_cast<size_t>(out.customer[i])];
      if (row >= 0) return false;  // two rows of one customer
      row = static_cast<int32_t>(i);
    }
    return true;
  }

  bool pivot(size_t t, size_t customers) {
    const PlanTable& planned = plan_.tables[t];
    Joined& out = joined_[t];
    const auto period = period_of_rows(plan_, t, out.table);
    if (!period) return false;
    out.has_rows.assign(customers, 0);
    for (size_t i = 0; i < out.customer.size(); ++i) {
      const int32_t customer = out.customer[i];
      if (customer >= 0 && out.table.has(i)) out.has_rows[static_cast<size_t>(customer)] = 1;
    }
    for (const auto& feature : planned.features) {
      Pivot cells(planned.aggregate, out.table.column(planned, feature.column),
                  planned.periods.size(), customers);
      for (size_t i = 0; i < period->size(); ++i) {
        if (out.customer[i] < 0 || (*period)[i] < 0 || !out.table.has(i)) continue;
        if (!cells.add(i, static_cast<size_t>(out.customer[i]), static_cast<size_t>((*period)[i])))
          return false;
      }
      for (Column& cell : cells.take(out.has_rows)) out.cells.push_back(std::move(cell));
    }
    return true;
  }

  // A column of a table with one row a customer, for each customer.
  Column of_customers(size_t t, const std::string& name) const {
    const Column& column = joined_[t].table.column(plan_.tables[t], name);
    if (t == 0) return column.take(position_);
    std::vector<int32_t> rows;
    rows.reserve(number_.size());
    for (const int32_t number : number_) {
      rows.push_back(number < 0 ? kNone : joined_[t].row[static_cast<size_t>(number)]);
    }
    return gathered(column, rows);
  }

  Column of_customers(const Column& cell) const { return gathered(cell, number_); }

  std::optional<NativeCustomers> customers(size_t count) {
    NativeCustomers result;
    auto cohort = in_cohort();
    auto target = target_column();
    if (!cohort || !target) return std::nullopt;
    auto& columns = result.columns;
    const PlanTable& entity = plan_.tables[0];
    columns.push_back(from_entity(entity.id));
    columns.push_back(Column::number("#position", {position_.begin(), position_.end()}));
    columns.push_back(std::move(*target));
    columns.push_back(std::move(*cohort));
    columns.push_back(dropped(count));
    add_values_and_features(columns);
    for (const Joined& joined : joined_) result.strangers.push_back(joined.strangers);
    return result;
  }

  // Empty where the caller fetches it from the file.
  Column from_entity(const std::string& name) const {
    return sql_.in_entity_file(0, name) ? Column{} : as_number(of_customers(0, name));
  }

  static Column as_number(Column column) {  // dates are days to the engine
    if (column.type == ColumnType::kDate) column.type = ColumnType::kNumber;
    return column;
  }

  void add_values_and_features(std::vector<Column>& columns) const {
    struct Task {
      size_t table = 0;
      std::string column;            // of a one-row table
      const Column* cell = nullptr;  // of a long table
      bool count = false;
    };
    std::vector<Task> tasks;
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      for (const auto& value : plan_.tables[t].values) tasks.push_back({t, value.column});
    }
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      if (plan_.tables[t].pivot_by.empty()) {
        for (const auto& feature : plan_.tables[t].features) tasks.push_back({t, feature.column});
      }
      for (const Column& cell : joined_[t].cells) {
        tasks.push_back({t, "", &cell, plan_.tables[t].aggregate == "count"});
      }
    }
    const size_t first = columns.size();
    columns.resize(first + tasks.size());
    workers_.run(tasks.size(), [&](size_t i) {
      const Task& task = tasks[i];
      Column& out = columns[first + i];
      if (task.cell == nullptr) {
        out = task.table == 0 ? from_entity(task.column)
                              : as_number(of_customers(task.table, task.column));
        return;
      }
      out = as_number(of_customers(*task.cell));
      for (double& count : out.numbers) {
        if (task.count && std::isnan(count)) count = 0;
      }
    });
  }

  // 1 for each customer for whom a condition of the study holds.
  std::optional<std::vector<uint8_t>> holds(const std::string& text,
                                            const std::string& where) const {
    std::map<std::string, Column> made;
    const auto values = [&](const SqlColumn& column) {
      const auto [found, fresh] = made.try_emplace(column.expression);
      if (fresh && !find_cell(column.expression, found->second))
        return static_cast<Column*>(nullptr);
      return &found->second;
    };
    return rows_where(
        parse_condition(text, where),
        [&](const std::string& name, Condition::Over over) {
          return sql_.columns_named(name, over, where);
        },
        values, number_.size());
  }

  std::optional<Column> in_cohort() const {
    if (plan_.cohort.empty()) {
      return Column::number("#cohort", std::vector<double>(number_.size(), 1));
    }
    const auto mask = holds(plan_.cohort, "cohort");
    if (!mask) return std::nullopt;
    return Column::number("#cohort", {mask->begin(), mask->end()});
  }

  std::optional<Column> target_column() const {
    if (plan_.target_where.empty()) {
      if (!plan_.target.empty()) return from_entity(plan_.target);
      return Column::number("#target", std::vector<double>(number_.size(), kMissing));
    }
    const auto mask = holds(plan_.target_where, "target");
    if (!mask) return std::nullopt;
    Column target;
    target.name = "#target";
    target.type = ColumnType::kText;
    target.dictionary = {kHoldsNot, kHolds};
    target.codes.assign(mask->begin(), mask->end());
    return target;
  }

  // The column behind a cell of the joined tables.
  bool find_cell(const std::string& expression, Column& out) const {
    const auto features = feature_names(plan_);
    size_t next = 0;
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      const PlanTable& table = plan_.tables[t];
      for (size_t i = 0; i < joined_[t].cells.size(); ++i) {
        if (expression == PlanSql::cell(t, Store::identifier(features[next + i]))) {
          out = of_customers(joined_[t].cells[i]);
          return true;
        }
      }
      next += table.pivot_by.empty() ? table.features.size() : joined_[t].cells.size();
      for (const auto& [name, type] : table.schema) {
        if (!table.pivot_by.empty() ||
            expression != PlanSql::cell(t, sql_.column(t, name).expression)) {
          continue;
        }
        out = of_customers(t, name);
        return true;
      }
    }
    return false;
  }

  // The first step that drops each customer.
  Column dropped(size_t customers) const {
    std::vector<double> first(customers, kMissing);
    for (const Joined& joined : joined_) {
      const bool entity = &joined == joined_.data();
      for (const auto& drop : joined.table.drops) {
        for (size_t i = 0; i < drop.rows.size(); ++i) {
          if (!drop.rows[i]) continue;
          const int32_t customer = entity ? (*file_number_)[i] : joined.customer[i];
          if (customer < 0) continue;
          double& step = first[static_cast<size_t>(customer)];
          step = std::isnan(step) ? static_cast<double>(drop.step)
                                  : std::min(step, static_cast<double>(drop.step));
        }
      }
    }
    return gathered(Column::number("#dropped", std::move(first)), number_);
  }

  const FeaturePlan& plan_;
  const PlanSql& sql_;
  const std::vector<std::vector<const Column*>>& files_;
  const Workers& workers_;
  std::vector<Joined> joined_;      // one a table; of the entity's only `table`
  std::vector<uint32_t> position_;  // row in the entity's file, one a row of the result
  const std::vector<int32_t>* file_number_ = nullptr;  // of the id, one a row of the file
  std::vector<int32_t> number_;  // of the id, one a row of the result; kNone: it has no id
};

}  // namespace

std::optional<NativeCustomers> native_customers(
    const FeaturePlan& plan, const PlanSql& sql,
    const std::vector<std::vector<const Column*>>& columns, const Workers& workers) {
  return Native(plan, sql, columns, workers).run();
}

}  // namespace perennial
