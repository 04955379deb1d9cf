#include "base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/seed.h"

namespace perennial {
namespace {

TEST(Utf8, DecodesAndEncodes) {
  EXPECT_EQ(decode_utf8("aя€😀"), U"aя€😀");
  EXPECT_EQ(encode_utf8(U"aя€😀"), "aя€😀");
  EXPECT_EQ(decode_utf8(""), U"");
}

// Sequences from Markus Kuhn's "UTF-8 decoder capability and stress test".
TEST(Utf8, RefusesWhatIsNotUtf8) {
  EXPECT_TRUE(is_valid_utf8("Тип сервиса"));
  EXPECT_TRUE(is_valid_utf8("\xF4\x8F\xBF\xBF"));   // U+10FFFF
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // U+110000
  EXPECT_FALSE(is_valid_utf8("\x80"));              // continuation alone
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong "/"
  EXPECT_FALSE(is_valid_utf8("\xE0\x80\xAF"));
  EXPECT_FALSE(is_valid_utf8("\xF0\x80\x80\xAF"));
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));  // surrogate
  EXPECT_FALSE(is_valid_utf8("\xD1"));          // cut short
  EXPECT_FALSE(is_valid_utf8("\xFF"));
  EXPECT_EQ(decode_utf8("a\xFFz"), U"a\uFFFDz");
  EXPECT_EQ(encode_utf8(std::u32string{char32_t{0xD800}}), "\xEF\xBF\xBD");
}

// Compared for all code points below U+0590 with Python 3.11's str.lower; these are samples.
TEST(Text, LowerCase) {
  EXPECT_EQ(to_lower("ABCxyz 1"), "abcxyz 1");
  EXPECT_EQ(to_lower("ПРЕМИУМ Ё Ђ Ґ Ұ"), "премиум ё ђ ґ ұ");
  EXPECT_EQ(to_lower("ÀÖØÞ ×"), "àöøþ ×");
  EXPECT_EQ(to_lower("ŁÓDŹ ŽLUŤOUČKÝ ŐŰ Ÿ Ğ"), "łódź žluťoučký őű ÿ ğ");
  EXPECT_EQ(to_lower("ΑΒΓ ΆΈΊΌΎΏ ΪΫ"), "αβγ άέίόύώ ϊϋ");
  EXPECT_EQ(to_lower("ԱՖ ՀԱՅ"), "աֆ հայ");
  EXPECT_EQ(to_lower("ỄẾ Ơ Ư"), "ễế ơ ư");
  EXPECT_EQ(to_lower("東京 ქართული"), "東京 ქართული");
  EXPECT_EQ(to_lower("A\xFF"), "a\xFF");
}

TEST(Text, TrimTakesUnicodeSpaces) {
  EXPECT_EQ(trim("  a b \t\r\n"), "a b");
  EXPECT_EQ(trim("\u00A0\uFEFF x \u2003\u3000"), "x");
  EXPECT_EQ(trim("я"), "я");
  EXPECT_EQ(trim(" \u00A0 "), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\x80"), "\x80");  // invalid bytes are kept
  EXPECT_EQ(trim("a\xA0"), "a\xA0");
}

TEST(Text, RegularName) {
  EXPECT_EQ(regular_name("Тип сервиса"), "тип_сервиса");
  EXPECT_EQ(regular_name("  Revenue, EUR (net) "), "revenue_eur_net");
  EXPECT_EQ(regular_name("Маркет_актив_6_мес"), "маркет_актив_6_мес");
  EXPECT_EQ(regular_name("a—b“c”"), "a_b_c");
  EXPECT_EQ(regular_name("№ 5"), "5");
  EXPECT_EQ(regular_name(""), "column");
  EXPECT_EQ(regular_name("%%%"), "column");
  EXPECT_EQ(regular_name("東京 売上"), "東京_売上");
}

TEST(Text, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("стандартт", "стандарт"), 1);
  EXPECT_EQ(edit_distance("предыдцщий_месяц", "предыдущий_месяц"), 1);
  EXPECT_EQ(edit_distance("ab", "ba"), 1);   // one swap
  EXPECT_EQ(edit_distance("ca", "abc"), 3);  // OSA; unrestricted Damerau would say 2
}

TEST(Text, NearestSuggestsOnlyLikelyMisspellings) {
  const std::vector<std::string> names = {"file", "id", "pivot", "Выручка"};
  EXPECT_EQ(nearest("fiel", names), "file");
  EXPECT_EQ(nearest("PIVOT", names), "pivot");
  EXPECT_EQ(nearest("выручка", names), "Выручка");
  EXPECT_EQ(nearest("Выручко", names), "Выручка");
  EXPECT_EQ(nearest("separator", names), std::nullopt);
  EXPECT_EQ(nearest("x", std::vector<std::string>{"y"}), std::nullopt);
  EXPECT_EQ(nearest("x", std::vector<std::string>{}), std::nullopt);
  EXPECT_EQ(did_you_mean("fil", names), ", did you mean \"file\"?");
  EXPECT_EQ(did_you_mean("zzz", names), "");
}

TEST(Text, SplitAndJoin) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join(std::vector<std::string>{}, ", "), "");
}

TEST(Text, QuotedEscapes) {
  EXPECT_EQ(quoted("Тип \"x\"\\\n\t"), "\"Тип \\\"x\\\"\\\\\\n\\t\"");
  EXPECT_EQ(quoted(std::string("\x01\xFF", 2)), "\"\\x01\\xff\"");
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(215348), "215348");
  EXPECT_EQ(number_text(100000), "100000");
  EXPECT_EQ(number_text(1e20), "1e+20");
  EXPECT_EQ(number_text(std::nan("")), "nan");
  EXPECT_EQ(fixed(1.005, 1), "1.0");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(-0.01, 2), "-0.01");
  EXPECT_EQ(fixed(-0.4, 0), "0");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(counted(1, "customer"), "1 customer");
  EXPECT_EQ(counted(1300, "customer"), "1,300 customers");
  EXPECT_EQ(counted(0, "copy", "copies"), "0 copies");
}

