// What the audit says: findings, and the repairs it proposes. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "table/table.h"

namespace perennial {

enum class Severity { kInfo, kWarning, kError };

// One change to the tables before features are made. Plain data: prints as JSON, compiles to SQL.
struct Repair {
  enum class Kind {
    kReplaceValues,   // table, column, map: from -> to (misspellings, case variants, period names)
    kTrim,            // table, column: blanks at the ends removed
    kParseNumber,     // table, column, decimal, remove: text such as "0,98" becomes a number
    kRenameColumns,   // table, map: name in the file -> regular name (features carry it)
    kDropRows,        // table, where: rows of the table removed
    kDropCustomers,   // table, where: customers with any such row leave the study
    kMissingRows,     // table, column, where: the value is set to missing
    kDropDuplicates,  // table: rows equal in every column are kept once
    kIgnoreColumn,    // table, column: never a feature
  };
  Kind kind = Kind::kReplaceValues;
  std::string table, column;
  std::vector<std::pair<std::string, std::string>> map;
  std::string where;  // a condition (table/condition.h)
  char decimal = '.';
  std::vector<std::string> remove;  // kParseNumber: what is taken out of the text first, in order
  bool operator==(const Repair&) const = default;
};

struct RepairPlan {
  std::vector<Repair> steps;  // in the order in which they apply
  bool operator==(const RepairPlan&) const = default;
};

// The point or comma that kParseNumber removes as a thousands mark; 0 for none. It must stand
// between groups of three digits, so that "1234.5" is not taken for 12345.
char thousands_mark(const Repair& repair);
// What kParseNumber makes of a text; nullopt where that is no number.
std::optional<double> repaired_number(std::string text, const Repair& repair);

Json to_json(const Repair& repair);
Json to_json(const RepairPlan& plan);
RepairPlan repair_plan_from_json(const Json& json);
// The [[repair]] lines that put this repair into a study file.
std::string to_toml(const Repair& repair);
// "replace 10 × «стандартт» by «стандарт»": for people.
std::string describe(const Repair& repair);

struct Finding {
  std::string kind;  // stable kebab-case name: "near-duplicate-values", "id-predicts-target", …
  Severity severity = Severity::kInfo;
  std::string table, column;
  int64_t rows = 0;
  std::vector<Example> examples;
  std::string message;         // one or two sentences for a person who did not write the data
  Json facts;                  // the message's figures by name, for the page in other languages
  double confidence = 1.0;     // 0 to 1: how sure that it is a fault rather than a fact
  std::vector<Repair> repair;  // proposed; empty: none
  bool safe = false;           // safe repairs are applied unless the study switches that off
  bool applied = false;
};

Json to_json(const Finding& finding);
const char* to_string(Severity severity);

}  // namespace perennial
