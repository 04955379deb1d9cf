// Numbers that can hardly be true, and numbers that stand for something else.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>

#include "audit/check.h"
#include "audit/tail.h"
#include "base/text.h"

namespace perennial {
namespace {

bool is_measured(const ColumnView& view) {
  return view.column->type == ColumnType::kNumber && !view.is_id && !view.is_period &&
         !view.is_target && !view.is_ignored && view.present >= 50;
}

std::vector<uint32_t> rows_where(const ColumnView& view, const std::function<bool(double)>& test,
                                 int64_t& count) {
  std::vector<uint32_t> rows;
  count = 0;
  const auto& numbers = view.column->numbers;
  for (size_t row = 0; row < numbers.size(); ++row) {
    if (std::isnan(numbers[row]) || !test(numbers[row])) continue;
    if (++count <= 3) rows.push_back(static_cast<uint32_t>(row));
  }
  return rows;
}

// The roundest number t with low <= t < high; 0 <= low < high.
double round_between(double low, double high) {
  const int top = static_cast<int>(std::floor(std::log10(high)));
  for (int e = top; e > top - 3; --e) {
    const double power = std::pow(10.0, e);
    if (power < high && power >= low) return power;
  }
  for (int e = top; e > top - 17; --e) {
    const double power = std::pow(10.0, e);
    double rounded = std::floor(high / power) * power;
    if (rounded >= high) rounded -= power;
    // Division gives the nearest double of a decimal fraction, where multiplication may not.
    if (e < 0) rounded = std::round(rounded * std::pow(10.0, -e)) / std::pow(10.0, -e);
    if (rounded >= low && rounded < high) return rounded;
  }
  return low;
}

// A threshold that parts the numbers inside from those beyond the gap: "> t" or "< t" selects the
// latter.
double threshold(double inside, double outside) {
  if (outside > inside) {
    if (inside >= 0) return round_between(inside, outside);
    return outside > 0 ? 0 : -threshold(-inside, -outside);
  }
  if (inside <= 0) return inside == 0 ? 0 : -round_between(-inside, -outside);
  if (outside < 0) return 0;
  const double rounded = round_between(outside, inside);
  return rounded > outside ? rounded : inside;
}

Repair drop_where(const ColumnView& view, std::string where) {
  return {.kind = view.roles->id.empty() ? Repair::Kind::kDropRows : Repair::Kind::kDropCustomers,
          .table = view.table->name,
          .where = std::move(where)};
}

Repair set_missing(const ColumnView& view, std::string where) {
  return {.kind = Repair::Kind::kMissingRows,
          .table = view.table->name,
          .column = view.name(),
          .where = std::move(where)};
}

std::string condition(const ColumnView& view, const char* op, double number) {
  return fmt::format("{} {} {}", condition_name(view.name()), op, number_text(number));
}

// `inside` and `outside` are on the column's own scale.
Finding extreme_finding(const ColumnView& view, const TailGap& gap, double inside, double outside) {
  const bool above = outside > inside;
  const double limit = threshold(inside, outside);
  Finding finding = finding_on(view, "extreme-numbers", Severity::kWarning);
  const auto rows = rows_where(
      view, [&](double v) { return above ? v > limit : v < limit; }, finding.rows);
  finding.examples = examples_at(view, rows);
  const std::string numbers = finding.rows == 1
                                  ? fmt::format("One number is {}", number_text(outside))
                                  : fmt::format("{} numbers are {} or {}", grouped(finding.rows),
                                                number_text(outside), above ? "more" : "less");
  finding.message = fmt::format(
      "{}, where the next is {}: {} times as far from the median, which the rest of the "
      "column does not explain.",
      numbers, number_text(inside), fixed(gap.ratio, gap.ratio < 10 ? 1 : 0));
  finding.facts = {{"number", outside}, {"next", inside}, {"ratio", gap.ratio}};
  finding.confidence = 0.9;
  finding.repair = {drop_where(view, condition(view, above ? ">" : "<", limit))};
  return finding;
}

// Whether logarithms make the bulk of positive numbers more symmetric, by the quantiles at a tenth
// of up to 2,048 evenly spread ones.
bool logarithms_fit(const std::vector<double>& all) {
  std::vector<double> numbers;
  const size_t spread = all.size() / 2048 + 1;
  for (size_t i = 0; i < all.size(); i += spread) numbers.push_back(all[i]);
  std::array<double, 3> q{};
  for (size_t i = 0; i < 3; ++i) {
    const size_t at = numbers.size() * (i == 0 ? 1 : i == 1 ? 5 : 9) / 10;
    const auto place = numbers.begin() + static_cast<std::ptrdiff_t>(at);
    std::nth_element(numbers.begin(), place, numbers.end());
    q[i] = *place;
  }
  const auto skew = [](double a, double b, double c) {
    return c > a ? std::fabs((c + a - 2 * b) / (c - a)) : 0;
  };
  return skew(std::log(q[0]), std::log(q[1]), std::log(q[2])) < skew(q[0], q[1], q[2]);
}

void check_upper(const ColumnView& view, std::vector<double>& bulk, std::vector<Finding>& out) {
  if (const auto gap = upper_gap(bulk, 3, 1e-5)) {
    out.push_back(extreme_finding(view, *gap, gap->inside, gap->outside));
  }
}

void check_lower(const ColumnView& view, std::vector<double>& bulk, std::vector<Finding>& out) {
  const bool positive =
      std::all_of(bulk.begin(), bulk.end(), [](double number) { return number > 0; });
  const bool logs = positive && logarithms_fit(bulk);
  const auto turned = [&](double number) { return logs ? -std::log(number) : -number; };
  if (!may_have_gap(bulk, *std::min_element(bulk.begin(), bulk.end()), turned, 3)) return;
  for (double& number : bulk) number = turned(number);
  const auto gap = upper_gap(bulk, 3, 1e-5);
  if (!gap) return;
  const auto back = [&](double number) { return logs ? std::exp(-number) : -number; };
  double inside = back(gap->inside), outside = back(gap->outside);
  if (logs) {  // exp(log(x)) may miss x by a bit: take the cells themselves
    const double middle = std::sqrt(inside * outside);
    inside = HUGE_VAL, outside = 0;
    for (const double number : view.column->numbers) {
      if (number > middle) inside = std::min(inside, number);
      if (number > 0 && number < middle) outside = std::max(outside, number);
    }
  }
  out.push_back(extreme_finding(view, *gap, inside, outside));
}

}  // namespace

void check_extremes(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_measured(view)) return;
  std::vector<double> bulk = bulk_numbers(view.column->numbers);
  if (bulk.size() < 50) return;
  std::vector<Finding> found;
  check_upper(view, bulk, found);
  check_lower(view, bulk, found);
  // Sentinels such as 999 or -1 have a finding of their own.
  std::vector<Finding> sentinels;
  if (!found.empty()) check_sentinels(view, sentinels);
  if (sentinels.empty()) std::move(found.begin(), found.end(), std::back_inserter(out));
}

