#include "audit/marked_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "audit/check.h"
#include "base/text.h"
#include "table/cell.h"

namespace perennial {
namespace {

// Longer ones first, where one ends with another.
constexpr std::array<std::string_view, 23> kSigns = {
    "US$", "R$",  "$",   "€",   "£",   "¥",    "₽", "₴",  "₸", "₹",  "₺", "%",
    "USD", "EUR", "GBP", "RUB", "BRL", "руб.", "руб", "р.", "р", "zł", "Kč"};
constexpr std::array<std::string_view, 4> kBlanks = {" ", "\xC2\xA0", "\xE2\x80\xAF",
                                                     "\xE2\x80\x89"};
constexpr size_t kFirstLook = 20;  // values; none of them a number: the column holds none

// A cell without its sign.
struct Core {
  std::string text;  // the number as written, a minus in front
  std::string sign;  // "" for none
};

Core core_of(std::string_view cell) {
  Core core;
  cell = trim(cell);
  const bool minus = cell.starts_with('-');
  if (minus) cell = trim(cell.substr(1));
  for (const std::string_view sign : kSigns) {
    if (cell.size() > sign.size() && (cell.starts_with(sign) || cell.ends_with(sign))) {
      core.sign = sign;
      if (cell.starts_with(sign)) {
        cell.remove_prefix(sign.size());
      } else {
        cell.remove_suffix(sign.size());
      }
      break;
    }
  }
  cell = trim(cell);
  // "$-5": the minus may stand behind the sign.
  core.text = std::string(minus ? "-" : "") + std::string(cell);
  return core;
}

std::optional<double> number_of(const std::string& text, char decimal) {
  if (const auto plain = parse_number(text, decimal)) return plain;
  return parse_grouped(text, decimal);
}

bool is_code(const std::string& text) {
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

// What the values of a column are under each decimal mark.
struct Survey {
  std::array<bool, 2> fits = {true, true};  // '.' and ','
  bool same = true;                         // both marks give the same numbers
  bool all_grouped = true;                  // no cell without groups, none with decimals
  std::set<std::string> signs;
};

constexpr std::array<char, 2> kDecimals = {'.', ','};

bool is_grouped(const std::string& text) {
  return !parse_number(text, '.') && !parse_number(text, ',') &&
         (parse_grouped(text, '.') || parse_grouped(text, ','));
}

// Takes a value into the survey; false when it is no number at all.
bool add(const Core& core, Survey& survey) {
  std::array<std::optional<double>, 2> values;
  for (size_t d = 0; d < 2; ++d) values[d] = number_of(core.text, kDecimals[d]);
  if ((!values[0] && !values[1]) || is_code(core.text)) return false;
  for (size_t d = 0; d < 2; ++d) survey.fits[d] = survey.fits[d] && values[d].has_value();
  survey.same = survey.same && values[0] == values[1];
  if (!core.sign.empty()) survey.signs.insert(core.sign);
  survey.all_grouped = survey.all_grouped && is_grouped(core.text) && values[0] == values[1];
  return true;
}

std::string without_all(std::string text, const std::vector<std::string>& remove) {
  for (const std::string& part : remove) text = without(std::move(text), part);
  return text;
}

// Everything that stands in the cells beside digits, the decimal mark and a minus.
std::vector<std::string> to_remove(const Column& column,
                                   const std::vector<std::optional<Core>>& cores,
                                   const Survey& survey, char decimal) {
  std::vector<std::string> remove(survey.signs.begin(), survey.signs.end());
  std::vector<std::string_view> marks(kBlanks.begin(), kBlanks.end());
  marks.emplace_back("'");
  marks.emplace_back(decimal == '.' ? "," : ".");
  for (const std::string_view mark : marks) {
    const bool found = std::any_of(cores.begin(), cores.end(), [&](const auto& core) {
      const auto at = static_cast<size_t>(&core - cores.data());
      return core && without_all(column.dictionary[at], remove).find(mark) != std::string::npos;
    });
    if (found) remove.emplace_back(mark);
  }
  return remove;
}

// Sets the reading, if the plain rule "remove, then parse" gives each cell its number.
void settle_reading(const Column& column, const std::vector<std::optional<Core>>& cores,
                    const Survey& survey, MarkedNumbers& out) {
  if (survey.signs.size() > 1 || (!survey.fits[0] && !survey.fits[1])) return;
  out.two_readings = survey.fits[0] && survey.fits[1] && !survey.same;
  out.maybe_codes = survey.all_grouped && survey.signs.empty();
  out.decimal = survey.fits[0] ? '.' : ',';
  if (out.two_readings) {
    // Amounts and large numbers are grouped by threes more often than cut to thousandths.
    const bool comma = std::any_of(cores.begin(), cores.end(), [](const auto& core) {
      return core && core->text.find(',') != std::string::npos;
    });
    out.decimal = comma ? '.' : ',';
  }
  out.remove = to_remove(column, cores, survey, out.decimal);
  out.readable = true;
  const Repair reading{
      .kind = Repair::Kind::kParseNumber, .decimal = out.decimal, .remove = out.remove};
  for (size_t code = 0; code < cores.size(); ++code) {
    if (!cores[code]) continue;
    const auto wanted = number_of(cores[code]->text, out.decimal);
    const auto got = repaired_number(column.dictionary[code], reading);
    if (!wanted || got != wanted) out.readable = false;
  }
}

}  // namespace

MarkedNumbers marked_numbers(const Column& column) {
  MarkedNumbers out;
  if (!column.is_text()) return out;
  Survey survey;
  std::vector<std::optional<Core>> cores;
  std::vector<char> is_marked;
  bool any_number = false, any_marked = false;
  for (size_t code = 0; code < column.dictionary.size(); ++code) {
    if (code == kFirstLook && !any_number) return {};
    Core core = core_of(column.dictionary[code]);
    const bool number = add(core, survey);
    is_marked.push_back(number && (!core.sign.empty() || is_grouped(core.text)));
    any_number = any_number || number;
    any_marked = any_marked || is_marked.back();
    cores.push_back(number ? std::optional(std::move(core)) : std::nullopt);
  }
  if (!any_marked) return {};
  std::vector<char> seen(cores.size(), 0);
  for (const int32_t code : column.codes) {
    if (code < 0) continue;
    const auto at = static_cast<size_t>(code);
    ++out.present;
    out.numbers += cores[at].has_value();
    out.marked += is_marked[at];
    out.signed_cells += cores[at] && !cores[at]->sign.empty();
    if (seen[at]++ != 0) continue;
    if (is_marked[at]) out.marked_codes.push_back(code);
    if (!cores[at]) out.other_codes.push_back(code);
  }
  out.signs.assign(survey.signs.begin(), survey.signs.end());
  settle_reading(column, cores, survey, out);
  return out;
}

bool holds_marked_numbers(const Column& column) {
  const MarkedNumbers found = marked_numbers(column);
  return found.marked > 0 && found.numbers * 10 >= found.present * 9 && found.readable;
}

namespace {

std::string quoted_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) parts.push_back(in_quotes(text));
  return join(parts, ", ");
}

// Why the reading is not taken without being asked; "" where it is.
std::string doubt_of(const MarkedNumbers& found, char other_decimal) {
  if (found.two_readings) {
    return fmt::format(
        " The mark «{}» may separate thousands, as the repair takes it, or "
        "decimals: then say decimal = \"{}\" and remove the sign alone.",
        other_decimal, other_decimal);
  }
  if (found.maybe_codes) {
    return " Each has the same groups of three digits, so they may be codes rather than amounts.";
  }
  if (found.numbers < found.present) {
    return fmt::format(" {} more would be missing.",
                       counted(found.present - found.numbers, "cell"));
  }
  if (found.signed_cells > 0 && found.signed_cells < found.present) {
    return fmt::format(" {} without a sign: the same unit?",
                       counted(found.present - found.signed_cells, "cell stands", "cells stand"));
  }
  return "";
}

}  // namespace

