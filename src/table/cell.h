// One cell of a text table: is it missing, a number, a date, or words?
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

enum class CellKind : uint8_t {
  kInteger,      // 12, -3, 1e5: no decimal mark
  kPoint,        // 0.98
  kComma,        // 0,98
  kThousands,    // 1,234: a decimal comma or a thousands mark
  kGrouped,      // 1,234,567.8 or 1 234,5: thousands marks for sure
  kLeadingZero,  // 007
  kLong,         // an integer of more than 15 digits: more than a double holds
  kDate,         // ISO, see parse_iso_date
  kOther,        // words, or nothing but blanks
};
inline constexpr size_t kCellKinds = 9;

struct CellValue {
  CellKind kind = CellKind::kOther;
  double value = 0;  // NaN for kOther
};

// `decimal`: the mark the study says ('.' or ','), which settles kThousands and kGrouped: they then
// come out as the kind of that mark, thousands marks removed, and a number with the other mark as
// the kind of the other mark, without a value. 0 when the study does not say.
// Blanks at the ends make a cell kOther.
CellValue classify_cell(std::string_view text, char decimal);

// A number with blanks, apostrophes or the other mark between groups of three digits.
std::optional<double> parse_grouped(std::string_view text, char decimal);

// True when the cell has white space (also no-break spaces) at an end.
bool has_stray_spaces(std::string_view text);

// The words that stand for a missing value.
class MissingMarkers {
 public:
  MissingMarkers(const std::vector<std::string>& more, bool keep_markers);

  // The marker (without blanks; " " for a cell of blanks, "" for an empty one) when the cell is
  // missing.
  std::optional<std::string_view> find(std::string_view cell) const {
    if (cell.empty()) return std::string_view();
    if (!may_start_[static_cast<unsigned char>(cell.front())]) return std::nullopt;
    return find_slowly(cell);
  }

  // False: no marker, nor blanks before one, begins with this byte.
  bool may_start_with(char first) const { return may_start_[static_cast<unsigned char>(first)]; }

 private:
  std::optional<std::string_view> find_slowly(std::string_view cell) const;

  std::vector<std::string> markers_;
  std::array<bool, 256> may_start_{};  // bytes with which a marker, or blanks before it, may begin
  bool blanks_are_missing_ = true;
};

}  // namespace perennial