void check_negatives(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_measured(view)) return;
  std::vector<double> sizes;
  for (const double number : view.column->numbers) {
    if (number < 0) sizes.push_back(-number);
  }
  if (sizes.empty() || static_cast<int64_t>(sizes.size()) * 200 > view.present) return;
  // A bell that reaches a little below zero has hardly more numbers just above zero than below; a
  // tail that reaches far below zero leaves many on the way there.
  const double reach = median_of(sizes);
  std::vector<double> finite;
  for (const double number : view.column->numbers) {
    if (std::isfinite(number)) finite.push_back(number);
  }
  const double half = median_of(finite) / 2;
  const auto up_to = [&](double limit) {
    return std::count_if(finite.begin(), finite.end(),
                         [&](double v) { return v >= 0 && v <= limit; });
  };
  const auto negatives = static_cast<int64_t>(sizes.size());
  if (up_to(reach) < 100 * negatives || up_to(half) < 40 * negatives) return;
  std::vector<Finding> sentinels;
  check_sentinels(view, sentinels);
  if (!sentinels.empty()) return;
  Finding finding = finding_on(view, "negative-numbers", Severity::kWarning);
  const auto rows = rows_where(
      view, [](double v) { return v < 0; }, finding.rows);
  finding.examples = examples_at(view, rows);
  finding.message = fmt::format(
      "{} of {} {} negative, down to {}, in a column that is otherwise "
      "zero or more.",
      grouped(finding.rows), counted(view.present, "number"), finding.rows == 1 ? "is" : "are",
      number_text(-*std::max_element(sizes.begin(), sizes.end())));
  finding.facts = {{"present", view.present},
                   {"lowest", -*std::max_element(sizes.begin(), sizes.end())}};
  finding.confidence = 0.7;
  finding.repair = {set_missing(view, condition(view, "<", 0))};
  out.push_back(std::move(finding));
}