void check_marked_numbers(const ColumnView& view, std::vector<Finding>& out) {
  if (!view.column->is_text() || view.is_id || view.is_period || view.is_ignored) return;
  const MarkedNumbers found = marked_numbers(*view.column);
  if (found.marked == 0 || found.numbers * 10 < found.present * 9) return;
  Finding finding = finding_on(view, "numbers-with-signs", Severity::kWarning);
  finding.rows = found.marked;
  finding.examples = examples_of(view, found.marked_codes);
  finding.message = fmt::format("{} {} written with {}.", counted(found.marked, "number"),
                                found.marked == 1 ? "is" : "are",
                                found.signs.empty() ? "thousands marks" : quoted_list(found.signs));
  if (!found.readable) {
    finding.confidence = 0.7;
    finding.message += found.signs.size() > 1
                           ? " Amounts in different units are not one number: make them uniform in "
                             "the file. Until then the column stays text."
                           : " Decimal points and commas are mixed: make them uniform in the file. "
                             "Until then the column stays text.";
  } else {
    const std::string doubt = doubt_of(found, found.decimal == '.' ? ',' : '.');
    finding.safe = doubt.empty() && !view.is_target;
    finding.confidence = finding.safe ? 0.98 : 0.6;
    finding.message +=
        fmt::format(" Without {} they are numbers with a decimal {}.{}", quoted_list(found.remove),
                    found.decimal == ',' ? "comma" : "point", doubt);
    finding.repair = {{.kind = Repair::Kind::kParseNumber,
                       .table = view.table->name,
                       .column = view.name(),
                       .decimal = found.decimal,
                       .remove = found.remove}};
  }
  out.push_back(std::move(finding));
}

}  // namespace perennial
