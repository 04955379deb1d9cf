#include "feature/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "feature/conform.h"
#include "feature/event_features.h"
#include "feature/event_sql.h"
#include "feature/names.h"
#include "feature/native_table.h"

namespace perennial {
namespace {

constexpr size_t kCategories = 5;

std::string where(const std::string& table) { return "table " + quoted(table); }

RepairPlan repairs_of(const std::string& table, const RepairPlan& all) {
  RepairPlan out;
  for (const Repair& repair : all.steps) {
    if (repair.table == table) out.steps.push_back(repair);
  }
  return out;
}

// Does no repair and no condition look at the values of the id? Which customer a row belongs to is
// then all there is to it.
bool id_is_a_key(const EventPlan& plan) {
  std::vector<std::string> conditions = {plan.has_target ? plan.target.where : ""};
  for (const Repair& repair : plan.repairs.steps) {
    if (repair.column == plan.id) return false;
    conditions.push_back(repair.where);
  }
  return std::none_of(conditions.begin(), conditions.end(), [&](const std::string& condition) {
    if (condition.empty()) return false;
    const auto names = names_in(parse_condition(condition, quoted(condition)));
    return find_name(names, plan.id) >= 0;
  });
}

// The rows customer by customer, those of none last.
std::vector<uint32_t> by_customer(const Column& ids) {
  const IdNumbers numbers(ids, {});
  const size_t customers = numbers.count();
  std::vector<uint32_t> next(customers + 1, 0);  // where the next row of each goes
  const auto place = [&](int32_t number) {
    return number < 0 ? customers : static_cast<size_t>(number);
  };
  for (const int32_t number : numbers.numbers()) ++next[place(number)];
  uint32_t begin = 0;
  for (uint32_t& each : next) begin += std::exchange(each, begin);
  std::vector<uint32_t> order(ids.size());
  for (uint32_t row = 0; row < order.size(); ++row) {
    order[next[place(numbers.numbers()[row])]++] = row;
  }
  return order;
}

// A log of events in the engine, which gets them customer by customer and knows these by numbers
// where it can: so it groups them in a fraction of the time.
class EventStore {
 public:
  // `grouped`: for statements that group by customer.
  EventStore(const EventPlan& plan, const Table& raw, bool strict, const Workers& workers,
             std::vector<std::string>* notes, bool grouped = true)
      : store_(workers.threads()) {
    FeaturePlan own;
    own.tables = {{.name = plan.table, .id = plan.id, .schema = plan.schema}};
    own.repairs = plan.repairs;
    data_ = conform(own, {&raw}, strict);
    if (notes) notes->insert(notes->end(), data_.notes.begin(), data_.notes.end());
    const std::vector<std::string> names = schema_names(own.tables[0]);
    const Column*& id = data_.columns[0][static_cast<size_t>(find_name(names, plan.id))];
    if (grouped) order_ = by_customer(*id);
    if (grouped && id->is_text() && id_is_a_key(plan)) {
      text_id_ = id;
      for (const int32_t code : id->codes) codes_.numbers.push_back(code < 0 ? kMissing : code);
      id = &codes_;
    }
    store_.add(EventSql(plan, 0).table_name(), data_.columns[0], Store::sql_names(names),
               grouped ? &order_ : nullptr);
  }

  // The plan as SQL has to see it.
  EventPlan known(EventPlan plan) const {
    for (auto& [column, type] : plan.schema) {
      if (text_id_ && column == plan.id) type = ColumnType::kNumber;
    }
    return plan;
  }

  // Ids as in the file again; all differ.
  void name_customers(Column& ids) const {
    if (!text_id_) return;
    ids.type = ColumnType::kText;
    for (const double code : ids.numbers) {
      ids.codes.push_back(static_cast<int32_t>(ids.dictionary.size()));
      ids.dictionary.push_back(text_id_->dictionary[static_cast<size_t>(code)]);
    }
    ids.numbers = {};
  }

  std::vector<Column> query(const std::string& sql) { return store_.query(sql); }