void check_isolated_zeros(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_measured(view)) return;
  const auto& numbers = view.column->numbers;
  const auto zeros = std::count(numbers.begin(), numbers.end(), 0.0);
  if (zeros == 0 || zeros * 100 > view.present) return;
  std::vector<double> positive;
  for (const double number : numbers) {
    if (number < 0) return;
    if (number > 0) positive.push_back(number);
  }
  if (positive.size() < 100) return;
  const double median = median_of(positive);
  std::partial_sort(positive.begin(), positive.begin() + 10, positive.end());
  // Isolated: zero is far from the smallest others, and those lie close together.
  if (positive[0] < median / 2 || positive[0] < 3 * (positive[9] - positive[0])) return;
  Finding finding = finding_on(view, "isolated-zeros", Severity::kInfo);
  finding.rows = zeros;
  int64_t count = 0;
  finding.examples = examples_at(view, rows_where(
                                           view, [](double v) { return v == 0; }, count));
  std::set<std::string> ids;
  if (const Column* id = view.table->find(view.roles->id); id != nullptr) {
    for (size_t row = 0; row < numbers.size(); ++row) {
      if (numbers[row] == 0) ids.insert(id->value_text(row));
    }
  }
  const std::string whose =
      ids.empty() ? ""
                  : fmt::format(" of {}", counted(static_cast<int64_t>(ids.size()), "customer"));
  finding.message = fmt::format(
      "{}{} {} 0, where the next number is {}: customers who were not "
      "active? A cohort condition can leave them out.",
      counted(zeros, "cell"), whose, zeros == 1 ? "is" : "are", number_text(positive[0]));
  finding.facts = {{"next", positive[0]}};
  finding.confidence = 0.5;
  out.push_back(std::move(finding));
}

void check_sentinels(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_measured(view)) return;
  static constexpr std::array kSentinels{-1.0,      -9.0, -99.0, -999.0, -9999.0, -99999.0,
                                         -999999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0};
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double number : view.column->numbers) {
    low = number < low ? number : low;
    high = number > high ? number : high;
  }
  for (const double end : {low, high}) {
    if (std::find(kSentinels.begin(), kSentinels.end(), end) == kSentinels.end()) continue;
    if ((end == high && end < 0) || (end == low && end > 0)) continue;
    double nearest = end == low ? HUGE_VAL : -HUGE_VAL;
    int64_t others = 0;
    for (const double number : view.column->numbers) {
      if (std::isnan(number) || number == end) continue;
      nearest = end == low ? std::min(nearest, number) : std::max(nearest, number);
      ++others;
    }
    const int64_t rows = view.present - others;
    const bool apart = end == low ? nearest >= 0 : nearest * 3 < end;
    if (others < 20 || rows < 3 || !apart) continue;
    Finding finding = finding_on(view, "sentinel-numbers", Severity::kWarning);
    int64_t count = 0;
    finding.examples = examples_at(view, rows_where(
                                             view, [&](double v) { return v == end; }, count));
    finding.rows = rows;
    finding.message = fmt::format(
        "{} in {} of {} seems to stand for something else than a number "
        "(never, unknown): all others are {} {}.",
        number_text(end), grouped(rows), counted(view.present, "cell"), number_text(nearest),
        end == low ? "or more" : "or less");
    finding.facts = {{"number", end}, {"present", view.present}, {"nearest", nearest}};
    finding.confidence = 0.7;
    finding.repair = {set_missing(view, condition(view, "=", end))};
    out.push_back(std::move(finding));
  }
}

void check_filled_values(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_measured(view)) return;
  const Mode mode = mode_of(view.column->numbers);
  if (static_cast<int64_t>(mode.count) * 10 < view.present) return;
  // Decimals the number is written with; whole numbers meet a mean too easily.
  const std::string text = number_text(mode.number);
  const size_t point = text.find('.');
  if (point == std::string::npos || text.find('e') != std::string::npos) return;
  const auto decimals = static_cast<int>(text.size() - point - 1);
  if (decimals < 2) return;
  double sum = 0;
  int64_t others = 0;
  std::set<double> distinct;
  for (const double number : view.column->numbers) {
    if (!std::isfinite(number) || number == mode.number) continue;
    sum += number;
    ++others;
    if (distinct.size() < 5) distinct.insert(number);
  }
  if (others < 50 || distinct.size() < 5) return;
  const double mean = sum / static_cast<double>(others);
  if (std::fabs(mean - mode.number) > 0.51 * std::pow(10.0, -decimals)) return;
  Finding finding = finding_on(view, "filled-values", Severity::kInfo);
  int64_t count = 0;
  finding.examples =
      examples_at(view, rows_where(
                            view, [&](double v) { return v == mode.number; }, count));
  finding.rows = static_cast<int64_t>(mode.count);
  finding.message = fmt::format(
      "{} in {} of {} is the mean of the other cells: missing values that were filled in.", text,
      grouped(finding.rows), counted(view.present, "cell"));
  finding.facts = {{"value", text}, {"present", view.present}};
  finding.confidence = 0.9;
  finding.repair = {set_missing(view, condition(view, "=", mode.number))};
  out.push_back(std::move(finding));
}

}  // namespace perennial
