// Columns that tell a model nothing, or that only name rows; and what the reader noticed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "audit/check.h"
#include "base/text.h"
#include "base/whole.h"

namespace perennial {
namespace {

bool has_role(const ColumnView& view) {
  return view.is_id || view.is_period || view.is_target || view.is_value || view.is_ignored;
}

Repair ignore(const ColumnView& view) {
  return {.kind = Repair::Kind::kIgnoreColumn, .table = view.table->name, .column = view.name()};
}

bool is_constant(const ColumnView& view) {
  if (view.present == 0) return true;
  if (view.column->is_text()) return view.used.size() == 1;
  double first = kMissing;
  for (const double number : view.column->numbers) {
    if (std::isnan(number)) continue;
    if (std::isnan(first)) first = number;
    if (number != first) return false;
  }
  return true;
}

// "id", "customer_id", "CustomerID", "Cust_num", "код", "uuid", …
bool is_named_like_id(std::string_view name) {
  const std::string regular = regular_name(name);
  const std::vector<std::string> words = split(regular, '_');
  static constexpr std::string_view kWords[] = {"id", "uid", "uuid", "guid", "key", "num",
                                                "nr", "no",  "code", "ид",   "код", "номер"};
  const std::string& last = words.back();
  if (std::find(std::begin(kWords), std::end(kWords), last) != std::end(kWords)) return true;
  return name.size() > 2 && name.substr(name.size() - 2) == "ID";
}

// Integers, each once, dense enough to have been counted rather than measured.
bool counts_rows(const ColumnView& view, bool named) {
  const auto& numbers = view.column->numbers;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    if (!is_whole(number) || std::fabs(number) > 9e15) return false;
    low = std::min(low, number);
    high = std::max(high, number);
  }
  const double range = high - low + 1;
  // By chance alone, n draws out of 10 n numbers are distinct with probability about exp(-n / 20).
  if (range > (named ? 1000.0 : 10.0) * static_cast<double>(view.present) || range > 4e8) {
    return false;
  }
  std::vector<bool> seen(static_cast<size_t>(range), false);
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    const auto at = static_cast<size_t>(number - low);
    if (seen[at]) return false;
    seen[at] = true;
  }
  return true;
}

}  // namespace

void check_reading_choices(const TableView& view, std::vector<Finding>& out) {
  for (const FileReading& file : view.table->files) {
    for (const std::string& note : file.notes) {
      Finding finding;
      finding.kind = "reading-choice";
      finding.severity = Severity::kInfo;
      finding.table = view.table->name;
      finding.rows = file.rows;
      finding.examples = {{.file = file.file, .line = 0, .value = ""}};
      finding.message = note;
      finding.confidence = 0.5;
      out.push_back(std::move(finding));
    }
  }
}

void check_missing_markers(const ColumnView& view, std::vector<Finding>& out) {
  if (view.reading == nullptr || view.reading->missing_markers.empty()) return;
  Finding finding = finding_on(view, "missing-markers", Severity::kInfo);
  std::vector<std::string> parts;
  for (const auto& [marker, cells] : view.reading->missing_markers) {
    finding.rows += cells;
    const bool blank = trim(marker).empty();
    parts.push_back(fmt::format("{} {}",
                                marker.empty() ? "empty"
                                : blank        ? "a blank"
                                               : in_quotes(marker),
                                grouped(cells)));
  }
  const auto total = static_cast<double>(std::max<size_t>(1, view.column->size()));
  finding.message = fmt::format("{} ({}) {} missing: {}.", counted(finding.rows, "cell"),
                                percent(static_cast<double>(finding.rows) / total),
                                finding.rows == 1 ? "is" : "are", join(parts, ", "));
  finding.facts = {{"share", static_cast<double>(finding.rows) / total}};
  finding.examples = view.reading->missing_examples;
  finding.confidence = 0.9;
  out.push_back(std::move(finding));
}

