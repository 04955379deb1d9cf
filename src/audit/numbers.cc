// Numbers that are stored as text.
#include <fmt/format.h>

#include <algorithm>

#include "audit/check.h"
#include "audit/marked_numbers.h"
#include "base/text.h"

namespace perennial {
namespace {

// How the values of a text column read as numbers. Counts are of rows.
struct NumberForms {
  int64_t plain = 0;         // 12, 3.5
  int64_t comma = 0;         // 0,98
  int64_t thousands = 0;     // of `comma`: 1,234, which may be a thousands mark as well
  int64_t point = 0;         // of `plain`: with a decimal point
  int64_t leading_zero = 0;  // 007: a code, not a number
  int64_t other = 0;
  std::vector<int32_t> comma_codes, other_codes;
};

// A number with a decimal comma that could be one with a thousands mark: "1,234", "12,345,678" is
// not a number at all.
bool may_be_thousands(std::string_view text) {
  const size_t comma = text.find(',');
  return text.size() - comma == 4 && comma >= 1 && comma <= 4 && text[0] != '0';
}

NumberForms forms_of(const ColumnView& view) {
  NumberForms forms;
  for (size_t i = 0; i < view.used.size(); ++i) {
    const std::string_view text = trim(view.text(i));
    const int64_t rows = view.rows_of(i);
    if (parse_number(text)) {
      forms.plain += rows;
      if (text.find('.') != std::string_view::npos) forms.point += rows;
      if (text.size() > 1 && text[0] == '0' && text[1] != '.') forms.leading_zero += rows;
    } else if (parse_number(text, ',')) {
      forms.comma += rows;
      if (may_be_thousands(text)) forms.thousands += rows;
      forms.comma_codes.push_back(view.used[i]);
    } else {
      forms.other += rows;
      forms.other_codes.push_back(view.used[i]);
    }
  }
  return forms;
}

Repair parse_repair(const ColumnView& view, char decimal) {
  return {.kind = Repair::Kind::kParseNumber,
          .table = view.table->name,
          .column = view.name(),
          .decimal = decimal};
}

bool is_candidate(const ColumnView& view) {
  return view.column->is_text() && !view.is_id && !view.is_period && view.present > 0;
}

}  // namespace

void check_decimal_commas(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_candidate(view)) return;
  const NumberForms forms = forms_of(view);
  if (forms.comma == 0 || forms.other > 0) return;
  Finding finding = finding_on(view, "decimal-commas", Severity::kWarning);
  finding.rows = forms.comma;
  finding.examples = examples_of(view, forms.comma_codes);
  finding.repair = {parse_repair(view, ',')};
  finding.safe = forms.point == 0 && forms.thousands < forms.comma && forms.leading_zero == 0;
  finding.confidence = finding.safe ? 0.99 : 0.5;
  finding.message = fmt::format("{} {} written with a decimal comma.",
                                counted(forms.comma, "number"), forms.comma == 1 ? "is" : "are");
  if (forms.point > 0) {
    finding.message += fmt::format(" {} more have a decimal point.", grouped(forms.point));
    // With decimal ',' the numbers with a point would be lost: no repair can be right for both.
    finding.repair.clear();
  } else if (forms.thousands == forms.comma) {
    finding.message += " Each has three digits behind the comma, which may mark thousands instead.";
  }
  out.push_back(std::move(finding));
}

void check_numbers_as_text(const ColumnView& view, std::vector<Finding>& out) {
  if (!is_candidate(view) || view.is_target) return;
  const NumberForms forms = forms_of(view);
  const bool commas = forms.comma > 0 && forms.point == 0;
  const int64_t numbers = forms.plain + (commas ? forms.comma : 0);
  const int64_t bad = view.present - numbers;
  if (bad == 0 || numbers < 10 || bad * 10 > view.present || forms.leading_zero > 0) return;
  if (forms.other == 0) return;  // commas and points mixed: check_decimal_commas says so
  if (holds_marked_numbers(*view.column)) return;  // check_marked_numbers says so
  Finding finding = finding_on(view, "numbers-as-text", Severity::kWarning);
  finding.rows = bad;
  finding.examples = examples_of(view, forms.other_codes);
  std::vector<std::string> values;
  for (size_t i = 0; i < forms.other_codes.size() && i < 3; ++i) {
    values.push_back(in_quotes(view.column->dictionary[static_cast<size_t>(forms.other_codes[i])]));
  }
  finding.message = fmt::format(
      "{} of {} hold numbers; {} {} not ({}). Read as numbers, {} missing.", grouped(numbers),
      counted(view.present, "cell"), grouped(bad), bad == 1 ? "does" : "do", join(values, ", "),
      bad == 1 ? "that one would be" : "those would be");
  finding.facts = {{"numbers", numbers}, {"present", view.present}};
  finding.confidence = 0.8;
  finding.repair = {parse_repair(view, commas ? ',' : '.')};
  out.push_back(std::move(finding));
}

}  // namespace perennial
