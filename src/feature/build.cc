#include "feature/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "feature/conform.h"
#include "feature/id_order.h"
#include "feature/inspect.h"
#include "feature/names.h"
#include "feature/native.h"
#include "feature/native_table.h"
#include "feature/sql.h"

namespace perennial {
namespace {

constexpr size_t kExamples = 5;
// Columns of to_sql that come before the values and features.
enum Leading : size_t { kId, kPosition, kTarget, kCohort, kDropped, kLeading };

// Scoring gives every customer a row: no target, no cohort, nobody is dropped.
FeaturePlan scoring_plan(FeaturePlan plan) {
  plan.cohort.clear();
  plan.target.clear();
  plan.target_where.clear();
  std::erase_if(plan.repairs.steps, [&](const Repair& repair) {
    return repair.kind == Repair::Kind::kDropCustomers ||
           (repair.kind == Repair::Kind::kDropRows && repair.table == plan.tables[0].name);
  });
  keep_needed_columns(plan);
  return plan;
}

// Dictionary in the order of bytes and without unused entries, so that neither the order of the
// rows nor the threads of the engine show in it.
void tidy_dictionary(Column& column) {
  std::vector<char> used(column.dictionary.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) used[static_cast<size_t>(code)] = 1;
  }
  std::vector<int32_t> order;
  for (size_t i = 0; i < used.size(); ++i) {
    if (used[i]) order.push_back(static_cast<int32_t>(i));
  }
  const auto text = [&](int32_t code) -> std::string& {
    return column.dictionary[static_cast<size_t>(code)];
  };
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return text(a) < text(b); });
  std::vector<int32_t> new_code(used.size(), -1);
  std::vector<std::string> dictionary;
  for (const int32_t code : order) {
    new_code[static_cast<size_t>(code)] = static_cast<int32_t>(dictionary.size());
    dictionary.push_back(std::move(text(code)));
  }
  for (int32_t& code : column.codes) {
    if (code >= 0) code = new_code[static_cast<size_t>(code)];
  }
  column.dictionary = std::move(dictionary);
}

// A number column as text, each distinct value written once.
void numbers_to_text(Column& column) {
  if (column.is_text()) return;
  std::map<double, int32_t> codes;
  Column text;
  text.name = column.name;
  text.type = ColumnType::kText;
  for (size_t row = 0; row < column.size(); ++row) {
    const auto [found, fresh] =
        codes.try_emplace(column.numbers[row], static_cast<int32_t>(codes.size()));
    if (fresh) text.dictionary.push_back(column.value_text(row));
    text.codes.push_back(found->second);
  }
  column = std::move(text);
}

class Builder {
 public:
  Builder(const FeaturePlan& plan, const std::vector<const Table*>& tables, bool need_target,
          const Workers& workers, bool use_engine)
      : training_(need_target),
        plan_(need_target ? plan : scoring_plan(plan)),
        workers_(workers),
        use_engine_(use_engine),
        data_(conform(plan_, tables, need_target)) {
    result_.notes = data_.notes;
    result_.table.target_name = target_name();
  }

  BuildResult build() {
    if (!training_) note_new_periods();
    auto columns = query_customers();
    note_strangers(columns);
    const auto rows = kept_rows(columns);
    fill(columns, rows);
    if (training_) set_classes(columns[kTarget].take(rows));
    return std::move(result_);
  }