TEST(Text, TerminalWidth) {
  EXPECT_EQ(display_width("стандарт"), 8);
  EXPECT_EQ(display_width("東京"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(shortened("стандарт", 8), "стандарт");
  EXPECT_EQ(shortened("стандарт", 5), "стан…");
  EXPECT_EQ(shortened("東京都", 4), "東…");
  EXPECT_EQ(shortened("abc", 1), "…");
  EXPECT_EQ(shortened("abc", 0), "");
}

TEST(ParseNumber, AcceptsPlainNumbersOnly) {
  EXPECT_EQ(parse_number("0"), 0.0);
  EXPECT_EQ(parse_number("-12.50"), -12.5);
  EXPECT_EQ(parse_number("+7"), 7.0);
  EXPECT_EQ(parse_number(".5"), 0.5);
  EXPECT_EQ(parse_number("5."), 5.0);
  EXPECT_EQ(parse_number("1e3"), 1000.0);
  EXPECT_EQ(parse_number("1.5E-2"), 0.015);
  EXPECT_EQ(parse_number("3,25", ','), 3.25);
  EXPECT_EQ(parse_number("-0,5e1", ','), -5.0);
  EXPECT_TRUE(std::signbit(*parse_number("-0")));
  for (const char* bad :
       {"",      "-",    "+",   ".",   "e5",  "1e", "1e+",   " 1", "1 ",    "1,5",
        "1.2.3", "0x10", "inf", "nan", "--1", "1-", "1_000", "٣",  "1e5.5", "+-1"}) {
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_number("1.5", ','), std::nullopt);
  EXPECT_EQ(parse_number(std::string_view("1\0", 2)), std::nullopt);
}

TEST(ParseNumber, LimitsOfADouble) {
  EXPECT_EQ(parse_number("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(parse_number("4.9406564584124654e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parse_number("1e999"), std::nullopt);
  EXPECT_EQ(parse_number("-1e99999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_number("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(parse_number("0e999"), 0.0);
  EXPECT_EQ(parse_number(std::string(400, '9')), std::nullopt);
  EXPECT_EQ(parse_number("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(parse_number("9007199254740993"), 9007199254740992.0);  // 2^53 + 1: half to even
  EXPECT_EQ(parse_number("00000000000000000000000000012"), 12.0);
}

// The fast path must round exactly as the C library does.
TEST(ParseNumber, AgreesWithStrtodToTheLastBit) {
  Rng rng(Seed{7});
  for (int i = 0; i < 200000; ++i) {
    std::string text = rng.bernoulli(0.3) ? "-" : "";
    const uint64_t whole = 1 + rng.below(10), part = rng.below(12);
    for (uint64_t k = 0; k < whole; ++k) text += static_cast<char>('0' + rng.below(10));
    if (part > 0) text += '.';
    for (uint64_t k = 0; k < part; ++k) text += static_cast<char>('0' + rng.below(10));
    if (rng.bernoulli(0.1)) text += "e" + std::to_string(static_cast<int>(rng.below(60)) - 30);
    const double expected = std::strtod(text.c_str(), nullptr);
    const auto got = parse_number(text);
    ASSERT_TRUE(got.has_value()) << text;
    ASSERT_EQ(std::bit_cast<uint64_t>(*got), std::bit_cast<uint64_t>(expected)) << text;
  }
}

// Short ways for whole numbers and fractions write what the library does.
TEST(NumberText, IsThatOfFmt) {
  Rng rng(Seed{9});
  std::vector<double> values = {0.0,
                                -0.0,
                                1e-4,
                                std::nextafter(1e-4, 0),
                                0.001,
                                0.5,
                                0.25,
                                1.0,
                                0.1 + 0.2,
                                1e15,
                                1e15 - 1,
                                1e16,
                                1e22,
                                -1.0,
                                -0.25,
                                5e-324,
                                std::nextafter(1.0, 0),
                                1.5,
                                100,
                                1e5,
                                123456,
                                HUGE_VAL};
  for (int i = 0; i < 50000; ++i) {
    values.push_back(rng.uniform());
    values.push_back(std::pow(10, -5 * rng.uniform()));
    values.push_back(static_cast<double>(rng.below(1000)) / 1000);
    values.push_back(std::floor(std::pow(10, 17 * rng.uniform())));
    values.push_back(std::bit_cast<double>(rng.next()));
  }
  for (const double value : values) {
    if (std::isnan(value)) continue;
    ASSERT_EQ(number_text(value), fmt::format("{}", value));
  }
  std::string text = "a,";
  append_number(text, 0.375);
  append_number(text, std::nan(""));
  EXPECT_EQ(text, "a,0.375nan");
}

TEST(ParseNumber, ReadsBackNumberText) {
  Rng rng(Seed{8});
  for (int i = 0; i < 50000; ++i) {
    const auto value = std::bit_cast<double>(rng.next());
    if (!std::isfinite(value)) continue;
    const auto back = parse_number(number_text(value));
    ASSERT_TRUE(back.has_value()) << number_text(value);
    ASSERT_EQ(std::bit_cast<uint64_t>(*back), std::bit_cast<uint64_t>(value));
  }
}

}  // namespace
}  // namespace perennial
