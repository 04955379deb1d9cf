#include "table/encoding.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/seed.h"

namespace perennial {
namespace {

DecodedText decode(std::string bytes, std::optional<std::string> encoding = std::nullopt) {
  return decode_text("f.csv", std::move(bytes), encoding, Workers(2));
}

std::string message(std::string bytes, std::optional<std::string> encoding = std::nullopt) {
  try {
    decode(std::move(bytes), std::move(encoding));
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

std::string utf16(std::u16string_view text, bool big) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    bytes += big ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

// Bytes as Python's codecs cp1251 and cp1252 write these words.
const std::string kRussian = "id;\xd2\xe8\xef \xf1\xe5\xf0\xe2\xe8\xf1\xe0\n1;\xb8\xeb\xea\xe0\n";
const std::string kWestern = "id;caf\xe9\n1;Gar\xe7on 5 \x80\n";

TEST(Encoding, FoundByLetters) {
  const DecodedText russian = decode(kRussian);
  EXPECT_EQ(russian.encoding, "windows-1251");
  EXPECT_EQ(russian.view(), "id;Тип сервиса\n1;ёлка\n");
  ASSERT_EQ(russian.notes.size(), 1U);
  EXPECT_NE(russian.notes[0].find("latin-1"), std::string::npos);
  const DecodedText western = decode(kWestern);
  EXPECT_EQ(western.encoding, "latin-1");
  EXPECT_EQ(western.view(), "id;café\n1;Garçon 5 €\n");
}

TEST(Encoding, TheStudyOverrides) {
  EXPECT_EQ(decode(kWestern, "windows-1251").view(), "id;cafй\n1;Garзon 5 Ђ\n");
  EXPECT_EQ(decode(kRussian, "windows-1251").notes.size(), 0U);
}

TEST(Encoding, EveryByteOfTheTables) {
  // Python: bytes(range(0x80, 0x100)) without 0x98, decoded as cp1251.
  std::string bytes;
  for (int b = 0x80; b < 0x100; ++b) {
    if (b != 0x98) bytes.push_back(static_cast<char>(b));
  }
  EXPECT_EQ(decode("a" + bytes, "windows-1251").text,
            "aЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџ\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї°±Ііґµ¶·ё№є»јЅѕї"
            "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя");
  EXPECT_EQ(decode("a\x80\x9f\xa0\xff", "latin-1").text, "a€Ÿ\u00a0ÿ");
}

TEST(Encoding, Utf16WithAndWithoutMark) {
  const std::u16string text = u"id;Имя\n1;Ёж 😀\n2;x\n";
  const std::string expected = "id;Имя\n1;Ёж 😀\n2;x\n";
  for (const bool big : {false, true}) {
    const std::string bytes = utf16(text, big), name = big ? "utf-16be" : "utf-16le";
    const DecodedText marked = decode((big ? "\xFE\xFF" : "\xFF\xFE") + bytes);
    EXPECT_EQ(marked.view(), expected);
    EXPECT_EQ(marked.encoding, name);
    EXPECT_TRUE(marked.bom);
    const DecodedText plain = decode(bytes);
    EXPECT_EQ(plain.view(), expected);
    EXPECT_EQ(plain.encoding, name);
    EXPECT_FALSE(plain.bom);
    EXPECT_EQ(plain.notes.size(), 1U);
    EXPECT_EQ(decode(bytes, name).view(), expected);
  }
}

TEST(Encoding, Utf8MarkIsNoPartOfTheText) {
  const DecodedText decoded = decode("\xEF\xBB\xBFид;x\n");
  EXPECT_EQ(decoded.view(), "ид;x\n");
  EXPECT_TRUE(decoded.bom);
}

TEST(Encoding, Utf8BordersAsInTheStandard) {
  // Unicode 15, table 3-7: first and last of each row are well formed, their neighbours are not.
  for (const char* good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(first_invalid_utf8(std::string("abcdefghij") + good), std::string::npos);
  }
  for (const char* bad : {"\x80", "\xC1\xBF", "\xC0\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC2",
                          "\xE2\x82", "\xF0\x9F\x98", "\xC2\x41", "\xFF"}) {
    EXPECT_EQ(first_invalid_utf8(std::string("abcdefghij") + bad), 10U);
    EXPECT_EQ(first_invalid_utf8(std::string("жжжжж") + bad + "жжжж"), 10U);
  }
  EXPECT_EQ(first_invalid_utf8("жжж\xC1\x81жжжж"), 6U);
}

TEST(Encoding, BlocksAreCutBetweenLetters) {
  std::string text = "a";
  while (text.size() < (size_t{5} << 19)) text += "ж€😀";
  EXPECT_EQ(decode(text).encoding, "utf-8");
  text[text.size() - 1] = 'x';
  EXPECT_NE(message(text).find("is not valid utf-8"), std::string::npos);
}

TEST(Encoding, ErrorsNameByteAndLine) {
  EXPECT_EQ(message("id\nкафе\n\xFF\n", "utf-8").substr(0, 48),
            "f.csv:3: byte 12 (0xFF) is not valid utf-8. Save");
  EXPECT_NE(message("id\nкафе, ещё слова\n\xFF\n").find("f.csv:3: byte 31 (0xFF)"),
            std::string::npos)
      << "damaged UTF-8 must not be guessed to be Windows-1251";
  EXPECT_NE(message("a\n\x98\n", "windows-1251").find("f.csv:2: byte 2 (0x98)"), std::string::npos);
  EXPECT_NE(message("ид,имя\n", "windows-1251").find("but the file is UTF-8"), std::string::npos);
  EXPECT_NE(message("\xFF\xFEi", "utf-8").find("mark of utf-16le"), std::string::npos);
  EXPECT_NE(message("\xFF\xFEi").find("byte 2"), std::string::npos) << "half a character";
  EXPECT_NE(message(std::string("\xFF\xFE") + "a\0\n\0\0\xDC" + std::string("a\0", 2)), "no error");
  EXPECT_NE(message(utf16(u"a\n\xD800z", true), "utf-16be").find("f.csv:2: byte 4"),
            std::string::npos);
  EXPECT_NE(message("a", "utf8").find("did you mean \"utf-8\"?"), std::string::npos);
}

TEST(Encoding, WhatIsNoTextIsRefused) {
  EXPECT_NE(message(std::string("a,b\n1,\0\n", 8)).find("f.csv:2: is not a text table"),
            std::string::npos);
  EXPECT_NE(message("PK\x03\x04zzzz").find("Excel workbook"), std::string::npos);
  EXPECT_NE(message("%PDF-1.4").find("PDF"), std::string::npos);
  std::string noise;
  for (int i = 0; i < 2000; ++i) noise.push_back(static_cast<char>(1 + i * 7 % 255));
  EXPECT_NE(message(noise).find("is not"), std::string::npos);
}

// Table 3-7 of the Unicode standard, row by row.
size_t first_invalid_by_table(const std::string& text) {
  struct Row {
    std::vector<std::pair<int, int>> bytes;
  };
  static const std::vector<Row> kRows = {
      {{{0x00, 0x7F}}},
      {{{0xC2, 0xDF}, {0x80, 0xBF}}},
      {{{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
      {{{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
      {{{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
      {{{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}}};
  for (size_t at = 0; at < text.size();) {
    size_t length = 0;
    for (const Row& row : kRows) {
      bool fits = at + row.bytes.size() <= text.size();
      for (size_t k = 0; fits && k < row.bytes.size(); ++k) {
        const int byte = static_cast<unsigned char>(text[at + k]);
        fits = byte >= row.bytes[k].first && byte <= row.bytes[k].second;
      }
      if (fits) length = row.bytes.size();
    }
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

TEST(Utf8, MistakesAreFoundWhereTheStandardsTableSays) {
  const std::vector<std::string> pieces = {"a",
                                           "1234567,",
                                           "ж",
                                           "Премиум",
                                           "ё;",
                                           "€",
                                           "\xEF\xBF\xBF",
                                           "😀",
                                           "\xF4\x8F\xBF\xBF",
                                           "\xF0\x90\x80\x80",
                                           "\xED\x9F\xBF",
                                           "\xE0\xA0\x80",
                                           "\xC2\x80",
                                           "\n"};
  Rng rng(Seed{7});
  size_t broken = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const size_t length = rng.below(150);
    while (text.size() < length) text += pieces[rng.below(pieces.size())];
    const size_t changes = rng.below(3);
    for (size_t k = 0; k < changes && !text.empty(); ++k) {
      text[rng.below(text.size())] = static_cast<char>(rng.below(256));
    }
    const size_t expected = first_invalid_by_table(text);
    broken += expected != std::string_view::npos ? 1 : 0;
    ASSERT_EQ(first_invalid_utf8(text), expected) << "round " << round;
  }
  EXPECT_GT(broken, 5000U);
  EXPECT_LT(broken, 15000U);
}

}  // namespace
}  // namespace perennial
