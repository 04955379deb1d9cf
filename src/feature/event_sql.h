// The SQL of an EventPlan: one pass over the events, one row a customer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "feature/event_plan.h"
#include "feature/plan.h"
#include "feature/sql.h"

namespace perennial {

// Amounts are added as whole numbers, so that the order of the events and the number of threads
// change no bit: value * sum and value * square, rounded. Where the values have few decimals that
// is exact; elsewhere it is so to about 1e-15 (sum) and 1e-9 (square) of the largest value.
struct AmountScale {
  double sum = 1, square = 1;
  bool operator==(const AmountScale&) const = default;
};

class EventSql {
 public:
  // cutoff: days since 1970-01-01. Amounts that `scales` does not name have the scale 1.
  // `plan` must outlive this object. Throws Error{kStudy} where the target's condition cannot be.
  EventSql(const EventPlan& plan, double cutoff, std::map<std::string, AmountScale> scales = {},
           const Dialect& dialect = {});

  // One SELECT: "#id", "#first" (place in the file of the customer's first event among the inputs),
  // the features under their names and, with_target, "#target" ('yes', 'no' or NULL). Customers
  // have an event among the inputs; the order is that of "#first".
  std::string customers(bool with_target);
  // One row about the inputs: events, first and last time; then for every column in amounts():
  // values present, largest absolute value, and the place of the first of decimal_scales() that
  // makes all values whole (how many there are, where none does).
  std::string statistics() const;
  // The same figures of the target's amount, in all events up to the horizon.
  std::string target_statistics() const;
  // Of the whole table: rows, rows with an id and a time, first and last time.
  std::string span() const;
  // Distinct values of an attribute among the inputs ("value", "n", "all": how many there are), the
  // most frequent first; `most` of them.
  std::string categories(const std::string& column, size_t most) const;

  // Columns by what they can give, in the order of the schema.
  std::vector<std::string> amounts() const;
  std::vector<std::string> attributes() const;
  // The column after its repairs.
  bool is_text(const std::string& column) const;
  bool is_date(const std::string& column) const;
  // As the store must know the table.
  std::string table_name() const;

  static const std::vector<double>& decimal_scales();
  static constexpr size_t kExtent = 3;  // figures of an amount in statistics()
  // The name under which `scales` holds the scale of the target's amount.
  static constexpr const char* kTarget = "#target";

 private:
  std::string own(const std::string& column) const;
  std::string whole_name(const std::string& column, const char* what) const;
  std::string id() const;
  std::string time() const;
  std::string value(const std::string& column) const;  // SQL of an amount or attribute of a row
  std::string rows(bool with_target) const;            // SELECT of the events
  std::string target_place() const;
  const SqlColumn& target_column(const std::string& name) const;
  const std::string& target_amount() const;
  void add_target(std::vector<std::string>& items) const;
  std::string bursts(const std::string& events) const;
  std::string before(const std::string& time = "\"#time\"") const;  // is it among the inputs?
  std::string inputs() const;
  std::string in_window(const Duration& window, int back) const;
  std::string category_test(const std::string& column, const std::string& category) const;
  std::string feature(const EventFeature& feature);
  std::string target_item();
  std::string aggregate(const std::string& call, const std::string& filter);
  std::string whole(const std::string& amount, double scale) const;
  std::string sum_of(const std::string& column, const std::string& filter);
  std::string trend(const std::string& column);
  std::string pause() const;  // SQL of the seconds since the customer's event before
  std::string session_feature(Measure measure);
  std::string spread(const std::string& column);
  std::string shift(const EventFeature& feature);
  std::string common(const EventFeature& feature);
  AmountScale scale_of(const std::string& column) const;

  const EventPlan& plan_;
  const double cutoff_;
  const std::map<std::string, AmountScale> scales_;
  const Dialect dialect_;
  const FeaturePlan own_;  // the table alone, for its repairs
  const PlanSql sql_;
  bool with_target_ = false;
  std::vector<std::string> aggregates_;       // in the order of their names g1, g2, …
  std::map<std::string, std::string> names_;  // aggregate -> name
};

}  // namespace perennial
