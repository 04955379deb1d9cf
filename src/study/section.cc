#include "study/section.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::kStudy, where, what, hint);
}

std::string dotted(const std::string& section, const std::string& key) {
  return section.empty() ? key : section + "." + key;
}

std::vector<std::string> key_names(const SectionSpec& spec) {
  std::vector<std::string> names;
  for (const KeySpec& key : spec.keys) names.push_back(key.param.name);
  return names;
}

// A text, a number or a truth value as a table would show it.
std::string scalar_text(const TomlNode& node, const std::string& where) {
  switch (node.kind) {
    case TomlNode::Kind::kText:
      return node.text;
    case TomlNode::Kind::kInt:
      return fmt::format("{}", node.integer);
    case TomlNode::Kind::kReal:
      return number_text(node.real);
    case TomlNode::Kind::kBool:
      return node.boolean ? "true" : "false";
    default:
      fail(where, kind_text(node.kind) + " stands where one value belongs",
           "Write the value as the table shows it, text in double quotes");
  }
}

ParamValue list_value(const TomlNode& node, const std::string& where, const std::string& wanted) {
  std::vector<std::string> texts;
  std::vector<double> numbers;
  for (const TomlNode& item : node.children) {
    if (item.kind == TomlNode::Kind::kText) {
      texts.push_back(item.text);
    } else if (item.kind == TomlNode::Kind::kInt) {
      numbers.push_back(static_cast<double>(item.integer));
    } else if (item.kind == TomlNode::Kind::kReal) {
      numbers.push_back(item.real);
    } else {
      fail(where, kind_text(item.kind) + " stands in the list", "Write " + wanted);
    }
  }
  if (!texts.empty() && !numbers.empty()) {
    fail(where, "the list mixes texts and numbers", "Write " + wanted);
  }
  if (!numbers.empty()) return numbers;
  return texts;
}

void check_text(const std::string& text, const std::string& where) {
  if (trim(text).empty()) fail(where, "the text is empty", "Give a value or remove the key");
}

// Nothing that the study names may be blank; a replaced or missing cell and a mark that is removed
// may.
void check_not_blank(const ParamValue& value, const std::string& where) {
  if (const auto* text = std::get_if<std::string>(&value)) check_text(*text, where);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& text : *texts) check_text(text, where);
  }
}

}  // namespace

ParamValue value_of(const TomlNode& node, const std::string& where, const std::string& wanted) {
  switch (node.kind) {
    case TomlNode::Kind::kText:
      return node.text;
    case TomlNode::Kind::kInt:
      return node.integer;
    case TomlNode::Kind::kReal:
      return node.real;
    case TomlNode::Kind::kBool:
      return node.boolean;
    case TomlNode::Kind::kList:
      return list_value(node, where, wanted);
    default:
      fail(where, kind_text(node.kind) + " stands where " + wanted + " belongs", "Write " + wanted);
  }
}

std::string wanted_text(const ParamSpec& spec) {
  switch (spec.type) {
    case ParamType::kBool:
      return "true or false";
    case ParamType::kInt:
      return "a whole number";
    case ParamType::kReal:
      return "a number";
    case ParamType::kText:
      return "a text in double quotes";
    case ParamType::kTextList:
      return "a list of texts";
    case ParamType::kRealList:
      return "a list of numbers";
    case ParamType::kChoice: {
      std::vector<std::string> choices;
      for (const std::string& choice : spec.choices) choices.push_back(perennial::quoted(choice));
      return "one of " + join(choices, ", ");
    }
  }
  return "";
}

Section::Section(const TomlNode& node, const SectionSpec& spec, std::string path, std::string name)
    : node_(&node), spec_(&spec), path_(std::move(path)), name_(std::move(name)) {
  if (node.kind != TomlNode::Kind::kTable) {
    fail(fmt::format("{}:{}, key \"{}\"", path_, node.line, name_),
         kind_text(node.kind) + " stands where a section belongs",
         fmt::format("Write [{}] on a line of its own and its keys below it", name_));
  }
  check_names();
  // A wrong key is a better message than a missing one, so named sections are asked for by the
  // caller, after what stands there has been read.
  for (const KeySpec& key : spec.keys) {
    if (const TomlNode* given = node.find(key.param.name)) {
      read(key, *given);
    } else if (key.param.required && key.shape != KeyShape::kNamed) {
      fail(name_.empty() ? path_ : fmt::format("{}:{}, section [{}]", path_, node.line, name_),
           fmt::format("the key \"{}\" is missing", key.param.name),
           "It is needed: " + key.param.description.substr(0, key.param.description.size() - 1));
    } else {
      values_[key.param.name] = key.param.default_value;
    }
  }
}

std::string Section::where(const std::string& key) const {
  const TomlNode* given = node_->find(key);
  return fmt::format("{}:{}, key \"{}\"", path_, given ? given->line : node_->line,
                     dotted(name_, key));
}

