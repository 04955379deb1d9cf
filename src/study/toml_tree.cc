#include "study/toml_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/text.h"

// One translation unit holds the whole library, without its formatters.
#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

namespace perennial {
namespace {

// A study is written by hand. The limits keep hostile input from exhausting memory or stack.
constexpr size_t kMaxBytes = 4 << 20;
constexpr int kMaxDepth = 32;

std::string place(const std::string& path, int line) { return fmt::format("{}:{}", path, line); }

std::string line_text(std::string_view text, int line) {
  size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    const size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return "";
    begin = end + 1;
  }
  return std::string(text.substr(begin, text.find('\n', begin) - begin));
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What a person who never read the TOML specification should do, from the library's message and
// the line.
std::string plain_hint(std::string_view problem, const std::string& line) {
  const size_t equals = line.find('=');
  if (contains(problem, "redefin") || contains(problem, "already")) {
    return "The same key or table stands twice: keep one of them";
  }
  if (contains(problem, "escape")) {
    return "In double quotes write \\\\ for a backslash, or use 'single quotes'";
  }
  if (contains(problem, "string")) return "Close the text with the quote it began with";
  if (equals == std::string::npos) {
    return "A line reads key = value, or [section] in square brackets";
  }
  return "Put text in double quotes, lists in [ ], and several keys on one line in { }";
}

// The library quotes its own terms; its first sentence is enough.
std::string plain_problem(std::string_view description) {
  std::string out(description.substr(0, description.find('\n')));
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (out.starts_with(kPrefix)) out = "in a " + out.substr(kPrefix.size());
  while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
  return "this is not valid TOML: " + out;
}

// End of the quoted text that begins at `at`; the library itself says what is wrong with it.
size_t after_quotes(std::string_view text, size_t at) {
  const char quote = text[at];
  const bool lines = text.substr(at).starts_with(std::string(3, quote));
  for (size_t i = at + (lines ? 3 : 1); i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (lines && text.substr(i).starts_with(std::string(3, quote))) {
      // The text itself may end with one or two quotes.
      return std::min(text.find_first_not_of(quote, i), i + 5);
    } else if (!lines && (text[i] == quote || text[i] == '\n')) {
      return i + 1;
    }
  }
  return text.size();
}

// What stands outside quotes and comments, where the library is not safe. It recurses once for each
// part of a dotted key, so a.a.a… could exhaust the stack; and at a letter between U+00A1 and
// U+0499 (any Cyrillic one) version 3.3 runs into a branch that it declares unreachable.
void check_bare_text(std::string_view text, const std::string& path) {
  constexpr int kMostParts = 64;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  int parts = 0;
  const auto line_at = [&](size_t i) {
    const auto end = text.begin() + static_cast<int64_t>(i);
    return static_cast<int>(std::count(text.begin(), end, '\n') + 1);
  };
  for (size_t i = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0; i < text.size();
       ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      i = after_quotes(text, i) - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '.') {
      if (++parts <= kMostParts) continue;
      throw Error(ErrorCode::kStudy, place(path, line_at(i)), "this key has too many parts",
                  "Put a name with dots in double quotes");
    } else if (static_cast<unsigned char>(c) >= 128) {
      const std::u32string rest = decode_utf8(text.substr(i, 4));
      throw Error(
          ErrorCode::kStudy, place(path, line_at(i)),
          quoted(encode_utf8(std::u32string_view(rest).substr(0, 1))) + " stands outside quotes",
          "Put names and texts with such letters in straight double quotes");
    } else if (std::string_view("=,{}[]\n").find(c) != std::string_view::npos) {
      parts = 0;
    }
  }
}

void check_bytes(std::string_view text, const std::string& path) {
  if (text.size() > kMaxBytes) {
    throw Error(ErrorCode::kStudy, path,
                fmt::format("this file has {} bytes, too many for a study", text.size()),
                "Give the study file, not a table");
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    throw Error(ErrorCode::kStudy, path, "the study is saved as UTF-16", "Save it as UTF-8");
  }
  int line = 1;
  for (size_t begin = 0; begin <= text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (!is_valid_utf8(part)) {
      throw Error(ErrorCode::kStudy, place(path, line), "this line is not UTF-8 text",
                  "Save the study as UTF-8");
    }
    if (part.find('\0') != std::string_view::npos) {
      throw Error(ErrorCode::kStudy, place(path, line), "this line holds a zero byte",
                  "A study is plain text; give the study file, not a table or a model");
    }
    begin = end + 1;
  }
}

int line_of(const toml::source_region& source) { return static_cast<int>(source.begin.line); }

TomlNode convert(const toml::node& node, const std::string& path, int line, int depth);

void convert_table(const toml::table& table, const std::string& path, int depth, TomlNode& out) {
  for (auto&& [key, value] : table) {
    // A header such as [a.b] has the place of its key; a table made on the way has none.
    const int line = std::max(line_of(key.source()), 0);
    out.children.push_back(convert(value, path, line, depth + 1));
    out.children.back().key = std::string(key.str());
    out.children.back().column = static_cast<int>(key.source().begin.column);
  }
  std::stable_sort(out.children.begin(), out.children.end(),
                   [](const TomlNode& a, const TomlNode& b) {
                     return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                   });
}

TomlNode convert(const toml::node& node, const std::string& path, int line, int depth) {
  TomlNode out;
  out.line = line > 0 ? line : line_of(node.source());
  if (depth > kMaxDepth) {
    throw Error(ErrorCode::kStudy, place(path, out.line), "this is nested too deep",
                "A study has no more than five levels");
  }
  if (const auto* table = node.as_table()) {
    convert_table(*table, path, depth, out);
  } else if (const auto* list = node.as_array()) {
    out.kind = TomlNode::Kind::kList;
    for (const toml::node& item : *list) {
      out.children.push_back(convert(item, path, line_of(item.source()), depth + 1));
    }
  } else if (const auto* text = node.as_string()) {
    out.kind = TomlNode::Kind::kText;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.kind = TomlNode::Kind::kInt;
    out.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    out.kind = TomlNode::Kind::kReal;
    out.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.kind = TomlNode::Kind::kBool;
    out.boolean = boolean->get();
  } else {
    out.kind = TomlNode::Kind::kTime;
  }
  return out;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view name) const {
  for (const TomlNode& child : children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

TomlNode parse_toml(std::string_view text, const std::string& path) {
  check_bytes(text, path);
  check_bare_text(text, path);
  try {
    const toml::table table = toml::parse(text, path);
    return convert(table, path, 1, 0);
  } catch (const toml::parse_error& error) {
    const int line = std::max(line_of(error.source()), 1);
    throw Error(ErrorCode::kStudy, place(path, line), plain_problem(error.description()),
                plain_hint(error.description(), line_text(text, line)));
  }
}

std::string kind_text(TomlNode::Kind kind) {
  switch (kind) {
    case TomlNode::Kind::kTable:
      return "a table";
    case TomlNode::Kind::kList:
      return "a list";
    case TomlNode::Kind::kText:
      return "a text";
    case TomlNode::Kind::kInt:
      return "a whole number";
    case TomlNode::Kind::kReal:
      return "a number";
    case TomlNode::Kind::kBool:
      return "true or false";
    case TomlNode::Kind::kTime:
      return "a date or time";
  }
  return "";
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<int>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string toml_key(std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return bare ? std::string(name) : toml_text(name);
}

}  // namespace perennial
