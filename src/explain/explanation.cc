#include "explain/explanation.h"

#include <fmt/format.h>

#include <cmath>

#include "table/column.h"

namespace perennial {

const char* to_string(Direction direction) {
  switch (direction) {
    case Direction::kRaises:
      return "raises";
    case Direction::kLowers:
      return "lowers";
    case Direction::kMixed:
      return "mixed";
    case Direction::kCategories:
      return "categories";
    case Direction::kNone:
      return "none";
  }
  return "";
}

const char* to_string(Certainty certainty) {
  switch (certainty) {
    case Certainty::kClear:
      return "clear";
    case Certainty::kUnstable:
      return "unstable";
    case Certainty::kFaint:
      return "faint";
  }
  return "";
}

std::string short_value(double number, bool is_date) {
  return is_date ? date_text(std::floor(number)) : fmt::format("{:.6g}", number);
}

}  // namespace perennial
