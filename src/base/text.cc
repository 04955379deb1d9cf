#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/letters.h"

namespace perennial {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t code = kReplacement;
  size_t bytes = 1;
  bool valid = false;
};

// The code point that starts at text[at]; an invalid byte stands for itself alone. Follows table
// 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode_one(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {.code = lead, .bytes = 1, .valid = true};
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || at + length > text.size()) return {};
  char32_t code = lead & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(at + i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {.code = code, .bytes = length, .valid = true};
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

size_t previous_start(std::string_view text, size_t end) {
  size_t at = end - 1;
  while (at > 0 && end - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return decode_one(text, at).bytes == end - at ? at : end - 1;
}

int osa_distance(const std::u32string& a, const std::u32string& b) {
  const size_t columns = b.size() + 1;
  std::vector<int> before(columns), last(columns), row(columns);
  for (size_t j = 0; j < columns; ++j) last[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j < columns; ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last.back();
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const Decoded d = decode_one(text, i);
    if (!d.valid) return false;
    i += d.bytes;
  }
  return true;
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Decoded d = decode_one(text, i);
    out.push_back(d.code);
    i += d.bytes;
  }
  return out;
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Decoded d = decode_one(text, i);
    if (d.valid) {
      append_utf8(out, lower_letter(d.code));
    } else {
      out.push_back(text[i]);  // not ours to repair
    }
    i += d.bytes;
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    const Decoded d = decode_one(text, 0);
    if (!d.valid || !is_space(d.code)) break;
    text.remove_prefix(d.bytes);
  }
  while (!text.empty()) {
    const size_t start = previous_start(text, text.size());
    const Decoded d = decode_one(text, start);
    if (!d.valid || !is_space(d.code)) break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

std::string regular_name(std::string_view name) {
  std::string out;
  bool gap = false;
  for (const char32_t c : decode_utf8(name)) {
    if (!is_word(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out.push_back('_');
    gap = false;
    append_utf8(out, lower_letter(c));
  }
  return out.empty() ? "column" : out;
}

int edit_distance(std::string_view a, std::string_view b) {
  return osa_distance(decode_utf8(a), decode_utf8(b));
}

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates) {
  const std::u32string wanted = decode_utf8(to_lower(name));
  std::optional<std::string> best;
  int best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::u32string other = decode_utf8(to_lower(candidate));
    const auto length = static_cast<int>(std::max(wanted.size(), other.size()));
    const int distance = osa_distance(wanted, other);
    // A distance as long as the name itself is no resemblance at all.
    if (distance > std::max(1, length / 3) || (distance > 0 && distance >= length)) continue;
    if (!best || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const std::optional<std::string> best = nearest(name, candidates);
  return best ? fmt::format(", did you mean {}?", quoted(*best)) : "";
}

std::string without(std::string text, std::string_view part) {
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at)) {
    text.erase(at, part.size());
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, begin)) {
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.emplace_back(text.substr(begin));
  return parts;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    const Decoded d = decode_one(text, i);
    if (!d.valid || d.code == 0x7F ||
        (d.code < 0x20 && d.code != '\n' && d.code != '\t' && d.code != '\r')) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else if (d.code == '\n' || d.code == '\t' || d.code == '\r') {
      out += d.code == '\n' ? "\\n" : d.code == '\t' ? "\\t" : "\\r";
    } else {
      if (d.code == '"' || d.code == '\\') out.push_back('\\');
      out += text.substr(i, d.bytes);
    }
    i += d.bytes;
  }
  return out + "\"";
}

int display_width(std::string_view text) {
  int width = 0;
  for (const char32_t c : decode_utf8(text)) width += terminal_width(c);
  return width;
}

std::string shortened(std::string_view text, int width) {
  if (display_width(text) <= width) return std::string(text);
  if (width <= 0) return "";
  std::string out;
  int used = 1;  // the ellipsis
  for (const char32_t c : decode_utf8(text)) {
    used += terminal_width(c);
    if (used > width) break;
    append_utf8(out, c);
  }
  return out + "…";
}

std::string csv_field(std::string_view text) {
  std::string out;
  append_csv_field(out, text);
  return out;
}

void append_csv_field(std::string& out, std::string_view text) {
  const auto parts_cells = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  if (std::none_of(text.begin(), text.end(), parts_cells)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace perennial
