// Numbers as text and back.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "base/whole.h"

namespace perennial {
namespace {

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
// "00", "01", …, "99".
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();
constexpr uint64_t kExactLimit = uint64_t{1} << 53;

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// A cell taken apart by the whole grammar.
struct Parts {
  bool valid = false, negative = false;
  int significant = 0;   // digits from the first one that is not zero
  int decimals = 0;      // digits after the mark
  int64_t exponent = 0;  // saturates far beyond any double
};

Parts take_apart(const char* at, const char* end, char decimal) {
  Parts parts;
  if (at != end && (*at == '-' || *at == '+')) parts.negative = *at++ == '-';
  int digits = 0;
  bool after_mark = false;
  for (; at != end; ++at) {
    if (is_digit(*at)) {
      ++digits;
      if (parts.significant > 0 || *at != '0') ++parts.significant;
      parts.decimals += after_mark ? 1 : 0;
    } else if (*at == decimal && !after_mark) {
      after_mark = true;
    } else {
      break;
    }
  }
  if (digits == 0) return parts;
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    const bool negative = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) ++at;
    if (at == end) return parts;
    for (; at != end && is_digit(*at); ++at) {
      parts.exponent = std::min<int64_t>(parts.exponent * 10 + (*at - '0'), 100'000'000'000);
    }
    if (negative) parts.exponent = -parts.exponent;
  }
  parts.valid = at == end;
  return parts;
}

// Any length and exponent, correctly rounded.
std::optional<double> parse_long(std::string_view text, char decimal, const Parts& parts) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  std::string copy;
  if (decimal != '.') {
    copy = text;
    if (const size_t mark = copy.find(decimal); mark != std::string::npos) copy[mark] = '.';
    text = copy;
  }
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too small is zero as in any arithmetic; too large is no number that a cell can mean.
    const int64_t whole_digits = parts.significant - parts.decimals;
    if (whole_digits + parts.exponent > 0) return std::nullopt;
    value = 0;
  } else if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return parts.negative ? -value : value;
}

// The cells that fill real tables: an optional minus, a few digits, perhaps a mark and a few more.
// nullopt: not such a cell. Clinger 1990: mantissa and power of ten are exact doubles, so the one
// division rounds once, as from_chars does.
std::optional<double> parse_short(const char* at, const char* end, char decimal) {
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  const auto length = end - at;
  if (length < 1 || length > 18 || !is_digit(*at)) return std::nullopt;
  uint64_t mantissa = 0;
  for (; at != end && is_digit(*at); ++at)
    mantissa = mantissa * 10 + static_cast<uint64_t>(*at - '0');
  double value = static_cast<double>(mantissa);
  if (at != end) {
    if (*at++ != decimal) return std::nullopt;
    const char* const part = at;
    for (; at != end && is_digit(*at); ++at)
      mantissa = mantissa * 10 + static_cast<uint64_t>(*at - '0');
    if (at != end) return std::nullopt;
    value = static_cast<double>(mantissa) / kPowersOfTen[end - part];
  }
  if (mantissa > kExactLimit) return std::nullopt;
  return negative ? -value : value;
}

// Writes a value of [1e-4, 1) as "{}" of fmt does, its shortest digits behind "0.", and returns the
// end. The digits are fmt's (Dragonbox, Jeon 2020); putting them down is most of the time there.
char* fraction_text(double value, char* out) {
  const auto decimal = fmt::detail::dragonbox::to_decimal(value);
  const auto places = static_cast<size_t>(-decimal.exponent);
  *out++ = '0';
  *out++ = '.';
  std::memset(out, '0', places);
  out += places;
  char* at = out;
  uint64_t digits = decimal.significand;
  for (; digits >= 100; digits /= 100) std::memcpy(at -= 2, &kPairs[2 * (digits % 100)], 2);
  for (; digits > 0; digits /= 10) *--at = static_cast<char>('0' + digits % 10);
  return out;
}

}  // namespace

std::optional<double> parse_number(std::string_view text, char decimal) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  if (const std::optional<double> value = parse_short(begin, end, decimal)) return value;
  const Parts parts = take_apart(begin, end, decimal);
  return parts.valid ? parse_long(text, decimal, parts) : std::nullopt;
}

std::string number_text(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  char text[40];
  // Whole numbers (no zero has a sign to be lost here), and the probabilities of everybody.
  if (value >= 1 && value < 1e15 && is_whole(value)) {
    const fmt::format_int whole(static_cast<uint64_t>(value));
    out.append(whole.data(), whole.size());
  } else if (value >= 1e-4 && value < 1) {
    out.append(text, fraction_text(value, text));
  } else {
    out.append(text, fmt::format_to_n(text, sizeof(text), "{}", value).out);
  }
}

std::string fixed(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string grouped(int64_t value) {
  std::string digits = fmt::format("{}", value);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(int64_t n, std::string_view singular, std::string_view plural) {
  const std::string count = grouped(n);
  if (n == 1 || n == -1) return fmt::format("{} {}", count, singular);
  if (plural.empty()) return fmt::format("{} {}s", count, singular);
  return fmt::format("{} {}", count, plural);
}

}  // namespace perennial
