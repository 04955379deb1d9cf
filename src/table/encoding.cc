#include "table/encoding.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kBlock = size_t{1} << 20;
constexpr size_t kSample = size_t{1} << 16;
constexpr auto npos = std::string_view::npos;

const std::vector<std::string>& encoding_names() {
  static const std::vector<std::string> names = {"utf-8", "utf-16le", "utf-16be", "windows-1251",
                                                 "latin-1"};
  return names;
}

// Code points of the bytes 0x80 to 0xBF in Windows-1251 (0xC0 to 0xFF are А to я in order); 0:
// none.
constexpr std::array<char16_t, 64> kCyrillic = {
    0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x0409,
    0x2039, 0x040A, 0x040C, 0x040B, 0x040F, 0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0,      0x2122, 0x0459, 0x203A, 0x045A, 0x045C, 0x045B, 0x045F, 0x00A0,
    0x040E, 0x045E, 0x0408, 0x00A4, 0x0490, 0x00A6, 0x00A7, 0x0401, 0x00A9, 0x0404, 0x00AB,
    0x00AC, 0x00AD, 0x00AE, 0x0407, 0x00B0, 0x00B1, 0x0406, 0x0456, 0x0491, 0x00B5, 0x00B6,
    0x00B7, 0x0451, 0x2116, 0x0454, 0x00BB, 0x0458, 0x0405, 0x0455, 0x0457};

// Code points of the bytes 0x80 to 0x9F in Windows-1252; 0: none.
constexpr std::array<char16_t, 32> kWestern = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

char32_t cyrillic(unsigned char byte) {
  if (byte < 0x80) return byte;
  return byte < 0xC0 ? kCyrillic[byte - 0x80] : static_cast<char32_t>(0x0410 + (byte - 0xC0));
}

char32_t western(unsigned char byte) {
  return byte >= 0x80 && byte < 0xA0 ? kWestern[byte - 0x80] : byte;
}

void append(std::string& out, char32_t code) {
  const auto put = [&out](char32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

std::string place(const std::string& file, std::string_view before) {
  return file + ":" + std::to_string(1 + std::count(before.begin(), before.end(), '\n'));
}

[[noreturn]] void not_in_encoding(const std::string& where, size_t offset, unsigned char byte,
                                  const std::string& encoding) {
  constexpr char kHex[] = "0123456789ABCDEF";
  throw Error(
      ErrorCode::kData, where,
      "byte " + std::to_string(offset) + " (0x" + kHex[byte >> 4] + kHex[byte & 15] +
          ") is not valid " + encoding,
      std::string("Save the file as UTF-8, or say its encoding in the study: encoding = \"") +
          (encoding == "windows-1251" ? "latin-1" : "windows-1251") + "\"");
}

[[noreturn]] void not_text(const std::string& file, const std::string& why,
                           const std::string& hint = "Export the table as CSV") {
  throw Error(ErrorCode::kData, file, "is not a text table: " + why, hint);
}

// Files that people take for tables, by their first bytes.
void refuse_known_formats(const std::string& file, std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04")) {
    not_text(file, "it is a zip archive or an Excel workbook",
             "Save the sheet as CSV UTF-8, or unpack the archive");
  }
  if (bytes.starts_with("\xD0\xCF\x11\xE0")) {
    not_text(file, "it is an old Excel workbook", "Save the sheet as CSV UTF-8");
  }
  if (bytes.starts_with("%PDF")) not_text(file, "it is a PDF document");
  if (bytes.starts_with("PAR1")) not_text(file, "it is a Parquet file");
  if (bytes.starts_with("BZh") || bytes.starts_with("\xFD"
                                                    "7zXZ")) {
    not_text(file, "it is packed with bzip2 or xz", "Unpack it, or pack it with gzip or zstd");
  }
}

// First offset at or after `at` where a UTF-8 sequence may begin.
size_t sequence_start(std::string_view text, size_t at) {
  for (int i = 0; i < 3 && at < text.size(); ++i, ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) break;
  }
  return std::min(at, text.size());
}

// first_invalid_utf8 on all cores, and whether a NUL byte is there.
size_t first_invalid_parallel(std::string_view text, const Workers& workers, size_t* first_nul) {
  const size_t blocks = text.size() / kBlock + 1;
  std::vector<size_t> invalid(blocks, npos), nul(blocks, npos);
  workers.run(blocks, [&](size_t i) {
    const size_t from = i == 0 ? 0 : sequence_start(text, i * kBlock);
    const size_t to = sequence_start(text, std::min(text.size(), (i + 1) * kBlock));
    if (from >= to) return;
    const std::string_view block = text.substr(from, to - from);
    const size_t found = first_invalid_utf8(block);
    if (found != npos) invalid[i] = from + found;
    if (const void* zero = std::memchr(block.data(), 0, block.size())) {
      nul[i] = from + static_cast<size_t>(static_cast<const char*>(zero) - block.data());
    }
  });
  *first_nul = *std::min_element(nul.begin(), nul.end());
  return *std::min_element(invalid.begin(), invalid.end());
}

