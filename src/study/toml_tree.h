// TOML text -> a small tree of our own with lines. The only file pair that knows the TOML library,
// which is slow to compile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

struct TomlNode {
  enum class Kind { kTable, kList, kText, kInt, kReal, kBool, kTime };

  Kind kind = Kind::kTable;
  std::string key;  // name in the table it stands in; "" for items of a list and the root
  int line = 0;     // 1-based: of the key, or of the item
  int column = 0;
  std::string text;
  int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<TomlNode> children;  // tables and lists, in the order of the file

  const TomlNode* find(std::string_view name) const;
};

// Throws Error{kStudy} with file, line, what is not TOML there, and a plain hint. `path` is the
// name for messages.
TomlNode parse_toml(std::string_view text, const std::string& path);

// "a text", "a whole number", "a list", …: for messages.
std::string kind_text(TomlNode::Kind kind);

// Text as it stands in TOML: in double quotes with escapes; a bare key where TOML allows one.
std::string toml_text(std::string_view text);
std::string toml_key(std::string_view name);

}  // namespace perennial
