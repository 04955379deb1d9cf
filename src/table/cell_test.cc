#include "table/cell.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "base/seed.h"

namespace perennial {
namespace {

// Short cells have a way of their own; here they meet the C library and a regular expression.
TEST(Cell, ShortNumbersAreWhatStrtodSays) {
  const std::regex plain("[0-9]+(\\.[0-9]*)?");
  const std::string signs = "0123456789001.9";
  Rng rng(Seed{11});
  size_t numbers = 0, others = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    const size_t length = 1 + rng.below(10);
    while (text.size() < length) text += signs[rng.below(signs.size())];
    if (rng.below(8) == 0) text[rng.below(text.size())] = "-,e x\xD0"[rng.below(6)];
    const CellValue got = classify_cell(text, 0);
    if (!std::regex_match(text, plain)) {
      ++others;
      continue;
    }
    ++numbers;
    const size_t whole = text.find('.');
    const bool leading = text[0] == '0' && std::min(whole, text.size()) > 1;
    const CellKind kind = leading                      ? CellKind::kLeadingZero
                          : whole != std::string::npos ? CellKind::kPoint
                                                       : CellKind::kInteger;
    ASSERT_EQ(got.kind, kind) << text;
    ASSERT_EQ(got.value, std::strtod(text.c_str(), nullptr)) << text;
  }
  EXPECT_GT(numbers, 20000U);
  EXPECT_GT(others, 5000U);
}

TEST(Cell, SignsAmongDigitsMakeOtherCells) {
  for (const char* text : {".", ".5", "1.2.3", "1-2", "12:30", "1,5", "-5", "+5", "5 ", "1e5",
                           "5\xD0\xB6", "\xD0\xB6", "0x1F", "12345.6.", "/:;<=>?@"}) {
    const CellValue got = classify_cell(text, 0);
    const std::string cell = text;
    const CellKind kind = cell == ".5"                   ? CellKind::kPoint
                          : cell == "1,5"                ? CellKind::kComma
                          : cell == "-5" || cell == "+5" ? CellKind::kInteger
                          : cell == "1e5"                ? CellKind::kInteger
                                                         : CellKind::kOther;
    EXPECT_EQ(got.kind, kind) << text;
  }
}

}  // namespace
}  // namespace perennial