// Text in UTF-16 has, in every script, zero bytes at one parity only (those of digits, separators
// and line ends), and few pairs of bytes that are both plain characters.
std::string utf16_without_mark(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, kSample);
  if (bytes.size() % 2 != 0) return "";
  const auto plain = [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r'; };
  int64_t zeros[2] = {0, 0}, plain_pairs = 0;
  for (size_t i = 0; i + 1 < sample.size(); i += 2) {
    zeros[0] += sample[i] == 0;
    zeros[1] += sample[i + 1] == 0;
    plain_pairs += plain(sample[i]) && plain(sample[i + 1]);
  }
  const int64_t more = std::max(zeros[0], zeros[1]), fewer = std::min(zeros[0], zeros[1]);
  if (more <= 10 * fewer || more <= 2 * plain_pairs) return "";
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

DecodedText decode_utf16(const std::string& file, std::string_view bytes, bool big, bool bom) {
  DecodedText decoded{.encoding = big ? "utf-16be" : "utf-16le", .bom = bom};
  const auto unit = [&](size_t at) -> char32_t {
    const auto a = static_cast<unsigned char>(bytes[at]);
    const auto b = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<char32_t>(big ? a << 8 | b : b << 8 | a);
  };
  const auto refuse = [&](size_t at) {
    not_in_encoding(place(file, decoded.text), at, static_cast<unsigned char>(bytes[at]),
                    decoded.encoding);
  };
  decoded.text.reserve(bytes.size() / 2 + bytes.size() / 4);
  for (size_t at = bom ? 2 : 0; at < bytes.size(); at += 2) {
    if (at + 1 >= bytes.size()) refuse(at);
    char32_t code = unit(at);
    if (code >= 0xD800 && code < 0xE000) {
      if (code >= 0xDC00 || at + 3 >= bytes.size()) refuse(at);
      const char32_t low = unit(at + 2);
      if (low < 0xDC00 || low >= 0xE000) refuse(at);
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 2;
    }
    append(decoded.text, code);
  }
  return decoded;
}

DecodedText decode_bytes(const std::string& file, std::string_view bytes,
                         const std::string& encoding) {
  DecodedText decoded{.encoding = encoding};
  const bool russian = encoding == "windows-1251";
  decoded.text.reserve(bytes.size() + bytes.size() / 2);
  for (size_t at = 0; at < bytes.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const char32_t code = russian ? cyrillic(byte) : western(byte);
    if (code == 0 && byte != 0) not_in_encoding(place(file, decoded.text), at, byte, encoding);
    append(decoded.text, code);
  }
  return decoded;
}

// What the bytes above 0x7F stand beside. Russian words are made of such bytes alone; in western
// words they stand singly among ASCII letters.
struct LetterStatistics {
  int64_t high_pairs = 0, mixed_pairs = 0, letters = 0, high = 0;
};

LetterStatistics letter_statistics(std::string_view bytes) {
  LetterStatistics s;
  bool last_high = false, last_ascii = false;
  for (const char c : bytes.substr(0, kSample * 16)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool high = byte >= 0xC0 || byte == 0xA8 || byte == 0xB8;
    const bool ascii = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80;
    s.high_pairs += high && last_high;
    s.mixed_pairs += (high && last_ascii) || (ascii && last_high);
    s.letters += high;
    s.high += byte >= 0x80;
    last_high = high;
    last_ascii = ascii;
  }
  return s;
}

DecodedText decode_guessed(const std::string& file, std::string_view bytes) {
  const LetterStatistics s = letter_statistics(bytes);
  const bool pairs = s.high_pairs + s.mixed_pairs > 0;
  const bool russian = pairs ? s.high_pairs > s.mixed_pairs : s.letters == s.high;
  const std::string encoding = russian ? "windows-1251" : "latin-1";
  const std::string other = russian ? "latin-1" : "windows-1251";
  DecodedText decoded = decode_bytes(file, bytes, encoding);
  decoded.notes.push_back(
      "read as " + encoding + ", because it is not valid UTF-8 and its letters above ASCII " +
      (russian ? "stand in whole words" : "stand singly among ASCII letters or are signs") +
      "; say encoding = \"" + other + "\" if names look garbled");
  return decoded;
}

struct Utf8Statistics {
  int64_t sequences = 0, invalid = 0;
};

Utf8Statistics utf8_statistics(std::string_view text) {
  Utf8Statistics s;
  for (size_t at = 0; at < text.size();) {
    const size_t bad = first_invalid_utf8(text.substr(at));
    const size_t end = bad == npos ? text.size() : at + bad;
    for (; at < end; ++at) s.sequences += static_cast<unsigned char>(text[at]) >= 0xC0;
    if (bad == npos) break;
    ++s.invalid;
    ++at;
  }
  return s;
}

// Bytes that could be UTF-8, Windows-1251 or Latin-1; finds out which where the study does not say.
DecodedText decode_eight_bit(const std::string& file, std::string&& bytes,
                             const std::string& encoding, const Workers& workers) {
  const bool bom = bytes.starts_with("\xEF\xBB\xBF");
  size_t nul = npos;
  const size_t invalid = first_invalid_parallel(bytes, workers, &nul);
  if (nul != npos) {
    const std::string before = bytes.substr(0, nul);
    not_text(place(file, before), "byte " + std::to_string(nul) + " is NUL",
             "Export the table as CSV; if it is UTF-16 text, say encoding = \"utf-16le\"");
  }
  if (encoding == "utf-8" || (encoding.empty() && invalid == npos)) {
    if (invalid != npos) {
      not_in_encoding(place(file, std::string_view(bytes).substr(0, invalid)), invalid,
                      static_cast<unsigned char>(bytes[invalid]), "utf-8");
    }
    return {
        .text = std::move(bytes), .start = bom ? size_t{3} : 0, .encoding = "utf-8", .bom = bom};
  }
  const Utf8Statistics s =
      invalid == npos || encoding.empty() ? utf8_statistics(bytes) : Utf8Statistics{};
  if (!encoding.empty()) {
    // Three sequences that are valid by chance are rarer than a wrong line in a study.
    if (bom || (invalid == npos && s.sequences >= 3)) {
      const auto first = std::find_if(bytes.begin(), bytes.end(),
                                      [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
      throw Error(ErrorCode::kData, place(file, std::string_view(bytes.begin(), first)),
                  "the study says encoding = \"" + encoding +
                      "\", but the file is UTF-8 (see byte " +
                      std::to_string(first - bytes.begin()) + ")",
                  "Remove the encoding from the study");
    }
    return decode_bytes(file, bytes, encoding);
  }
  // Valid sequences outnumber what chance gives: damaged UTF-8. Guessing would garble every word.
  if (bom || s.sequences > 2 * s.invalid) {
    not_in_encoding(place(file, std::string_view(bytes).substr(0, invalid)), invalid,
                    static_cast<unsigned char>(bytes[invalid]),
                    "utf-8, as the rest of the file is");
  }
  return decode_guessed(file, bytes);
}

// Text may hold a few control characters (form feeds); what is full of them is something else.
void refuse_control_characters(const std::string& file, std::string_view text) {
  const std::string_view sample = text.substr(0, kSample);
  const auto control = std::count_if(sample.begin(), sample.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 9 || (byte > 13 && byte < 32) || byte == 127;
  });
  if (static_cast<size_t>(control) * 50 > sample.size()) {
    not_text(file, "it is full of control characters");
  }
}

std::string checked_encoding(const std::string& file, const std::optional<std::string>& encoding) {
  if (!encoding) return "";
  const std::vector<std::string>& names = encoding_names();
  if (std::find(names.begin(), names.end(), *encoding) != names.end()) return *encoding;
  throw Error(
      ErrorCode::kStudy, file,
      "the encoding " + quoted(*encoding) + " is not known" + did_you_mean(*encoding, names),
      "Say one of " + join(names, ", "));
}

}  // namespace

DecodedText decode_text(const std::string& file, std::string&& bytes,
                        const std::optional<std::string>& encoding, const Workers& workers) {
  std::string wanted = checked_encoding(file, encoding);
  refuse_known_formats(file, bytes);
  const bool little_mark = bytes.starts_with("\xFF\xFE"), big_mark = bytes.starts_with("\xFE\xFF");
  const bool mark = little_mark || big_mark;
  const std::string marked = little_mark ? "utf-16le" : "utf-16be";
  if (mark && !wanted.empty() && wanted != marked) {
    throw Error(
        ErrorCode::kData, file + ":1",
        "the study says encoding = \"" + wanted + "\", but byte 0 starts a mark of " + marked,
        "Remove the encoding from the study");
  }
  bool guessed = false;
  if (mark) {
    wanted = marked;
  } else if (wanted.empty()) {
    wanted = utf16_without_mark(bytes);
    guessed = !wanted.empty();
  }
  DecodedText decoded = wanted.starts_with("utf-16")
                            ? decode_utf16(file, bytes, wanted == "utf-16be", mark)
                            : decode_eight_bit(file, std::move(bytes), wanted, workers);
  // Encodings of eight bits a sign have been looked through for it.
  if (const size_t nul = wanted.starts_with("utf-16") ? decoded.text.find('\0') : npos;
      nul != npos) {
    if (guessed) not_text(file, "it holds NUL bytes");
    not_text(place(file, std::string_view(decoded.text).substr(0, nul)), "it holds NUL characters");
  }
  if (guessed) {
    decoded.notes.push_back("read as " + wanted +
                            " without a byte order mark, because every second "
                            "byte of plain characters is zero");
  }
  refuse_control_characters(file, decoded.text);
  return decoded;
}

}  // namespace perennial
