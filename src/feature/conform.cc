#include "feature/conform.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"

namespace perennial {
namespace {

// The repair of the plan that makes numbers of a text column, or null.
const Repair* parsing_of(const FeaturePlan& plan, const std::string& table,
                         const std::string& column) {
  const auto found = std::ranges::find_if(plan.repairs.steps, [&](const Repair& repair) {
    return repair.kind == Repair::Kind::kParseNumber && repair.table == table &&
           repair.column == column;
  });
  return found == plan.repairs.steps.end() ? nullptr : &*found;
}

// What the plan puts in place of a text before it is read as a number.
std::string replaced(const FeaturePlan& plan, const Repair& parsing, std::string text) {
  for (const Repair& step : plan.repairs.steps) {
    if (&step == &parsing) break;
    if (step.kind != Repair::Kind::kReplaceValues || step.table != parsing.table ||
        step.column != parsing.column) {
      continue;
    }
    const auto found =
        std::ranges::find(step.map, text, &std::pair<std::string, std::string>::first);
    if (found != step.map.end()) text = found->second;
  }
  return text;
}

// The same repair for texts in which point and comma have changed their parts.
Repair with_marks_changed(const Repair& repair) {
  Repair other = repair;
  other.decimal = repair.decimal == ',' ? '.' : ',';
  for (std::string& part : other.remove) {
    if (part == "." || part == ",") part = part == "." ? "," : ".";
  }
  return other;
}

// Texts that the repair cannot read but could with the other decimal mark are written anew with its
// own. Where none can be read in its way alone, the whole column is written in the other: then
// "1.234" is not 1234.
struct Rewritten {
  Column column;
  int64_t rows = 0, unread = 0;  // written anew; read in neither way
};
Rewritten for_repair(const FeaturePlan& plan, const Column& column, const Repair& repair) {
  const Repair other = with_marks_changed(repair);
  const size_t texts = column.dictionary.size();
  std::vector<int64_t> rows(texts, 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++rows[static_cast<size_t>(code)];
  }
  std::vector<std::optional<double>> own(texts), otherwise(texts);
  bool has_own_mark = false, changed = false;
  Rewritten out;
  for (size_t i = 0; i < texts; ++i) {
    const std::string text(trim(replaced(plan, repair, column.dictionary[i])));
    own[i] = repaired_number(text, repair);
    otherwise[i] = repaired_number(text, other);
    has_own_mark = has_own_mark || (own[i] && !otherwise[i]);
    changed = changed || (!own[i] && otherwise[i]);
    if (!own[i] && !otherwise[i]) out.unread += rows[i];
  }
  if (!changed) return out;
  std::vector<std::string> dictionary = column.dictionary;
  for (size_t i = 0; i < texts; ++i) {
    if (!otherwise[i] || (own[i] && has_own_mark)) continue;
    dictionary[i] = number_text(*otherwise[i]);
    std::replace(dictionary[i].begin(), dictionary[i].end(), '.', repair.decimal);
    if (own[i] != otherwise[i]) out.rows += rows[i];
  }
  std::vector<std::string> cells(column.codes.size());
  for (size_t row = 0; row < cells.size(); ++row) {
    const int32_t code = column.codes[row];
    if (code >= 0) cells[row] = dictionary[static_cast<size_t>(code)];
  }
  out.column = Column::text(column.name, cells);
  for (size_t row = 0; row < cells.size(); ++row) {
    if (column.codes[row] < 0) out.column.codes[row] = -1;
  }
  return out;
}

// Numbers where the training saw text, for example because a file no longer holds decimal commas.
Column as_text(const Column& column, char decimal) {
  std::vector<std::string> texts;
  std::vector<size_t> missing;
  for (size_t i = 0; i < column.size(); ++i) {
    if (column.missing(i)) missing.push_back(i);
    std::string text = column.value_text(i);
    if (column.type == ColumnType::kNumber) std::replace(text.begin(), text.end(), '.', decimal);
    texts.push_back(std::move(text));
  }
  Column result = Column::text(column.name, texts);
  for (const size_t row : missing) result.codes[row] = -1;
  return result;
}

// Text where the training saw numbers or dates. Cells that are neither become missing.
Column as_numbers(const Column& column, ColumnType type, size_t& unread) {
  std::vector<double> by_code;
  for (const auto& text : column.dictionary) {
    const auto trimmed = trim(text);
    auto number =
        type == ColumnType::kDate ? std::optional(parse_iso_date(trimmed)) : parse_number(trimmed);
    if (!number && type == ColumnType::kNumber) number = parse_number(trimmed, ',');
    by_code.push_back(number.value_or(kMissing));
  }
  Column result{.name = column.name, .type = type};
  for (const int32_t code : column.codes) {
    const double value = code < 0 ? kMissing : by_code[static_cast<size_t>(code)];
    unread += code >= 0 && std::isnan(value);
    result.numbers.push_back(value);
  }
  return result;
}

class Conformer {
 public:
  Conformer(const FeaturePlan& plan, bool strict) : plan_(plan), strict_(strict) {}