  // The same, asked once.
  const std::vector<Column>& figures(const std::string& sql) {
    const auto [found, fresh] = figures_.try_emplace(sql);
    if (fresh) found->second = store_.query(sql);
    return found->second;
  }

 private:
  Conformed data_;
  const Column* text_id_ = nullptr;
  Column codes_;
  std::vector<uint32_t> order_;
  Store store_;  // reads data_, codes_ and order_ where they stand
  std::map<std::string, std::vector<Column>> figures_;
};

double number_at(const std::vector<Column>& columns, size_t column) {
  return columns[column].numbers.at(0);
}

// 2^k with k such that value * 2^k stays below 2^bits.
double power_scale(double value, int bits) {
  int exponent = 0;
  std::frexp(value, &exponent);
  return std::ldexp(1.0, std::min(bits - exponent, 1000));
}

// From the figures of an amount that begin at a column: present, largest, decimals.
AmountScale scale_from(const std::vector<Column>& figures, size_t at) {
  AmountScale out;
  const double largest = number_at(figures, at + 1);
  if (!(largest > 0)) return out;
  constexpr int kSumBits = 52, kSquareBits = 31;
  out = {.sum = power_scale(largest, kSumBits), .square = power_scale(largest, kSquareBits)};
  const auto& scales = EventSql::decimal_scales();
  const auto whole = static_cast<size_t>(number_at(figures, at + 2));
  if (whole >= scales.size()) return out;
  if (largest * scales[whole] < std::ldexp(1.0, kSumBits)) out.sum = scales[whole];
  if (largest * scales[whole] < std::ldexp(1.0, kSquareBits)) out.square = scales[whole];
  return out;
}

std::map<std::string, AmountScale> scales_of(EventStore& store, const EventPlan& plan,
                                             double cutoff, bool with_target) {
  const EventSql sql(plan, cutoff);
  std::map<std::string, AmountScale> scales;
  const auto& figures = store.figures(sql.statistics());
  size_t at = 3;
  for (const std::string& amount : sql.amounts()) {
    scales[amount] = scale_from(figures, at);
    at += EventSql::kExtent;
  }
  if (with_target && !plan.target.sum.empty()) {
    scales[EventSql::kTarget] = scale_from(store.query(sql.target_statistics()), 0);
  }
  return scales;
}

// What the query yields as a table of the plan's names. Lines in the file are those of each
// customer's first event.
Table as_table(const EventPlan& plan, const Table& raw, std::vector<Column> columns) {
  Table out;
  out.name = plan.table;
  out.files = raw.files;
  for (const double row : columns[1].numbers) {
    const auto at = static_cast<size_t>(row);
    if (!raw.row_file.empty()) out.row_file.push_back(raw.row_file[at]);
    if (!raw.row_line.empty()) out.row_line.push_back(raw.row_line[at]);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i == 1) continue;
    Column& column = columns[i];
    if (column.type == ColumnType::kDate) column.type = ColumnType::kNumber;
    const size_t feature = i - 2;
    column.name = i == 0                           ? plan.id
                  : feature < plan.features.size() ? plan.features[feature].name
                                                   : plan.target.name;
    out.columns.push_back(std::move(column));
  }
  out.readings.resize(out.columns.size());
  return out;
}

Table derive_in(EventStore& store, const EventPlan& plan, const Table& raw, double cutoff,
                bool with_target) {
  const EventPlan known = store.known(plan);
  EventSql sql(known, cutoff, scales_of(store, known, cutoff, with_target));
  std::vector<Column> columns = store.query(sql.customers(with_target));
  store.name_customers(columns[0]);
  return as_table(plan, raw, std::move(columns));
}

class EventPlanner {
 public:
  EventPlanner(const EventRoles& roles, const EventOptions& options,
               const std::optional<EventTarget>& target, double cutoff, const RepairPlan& repairs,
               const Workers& workers)
      : roles_(roles), options_(options), cutoff_(cutoff), workers_(workers) {
    made_.plan = first_plan(roles, repairs);
    made_.plan.lookback = options.lookback;
    made_.plan.session_gap = roles.session_gap;
    made_.plan.has_target = target.has_value();
    if (target) made_.plan.target = *target;
  }

