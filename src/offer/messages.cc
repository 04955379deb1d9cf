#include "offer/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Error(
      ErrorCode::kStudy, where, what,
      "Write a field as {column} or {column|text where it is missing}, a brace as {{ or }}");
}

MessagePart field_of(std::string_view inside, const std::string& where) {
  MessagePart out;
  const size_t bar = inside.find('|');
  out.field = trim(inside.substr(0, bar));
  if (bar != std::string_view::npos) out.fallback = std::string(inside.substr(bar + 1));
  if (out.field.empty()) fail(where, "a field of the message has no name");
  if (out.field.find('{') != std::string::npos) fail(where, "a field stands inside a field");
  return out;
}

// = + - @ and their full-width forms, tab, carriage return, line feed, '.
constexpr std::array<std::string_view, 12> kFormulaStarts = {"=",  "+", "-",  "@",  "\t", "\r",
                                                             "\n", "'", "＝", "＋", "－", "＠"};

}  // namespace

std::vector<MessagePart> parse_message(std::string_view text, const std::string& where) {
  std::vector<MessagePart> out;
  std::string literal;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      literal += c;
      ++i;
    } else if (c == '}') {
      fail(where, "a closing brace has no opening one");
    } else if (c == '{') {
      const size_t end = text.find('}', i);
      if (end == std::string_view::npos) fail(where, "a brace of the message is not closed");
      if (!literal.empty()) out.push_back({.text = literal});
      literal.clear();
      out.push_back(field_of(text.substr(i + 1, end - i - 1), where));
      i = end;
    } else {
      literal += c;
    }
  }
  if (!literal.empty()) out.push_back({.text = literal});
  return out;
}

std::string render_message(const std::vector<MessagePart>& parts, bool html,
                           const std::function<std::string(const std::string&)>& value) {
  std::string out;
  for (const MessagePart& part : parts) {
    if (part.field.empty()) {
      out += part.text;
      continue;
    }
    std::string text = value(part.field);
    if (text.empty()) text = part.fallback.value_or("");
    out += html ? escape_html(text) : text;
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string guarded(std::string_view text) {
  const bool formula = std::ranges::any_of(
      kFormulaStarts, [&](std::string_view start) { return text.starts_with(start); });
  if (!formula || parse_number(text)) return std::string(text);
  return "'" + std::string(text);
}

std::string unguarded(std::string_view cell) {
  return std::string(cell.starts_with("'") ? cell.substr(1) : cell);
}

}  // namespace perennial
