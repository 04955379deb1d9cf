#include "feature/event_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"
#include "table/condition.h"
#include "table/store.h"

namespace perennial {
namespace {

constexpr size_t kOwn = 1;  // place of the events in own_

// A customers' table stands before the events, as repairs take the first table for that.
FeaturePlan plan_of(const EventPlan& events) {
  FeaturePlan plan;
  PlanTable table{.name = events.table, .id = events.id, .schema = events.schema};
  ColumnType id = ColumnType::kText;
  for (const auto& [column, type] : events.schema) {
    if (column == events.id) id = type;
  }
  const std::string name = events.table == "customers" ? "entities" : "customers";
  plan.tables = {{.name = name, .id = events.id, .schema = {{events.id, id}}}, std::move(table)};
  plan.repairs = events.repairs;
  return plan;
}

// With an exponent it is a double to every engine; without one it may be a decimal, which has other
// digits than the double has.
std::string literal(double value) {
  const std::string text = number_text(value);
  return text.find('e') == std::string::npos ? text + "e0" : text;
}

std::string as_double(const std::string& expression) {
  return fmt::format("CAST({} AS DOUBLE)", expression);
}

// Conditions that all hold; empty ones say nothing.
std::string all_of(const std::vector<std::string>& conditions) {
  std::vector<std::string> some;
  for (const std::string& each : conditions) {
    if (!each.empty()) some.push_back(each);
  }
  return join(some, " AND ");
}

// How many values there are, the largest of them, and how many decimals they need: the first of the
// scales that makes each of them whole. A value that one scale makes whole need not be whole at a
// later one only where it is too large for that one to be used.
void add_extent(const std::string& amount, std::vector<std::string>& items) {
  items.push_back(fmt::format("COUNT({})", amount));
  items.push_back(fmt::format("MAX(ABS({}))", amount));
  std::string first = fmt::format("CASE WHEN {} IS NULL THEN 0", amount);
  size_t i = 0;
  for (const double scale : EventSql::decimal_scales()) {
    first +=
        fmt::format(" WHEN {0} = ROUND({0} * {1}) / {1} THEN {2}", amount, literal(scale), i++);
  }
  items.push_back(fmt::format("MAX({} ELSE {} END)", first, i));
}

bool has_sessions(const EventPlan& plan) {
  return std::any_of(plan.features.begin(), plan.features.end(), [](const EventFeature& f) {
    return f.measure == Measure::kSessions || f.measure == Measure::kSessionLength ||
           f.measure == Measure::kSessionEvents || f.measure == Measure::kLastSession;
  });
}

bool sounds_like_an_id(const std::string& column) {
  const std::string name = regular_name(column);
  return name == "id" || name.ends_with("_id") || name.ends_with("_code");
}

}  // namespace

EventSql::EventSql(const EventPlan& plan, double cutoff, std::map<std::string, AmountScale> scales,
                   const Dialect& dialect)
    : plan_(plan),
      cutoff_(cutoff),
      scales_(std::move(scales)),
      dialect_(dialect),
      own_(plan_of(plan)),
      sql_(own_, dialect_) {
  for (const Repair& repair : plan.repairs.steps) {
    if (repair.kind != Repair::Kind::kDropCustomers) continue;
    throw Error(ErrorCode::kStudy, "table " + quoted(plan.table),
                "a repair drops customers by what one of their events holds",
                "Say drop = \"row\" to drop the events, or name such customers in the cohort");
  }
}

const std::vector<double>& EventSql::decimal_scales() {
  static const std::vector<double> kScales = {1, 100, 10000, 1000000};
  return kScales;
}

bool EventSql::is_text(const std::string& column) const {
  return sql_.column(kOwn, column).is_text;
}

bool EventSql::is_date(const std::string& column) const {
  return sql_.column(kOwn, column).is_date;
}

std::vector<std::string> EventSql::amounts() const {
  std::vector<std::string> out;
  for (const auto& [column, type] : plan_.schema) {
    if (column == plan_.id || column == plan_.time || is_text(column)) continue;
    if (is_date(column) || !sounds_like_an_id(column)) out.push_back(column);
  }
  return out;
}

std::vector<std::string> EventSql::attributes() const {
  std::vector<std::string> out;
  for (const auto& [column, type] : plan_.schema) {
    if (column == plan_.id || column == plan_.time || is_date(column)) continue;
    if (is_text(column) || sounds_like_an_id(column)) out.push_back(column);
  }
  return out;
}

// A date that an event holds beside its own time gives the days between them; as long as it lies
// ahead nobody knows it.
std::string EventSql::value(const std::string& column) const {
  const SqlColumn& found = sql_.column(kOwn, column);
  if (!found.is_date) return found.expression;
  return fmt::format("CASE WHEN {0} < {1} THEN {0} - {2} END", found.expression, literal(cutoff_),
                     sql_.column(kOwn, plan_.time).expression);
}

// Names in the rows of events: as the store knows the column, and of its whole numbers.
std::string EventSql::own(const std::string& column) const {
  return sql_.column(kOwn, column).expression;
}

std::string EventSql::whole_name(const std::string& column, const char* what) const {
  const int index = find_name(schema_names(own_.tables[kOwn]), column);
  PERENNIAL_CHECK(index >= 0);
  return Store::identifier(fmt::format("#{} {}", what, index));
}

std::string EventSql::table_name() const { return PlanSql::table_names(own_)[kOwn]; }
std::string EventSql::id() const { return sql_.column(kOwn, plan_.id).expression; }
std::string EventSql::time() const { return sql_.column(kOwn, plan_.time).expression; }

// Values at or after the cutoff never enter the whole numbers that features are made of: they could
// not even be too large for them.
std::string EventSql::rows(bool with_target) const {
  std::vector<std::string> items = {id() + " AS \"#id\"", time() + " AS \"#time\"", "\"#row\""};
  const auto input = [&](const std::string& expression) {
    return with_target ? fmt::format("CASE WHEN {} THEN {} END", before(time()), expression)
                       : expression;
  };
  items.push_back(input(whole(fmt::format("({} - {}) * 1440.0", literal(cutoff_), time()), 1)) +
                  " AS \"#age\"");
  if (has_sessions(plan_)) items.push_back(input(pause()) + " AS \"#pause\"");
  for (const std::string& column : amounts()) {
    const std::string amount = value(column);
    const AmountScale scale = scale_of(column);
    items.push_back(amount + " AS " + own(column));
    items.push_back(input(whole(amount, scale.sum)) + " AS " + whole_name(column, "sum"));
    items.push_back(input(whole(amount, scale.square)) + " AS " + whole_name(column, "square"));
  }
  for (const std::string& column : attributes()) {
    items.push_back(value(column) + " AS " + own(column));
  }
  std::string until = literal(cutoff_);
  double from = plan_.lookback.empty() ? 0 : earlier(cutoff_, plan_.lookback);
  if (with_target) {
    add_target(items);
    until = literal(later(cutoff_, plan_.target.within));
    if (plan_.target.falls_by > 0) from = std::min(from, earlier(cutoff_, plan_.target.within));
  }
  std::string bounds = fmt::format("{} < {}", time(), until);
  if (!plan_.lookback.empty()) bounds += fmt::format("\n  AND {} >= {}", time(), literal(from));
  return sql_.with(fmt::format("SELECT\n  {}\nFROM {}\nWHERE {} IS NOT NULL\n  AND {}",
                               join(items, ",\n  "), sql_.relation(kOwn), id(), bounds));
}

std::string EventSql::target_place() const { return "target of the table " + quoted(plan_.table); }

const SqlColumn& EventSql::target_column(const std::string& name) const {
  const auto names = schema_names(own_.tables[kOwn]);
  const int index = find_name(names, name);
  if (index >= 0) return sql_.column(kOwn, names[static_cast<size_t>(index)]);
  throw Error(ErrorCode::kStudy, target_place(),
              fmt::format("there is no column {}{}", quoted(name), did_you_mean(name, names)),
              "Use one of: " + join(names, ", "));
}

const std::string& EventSql::target_amount() const {
  const SqlColumn& column = target_column(plan_.target.sum);
  if (!column.is_text && !column.is_date) return column.expression;
  throw Error(ErrorCode::kStudy, target_place(),
              fmt::format("the column {} holds no numbers to add", quoted(plan_.target.sum)),
              "Name a column with amounts, or leave sum out: then events are counted");
}

void EventSql::add_target(std::vector<std::string>& items) const {
  const EventTarget& target = plan_.target;
  if (!target.sum.empty()) {
    items.push_back(whole(target_amount(), scale_of(kTarget).sum) + " AS \"#amount\"");
  }
  if (target.where.empty()) return;
  const auto columns = [&](const std::string& name, Condition::Over over) {
    if (over == Condition::Over::kOne) return std::vector<SqlColumn>{target_column(name)};
    throw Error(ErrorCode::kStudy, target_place(),
                "\"every\" and \"any\" belong into a cohort, not into the condition of events",
                "Write the condition on one event");
  };
  items.push_back(to_sql(parse_condition(target.where, target_place()), columns, target_place()) +
                  " AS \"#where\"");
}

std::string EventSql::before(const std::string& time) const {
  std::string out = fmt::format("{} < {}", time, literal(cutoff_));
  if (!plan_.lookback.empty()) {
    out += fmt::format(" AND {} >= {}", time, literal(earlier(cutoff_, plan_.lookback)));
  }
  return out;
}

// Where no target is asked for the rows are the inputs and no others: nothing has to be tested.
std::string EventSql::inputs() const { return with_target_ ? before() : ""; }

// The last window before the cutoff (back = 0), or the one before that (1).
std::string EventSql::in_window(const Duration& window, int back) const {
  if (window.empty()) return inputs();
  const double until = back == 0 ? cutoff_ : earlier(cutoff_, window);
  return all_of({inputs(), back == 0 ? "" : fmt::format("\"#time\" < {}", literal(until)),
                 fmt::format("\"#time\" >= {}", literal(earlier(until, window)))});
}

std::string EventSql::category_test(const std::string& column, const std::string& category) const {
  const std::string value = is_text(column) ? Store::literal(category) : category;
  return fmt::format("{} = {}", own(column), value);
}

AmountScale EventSql::scale_of(const std::string& column) const {
  const auto found = scales_.find(column);
  return found == scales_.end() ? AmountScale{} : found->second;
}

// Equal aggregates are asked for once.
std::string EventSql::aggregate(const std::string& call, const std::string& filter) {
  const std::string text =
      filter.empty() ? call : fmt::format("{} FILTER (WHERE {})", call, filter);
  const auto [found, fresh] = names_.try_emplace(text, fmt::format("g{}", names_.size() + 1));
  if (fresh) aggregates_.push_back(text + " AS " + found->second);
  return found->second;
}

std::string EventSql::whole(const std::string& amount, double scale) const {
  return fmt::format(fmt::runtime(dialect_.to_whole),
                     scale == 1 ? amount : fmt::format("({}) * {}", amount, literal(scale)));
}

std::string EventSql::sum_of(const std::string& column, const std::string& filter) {
  const double scale = scale_of(column).sum;
  const std::string sum = aggregate(fmt::format("SUM({})", whole_name(column, "sum")), filter);
  const std::string number = fmt::format("COALESCE({}, 0.0)", as_double(sum));
  return scale == 1 ? number : fmt::format("{} / {}", number, literal(scale));
}

// Standard deviation, from sums of whole numbers.
std::string EventSql::spread(const std::string& column) {
  const std::string x = whole_name(column, "square");
  const std::string n = aggregate(fmt::format("COUNT({})", own(column)), inputs());
  const std::string sum = aggregate(fmt::format("SUM({})", x), inputs());
  const std::string squares = aggregate(fmt::format("SUM({0} * {0})", x), inputs());
  return fmt::format(
      "CASE WHEN {n} > 1 THEN SQRT(CAST({n} * {q} - {s} * {s} AS DOUBLE) / (CAST({n} AS DOUBLE) * "
      "({n} - 1))) / {scale} END",
      fmt::arg("n", n), fmt::arg("q", squares), fmt::arg("s", sum),
      fmt::arg("scale", literal(scale_of(column).square)));
}

// Slope of the least-squares line through the amounts over time, in 30 days.
std::string EventSql::trend(const std::string& column) {
  const std::string x = whole_name(column, "square");
  const std::string filter = all_of({inputs(), own(column) + " IS NOT NULL"});
  const std::string n = aggregate(fmt::format("COUNT({})", own(column)), inputs());
  const std::string sx = aggregate(fmt::format("SUM({})", x), inputs());
  const std::string sa = aggregate("SUM(\"#age\")", filter);
  const std::string saa = aggregate("SUM(\"#age\" * \"#age\")", filter);
  const std::string sxa = aggregate(fmt::format("SUM({} * \"#age\")", x), filter);
  return fmt::format(
      "CASE WHEN {n} > 2 AND {n} * {saa} > {sa} * {sa} THEN -43200.0 * CAST({n} * {sxa} - {sx} * "
      "{sa} AS DOUBLE) / CAST({n} * {saa} - {sa} * {sa} AS DOUBLE) / {scale} END",
      fmt::arg("n", n), fmt::arg("saa", saa), fmt::arg("sa", sa), fmt::arg("sxa", sxa),
      fmt::arg("sx", sx), fmt::arg("scale", literal(scale_of(column).square)));
}

// To the second, as two times of day have no exact difference. What lies before the inputs is not
// looked at.
std::string EventSql::pause() const {
  const std::string last =
      fmt::format("LAG({1}) OVER (PARTITION BY {0} ORDER BY {1})", id(), time());
  std::string seconds = whole(fmt::format("({} - {})", time(), last), 86400);
  if (plan_.lookback.empty()) return seconds;
  return fmt::format("CASE WHEN {} >= {} THEN {} END", last,
                     literal(earlier(cutoff_, plan_.lookback)), seconds);
}

std::string EventSql::session_feature(Measure measure) {
  const std::string gap = literal(std::round(days_in(plan_.session_gap) * 86400));
  const std::string begins =
      all_of({inputs(), fmt::format("(\"#pause\" IS NULL OR \"#pause\" > {})", gap)});
  const std::string sessions = aggregate("COUNT(*)", begins);
  const auto in_each = [&](const std::string& sum) {
    return fmt::format("CASE WHEN {1} > 0 THEN {0} / {1} END", sum, sessions);
  };
  switch (measure) {
    case Measure::kSessions:
      return as_double(sessions);
    case Measure::kSessionLength: {
      const std::string seconds =
          aggregate("SUM(\"#pause\")", all_of({inputs(), "\"#pause\" <= " + gap}));
      return in_each(fmt::format("COALESCE({}, 0.0) / 60.0", as_double(seconds)));
    }
    case Measure::kSessionEvents:
      return in_each(as_double(aggregate("COUNT(*)", inputs())));
    default:
      return fmt::format("ROUND(({} - {}) * {}) / {}", aggregate("MAX(\"#time\")", inputs()),
                         aggregate("MAX(\"#time\")", begins), literal(86400), literal(60));
  }
}

std::string EventSql::shift(const EventFeature& f) {
  const std::string now = in_window(f.window, 0), then = in_window(f.window, 1);
  const bool events = f.column.empty();
  return fmt::format("CASE WHEN {0} >= 0 AND {1} >= 0 AND {0} + {1} > 0 THEN {0} / ({0} + {1}) END",
                     events ? as_double(aggregate("COUNT(*)", now)) : sum_of(f.column, now),
                     events ? as_double(aggregate("COUNT(*)", then)) : sum_of(f.column, then));
}

// Among the named values the most frequent, the first named of equals; "other" where the customer
// has none of them.
std::string EventSql::common(const EventFeature& feature) {
  std::vector<std::string> counts;
  for (const std::string& category : feature.categories) {
    counts.push_back(
        aggregate("COUNT(*)", all_of({inputs(), category_test(feature.column, category)})));
  }
  const std::string present = aggregate(fmt::format("COUNT({})", own(feature.column)), inputs());
  const std::string most =
      counts.size() == 1 ? counts[0] : fmt::format("GREATEST({})", join(counts, ", "));
  std::string out =
      fmt::format("CASE WHEN {} = 0 THEN NULL WHEN {} = 0 THEN 'other'", present, most);
  for (size_t i = 0; i < counts.size(); ++i) {
    out += fmt::format(" WHEN {} = {} THEN {}", counts[i], most,
                       Store::literal(feature.categories[i]));
  }
  return out + " END";
}

std::string EventSql::feature(const EventFeature& f) {
  const std::string cutoff = literal(cutoff_);
  const auto of_column = [&](const char* call) {
    return fmt::format(fmt::runtime(call), own(f.column));
  };
  const auto last = [&] { return aggregate("MAX(\"#time\")", inputs()); };
  const auto first = [&] { return aggregate("MIN(\"#time\")", inputs()); };
  const auto count = [&] { return aggregate("COUNT(*)", inputs()); };
  std::string window = in_window(f.window, 0);
  if (!f.by.empty()) window = all_of({window, category_test(f.by, f.category)});
  switch (f.measure) {
    case Measure::kRecency:
      return fmt::format("{} - {}", cutoff, last());
    case Measure::kTenure:
      return fmt::format("{} - {}", cutoff, first());
    case Measure::kCount:
      return as_double(aggregate("COUNT(*)", window));
    case Measure::kSum:
      return sum_of(f.column, window);
    case Measure::kMean: {
      const std::string n = aggregate(of_column("COUNT({})"), window);
      return fmt::format("CASE WHEN {0} > 0 THEN {1} / {0} END", n, sum_of(f.column, window));
    }
    case Measure::kMin:
      return aggregate(of_column("MIN({})"), window);
    case Measure::kMax:
      return aggregate(of_column("MAX({})"), window);
    case Measure::kSpread:
      return spread(f.column);
    case Measure::kTrend:
      return trend(f.column);
    case Measure::kMeanGap:
      return fmt::format("CASE WHEN {0} > 1 THEN ({1} - {2}) / ({0} - 1) END", count(), last(),
                         first());
    case Measure::kLastGap:
      return fmt::format(
          "{} - {}", last(),
          fmt::format(
              fmt::runtime(dialect_.second),
              aggregate(fmt::format(fmt::runtime(dialect_.largest_two), "\"#time\""), inputs())));
    case Measure::kOverdue:
      return fmt::format("CASE WHEN {0} > {1} THEN ({2} - {0}) * ({3} - 1) / ({0} - {1}) END",
                         last(), first(), cutoff, count());
    case Measure::kShift:
      return shift(f);
    case Measure::kDistinct:
      return as_double(aggregate(of_column("COUNT(DISTINCT {})"), window));
    case Measure::kCommon:
      return common(f);
    case Measure::kSessions:
    case Measure::kSessionLength:
    case Measure::kSessionEvents:
    case Measure::kLastSession:
      return session_feature(f.measure);
  }
  PERENNIAL_CHECK(false);
  return "";
}

std::string EventSql::target_item() {
  const EventTarget& target = plan_.target;
  if (!target.in_any.empty()) {
    return "CASE WHEN \"#id\" IN (SELECT \"#id\" FROM \"#bursts\") THEN 'yes' ELSE 'no' END";
  }
  const auto measure = [&](double from, double until) {
    std::string filter =
        fmt::format("\"#time\" >= {} AND \"#time\" < {}", literal(from), literal(until));
    if (!target.where.empty()) filter += " AND \"#where\"";
    if (target.sum.empty()) return as_double(aggregate("COUNT(*)", filter));
    return fmt::format("COALESCE({}, 0.0) / {}", as_double(aggregate("SUM(\"#amount\")", filter)),
                       literal(scale_of(kTarget).sum));
  };
  const std::string after = measure(cutoff_, later(cutoff_, target.within));
  if (target.falls_by > 0) {
    return fmt::format(
        "CASE WHEN {0} > 0 THEN CASE WHEN {1} <= {0} * {2} THEN 'yes' ELSE 'no' END END",
        measure(earlier(cutoff_, target.within), cutoff_), after, literal(1 - target.falls_by));
  }
  return fmt::format("CASE WHEN {} >= {} THEN 'yes' ELSE 'no' END", after,
                     literal(target.at_least));
}

// Customers with at_least events, from the cutoff on, within some time of the stated length.
std::string EventSql::bursts(const std::string& events) const {
  const EventTarget& target = plan_.target;
  return fmt::format(
      "SELECT DISTINCT\n  \"#id\"\nFROM (SELECT \"#id\", \"#time\", LAG(\"#time\", {}) OVER "
      "(PARTITION BY \"#id\" ORDER BY \"#time\") AS \"#earlier\" FROM {} WHERE \"#time\" >= "
      "{}{}) AS \"#run\"\nWHERE \"#time\" - \"#earlier\" < {}",
      std::max<int64_t>(0, static_cast<int64_t>(target.at_least) - 1), events, literal(cutoff_),
      target.where.empty() ? "" : " AND \"#where\"", literal(days_in(target.in_any)));
}

std::string EventSql::customers(bool with_target) {
  aggregates_.clear();
  names_.clear();
  with_target_ = with_target;
  const bool all = with_target && plan_.target.everybody;
  const std::string events = Store::identifier(plan_.table + " events");
  const std::string grouped = Store::identifier(plan_.table + " by customer");
  std::vector<std::string> items = {
      "\"#id\"", aggregate("MIN(\"#row\")", all ? "" : inputs()) + " AS \"#first\""};
  for (const EventFeature& f : plan_.features) {
    items.push_back(feature(f) + " AS " + Store::identifier(f.name));
  }
  if (with_target) items.push_back(target_item() + " AS \"#target\"");
  std::string out = fmt::format("WITH {} AS (\n{}\n),\n", events, rows(with_target));
  if (with_target && !plan_.target.in_any.empty()) {
    out += fmt::format("\"#bursts\" AS (\n{}\n),\n", bursts(events));
  }
  const std::string having =
      all || !with_target ? "" : fmt::format("\nHAVING COUNT(*) FILTER (WHERE {}) > 0", before());
  out += fmt::format("{} AS (\nSELECT\n  \"#id\",\n  {}\nFROM {}\nGROUP BY \"#id\"{}\n)\n", grouped,
                     join(aggregates_, ",\n  "), events, having);
  return out +
         fmt::format("SELECT\n  {}\nFROM {}\nORDER BY \"#first\"", join(items, ",\n  "), grouped);
}

std::string EventSql::statistics() const {
  std::vector<std::string> items = {"COUNT(*)", "MIN(\"#time\")", "MAX(\"#time\")"};
  std::vector<std::string> columns = {time() + " AS \"#time\""};
  for (const std::string& column : amounts()) {
    columns.push_back(value(column) + " AS " + own(column));
    add_extent(own(column), items);
  }
  return sql_.with(fmt::format(
      "SELECT\n  {}\nFROM (SELECT {} FROM {} WHERE {} IS NOT NULL AND {}) "
      "AS \"#inputs\"",
      join(items, ",\n  "), join(columns, ", "), sql_.relation(kOwn), id(), before(time())));
}

std::string EventSql::target_statistics() const {
  PERENNIAL_CHECK(!plan_.target.sum.empty());
  std::vector<std::string> items;
  add_extent(target_amount(), items);
  return sql_.with(fmt::format("SELECT\n  {}\nFROM {}\nWHERE {} IS NOT NULL AND {} < {}",
                               join(items, ",\n  "), sql_.relation(kOwn), id(), time(),
                               literal(later(cutoff_, plan_.target.within))));
}

std::string EventSql::span() const {
  return sql_.with(fmt::format(
      "SELECT\n  COUNT(*),\n  COUNT(CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN 1 END),\n  "
      "MIN(CASE WHEN {0} IS NOT NULL THEN {1} END),\n  MAX(CASE WHEN {0} IS NOT NULL THEN {1} "
      "END)\nFROM {2}",
      id(), time(), sql_.relation(kOwn)));
}

std::string EventSql::categories(const std::string& column, size_t most) const {
  return sql_.with(fmt::format(
      "SELECT\n  {0} AS value,\n  COUNT(*) AS n,\n  COUNT(*) OVER () AS \"all\"\nFROM {1}\nWHERE "
      "{2} "
      "IS NOT NULL AND {0} IS NOT NULL AND {3}\nGROUP BY {0}\nORDER BY n DESC, value\nLIMIT {4}",
      value(column), sql_.relation(kOwn), id(), before(time()), most));
}

}  // namespace perennial