  static EventPlan first_plan(const EventRoles& roles, const RepairPlan& repairs) {
    EventPlan plan{.table = roles.table->name, .id = roles.id, .time = roles.time};
    plan.repairs = repairs_of(plan.table, repairs);
    for (const Column& column : roles.table->columns) {
      plan.schema.emplace_back(column.name, column.type);
    }
    if (!EventSql(plan, 0).is_date(plan.time)) {
      throw Error(ErrorCode::kData, where(plan.table),
                  fmt::format("the time column {} holds no dates", quoted(plan.time)),
                  fmt::format("Say types = {{ {} = \"date\" }} if it does, or name another column",
                              quoted(plan.time)));
    }
    return plan;
  }

  MadeEvents make() {
    EventPlan& plan = made_.plan;
    EventStore store(plan, *roles_.table, true, workers_, nullptr);
    plan.features = default_features(material(store));
    Table all = derive_in(store, plan, *roles_.table, cutoff_, plan.has_target);
    if (all.rows() == 0) {
      throw Error(ErrorCode::kData, where(plan.table),
                  fmt::format("no event lies before the cutoff {}", date_text(cutoff_)),
                  "Name a later cutoff, or look further back with `inputs`");
    }
    choose(all);
    keep_needed(plan);
    return std::move(made_);
  }

 private:
  bool ignored(const std::string& column) const {
    const auto& steps = made_.plan.repairs.steps;
    return std::find(roles_.ignored.begin(), roles_.ignored.end(), column) !=
               roles_.ignored.end() ||
           std::any_of(steps.begin(), steps.end(), [&](const Repair& repair) {
             return repair.kind == Repair::Kind::kIgnoreColumn && repair.column == column;
           });
  }

  EventMaterial material(EventStore& store) {
    const EventPlan known = store.known(made_.plan);
    const EventSql sql(known, cutoff_);
    const auto& figures = store.figures(sql.statistics());
    EventMaterial out{.table = made_.plan.table, .session_gap = roles_.session_gap};
    const double first = number_at(figures, 1);
    for (const Duration& w : options_.windows) {
      if (earlier(cutoff_, w) > first) out.windows.push_back(w);
    }
    std::sort(out.windows.begin(), out.windows.end(),
              [](const Duration& a, const Duration& b) { return days_in(a) < days_in(b); });
    size_t at = 3;
    for (const std::string& column : sql.amounts()) {
      const bool present = number_at(figures, at) > 0;
      at += EventSql::kExtent;
      if (present && !ignored(column)) out.amounts.emplace_back(column, sql.is_date(column));
    }
    for (const std::string& column : sql.attributes()) {
      if (!ignored(column)) add_attribute(store, sql, column, number_at(figures, 0), out);
    }
    return out;
  }

  void add_attribute(EventStore& store, const EventSql& sql, const std::string& column,
                     double events, EventMaterial& out) {
    const auto found = store.query(sql.categories(column, kCategories));
    if (found[0].size() == 0) return;
    const double all = number_at(found, 2);
    if (all < 2) return;
    constexpr double kFew = 50;
    if (all > kFew && all * 2 > events) {
      made_.notes.push_back(
          fmt::format("{}: {} left out: {} different values in {} are names rather than categories",
                      where(made_.plan.table), quoted(column), grouped(static_cast<int64_t>(all)),
                      counted(static_cast<int64_t>(events), "event")));
      return;
    }
    std::vector<std::string> values;
    constexpr double kRare = 0.01;
    for (size_t i = 0; i < found[0].size(); ++i) {
      if (found[1].numbers[i] >= kRare * events) values.push_back(found[0].value_text(i));
    }
    out.attributes.emplace_back(column, std::move(values));
  }

