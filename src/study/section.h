// Reads one section of a study by its declaration: unknown keys, missing keys, wrong types and
// values out of bounds become errors that name file, line and key.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/params.h"
#include "study/keys.h"
#include "study/toml_tree.h"

namespace perennial {

class Section {
 public:
  // `path`: the study's file; `name`: of this section as the user wrote it ("tables.market").
  // Throws Error{kStudy}. Sections inside this one are checked when they are read.
  Section(const TomlNode& node, const SectionSpec& spec, std::string path, std::string name);

  int line() const { return node_->line; }
  const std::string& name() const { return name_; }
  bool has(const std::string& key) const { return node_->find(key) != nullptr; }
  const TomlNode* find(const std::string& key) const { return node_->find(key); }
  // `study.toml:7, key "tables.market.file"`, for errors.
  std::string where(const std::string& key) const;

  // The value, or the declared default. REQUIRES: the key is declared with that type, and stands
  // here or has a default (text: else "").
  bool get_bool(const std::string& key) const;
  int64_t get_int(const std::string& key) const;
  double get_real(const std::string& key) const;
  std::string get_text(const std::string& key) const;
  std::vector<std::string> get_texts(const std::string& key) const;
  std::vector<double> get_reals(const std::string& key) const;
  std::optional<std::string> text_if(const std::string& key) const;
  std::optional<bool> bool_if(const std::string& key) const;
  // kMap: names in the order of the file.
  std::vector<std::pair<std::string, ParamValue>> get_map(const std::string& key) const;
  // kSection that stands here; nullopt otherwise.
  std::optional<Section> section_if(const std::string& key) const;
  // kNamed or kList: all of them, in the order of the file. Names are in `key` of the node.
  std::vector<Section> sections(const std::string& key) const;
  const std::string& node_key() const { return node_->key; }

 private:
  void check_names() const;
  void read(const KeySpec& key, const TomlNode& node);
  Section child(const TomlNode& node, const std::string& spec_path, const std::string& key) const;
  const ParamValue* value(const std::string& key) const;

  const TomlNode* node_;
  const SectionSpec* spec_;
  std::string path_, name_;
  std::map<std::string, ParamValue> values_;  // given ones and defaults
  std::map<std::string, std::vector<std::pair<std::string, ParamValue>>> maps_;
};

// A node as a value of the library. Throws Error{kStudy} at `where` for tables, dates and lists of
// mixed kinds; `wanted` says what should stand there ("a list of texts").
ParamValue value_of(const TomlNode& node, const std::string& where, const std::string& wanted);
// What a value of that declaration looks like: "a text", "a number", "one of "a", "b"".
std::string wanted_text(const ParamSpec& spec);

}  // namespace perennial
