// Examples for every key, valid and not, made from the declarations: tests parse them all.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "learn/learner.h"
#include "study/keys.h"
#include "study/study.h"
#include "study/toml_tree.h"

namespace perennial {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;  // key, value as in TOML

// The smallest whole study, section by section; a key under test is put in or replaces another.
class Draft {
 public:
  Draft() {
    set("tables.a", "file", "\"a.csv\"");
    set("question.q", "target", "{ column = \"y\", positive = \"yes\" }");
  }
  void set(const std::string& section, const std::string& key, const std::string& value) {
    auto found = std::find_if(sections_.begin(), sections_.end(),
                              [&](const auto& s) { return s.first == section; });
    if (found == sections_.end()) found = sections_.insert(sections_.end(), {section, {}});
    auto& lines = found->second;
    const auto old = std::find_if(lines.begin(), lines.end(),
                                  [&](const auto& line) { return line.first == key; });
    if (old != lines.end()) {
      old->second = value;
    } else {
      lines.emplace_back(key, value);
    }
  }
  void erase(const std::string& section, const std::string& key) {
    for (auto& [name, lines] : sections_) {
      if (name == section)
        std::erase_if(lines, [&](const auto& line) { return line.first == key; });
    }
  }
  std::string text() const {
    std::string out;
    for (const auto& [name, lines] : sections_) {
      out += name == "repair" ? "[[repair]]\n" : "[" + name + "]\n";
      for (const auto& [key, value] : lines) out += fmt::format("{} = {}\n", key, value);
    }
    return out;
  }

