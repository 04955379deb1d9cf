// docs/study.md from the declarations.
#include <fmt/format.h>

#include "base/text.h"
#include "learn/balance.h"
#include "learn/learner.h"
#include "prep/prep.h"
#include "study/keys.h"
#include "study/study.h"
#include "study/toml_tree.h"

namespace perennial {
namespace {

constexpr std::string_view kIntroduction = R"(# The study file

A study says which tables there are, what is asked of them, and how the answer is tested. It is
plain text in [TOML](https://toml.io). `perennial init TABLE...` looks at your tables and writes a
first one with comments; `perennial audit STUDY` says what is wrong with the data; `perennial run
STUDY` answers the questions.

This page is made from the program's own declarations (`perennial docs study` prints it).

## A small study

What is not said has a default, so this is a whole study:

```toml
[tables.customers]
file = "customers.csv"
id   = "customer"

[question.leaves]
target = { column = "left", positive = "yes" }
```

And this is one with several tables, one of them with a row for every customer and month:

```toml
[tables.customers]
file = "customers.csv"

[tables.revenue]
file  = "revenue.csv"
pivot = { by = "month", value = "revenue" }

[tables.profit]
file  = "profit.csv"
value = "profit"

[[repair]]
table = "revenue"
where = "revenue > 100000"
drop  = "customer"

[question.leaves]
target = { column = "left", positive = "yes" }
cohort = "every revenue > 0"
```

## How it is read

- Names of tables and questions are yours. A name with letters other than A-Z, or with spaces,
  stands in double quotes: `[tables."выручка"]`.
- Columns are called as in the file; their regular form (`тип_сервиса` for `Тип сервиса`) is
  understood too.
- A key or value that is not known is an error that names the line and the nearest valid one.
- File names are relative to the study's own folder, or to `--data`.
)";

constexpr std::string_view kConditions = R"(## Conditions

`cohort` and `where` are conditions on columns, written as one would say them:

| condition | holds where |
| --- | --- |
| `age >= 18` | the column compares so with the number; also `=`, `!=`, `<`, `<=`, `>` |
| `plan = "basic"` | the text is equal; single quotes and bare words do too: `plan = basic` |
| `city in ("Tver", "Perm")` | the value is one of the list |
| `age is missing`, `age is not missing` | the cell has no value, or has one |
| `every revenue > 0` | each of the columns that the table or column `revenue` was pivoted into |
| `any revenue > 100000` | at least one of them |
| `a > 1 and b > 1`, `a > 1 or b > 1`, `not a > 1` | both, at least one, not; `and` binds first |
| `(a > 1 or b > 1) and c > 1` | brackets group |

A name that is more than letters, digits, `_` and `.` stands in double quotes or backquotes:
`"Тип сервиса" = стандарт`. A comparison with a missing value does not hold, and its `not` does.
In `where` the names are columns of the repair's table, row by row; in `cohort` they are columns of
the customer, over all tables.
)";

std::string escaped_cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string shape_text(const KeySpec& key) {
  switch (key.shape) {
    case KeyShape::kOneOrMore:
      return "text or list of texts";
    case KeyShape::kScalar:
      return "text, number, or true or false";
    case KeyShape::kSection:
      return "section";
    case KeyShape::kNamed:
      return "sections";
    case KeyShape::kList:
      return "list of sections";
    case KeyShape::kMap:
      break;
    case KeyShape::kValue:
      return "";
  }
  if (key.param.type == ParamType::kTextList) return "`{ name = [texts] }`";
  if (key.param.type == ParamType::kText) return "`{ text = text }`";
  if (key.param.type == ParamType::kInt) return "`{ name = whole number }`";
  std::vector<std::string> choices;
  for (const std::string& choice : key.param.choices) choices.push_back("`" + choice + "`");
  return "`{ name = … }` of " + join(choices, ", ");
}

std::string key_row(const KeySpec& key) {
  if (key.shape == KeyShape::kValue) return markdown_row(key.param);
  return fmt::format("| `{}` | {} | {} | {} |", key.param.name, escaped_cell(shape_text(key)),
                     key.param.required ? "required" : "none", escaped_cell(key.param.description));
}

constexpr std::string_view kTableHead = "| key | type | default | |\n| --- | --- | --- | --- |\n";

std::string heading(const SectionSpec& section) {
  if (section.path.empty()) return "## Sections\n";
  if (section.path == "repair") return "## `[[repair]]`\n";
  return fmt::format("{} `[{}]`\n", section.path.starts_with("question.NAME.") ? "###" : "##",
                     section.path);
}

std::string section_text(const SectionSpec& section) {
  std::string out = "\n" + heading(section);
  if (!section.text.empty()) out += "\n" + section.text + "\n";
  if (!section.example.empty()) out += "\n```toml\n" + section.example + "```\n";
  if (section.keys.empty()) return out;
  out += "\n" + std::string(kTableHead);
  for (const KeySpec& key : section.keys) out += key_row(key) + "\n";
  return out;
}

std::string values_text(const ParamSpec& spec, const std::vector<ParamValue>& list) {
  if (list.empty()) return "";
  std::vector<std::string> values;
  for (const ParamValue& value : list) {
    const auto* real = std::get_if<double>(&value);
    values.push_back(real ? number_text(*real) : to_json(value).dump());
  }
  return fmt::format("`{}`: {}", spec.name, join(values, ", "));
}

std::string grid_text(const ParamSpec& spec) { return values_text(spec, spec.grid); }

// Where the default search looks.
std::string range_text(const ParamSpec& spec) {
  if (!spec.search) return "";
  const SearchRange& range = *spec.search;
  if (!range.choices.empty()) return values_text(spec, range.choices);
  const std::string low = number_text(range.low), high = number_text(range.high);
  switch (range.of) {
    case SearchRange::Of::kColumns:
      return fmt::format("`{}`: {} to {} x columns", spec.name, low, high);
    case SearchRange::Of::kOneOfColumns:
      return fmt::format("`{}`: {} / columns to {} / columns", spec.name, low, high);
    case SearchRange::Of::kNothing:
      break;
  }
  return fmt::format("`{}`: {} to {}", spec.name, low, high);
}

std::string rows_of(const std::vector<ParamSpec>& specs) {
  std::string out(kTableHead);
  for (const ParamSpec& spec : specs) out += markdown_row(spec) + "\n";
  return out;
}

// What this learner's preparation does differently by default.
std::vector<std::string> own_defaults(const std::vector<ParamSpec>& specs) {
  std::vector<std::string> out;
  const std::vector<ParamSpec> common = prep_params();
  for (const ParamSpec& spec : specs) {
    for (const ParamSpec& usual : common) {
      if (usual.name != spec.name || usual.default_value == spec.default_value) continue;
      out.push_back(fmt::format("`{} = {}`", spec.name, to_json(spec.default_value).dump()));
    }
  }
  return out;
}

std::string learner_text(const Learner& learner) {
  std::string out =
      fmt::format("\n### `{}`: {}\n\n{}\n", learner.name(), learner.title(), learner.description());
  if (!learner.params().empty()) out += "\n" + rows_of(learner.params());
  const std::vector<std::string> own = own_defaults(learner.prep());
  if (!own.empty()) out += "\nPreparation by default: " + join(own, ", ") + ".\n";
  std::vector<std::string> grids, ranges;
  for (const auto* specs : {&learner.params(), &learner.prep()}) {
    for (const ParamSpec& spec : *specs) {
      if (std::string grid = grid_text(spec); !grid.empty()) grids.push_back(std::move(grid));
      if (std::string range = range_text(spec); !range.empty()) ranges.push_back(std::move(range));
    }
  }
  if (!grids.empty()) out += "\nTried by a grid search: " + join(grids, "; ") + ".\n";
  if (!ranges.empty()) out += "\nWhere the default search looks: " + join(ranges, "; ") + ".\n";
  return out;
}

std::string learners_text() {
  std::string out = R"(
## Learners

The name of a learner stands in `learners` and in the section of its parameters. Values of its
preparation of the columns stand in the same section.

### Preparation

Learned from the training rows alone, and the same for every learner but for the defaults named
there.

)";
  std::vector<ParamSpec> around = prep_params();
  around.push_back(balance_param());
  out += rows_of(around);
  for (const auto& learner : all_learners()) out += learner_text(*learner);
  return out;
}

}  // namespace

std::string study_reference() {
  std::string out(kIntroduction);
  for (const SectionSpec& section : study_sections()) out += section_text(section);
  out += "\n" + std::string(kConditions);
  out += learners_text();
  return out;
}

}  // namespace perennial