  void add(const PlanTable& table, const Table* found) {
    if (!found) absent(table, "table " + quoted(table.name), "the table is not there");
    std::vector<const Column*> columns;
    for (const auto& [name, type] : table.schema) {
      const Column* column = found ? found->find(name) : nullptr;
      if (found && !column) missing_column(table, *found, name);
      columns.push_back(column ? fitting(table, *column, name, type)
                               : empty_column(name, type, found ? found->rows() : 0));
    }
    result_.columns.push_back(std::move(columns));
    result_.tables.push_back(found);
  }

  Conformed result() { return std::move(result_); }

 private:
  void absent(const PlanTable& table, const std::string& where, const std::string& what) {
    if (strict_ || &table == &plan_.tables[0]) {
      throw Error(ErrorCode::kData, where, what, "add its file");
    }
    result_.notes.push_back(where + ": " + what + ", its columns are taken as missing");
  }

  void missing_column(const PlanTable& table, const Table& found, const std::string& name) {
    const std::string where = "table " + quoted(table.name);
    if (strict_ || name == table.id) {
      throw Error(ErrorCode::kData, where,
                  fmt::format("the column {} is not there{}", quoted(name),
                              did_you_mean(name, found.column_names())),
                  "its columns are: " + join(found.column_names(), ", "));
    }
    result_.notes.push_back(
        fmt::format("{}: the column {} is not there and is taken as missing", where, quoted(name)));
  }

  const Column* empty_column(const std::string& name, ColumnType type, size_t rows) {
    Column column{.name = name, .type = type};
    if (type == ColumnType::kText) {
      column.codes.assign(rows, -1);
    } else {
      column.numbers.assign(rows, kMissing);
    }
    return keep(std::move(column));
  }

  const Column* fitting(const PlanTable& table, const Column& column, const std::string& name,
                        ColumnType type) {
    const Repair* parsing =
        type == ColumnType::kText ? parsing_of(plan_, table.name, name) : nullptr;
    if (column.type == type)
      return parsing == nullptr ? &column : readable(table, column, *parsing);
    if (type == ColumnType::kText) {
      return keep(as_text(column, parsing == nullptr ? '.' : parsing->decimal));
    }
    if (!column.is_text()) return &column;  // days and numbers are both doubles
    size_t unread = 0;
    const Column* result = keep(as_numbers(column, type, unread));
    if (unread > 0) {
      result_.notes.push_back(
          fmt::format("table {}: {} of the column {} {} no {} and taken as missing",
                      quoted(table.name), counted(static_cast<int64_t>(unread), "value"),
                      quoted(name), unread == 1 ? "is" : "are", to_string(type)));
    }
    return result;
  }

  // A text column that a repair makes numbers of, as that repair can read it.
  const Column* readable(const PlanTable& table, const Column& column, const Repair& repair) {
    if (strict_) return &column;  // the audit has seen these texts
    Rewritten rewritten = for_repair(plan_, column, repair);
    const auto note = [&](int64_t rows, const std::string& what) {
      if (rows == 0) return;
      result_.notes.push_back(fmt::format("table {}: {} of the column {} {}", quoted(table.name),
                                          counted(rows, "value"), quoted(column.name), what));
    };
    const char* const mark = repair.decimal == ',' ? "comma" : "point";
    const char* const found = repair.decimal == ',' ? "point" : "comma";
    note(rewritten.rows,
         fmt::format("with a decimal {} where the training had a {}: read as that", found, mark));
    note(rewritten.unread, rewritten.unread == 1
                               ? "cannot be read as numbers and counts as missing"
                               : "cannot be read as numbers and count as missing");
    return rewritten.rows > 0 ? keep(std::move(rewritten.column)) : &column;
  }

  const Column* keep(Column column) {
    result_.owned.push_back(std::move(column));
    return &result_.owned.back();
  }

  const FeaturePlan& plan_;
  const bool strict_;
  Conformed result_;
};

}  // namespace

Conformed conform(const FeaturePlan& plan, const std::vector<const Table*>& tables, bool strict) {
  Conformer conformer(plan, strict);
  for (const auto& table : plan.tables) {
    const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table* candidate) {
      return candidate->name == table.name;
    });
    conformer.add(table, found == tables.end() ? nullptr : *found);
  }
  return conformer.result();
}

}  // namespace perennial
