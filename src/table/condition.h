// Conditions in a study: `Выручка > 100000`, `every revenue > 0`, `city in ("Москва", "Тверь") and
// not age is missing`. Parsed to data, checked against the columns that exist, printed as SQL.
//
//   condition := and_part { "or" and_part }          and_part := not_part { "and" not_part }
//   not_part  := [ "not" ] atom                      atom     := "(" condition ")" | comparison
//   comparison := [ "every" | "any" ] name op value | name "in" "(" value {"," value} ")"
//              | name "is" ["not"] "missing"
//   op := = != < <= > >=
//   name := bare word (any letters, digits, _ and .) or `quoted` or "quoted"
//   value := number | 'text' | "text" | bare word (only after an op)
// A quote inside quotes is doubled. Words of the language are in lower case.
// "every x op v" and "any x op v" range over the columns a pivoted table `x` turned into.
// A comparison with a missing value is false; `not` of it is true.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace perennial {

struct Condition {
  enum class Kind { kAnd, kOr, kNot, kCompare, kIn, kIsMissing };
  enum class Over { kOne, kEvery, kAny };
  using Value = std::variant<double, std::string>;

  Kind kind = Kind::kCompare;
  std::vector<Condition> parts;  // kAnd, kOr, kNot
  std::string name;              // kCompare, kIn, kIsMissing
  Over over = Over::kOne;
  std::string op;             // = != < <= > >=
  std::vector<Value> values;  // kCompare: one; kIn: some
  bool operator==(const Condition&) const = default;
};

// Throws Error{kStudy} naming `where` and the place in the text.
Condition parse_condition(std::string_view text, const std::string& where);

// Names of columns and tables it refers to, in order of appearance.
std::vector<std::string> names_in(const Condition& condition);
// Canonical text; parse_condition reads it back to an equal condition.
std::string to_text(const Condition& condition);

// SQL for it. `columns_of(name, over)` gives the SQL expressions a name stands for (one unless
// `over` ranges over several) and throws Error{kStudy} naming the nearest when there is none.
// Throws Error{kStudy} where a text column is compared with a number or the other way round.
struct SqlColumn {
  std::string expression;
  bool is_text = false;
  bool is_date = false;  // a number of days; compared with an ISO date in quotes
};
using ColumnsOf = std::function<std::vector<SqlColumn>(const std::string&, Condition::Over)>;
std::string to_sql(const Condition& condition, const ColumnsOf& columns_of,
                   const std::string& where);

}  // namespace perennial