  void choose(Table& all) {
    EventPlan& plan = made_.plan;
    std::vector<const Column*> columns;
    for (size_t i = 0; i < plan.features.size(); ++i) columns.push_back(&all.columns[i + 1]);
    std::vector<size_t> kept = distinct_features(columns);
    note_left_out(plan.features.size() - kept.size(),
                  "they are constant or run with another feature");
    if (kept.size() > options_.most_features) {
      note_left_out(kept.size() - options_.most_features,
                    fmt::format("a table of events gives at most {}", options_.most_features));
      kept.resize(options_.most_features);
    }
    std::vector<EventFeature> features;
    made_.table.name = all.name;
    made_.table.files = std::move(all.files);
    made_.table.row_file = std::move(all.row_file);
    made_.table.row_line = std::move(all.row_line);
    made_.table.columns.push_back(std::move(all.columns[0]));
    for (const size_t i : kept) {
      features.push_back(plan.features[i]);
      made_.table.columns.push_back(std::move(all.columns[i + 1]));
    }
    if (plan.has_target) made_.table.columns.push_back(std::move(all.columns.back()));
    made_.table.readings.resize(made_.table.columns.size());
    plan.features = std::move(features);
  }

  void note_left_out(size_t count, const std::string& why) {
    if (count == 0) return;
    made_.notes.push_back(fmt::format("{}: {} of its events left out: {}", where(made_.plan.table),
                                      counted(static_cast<int64_t>(count), "feature"), why));
  }

  const EventRoles& roles_;
  const EventOptions& options_;
  const double cutoff_;
  const Workers& workers_;
  MadeEvents made_;
};

bool zero_without_events(const EventFeature& f) {
  return f.measure == Measure::kCount || f.measure == Measure::kSum ||
         f.measure == Measure::kDistinct || f.measure == Measure::kSessions;
}

}  // namespace

void keep_needed(EventPlan& plan) {
  for (const Repair& repair : plan.repairs.steps) {
    if (repair.kind == Repair::Kind::kDropDuplicates) return;  // equal in every column
  }
  const auto names = [&] {
    std::vector<std::string> out;
    for (const auto& [column, type] : plan.schema) out.push_back(column);
    return out;
  }();
  std::set<std::string> needed = {plan.id, plan.time};
  const auto need = [&](const std::string& name) {
    const int index = name.empty() ? -1 : find_name(names, name);
    if (index >= 0) needed.insert(names[static_cast<size_t>(index)]);
  };
  const auto need_all = [&](const std::string& condition) {
    if (condition.empty()) return;
    for (const auto& name : names_in(parse_condition(condition, quoted(condition)))) need(name);
  };
  for (const EventFeature& f : plan.features) {
    need(f.column);
    need(f.by);
  }
  if (plan.has_target) {
    need(plan.target.sum);
    need_all(plan.target.where);
  }
  for (const Repair& repair : plan.repairs.steps) need_all(repair.where);
  std::erase_if(plan.schema, [&](const auto& column) { return !needed.contains(column.first); });
}

EventSpan event_span(const EventRoles& roles, const RepairPlan& repairs, const Workers& workers) {
  EventPlan plan = EventPlanner::first_plan(roles, repairs);
  keep_needed(plan);
  EventStore store(plan, *roles.table, true, workers, nullptr, false);
  const auto found = store.query(EventSql(plan, 0).span());
  EventSpan out{.first = number_at(found, 2),
                .last = number_at(found, 3),
                .rows = static_cast<int64_t>(number_at(found, 0)),
                .usable = static_cast<int64_t>(number_at(found, 1))};
  if (out.usable > 0) return out;
  throw Error(ErrorCode::kData, where(plan.table),
              fmt::format("no event has a customer in {} and a time in {}", quoted(plan.id),
                          quoted(plan.time)),
              "Check which columns hold them");
}

MadeEvents make_event_plan(const EventRoles& roles, const EventOptions& options,
                           const std::optional<EventTarget>& target, double cutoff,
                           const RepairPlan& repairs, const Workers& workers) {
  return EventPlanner(roles, options, target, cutoff, repairs, workers).make();
}