void Section::check_names() const {
  const std::vector<std::string> names = key_names(*spec_);
  for (const TomlNode& given : node_->children) {
    if (std::find(names.begin(), names.end(), given.key) != names.end()) continue;
    fail(where(given.key), "there is no such key" + did_you_mean(given.key, names),
         "Keys here: " + join(names, ", "));
  }
}

void Section::read(const KeySpec& key, const TomlNode& node) {
  const std::string& name = key.param.name;
  const std::string at = where(name);
  switch (key.shape) {
    case KeyShape::kScalar:
      values_[name] = scalar_text(node, at);
      check_text(get_text(name), at);
      return;
    case KeyShape::kOneOrMore:
      values_[name] = node.kind == TomlNode::Kind::kText
                          ? std::vector<std::string>{node.text}
                          : checked(key.param, value_of(node, at, wanted_text(key.param)), at);
      if (get_texts(name).empty()) fail(at, "the list is empty", "Name at least one");
      check_not_blank(values_[name], at);
      return;
    case KeyShape::kValue:
      values_[name] = checked(key.param, value_of(node, at, wanted_text(key.param)), at);
      if (name != "missing" && name != "remove") check_not_blank(values_[name], at);
      return;
    case KeyShape::kMap:
      if (node.kind != TomlNode::Kind::kTable) {
        fail(at, kind_text(node.kind) + " stands where names and values belong",
             fmt::format("Write {} = {}", name, key.example));
      }
      for (const TomlNode& item : node.children) {
        const std::string item_at =
            fmt::format("{}:{}, key \"{}.{}\"", path_, item.line, dotted(name_, name), item.key);
        maps_[name].emplace_back(
            item.key, checked(key.param, value_of(item, item_at, wanted_text(key.param)), item_at));
      }
      if (maps_[name].empty()) fail(at, "it is empty", "Give a value or remove the key");
      return;
    case KeyShape::kSection:
    case KeyShape::kNamed:
    case KeyShape::kList:
      return;
  }
}

const ParamValue* Section::value(const std::string& key) const {
  const auto found = values_.find(key);
  PERENNIAL_CHECK(found != values_.end());
  return std::holds_alternative<std::monostate>(found->second) ? nullptr : &found->second;
}

bool Section::get_bool(const std::string& key) const {
  const auto given = bool_if(key);
  PERENNIAL_CHECK(given.has_value());
  return *given;
}

int64_t Section::get_int(const std::string& key) const {
  const ParamValue* given = value(key);
  PERENNIAL_CHECK(given && std::holds_alternative<int64_t>(*given));
  return std::get<int64_t>(*given);
}

double Section::get_real(const std::string& key) const {
  const ParamValue* given = value(key);
  PERENNIAL_CHECK(given && std::holds_alternative<double>(*given));
  return std::get<double>(*given);
}

std::string Section::get_text(const std::string& key) const { return text_if(key).value_or(""); }

std::vector<std::string> Section::get_texts(const std::string& key) const {
  const ParamValue* given = value(key);
  return given ? std::get<std::vector<std::string>>(*given) : std::vector<std::string>{};
}

std::vector<double> Section::get_reals(const std::string& key) const {
  const ParamValue* given = value(key);
  return given ? std::get<std::vector<double>>(*given) : std::vector<double>{};
}

std::optional<std::string> Section::text_if(const std::string& key) const {
  const ParamValue* given = value(key);
  if (!given) return std::nullopt;
  return std::get<std::string>(*given);
}

std::optional<bool> Section::bool_if(const std::string& key) const {
  const ParamValue* given = value(key);
  if (!given) return std::nullopt;
  return std::get<bool>(*given);
}

std::vector<std::pair<std::string, ParamValue>> Section::get_map(const std::string& key) const {
  const auto found = maps_.find(key);
  if (found == maps_.end()) return {};
  return found->second;
}

Section Section::child(const TomlNode& node, const std::string& spec_path,
                       const std::string& key) const {
  return Section(node, section_at(spec_path), path_, dotted(name_, key));
}

std::optional<Section> Section::section_if(const std::string& key) const {
  const TomlNode* node = node_->find(key);
  if (!node) return std::nullopt;
  return child(*node, dotted(spec_->path, key), key);
}

std::vector<Section> Section::sections(const std::string& key) const {
  std::vector<Section> out;
  const TomlNode* node = node_->find(key);
  if (!node) return out;
  const auto spec = std::find_if(spec_->keys.begin(), spec_->keys.end(),
                                 [&](const KeySpec& k) { return k.param.name == key; });
  const bool named = spec->shape == KeyShape::kNamed;
  if (node->kind != (named ? TomlNode::Kind::kTable : TomlNode::Kind::kList)) {
    fail(where(key), kind_text(node->kind) + " stands where sections belong",
         named ? fmt::format("Write [{}.NAME] with a name of your choice", dotted(name_, key))
               : fmt::format("Write [[{}]], in double brackets", key));
  }
  for (const TomlNode& item : node->children) {
    out.push_back(named ? child(item, dotted(spec_->path, key) + ".NAME", key + "." + item.key)
                        : child(item, dotted(spec_->path, key), key));
  }
  return out;
}

}  // namespace perennial
