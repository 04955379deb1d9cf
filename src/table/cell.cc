#include "table/cell.h"

#include <cmath>
#include <cstdint>

#include "base/text.h"
#include "table/column.h"
#include "table/few_digits.h"

namespace perennial {
namespace {

constexpr int kExactDigits = 15;  // every integer of so many digits is a double, and reads back
constexpr double kPowersOfTen[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// The shape of a number without an exponent, and its digits as far as they fit.
struct Shape {
  bool number = false;
  bool has_exponent = false;
  bool plus = false, negative = false;
  char mark = 0;
  int whole = 0, decimals = 0;  // digits before and after the mark
  bool leading_zero = false;    // several digits before the mark, the first one 0
  uint64_t digits = 0;          // meaningful up to 19 digits
};

Shape shape_of(std::string_view text) {
  Shape shape;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && (*at == '-' || *at == '+')) {
    shape.plus = *at == '+';
    shape.negative = *at++ == '-';
  }
  const char* const first = at;
  for (; at != end && is_digit(*at); ++at) {
    shape.digits = shape.digits * 10 + static_cast<uint64_t>(*at - '0');
  }
  shape.whole = static_cast<int>(at - first);
  shape.leading_zero = shape.whole > 1 && *first == '0';
  if (at != end && (*at == '.' || *at == ',')) {
    shape.mark = *at++;
    const char* const after = at;
    for (; at != end && is_digit(*at); ++at) {
      shape.digits = shape.digits * 10 + static_cast<uint64_t>(*at - '0');
    }
    shape.decimals = static_cast<int>(at - after);
  }
  if (shape.whole + shape.decimals == 0) return shape;
  shape.has_exponent = at != end && (*at == 'e' || *at == 'E');
  shape.number = at == end || shape.has_exponent;
  return shape;
}

// The value of a whole cell of that shape: exact in one rounding while digits and power of ten are
// both exact doubles (Clinger 1990), else by the careful parser.
std::optional<double> value_of(std::string_view text, const Shape& shape) {
  if (!shape.has_exponent && shape.whole + shape.decimals <= kExactDigits) {
    const double value = static_cast<double>(shape.digits) / kPowersOfTen[shape.decimals];
    return shape.negative ? -value : value;
  }
  return parse_number(text, shape.mark == ',' ? ',' : '.');
}

CellKind kind_of(const Shape& shape) {
  if (shape.leading_zero) return CellKind::kLeadingZero;
  if (shape.mark == '.') return CellKind::kPoint;
  if (shape.mark == ',') {
    const bool grouped = shape.decimals == 3 && shape.whole >= 1 && shape.whole <= 3 &&
                         !shape.has_exponent && shape.digits >= 1000;
    return grouped ? CellKind::kThousands : CellKind::kComma;
  }
  // A long number with a plus is a telephone number: as a double it would lose its plus.
  const int limit = shape.plus ? 9 : kExactDigits;
  return shape.whole > limit && !shape.has_exponent ? CellKind::kLong : CellKind::kInteger;
}

CellValue classify_fixed(std::string_view text, const Shape& shape, char decimal) {
  if (shape.number && (shape.mark == 0 || shape.mark == decimal)) {
    const std::optional<double> value = value_of(text, shape);
    if (!value) return {CellKind::kOther, kMissing};
    CellKind kind = kind_of(shape);
    if (kind == CellKind::kThousands) kind = CellKind::kComma;
    return {kind, *value};
  }
  const CellKind right = decimal == ',' ? CellKind::kComma : CellKind::kPoint;
  const CellKind wrong = decimal == ',' ? CellKind::kPoint : CellKind::kComma;
  if (const std::optional<double> value = parse_grouped(text, decimal)) return {right, *value};
  if (shape.number && value_of(text, shape)) return {wrong, kMissing};
  return {CellKind::kOther, kMissing};
}

// Bytes of a thousands mark at `at`: an apostrophe, a blank, a no-break space (wide, thin or
// narrow), or the mark that is not the decimal one. 0 when there is none.
size_t group_mark(std::string_view text, size_t at, char decimal) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with(' ') || rest.starts_with('\'')) return 1;
  if (rest.starts_with(decimal == '.' ? ',' : '.')) return 1;
  if (rest.starts_with("\xC2\xA0")) return 2;
  if (rest.starts_with("\xE2\x80\xAF") || rest.starts_with("\xE2\x80\x89")) return 3;
  return 0;
}

}  // namespace

