// Numbers written with a sign of money or per cent, or with thousands marks: "$1,234.50", "12 %",
// "1 234,50 ₽", "R$ 10". Text to the reader, numbers to a person.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/column.h"

namespace perennial {

struct MarkedNumbers {
  int64_t present = 0;             // cells that are not missing
  int64_t numbers = 0;             // of these: numbers, once what is in `remove` is gone
  int64_t marked = 0;              // of these: with a sign or a thousands mark
  int64_t signed_cells = 0;        // of these: with a sign
  std::vector<std::string> signs;  // different ones, as written: "%", "R$"
  std::vector<int32_t> marked_codes, other_codes;

  // The reading: `remove` taken out of the text, then a number with this decimal mark (see
  // repaired_number).
  // `readable` is false where signs differ (amounts in two currencies are not one number), or where
  // no decimal mark fits all cells.
  bool readable = false;
  char decimal = '.';
  std::vector<std::string> remove;
  // The mark may separate decimals as well as thousands ("$1,234"): the reading is one of two.
  bool two_readings = false;
  // Nothing but blanks or marks between groups of three digits in every cell, as in telephone
  // numbers and codes.
  bool maybe_codes = false;
};

// For a text column; `marked` is 0 where there is nothing of the kind.
MarkedNumbers marked_numbers(const Column& column);

// True where nine in ten cells are such numbers and one reading fits them.
bool holds_marked_numbers(const Column& column);

}  // namespace perennial
