// UTF-8 text: the only encoding inside the program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

bool is_valid_utf8(std::string_view text);
// Code points; invalid bytes become U+FFFD.
std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);

// Lower case for Latin, Greek, Cyrillic and Armenian letters; other scripts are unchanged.
std::string to_lower(std::string_view text);
// Without white space (Unicode White_Space, BOM, no-break spaces) at both ends.
std::string_view trim(std::string_view text);
// Regular column name: lower case, every run of characters other than letters and digits becomes
// one "_", none at the ends: "Тип сервиса" -> "тип_сервиса". Empty input gives "column".
std::string regular_name(std::string_view name);

// Damerau-Levenshtein distance (optimal string alignment) in code points.
int edit_distance(std::string_view a, std::string_view b);
// The candidate nearest to `name`, if near enough to be a likely misspelling; case is ignored.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);
// `, did you mean "x"?` or "" - the tail of an unknown-name message.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

// The text without `part` (not empty) wherever it stands, from left to right: as SQL's REPLACE.
std::string without(std::string text, std::string_view part);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string quoted(std::string_view text);  // "text" with C-like escapes; for messages
// Exact overloads, because argument-dependent look-up would prefer std::quoted for these.
inline std::string quoted(const std::string& text) { return quoted(std::string_view(text)); }
inline std::string quoted(std::string& text) { return quoted(std::string_view(text)); }
inline std::string quoted(const char* text) { return quoted(std::string_view(text)); }

// Shortest text that reads back as the same double: 0.1, 215348, 1e+20; "nan" for NaN.
std::string number_text(double value);
void append_number(std::string& out, double value);  // the same, behind what is there
// Fixed decimals, never "-0.00".
std::string fixed(double value, int decimals);
// 1234567 -> "1,234,567".
std::string grouped(int64_t value);
// "1 customer", "3 customers".
std::string counted(int64_t n, std::string_view singular, std::string_view plural = "");
// A CSV field after RFC 4180: in quotes where it holds a comma, a quote or a line break.
std::string csv_field(std::string_view text);
void append_csv_field(std::string& out, std::string_view text);
// Columns a terminal needs to show the text (wide and combining characters considered).
int display_width(std::string_view text);
// Text that fits in `width` terminal columns, cut with "…" where needed.
std::string shortened(std::string_view text, int width);

// A whole cell as a number: optional sign, digits, one `decimal` mark, optional exponent; nothing
// else (no blanks, no thousands marks, no hex, no inf or nan). std::nullopt when it is not one.
std::optional<double> parse_number(std::string_view text, char decimal = '.');

}  // namespace perennial