Table derive(const EventPlan& plan, const Table& raw, double cutoff, bool with_target,
             const Workers& workers, std::vector<std::string>* notes) {
  PERENNIAL_CHECK(!with_target || plan.has_target);
  EventStore store(plan, raw, false, workers, notes);
  return derive_in(store, plan, raw, cutoff, with_target);
}

void add_customers_without_events(const EventPlan& plan, const Column& ids, Table& derived) {
  Column& own = derived.columns[0];
  std::unordered_set<std::string> known;
  for (size_t i = 0; i < own.size(); ++i) known.insert(own.value_text(i));
  std::vector<std::string> fresh;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids.missing(i)) continue;
    if (known.insert(ids.value_text(i)).second) fresh.push_back(ids.value_text(i));
  }
  if (fresh.empty()) return;
  for (const std::string& id : fresh) {
    if (own.is_text()) {
      own.codes.push_back(static_cast<int32_t>(own.dictionary.size()));
      own.dictionary.push_back(id);
    } else {
      own.numbers.push_back(parse_number(id).value_or(kMissing));
    }
  }
  for (size_t c = 1; c < derived.columns.size(); ++c) {
    Column& column = derived.columns[c];
    const bool zero = c - 1 < plan.features.size() && zero_without_events(plan.features[c - 1]);
    if (column.is_text()) {
      column.codes.resize(own.size(), -1);
    } else {
      column.numbers.resize(own.size(), zero ? 0 : kMissing);
    }
  }
  if (!derived.row_file.empty()) derived.row_file.resize(own.size(), 0);
  if (!derived.row_line.empty()) derived.row_line.resize(own.size(), 0);
}

std::vector<const Table*> derived_tables(const FeaturePlan& plan,
                                         const std::vector<const Table*>& tables, double cutoff,
                                         bool with_target, const Workers& workers,
                                         std::vector<Table>& held,
                                         std::vector<std::string>* notes) {
  std::vector<const Table*> out = tables;
  held.clear();
  held.reserve(plan.events.size());
  for (const EventPlan& events : plan.events) {
    for (const Table*& table : out) {
      if (table->name != events.table) continue;
      held.push_back(
          derive(events, *table, cutoff, with_target && events.has_target, workers, notes));
      table = &held.back();
      break;
    }
  }
  const std::string& entity = plan.tables[0].name;
  const auto brings = std::find_if(out.begin(), out.end(),
                                   [&](const Table* table) { return table->name == entity; });
  const Column* ids = brings == out.end() ? nullptr : (*brings)->find(plan.tables[0].id);
  if (!ids) return out;
  for (Table& table : held) {
    if (table.name == entity) continue;
    for (const EventPlan& events : plan.events) {
      if (events.table == table.name) add_customers_without_events(events, *ids, table);
    }
  }
  return out;
}

std::optional<double> latest_event(const FeaturePlan& plan, const std::vector<const Table*>& tables,
                                   const Workers& workers) {
  std::optional<double> out;
  for (const EventPlan& events : plan.events) {
    for (const Table* table : tables) {
      if (table->name != events.table) continue;
      EventStore store(events, *table, false, workers, nullptr, false);
      const double last = number_at(store.query(EventSql(events, 0).span()), 3);
      if (!std::isnan(last)) out = std::max(out.value_or(last), last);
    }
  }
  return out;
}

std::string events_sql(const FeaturePlan& plan, const Dialect& dialect) {
  std::string out;
  for (const EventPlan& events : plan.events) {
    EventSql sql(events, plan.cutoff.value_or(0), {}, dialect);
    out += fmt::format("CREATE TABLE {} AS\n{};\n\n",
                       Store::identifier(events.table + " at the cutoff"),
                       sql.customers(events.has_target));
  }
  return out;
}

std::vector<PlanTable> input_tables(const FeaturePlan& plan) {
  std::vector<PlanTable> out = plan.tables;
  for (PlanTable& table : out) {
    for (const EventPlan& events : plan.events) {
      if (events.table != table.name) continue;
      table.id = events.id;
      table.schema = events.schema;
    }
  }
  return out;
}

}  // namespace perennial
