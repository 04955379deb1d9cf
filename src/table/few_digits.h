// Inside the table room: the cells that most tables of numbers are full of, read in one go.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "table/cell.h"

namespace perennial {

// One to eight bytes of a cell, the first one lowest.
inline uint64_t bytes_of(std::string_view text) {
  const size_t n = text.size();
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  if (n < 4) {
    return uint64_t{at[0]} | uint64_t{at[n / 2]} << (8 * (n / 2)) |
           uint64_t{at[n - 1]} << (8 * (n - 1));
  }
  // The first four and the last four; where they overlap they agree.
  uint32_t first = 0, last = 0;
  std::memcpy(&first, at, 4);
  std::memcpy(&last, at + n - 4, 4);
  return uint64_t{first} | uint64_t{last} << (8 * (n - 4));
}

// The number that eight digits (bytes 0 to 9, the first one lowest) stand for: pairs, then fours,
// then all, side by side (Lemire 2018).
inline uint64_t number_of(uint64_t digits) {
  constexpr uint64_t kPairs = 0x000000FF000000FFU;
  const uint64_t pairs = digits * 10 + (digits >> 8);
  return ((pairs & kPairs) * 0x000F424000000064U +
          ((pairs >> 16) & kPairs) * 0x0000271000000001U) >>
         32;
}

// Most cells of numbers: digits, or digits with a point among or behind them, one to eight signs.
// False: another cell. What it gives is what classify_cell gives where the study says no mark.
inline bool few_digits(std::string_view text, CellValue& value) {
  if constexpr (std::endian::native != std::endian::little) return false;
  constexpr double kPowersOfTen[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
  constexpr uint64_t kEach = 0x0101010101010101U;
  const size_t n = text.size();
  uint64_t bytes = bytes_of(text) ^ ('0' * kEach);
  // The upper bit of each byte that is no digit; bytes behind the text are left out.
  const uint64_t others =
      ((bytes + 0x76 * kEach) | bytes) & (0x80 * kEach) & (~uint64_t{0} >> (64 - 8 * n));
  bytes &= ~uint64_t{0} >> (64 - 8 * n);
  size_t whole = n, digits = n;
  if (others != 0) {
    const auto point = static_cast<size_t>(std::countr_zero(others)) / 8;
    if ((others & (others - 1)) != 0 || point == 0 || text[point] != '.') return false;
    whole = point;
    digits = n - 1;
    const uint64_t below = (uint64_t{1} << (8 * point)) - 1;
    const uint64_t above = point + 1 < 8 ? bytes >> (8 * (point + 1)) << (8 * point) : 0;
    bytes = (bytes & below) | above;
  }
  const auto number = static_cast<double>(number_of(bytes << (64 - 8 * digits)));
  value.value = digits == whole ? number : number / kPowersOfTen[digits - whole];
  value.kind = whole > 1 && text[0] == '0' ? CellKind::kLeadingZero
               : whole < n                 ? CellKind::kPoint
                                           : CellKind::kInteger;
  return true;
}

}  // namespace perennial