void check_dates_as_text(const ColumnView& view, std::vector<Finding>& out) {
  if (view.reading == nullptr || view.reading->text_dates == 0 || view.is_ignored) return;
  const ColumnReading& reading = *view.reading;
  Finding finding = finding_on(view, "dates-as-text", Severity::kWarning);
  finding.examples = reading.date_examples;
  finding.confidence = 0.9;
  finding.facts = {{"form", reading.date_question   ? "order"
                            : reading.not_dates > 0 ? "cells"
                                                    : "ways"},
                   {"dates", reading.text_dates}};
  const std::string say = fmt::format("types = {{ {} = \"date dmy\" }}", quoted(view.name()));
  if (reading.date_question) {
    finding.rows = reading.text_dates;
    finding.message = fmt::format(
        "{} can be read with the day or with the month first, and no value tells; the column stays "
        "text. Say {} in the table's section where the day comes first, \"date mdy\" where the "
        "month does, \"date ymd\" for the year.",
        counted(reading.text_dates, "date"), say);
  } else if (reading.not_dates > 0) {
    finding.rows = reading.not_dates;
    finding.message = fmt::format(
        "{} of {} are dates, {} {} not; the column stays text. Correct {}, or name {} among the "
        "missing markers of the table (missing = [\"…\"]).",
        grouped(reading.text_dates), counted(view.present, "cell"), grouped(reading.not_dates),
        reading.not_dates == 1 ? "is" : "are", reading.not_dates == 1 ? "it" : "them",
        reading.not_dates == 1 ? "it" : "them");
  } else {
    finding.rows = reading.text_dates;
    finding.message = fmt::format(
        "{} are written in more than one way; the column stays text. Make them uniform, or say {} "
        "(or mdy, ymd) in the table's section where one order holds for all.",
        counted(reading.text_dates, "date"), say);
  }
  out.push_back(std::move(finding));
}

void check_constant(const ColumnView& view, std::vector<Finding>& out) {
  if (has_role(view) || view.column->size() < 2 || !is_constant(view)) return;
  Finding finding = finding_on(view, "constant-column", Severity::kInfo);
  finding.rows = static_cast<int64_t>(view.column->size());
  if (view.present == 0) {
    finding.message = "All cells are missing.";
  } else {
    size_t row = 0;
    while (view.column->missing(row)) ++row;
    finding.message =
        fmt::format("Every {} {}: nothing to learn from.",
                    view.present < finding.rows ? "cell that is not missing is" : "cell is",
                    in_quotes(view.column->value_text(row)));
    finding.facts = {{"value", view.column->value_text(row)}};
    finding.examples = examples_at(view, {static_cast<uint32_t>(row)});
  }
  finding.confidence = 1;
  finding.repair = {ignore(view)};
  out.push_back(std::move(finding));
}

void check_near_unique(const ColumnView& view, std::vector<Finding>& out) {
  if (!view.column->is_text() || has_role(view)) return;
  const auto distinct = static_cast<int64_t>(view.used.size());
  if (distinct <= 50 || distinct * 2 <= view.present) return;
  // Numbers written as text have findings of their own.
  int64_t numeric = 0;
  for (size_t i = 0; i < view.used.size(); ++i) {
    const std::string_view text = trim(view.text(i));
    if (parse_number(text) || parse_number(text, ',')) ++numeric;
  }
  if (numeric * 10 >= distinct * 9) return;
  const bool unique = distinct == view.present;
  const bool id = unique && is_named_like_id(view.name());
  Finding finding =
      finding_on(view, id ? "id-like-column" : "near-unique-text", Severity::kWarning);
  finding.rows = view.present;
  finding.examples = examples_of(view, {view.used[0], view.used[1], view.used[2]});
  finding.message = fmt::format(
      "{} among {}: {}.", counted(distinct, "different value"), counted(view.present, "cell"),
      id ? "an id, by its name too; it names rows and cannot be learned from"
         : "names, addresses or comments rather than categories");
  finding.facts = {{"distinct", distinct}, {"present", view.present}};
  finding.confidence = unique ? 0.9 : 0.7;
  finding.repair = {ignore(view)};
  out.push_back(std::move(finding));
}

void check_id_like(const ColumnView& view, std::vector<Finding>& out) {
  if (view.column->type != ColumnType::kNumber || has_role(view) || view.present < 20) return;
  const bool named = is_named_like_id(view.name());
  if ((view.present < 100 && !named) || !counts_rows(view, named)) return;
  Finding finding = finding_on(view, "id-like-column", Severity::kWarning);
  finding.rows = view.present;
  finding.examples = examples_at(view, {0, 1, 2});
  finding.message = fmt::format(
      "Whole numbers, each in one row only{}: this seems to name the rows rather than to describe "
      "them.",
      named ? ", with a name like an id's" : "");
  finding.confidence = named ? 0.95 : 0.8;
  finding.repair = {ignore(view)};
  out.push_back(std::move(finding));
}

}  // namespace perennial