std::optional<double> parse_grouped(std::string_view text, char decimal) {
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  std::string plain(text.substr(0, at));
  std::string_view mark;
  size_t group = 0, groups = 0;
  for (; at < text.size() && text[at] != decimal; ++group) {
    if (is_digit(text[at])) {
      plain.push_back(text[at++]);
      continue;
    }
    const size_t length = group_mark(text, at, decimal);
    const bool complete = groups == 0 ? group >= 1 && group <= 3 : group == 3;
    if (length == 0 || !complete || (groups == 0 && plain.back() == '0' && group == 1)) {
      return std::nullopt;
    }
    if (groups > 0 && text.substr(at, length) != mark) return std::nullopt;
    mark = text.substr(at, length);
    at += length;
    group = static_cast<size_t>(-1);  // becomes 0 for the first digit of the next group
    ++groups;
  }
  if (groups == 0 || group != 3) return std::nullopt;
  plain += text.substr(at);
  return parse_number(plain, decimal);
}

CellValue classify_cell(std::string_view text, char decimal) {
  if (text.empty()) return {CellKind::kOther, kMissing};
  if (CellValue value; decimal == 0 && text.size() <= 8 && few_digits(text, value)) return value;
  const char c = text.front();
  if (!is_digit(c) && c != '-' && c != '+' && c != '.' && c != ',') {
    return {CellKind::kOther, kMissing};
  }
  const Shape shape = shape_of(text);
  if (decimal != 0 && !(text.size() >= 10 && text[4] == '-')) {
    return classify_fixed(text, shape, decimal);
  }
  if (shape.number) {
    const std::optional<double> value = value_of(text, shape);
    return value ? CellValue{kind_of(shape), *value} : CellValue{CellKind::kOther, kMissing};
  }
  if (text.size() >= 10 && text[4] == '-') {
    const double days = parse_iso_date(text);
    if (!std::isnan(days)) return {CellKind::kDate, days};
    return {CellKind::kOther, kMissing};
  }
  std::optional<double> grouped = parse_grouped(text, '.');
  if (!grouped) grouped = parse_grouped(text, ',');
  if (grouped) return {CellKind::kGrouped, *grouped};
  return {CellKind::kOther, kMissing};
}

bool has_stray_spaces(std::string_view text) {
  if (text.empty()) return false;
  const auto first = static_cast<unsigned char>(text.front());
  const auto last = static_cast<unsigned char>(text.back());
  if (first <= ' ' || last <= ' ') return true;
  // Of the wider blanks the first byte is one of these; the last one says little by itself.
  const bool may_start =
      first == 0xC2 || first == 0xE1 || first == 0xE2 || first == 0xE3 || first == 0xEF;
  const bool may_end =
      last >= 0x80 && text.size() > 1 &&
      (static_cast<unsigned char>(text[text.size() - 2]) == 0xC2 ||
       (text.size() > 2 && static_cast<unsigned char>(text[text.size() - 3]) >= 0xE1));
  return (may_start || may_end) && trim(text).size() != text.size();
}

MissingMarkers::MissingMarkers(const std::vector<std::string>& more, bool keep_markers)
    : blanks_are_missing_(!keep_markers) {
  if (!keep_markers) {
    markers_ = {"NA", "N/A", "#N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "$null$"};
  }
  for (const std::string& marker : more) {
    const std::string_view trimmed = trim(marker);
    if (trimmed.empty() && !marker.empty()) blanks_are_missing_ = true;
    if (!trimmed.empty()) markers_.emplace_back(trimmed);
  }
  for (const std::string& marker : markers_) {
    may_start_[static_cast<unsigned char>(marker.front())] = true;
  }
  for (const char blank : {' ', '\t', '\v', '\f', '\xC2', '\xE1', '\xE2', '\xE3', '\xEF'}) {
    may_start_[static_cast<unsigned char>(blank)] = true;
  }
}

std::optional<std::string_view> MissingMarkers::find_slowly(std::string_view cell) const {
  const std::string_view trimmed = trim(cell);
  if (trimmed.empty()) {
    return blanks_are_missing_ ? std::optional<std::string_view>(" ") : std::nullopt;
  }
  for (const std::string& marker : markers_) {
    if (trimmed == marker) return marker;
  }
  return std::nullopt;
}

}  // namespace perennial
