// Inside the room: the numbers that a generator goes by, by section and key, as they stand in a
// TOML file that a user can change. Each is declared once, with the value it drifts to.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace perennial {

struct Heuristic {
  std::string key;
  double value = 0;
  double drifted = std::numeric_limits<double>::quiet_NaN();  // NaN: does not drift
};

struct HeuristicSection {
  std::string name;  // "sign_up.referrer"
  std::string text;  // what its numbers mean; one line
  std::vector<Heuristic> entries;
  double least = -100, most = 100;  // bounds of its numbers
};

class Heuristics {
 public:
  explicit Heuristics(std::vector<HeuristicSection> sections) : sections_(std::move(sections)) {}

  // Values in place of the declared ones: sections as here, and the same under "drift". Throws
  // Error{kStudy} with file and line: no TOML, a name that is not known (nearest named), no number,
  // out of bounds.
  void change(std::string_view toml, const std::string& path);
  // With each number that drifts at its drifted value.
  Heuristics drifted() const;

  // REQUIRES: there is such a section, and such a key in it.
  const HeuristicSection& section(std::string_view name) const;
  double at(std::string_view name, std::string_view key) const;
  std::vector<std::string> keys(std::string_view name) const;
  std::vector<double> values(std::string_view name) const;
  // As change() reads it.
  std::string to_toml() const;

 private:
  Heuristic* find(const std::string& section, const std::string& key);
  std::vector<HeuristicSection> sections_;
};

}  // namespace perennial