 private:
  // The engine, woken when something is left to it.
  Store& store() {
    if (store_) return *store_;
    store_.emplace(workers_.threads());
    const auto names = PlanSql::table_names(plan_);
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      store_->add(names[t], data_.columns[t], Store::sql_names(schema_names(plan_.tables[t])));
    }
    return *store_;
  }

  const std::string& target_name() const {
    return plan_.target_where.empty() ? plan_.target : plan_.target_where;
  }

  std::string where(size_t t) const { return "table " + quoted(plan_.tables[t].name); }

  // The plan may believe that a customer has one row a period where these tables have more.
  std::vector<Column> query_customers() {
    for (;;) {
      PlanSql sql(plan_);
      const std::string statement = sql.customers(true);  // checks the plan too
      if (!use_engine_) {
        if (auto native = native_customers(plan_, sql, data_.columns, workers_)) {
          strangers_ = std::move(native->strangers);
          fetch_from_file(sql, native->columns);
          return std::move(native->columns);
        }
      }
      auto columns = store().query(statement);
      bool right = true;
      const auto counted = sql.counted_values();
      for (size_t i = 0; i < counted.size(); ++i) {
        PlanTable& table = plan_.tables[counted[i].table];
        const Column& count = columns[columns.size() - counted.size() + i];
        const size_t first = columns.size() - counted.size() - plan_.tables.size() + 1 -
                             feature_names(plan_).size() + counted[i].first_feature;
        if (all_in_one_row(columns, first, table.periods.size(), count)) continue;
        table.several = true;
        right = false;
      }
      if (right) {
        first_count_ = columns.size() - counted.size() - plan_.tables.size() + 1;
        fetch_from_file(sql, columns);
        return columns;
      }
    }
  }

  // Columns that the query left in the entity's file: id and target now, as they say which rows to
  // keep, the others when that is known.
  void fetch_from_file(const PlanSql& sql, std::vector<Column>& columns) {
    const auto in_file = [&](const std::string& name) -> const Column* {
      const int index = find_name(schema_names(plan_.tables[0]), name);
      return sql.in_entity_file(0, name) ? data_.columns[0][static_cast<size_t>(index)] : nullptr;
    };
    const PlanTable& entity = plan_.tables[0];
    std::vector<uint32_t> places;
    for (const double at : columns[kPosition].numbers) places.push_back(static_cast<uint32_t>(at));
    const auto fetch = [&](size_t column, const std::string& name) {
      if (const Column* found = in_file(name)) columns[column] = as_the_store(found->take(places));
    };
    fetch(kId, entity.id);
    if (!plan_.target.empty()) fetch(kTarget, plan_.target);
    for (const auto& value : entity.values) in_file_.push_back(in_file(value.column));
    size_t values = 0;
    for (const auto& table : plan_.tables) values += table.values.size();
    in_file_.resize(values, nullptr);
    for (const auto& feature : entity.features) in_file_.push_back(in_file(feature.column));
    in_file_.resize(values + feature_names(plan_).size(), nullptr);
  }

  static Column as_the_store(Column column) {
    if (column.type == ColumnType::kDate) column.type = ColumnType::kNumber;
    return column;
  }

  // Are there as many values as periods that have one?
  static bool all_in_one_row(const std::vector<Column>& columns, size_t first, size_t periods,
                             const Column& count) {
    for (size_t row = 0; row < count.size(); ++row) {
      double present = 0;
      for (size_t p = 0; p < periods; ++p) present += !columns[first + p].missing(row);
      if (!count.missing(row) && count.numbers[row] > present) return false;
    }
    return true;
  }

  // Counting rows is cheap; customers are counted only where rows are left over.
  int64_t strangers_of(const PlanSql& sql, const std::vector<Column>& columns, size_t t) {
    double known = 0;
    for (const double rows : columns[first_count_ + t - 1].numbers) {
      if (!std::isnan(rows)) known += rows;
    }
    if (static_cast<double>(rows_in(store(), sql, plan_, t)) == known) return 0;
    return strangers_in(store(), sql, t);
  }

  void note_strangers(const std::vector<Column>& columns) {
    const PlanSql sql(plan_);
    for (size_t t = 1; t < plan_.tables.size(); ++t) {
      if (!data_.tables[t]) continue;
      const int64_t strangers = strangers_.empty() ? strangers_of(sql, columns, t) : strangers_[t];
      if (strangers == 0) continue;
      result_.notes.push_back(fmt::format(
          "{}: {} {} not in the table {} and left out", where(t), counted(strangers, "customer"),
          strangers == 1 ? "is" : "are", quoted(plan_.tables[0].name)));
    }
  }

  std::vector<std::string> periods_of(const PlanSql& sql, size_t t) {
    if (!use_engine_) {
      if (const auto native = repaired(plan_, t, data_.columns[t])) {
        return periods_in(plan_, t, *native);
      }
    }
    return periods_in(store(), sql, plan_, t);
  }

  void note_new_periods() {
    const PlanSql sql(plan_);
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      const PlanTable& table = plan_.tables[t];
      if (table.pivot_by.empty() || !data_.tables[t]) continue;
      for (const auto& period : periods_of(sql, t)) {
        if (std::find(table.periods.begin(), table.periods.end(), period) != table.periods.end()) {
          continue;
        }
        result_.notes.push_back(fmt::format("{}: {} {} was not there in training and is left out{}",
                                            where(t), quoted(table.pivot_by), quoted(period),
                                            did_you_mean(period, table.periods)));
      }
    }
  }

  // Rows of the result to keep, ordered by id; counts the others.
  std::vector<uint32_t> kept_rows(const std::vector<Column>& columns) {
    IdOrder order(columns[kId], workers_);
    const std::vector<size_t> reasons = reasons_to_drop(columns);
    note_missing_ids(columns[kId].size() - order.size());
    std::vector<uint32_t> kept;
    kept.reserve(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
      const uint32_t row = order.row(i);
      if (i > 0 && order.same(i, i - 1)) {
        if (columns[kDropped].missing(row)) duplicate_id(order.text(row));
        continue;  // several rows of one customer, all dropped
      }
      ++result_.customers;
      const size_t reason = training_ ? reasons[row] : 0;
      if (reason == 0) {
        kept.push_back(row);
        continue;
      }
      DropStep& step = drop(reason, columns, row);
      ++step.customers;
      if (step.examples.size() < kExamples) {
        step.examples.push_back(example(columns, row, order.text(row)));
      }
    }
    for (auto& [key, step] : drops_) result_.dropped.push_back(std::move(step));
    if (kept.empty()) nobody_left();
    result_.table.ids.resize(kept.size());
    workers_.run_blocks(kept.size(), 8192, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        result_.table.ids[i] = std::move(order.text(kept[i]));
      }
    });
    return kept;
  }

  Example example(const std::vector<Column>& columns, uint32_t row, std::string id) const {
    const auto position = static_cast<size_t>(columns[kPosition].numbers[row]);
    return data_.tables[0]->example(position, std::move(id));
  }

  void note_missing_ids(size_t count) {
    if (count == 0) return;
    result_.notes.push_back(fmt::format("{}: {} without an id left out", where(0),
                                        counted(static_cast<int64_t>(count), "row")));
  }

  // Why each row leaves: the number of the repair from 1, the cohort after them, the target after
  // that; 0 where it stays.
  std::vector<size_t> reasons_to_drop(const std::vector<Column>& columns) const {
    const size_t steps = plan_.repairs.steps.size();
    std::vector<size_t> reasons(training_ ? columns[kId].size() : 0);
    workers_.run_blocks(reasons.size(), 8192, [&](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) {
        reasons[row] = !columns[kDropped].missing(row)
                           ? static_cast<size_t>(columns[kDropped].numbers[row])
                       : columns[kCohort].numbers[row] != 1.0 ? steps + 1
                       : columns[kTarget].missing(row)        ? steps + 2
                                                              : 0;
      }
    });
    return reasons;
  }

  DropStep& drop(size_t reason, const std::vector<Column>& columns, uint32_t row) {
    const auto [found, fresh] = drops_.try_emplace(reason);
    if (!fresh) return found->second;
    const size_t steps = plan_.repairs.steps.size();
    std::string& text = found->second.reason;
    if (!columns[kDropped].missing(row)) {
      const Repair& repair = plan_.repairs.steps[reason - 1];
      text = fmt::format("{} in the table {}", repair.where, quoted(repair.table));
    } else if (reason == steps + 1) {
      text = fmt::format("not in the cohort \"{}\"", plan_.cohort);
    } else {
      text = fmt::format("no value in the target {}", quoted(plan_.target));
    }
    return found->second;
  }

  [[noreturn]] void nobody_left() const {
    std::vector<std::string> reasons;
    for (const auto& step : result_.dropped) {
      reasons.push_back(fmt::format("{}: {}", step.reason, step.customers));
    }
    throw Error(ErrorCode::kData, where(0), "no customers are left",
                reasons.empty() ? "the table has no rows with an id"
                                : "customers left for these reasons: " + join(reasons, "; "));
  }

  // Which table has several rows for the customer, and where.
  [[noreturn]] void duplicate_id(const std::string& id) {
    const PlanSql sql(plan_);
    for (size_t t = 0; t < plan_.tables.size(); ++t) {
      if (!plan_.tables[t].pivot_by.empty() || !data_.tables[t]) continue;
      const std::string name = sql.id(t, "e");
      auto repeated = store().query(sql.with(fmt::format(
          "SELECT\n  {0} AS id,\n  COUNT(*) AS n,\n  MIN(\"#row\") AS first,\n  MAX(\"#row\") AS "
          "last\nFROM {1} AS e\nWHERE {0} IS NOT NULL\nGROUP BY {0}\nHAVING COUNT(*) > 1\nORDER BY "
          "first\nLIMIT 1",
          name, sql.relation(t))));
      if (repeated[0].size() == 0) continue;
      const auto row = [&](size_t column) {
        const Table& table = *data_.tables[t];
        return table.example(static_cast<size_t>(repeated[column].numbers[0]), "");
      };
      const std::string found = repeated[0].value_text(0);
      throw Error(
          ErrorCode::kData, fmt::format("{}:{}", row(3).file, row(3).line),
          fmt::format("the customer {} has {} rows (the first is in line {}), and the table "
                      "{} should have one a customer",
                      quoted(found), static_cast<int64_t>(repeated[1].numbers[0]), row(2).line,
                      quoted(plan_.tables[t].name)),
          "remove the repeated rows, say pivot = { by = …, value = … } if it has several "
          "rows a customer, or drop equal rows with a repair");
    }
    throw Error(ErrorCode::kData, where(0), fmt::format("the id {} stands twice", quoted(id)),
                "give every customer an id of their own");
  }

  void fill(std::vector<Column>& columns, const std::vector<uint32_t>& rows) {
    FeatureTable& table = result_.table;
    table.id_name = plan_.tables[0].id;
    for (const uint32_t row : rows) {
      table.position.push_back(static_cast<uint32_t>(columns[kPosition].numbers[row]));
    }
    table.y.assign(rows.size(), -1);
    std::vector<std::string> value_names;
    for (const auto& plan_table : plan_.tables) {
      for (const auto& value : plan_table.values) value_names.push_back(value.name);
      for (const auto& feature : plan_table.features) {
        table.feature_tables.insert(table.feature_tables.end(),
                                    names_of(plan_table, feature).size(), plan_table.name);
      }
    }
    const auto names = feature_names(plan_), dates = date_features(plan_);
    table.values.resize(value_names.size());
    table.features.resize(names.size());
    workers_.run(value_names.size() + names.size(), [&](size_t i) {
      const bool is_value = i < value_names.size();
      Column column =
          in_file_[i] ? in_file_[i]->take(table.position) : columns[kLeading + i].take(rows);
      column.name = is_value ? value_names[i] : names[i - value_names.size()];
      if (column.is_text()) tidy_dictionary(column);
      if (!column.is_text()) {
        column.type = !is_value && std::ranges::find(dates, column.name) != dates.end()
                          ? ColumnType::kDate
                          : ColumnType::kNumber;
      }
      (is_value ? table.values[i] : table.features[i - value_names.size()]) = std::move(column);
    });
  }

  void set_classes(Column target) {
    numbers_to_text(target);
    tidy_dictionary(target);
    if (!plan_.target_each.empty()) {
      set_each(target);
      return;
    }
    std::vector<int64_t> rows(target.dictionary.size(), 0);
    for (const int32_t code : target.codes) ++rows[static_cast<size_t>(code)];
    std::map<std::string, int64_t> counts;
    for (size_t i = 0; i < rows.size(); ++i) counts[target.dictionary[i]] = rows[i];
    const std::string where_target =
        plan_.target_where.empty()
            ? fmt::format("{}, column {}", where(0), quoted(plan_.target))
            : fmt::format("{}, target where {}", where(0), quoted(plan_.target_where));
    if (counts.size() < 2) {
      throw Error(ErrorCode::kData, where_target,
                  fmt::format("all {} customers have the same target {}", target.size(),
                              quoted(counts.begin()->first)),
                  "a model needs customers of both classes: check the cohort and the repairs");
    }
    if (plan_.positive.empty() && counts.size() > 2) {
      set_several_classes(target, counts, where_target);
      return;
    }
    const std::string positive = positive_class(counts, where_target);
    std::string other = "other";
    if (counts.size() == 2) {
      other = counts.begin()->first == positive ? counts.rbegin()->first : counts.begin()->first;
    }
    result_.table.classes = {other, positive};
    for (size_t i = 0; i < target.codes.size(); ++i) {
      result_.table.y[i] = target.dictionary[static_cast<size_t>(target.codes[i])] == positive;
    }
  }

  // Every value between the signs is a class; a row has one or more of them.
  void set_each(const Column& target) {
    const std::string where_target = fmt::format("{}, column {}", where(0), quoted(plan_.target));
    std::map<std::string, int32_t> place;
    std::vector<std::vector<std::string>> members;
    for (const std::string& cell : target.dictionary) {
      members.emplace_back();
      for (const std::string& part : split(cell, plan_.target_each[0])) {
        if (trim(part).empty()) continue;
        members.back().emplace_back(trim(part));
        place.emplace(members.back().back(), 0);
      }
    }
    std::vector<std::string>& classes = result_.table.classes;
    for (auto& [name, at] : place) {
      at = static_cast<int32_t>(classes.size());
      classes.push_back(name);
    }
    check_several_classes(classes, where_target);
    if (classes.size() < 3) {
      throw Error(ErrorCode::kData, where_target,
                  fmt::format("its cells hold {} different values between {}", classes.size(),
                              quoted(plan_.target_each)),
                  "say positive = \"…\" instead of each for a question with two answers");
    }
    for (size_t i = 0; i < target.codes.size(); ++i) {
      std::set<int32_t> own;
      for (const std::string& name : members[static_cast<size_t>(target.codes[i])]) {
        own.insert(place.at(name));
      }
      if (own.empty()) {
        throw Error(ErrorCode::kData, where_target,
                    fmt::format("the customer {} has signs but no value in it",
                                quoted(result_.table.ids[i])),
                    "leave the cell empty where there is nothing");
      }
      result_.table.several_y.emplace_back(own.begin(), own.end());
      result_.table.y[i] = *own.begin();
    }
  }

  // Every value is a class, in the order of its number or text.
  void set_several_classes(const Column& target, const std::map<std::string, int64_t>& counts,
                           const std::string& where_target) {
    std::vector<std::string> names;
    for (const auto& [name, count] : counts) names.push_back(name);
    check_several_classes(names, where_target);
    const auto number = [](const std::string& name) { return parse_number(name); };
    if (std::all_of(names.begin(), names.end(), [&](const auto& n) { return number(n); })) {
      std::stable_sort(names.begin(), names.end(),
                       [&](const auto& a, const auto& b) { return *number(a) < *number(b); });
    }
    std::map<std::string, int32_t> place;
    for (size_t c = 0; c < names.size(); ++c) place[names[c]] = static_cast<int32_t>(c);
    result_.table.classes = names;
    for (size_t i = 0; i < target.codes.size(); ++i) {
      result_.table.y[i] = place.at(target.dictionary[static_cast<size_t>(target.codes[i])]);
    }
    result_.notes.push_back(
        fmt::format("{}: {} values, each a class of its own; say positive = … to ask for one of "
                    "them",
                    where_target, names.size()));
  }

  static void check_several_classes(const std::vector<std::string>& names,
                                    const std::string& where_target) {
    constexpr size_t kMostClasses = 50;
    if (names.size() > kMostClasses) {
      throw Error(ErrorCode::kData, where_target,
                  fmt::format("it has {} different values, more than the {} classes that can be "
                              "told apart",
                              names.size(), kMostClasses),
                  "say positive = \"…\" to ask for one of them, or join values by a repair; its "
                  "values are: " +
                      listed(names));
    }
    for (const std::string& name : names) {
      const auto number = parse_number(name);
      if (!number || *number == std::floor(*number)) continue;
      throw Error(ErrorCode::kData, where_target,
                  fmt::format("it holds numbers such as {}: amounts, not classes", name),
                  "name a column of classes, or say positive = \"…\" to ask for one value");
    }
  }

  std::string positive_class(const std::map<std::string, int64_t>& counts,
                             const std::string& where_target) {
    std::vector<std::string> names;
    for (const auto& [name, count] : counts) names.push_back(name);
    if (!plan_.positive.empty()) {
      const auto wanted = parse_number(plan_.positive);
      for (const auto& name : names) {
        if (name == plan_.positive || (wanted && parse_number(name) == wanted)) return name;
      }
      throw Error(ErrorCode::kData, where_target,
                  fmt::format("no customer has the positive value {}{}", quoted(plan_.positive),
                              did_you_mean(plan_.positive, names)),
                  "its values are: " + listed(names));
    }
    const bool first = counts.begin()->second < counts.rbegin()->second;
    std::string positive = first ? names.front() : names.back();
    result_.notes.push_back(
        fmt::format("{}: {} is taken as the positive value, as the rarer one; say positive = … to "
                    "choose",
                    where_target, quoted(positive)));
    return positive;
  }

  static std::string listed(std::vector<std::string> names) {
    constexpr size_t kMost = 10;
    const bool more = names.size() > kMost;
    if (more) names.resize(kMost);
    return join(names, ", ") + (more ? ", …" : "");
  }

  const bool training_;
  FeaturePlan plan_;
  const Workers& workers_;
  const bool use_engine_;
  Conformed data_;
  std::optional<Store> store_;          // reads data_ where it stands
  std::vector<int64_t> strangers_;      // by table, where the engine was not asked
  std::vector<const Column*> in_file_;  // by value, then by feature: where the query has NULL
  size_t first_count_ = 0;              // column that counts the rows of the second table
  std::map<size_t, DropStep> drops_;    // by step; then the cohort, then the target
  BuildResult result_;
};

}  // namespace

BuildResult build_features(const FeaturePlan& plan, const std::vector<const Table*>& tables,
                           bool need_target, const Workers& workers, bool use_engine) {
  return Builder(plan, tables, need_target, workers, use_engine).build();
}

}  // namespace perennial
