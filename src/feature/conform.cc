#include "feature/conform.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "feature/names.h"

namespace perennial {
namespace {

// The decimal mark that a repair of the plan expects in a text column, '.' where none does.
char decimal_of(const FeaturePlan& plan, const std::string& table, const std::string& column) {
  for (const auto& repair : plan.repairs.steps) {
    if (repair.kind == Repair::Kind::kParseNumber && repair.table == table &&
        repair.column == column) {
      return repair.decimal;
    }
  }
  return '.';
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
    if (column.type == type) return &column;
    if (type == ColumnType::kText) {
      return keep(as_text(column, decimal_of(plan_, table.name, name)));
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
