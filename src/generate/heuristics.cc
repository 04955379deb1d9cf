#include "generate/heuristics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "study/toml_tree.h"

namespace perennial {
namespace {

constexpr std::string_view kDrift = "drift";

std::string toml_section(std::string_view name) {
  std::vector<std::string> parts = split(name, '.');
  for (std::string& part : parts) part = toml_key(part);
  return join(parts, ".");
}

struct Given {
  std::string section, key;
  const TomlNode* node = nullptr;
  bool drift = false;
};

// All leaves of the tree, with the path to them.
void collect(const TomlNode& node, const std::string& path, std::vector<Given>& out) {
  for (const TomlNode& child : node.children) {
    if (child.kind == TomlNode::Kind::kTable) {
      collect(child, path.empty() ? child.key : path + "." + child.key, out);
      continue;
    }
    Given given{.section = path, .key = child.key, .node = &child};
    const std::string prefix = std::string(kDrift) + ".";
    if (path.starts_with(prefix)) {
      given.drift = true;
      given.section = path.substr(prefix.size());
    }
    out.push_back(std::move(given));
  }
}

}  // namespace

Heuristic* Heuristics::find(const std::string& section, const std::string& key) {
  for (HeuristicSection& s : sections_) {
    if (s.name != section) continue;
    for (Heuristic& h : s.entries) {
      if (h.key == key) return &h;
    }
  }
  return nullptr;
}

void Heuristics::change(std::string_view toml, const std::string& path) {
  const TomlNode root = parse_toml(toml, path);
  std::vector<std::string> names;
  for (const HeuristicSection& s : sections_) {
    for (const Heuristic& h : s.entries) names.push_back(s.name + "." + h.key);
  }
  std::vector<Given> all;
  collect(root, "", all);
  for (const Given& given : all) {
    const std::string where = fmt::format("{}:{}", path, given.node->line);
    const std::string name = given.section + "." + given.key;
    Heuristic* known = find(given.section, given.key);
    if (known == nullptr) {
      throw Error(
          ErrorCode::kStudy, where,
          fmt::format("there is no heuristic {}{}", quoted(name), did_you_mean(name, names)),
          "`perennial generate journey --print-heuristics` lists them");
    }
    const bool whole = given.node->kind == TomlNode::Kind::kInt;
    if (!whole && given.node->kind != TomlNode::Kind::kReal) {
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("{} is {}, not a number", quoted(name), kind_text(given.node->kind)),
                  "Give a number");
    }
    const double value = whole ? static_cast<double>(given.node->integer) : given.node->real;
    const HeuristicSection& bounds = section(given.section);
    if (!(value >= bounds.least && value <= bounds.most)) {
      throw Error(ErrorCode::kStudy, where,
                  fmt::format("{} is {}, which is out of bounds", quoted(name), number_text(value)),
                  fmt::format("Give a number from {} to {}", number_text(bounds.least),
                              number_text(bounds.most)));
    }
    (given.drift ? known->drifted : known->value) = value;
  }
}

Heuristics Heuristics::drifted() const {
  Heuristics out = *this;
  for (HeuristicSection& s : out.sections_) {
    for (Heuristic& h : s.entries) {
      if (!std::isnan(h.drifted)) h.value = h.drifted;
    }
  }
  return out;
}

const HeuristicSection& Heuristics::section(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const HeuristicSection& s) { return s.name == name; });
  PERENNIAL_CHECK(found != sections_.end());
  return *found;
}

double Heuristics::at(std::string_view name, std::string_view key) const {
  const HeuristicSection& s = section(name);
  const auto found = std::find_if(s.entries.begin(), s.entries.end(),
                                  [&](const Heuristic& h) { return h.key == key; });
  PERENNIAL_CHECK(found != s.entries.end());
  return found->value;
}

std::vector<std::string> Heuristics::keys(std::string_view name) const {
  std::vector<std::string> out;
  for (const Heuristic& h : section(name).entries) out.push_back(h.key);
  return out;
}

std::vector<double> Heuristics::values(std::string_view name) const {
  std::vector<double> out;
  for (const Heuristic& h : section(name).entries) out.push_back(h.value);
  return out;
}

std::string Heuristics::to_toml() const {
  std::string out;
  for (const HeuristicSection& s : sections_) {
    out += fmt::format("# {}\n[{}]\n", s.text, toml_section(s.name));
    for (const Heuristic& h : s.entries) {
      out += fmt::format("{} = {}\n", toml_key(h.key), number_text(h.value));
    }
    out += "\n";
  }
  out += "# What the numbers become in a drifted period (--drift); the others stay.\n";
  for (const HeuristicSection& s : sections_) {
    std::string lines;
    for (const Heuristic& h : s.entries) {
      if (std::isnan(h.drifted)) continue;
      lines += fmt::format("{} = {}\n", toml_key(h.key), number_text(h.drifted));
    }
    if (!lines.empty()) out += fmt::format("[{}.{}]\n{}\n", kDrift, toml_section(s.name), lines);
  }
  return out;
}

}  // namespace perennial