 private:
  std::vector<std::pair<std::string, Lines>> sections_;
};

std::string value_text(const ParamValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return toml_text(*text);
  if (const auto* real = std::get_if<double>(&value)) {
    const std::string out = number_text(*real);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> parts;
    for (const std::string& text : *texts) parts.push_back(toml_text(text));
    return "[" + join(parts, ", ") + "]";
  }
  return to_json(value).dump();
}

std::string valid_value(const ParamSpec& spec, const std::string& example) {
  if (!example.empty()) return example;
  if (!std::holds_alternative<std::monostate>(spec.default_value)) {
    return value_text(spec.default_value);
  }
  switch (spec.type) {
    case ParamType::kBool:
      return "true";
    case ParamType::kInt:
      return std::isfinite(spec.min) ? number_text(std::ceil(spec.min) + spec.min_open) : "1";
    case ParamType::kReal:
      return std::isfinite(spec.max) ? value_text(spec.max) : "1.0";
    case ParamType::kText:
      return "\"x\"";
    case ParamType::kChoice:
      return toml_text(spec.choices.front());
    case ParamType::kTextList:
      return spec.choices.empty() ? "[\"x\"]" : "[" + toml_text(spec.choices.front()) + "]";
    case ParamType::kRealList:
      return "[1.0]";
  }
  return "";
}

struct Bad {
  std::string value, expected;
};

// Values that the declaration forbids, and a part of what the error must say.
std::vector<Bad> bad_values(const ParamSpec& spec, KeyShape shape) {
  const std::string name = "\"" + spec.name + "\"";
  std::vector<Bad> out{{"1979-05-27", "a date or time"}};
  if (shape == KeyShape::kScalar) return {{"1979-05-27", "a date or time"}, {"[1]", "a list"}};
  if (shape == KeyShape::kMap) return {{"1", "names and values"}, {"{}", "it is empty"}};
  if (spec.type == ParamType::kChoice) {
    out.push_back({toml_text(spec.choices.front() + "q"), "must be one of"});
  }
  const bool number = spec.type == ParamType::kInt || spec.type == ParamType::kReal;
  if (number) {
    out.push_back({"\"x\"", name + " must be"});
    out.push_back({"nan", name + " must be"});
    if (std::isfinite(spec.min)) {
      out.push_back({number_text(std::floor(spec.min) - 1), name + " must be"});
      if (spec.min_open) out.push_back({value_text(spec.min), name + " must be"});
    }
    if (std::isfinite(spec.max)) {
      out.push_back({number_text(std::ceil(spec.max) + 1), name + " must be"});
    }
  } else {
    out.push_back({"-17.5", name + " must be"});
  }
  if (shape == KeyShape::kOneOrMore) out.push_back({"[]", "the list is empty"});
  return out;
}

// One letter twice: near enough to be recognised, far enough to be wrong.
std::string misspelled(const std::string& name) { return name + name.back(); }

std::string filled(std::string path) {
  for (const auto& [from, to] :
       {std::pair{"tables.NAME", "tables.a"}, std::pair{"question.NAME", "question.q"}}) {
    if (path.starts_with(from)) path = to + path.substr(std::string_view(from).size());
  }
  if (const size_t at = path.find(".NAME"); at != std::string::npos) path.replace(at, 5, ".s");
  return path;
}

// Draft in which `key` of `section` may stand with a valid value.
Draft draft_for(const SectionSpec& section, const KeySpec& key) {
  Draft draft;
  const std::string path = filled(section.path);
  const std::string& name = key.param.name;
  if (section.path.ends_with(".target")) draft.erase("question.q", "target");
  for (const KeySpec& other : section.keys) {
    if (other.param.required && other.shape != KeyShape::kSection) {
      draft.set(path, other.param.name, valid_value(other.param, other.example));
    }
  }
  if (section.path == "repair") {
    draft.set("repair", "table", "\"a\"");
    if (name == "replace" || name == "trim" || name == "decimal" || name == "ignore") {
      draft.set("repair", "column", "\"plan\"");
    } else if (name == "remove") {
      draft.set("repair", "column", "\"plan\"");
      draft.set("repair", "decimal", "\".\"");
    } else if (name == "column") {
      draft.set("repair", "trim", "true");
    } else if (name == "where") {
      draft.set("repair", "drop", "\"row\"");
    } else if (name == "drop") {
      draft.set("repair", "where", "\"revenue > 100000\"");
    } else if (name == "table") {
      draft.set("repair", "drop", "\"duplicates\"");
    }
  }
  const bool of_events = name == "event" || name == "within" || name == "sum" ||
                         name == "at_least" || name == "falls_by" || name == "in_any";
  if (section.path.ends_with(".target") && of_events) {
    draft.set("tables.a", "time", "\"when\"");
    draft.set(path, "event", "\"a\"");
    draft.set(path, "within", "\"30 days\"");
  }
  const bool needs_events = name == "cutoff" || name == "cutoffs" || name == "session_gap";
  if (needs_events) draft.set("tables.a", "time", "\"when\"");
  if (section.path.ends_with(".target") && name != "where" && !of_events) {
    draft.set(path, "column", "\"left\"");
    if (name != "each") draft.set(path, "positive", "\"yes\"");
  }
  if (name == "names") draft.set(path, "header", "false");
  if (name == "splits") draft.erase(path, "file");
  if (name == "trials") draft.set(path, "method", "\"random\"");
  if (section.path.ends_with(".segment.NAME") && name != "where") {
    draft.set(path, "where", "\"risk > 0.5\"");
  }
  if (section.path.starts_with("question.NAME.offers")) {
    draft.set("question.q.offer.email", "effect", "[0.05, 0.1, 0.15]");
    draft.set("question.q.offer.sms", "effect", "[0.05, 0.1, 0.15]");
  }
  if (name == "cost_share_of") draft.set(path, "cost_share", "0.1");
  if (name == "shares") draft.set(path, "propensity", "\"given\"");
  if (name == "contact_share") draft.set(path, "threshold", "\"share\"");
  return draft;
}

std::string repair_value(const SectionSpec& section, const KeySpec& key) {
  // Flags of a repair may only be true; tables of a study are named in it.
  if (section.path == "repair" && key.param.type == ParamType::kBool) return "true";
  if (key.param.name == "table" || key.param.name == "event") return "\"a\"";
  if (key.param.name == "tables") return "[\"a\"]";
  return valid_value(key.param, key.example);
}

void add_key(const SectionSpec& section, const KeySpec& key, std::vector<KeyExample>& out) {
  const std::string path = filled(section.path);
  const std::string label = section.path + "." + key.param.name;
  Draft valid = draft_for(section, key);
  valid.set(path, key.param.name, repair_value(section, key));
  out.push_back({label, valid.text(), ""});
  for (const Bad& bad : bad_values(key.param, key.shape)) {
    Draft draft = draft_for(section, key);
    draft.set(path, key.param.name, bad.value);
    out.push_back({label, draft.text(), bad.expected});
  }
  Draft draft = draft_for(section, key);
  draft.set(path, misspelled(key.param.name), "1");
  out.push_back({label, draft.text(), fmt::format("did you mean \"{}\"?", key.param.name)});
  if (key.param.required) {
    Draft without = draft_for(section, key);
    without.erase(path, key.param.name);
    out.push_back(
        {label, without.text(), fmt::format("the key \"{}\" is missing", key.param.name)});
  }
}

void add_learner(const std::string& learner, std::vector<KeyExample>& out) {
  const std::string path = "question.q.learner." + learner;
  for (const ParamSpec& spec : learner_keys(learner, "")) {
    const std::string label = path + "." + spec.name;
    Draft draft;
    draft.set("question.q.search", "learners", "[" + toml_text(learner) + "]");
    Draft valid = draft;
    valid.set(path, spec.name, valid_value(spec, ""));
    out.push_back({label, valid.text(), ""});
    valid.set(path, spec.name, "[" + valid_value(spec, "") + "]");
    out.push_back({label, valid.text(), ""});
    for (const Bad& bad : bad_values(spec, KeyShape::kValue)) {
      Draft wrong = draft;
      wrong.set(path, spec.name, bad.value);
      out.push_back({label, wrong.text(), bad.expected});
    }
    Draft unknown = draft;
    unknown.set(path, misspelled(spec.name), "1");
    out.push_back({label, unknown.text(), "no such parameter"});
  }
}

}  // namespace

std::vector<KeyExample> key_examples() {
  std::vector<KeyExample> out;
  for (const SectionSpec& section : study_sections()) {
    for (const KeySpec& key : section.keys) {
      const bool inner = key.shape == KeyShape::kSection || key.shape == KeyShape::kNamed ||
                         key.shape == KeyShape::kList;
      if (!inner) add_key(section, key, out);
    }
  }
  for (const auto& learner : all_learners()) add_learner(std::string(learner->name()), out);
  return out;
}

}  // namespace perennial
