#include "feature/native_table.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "base/whole.h"
#include "feature/names.h"
#include "feature/native_condition.h"

namespace perennial {
namespace {

// Each text of the dictionary through `change`; nullopt becomes a missing value.
Column with_texts(const Column& column,
                  const std::function<std::optional<std::string>(const std::string&)>& change) {
  Column result;
  result.name = column.name;
  result.type = ColumnType::kText;
  std::unordered_map<std::string, int32_t> code_of;
  std::vector<int32_t> recode;
  for (const std::string& text : column.dictionary) {
    auto changed = change(text);
    if (!changed) {
      recode.push_back(-1);
      continue;
    }
    const auto [found, fresh] =
        code_of.try_emplace(*changed, static_cast<int32_t>(result.dictionary.size()));
    if (fresh) result.dictionary.push_back(std::move(*changed));
    recode.push_back(found->second);
  }
  result.codes.reserve(column.codes.size());
  for (const int32_t code : column.codes) {
    result.codes.push_back(code < 0 ? -1 : recode[static_cast<size_t>(code)]);
  }
  return result;
}

class Repairer {
 public:
  Repairer(const FeaturePlan& plan, size_t t, const std::vector<const Column*>& columns)
      : plan_(plan), table_(plan.tables[t]), names_(schema_names(table_)), is_entity_(t == 0) {
    result_.columns = columns;
    for (const auto& [name, type] : table_.schema) {
      types_.push_back(type);
      safe_ = safe_ && (type == ColumnType::kText) == columns[types_.size() - 1]->is_text();
    }
  }

  std::optional<NativeTable> run() {
    for (size_t i = 0; i < plan_.repairs.steps.size(); ++i) {
      const Repair& repair = plan_.repairs.steps[i];
      if (repair.table != table_.name) continue;
      apply(repair, i + 1);
      if (!safe_) return std::nullopt;
    }
    if (!safe_) return std::nullopt;
    return std::move(result_);
  }

 private:
  void apply(const Repair& repair, size_t step) {
    switch (repair.kind) {
      case Repair::Kind::kTrim:
      case Repair::Kind::kReplaceValues:
      case Repair::Kind::kParseNumber:
      case Repair::Kind::kMissingRows:
        change_values(repair);
        break;
      case Repair::Kind::kDropRows:
        drop_rows(repair, step);
        break;
      case Repair::Kind::kDropCustomers:
        if (auto rows = matching(repair.where)) result_.drops.push_back({step, std::move(*rows)});
        break;
      case Repair::Kind::kDropDuplicates:
        safe_ = false;
        break;
      case Repair::Kind::kRenameColumns:
      case Repair::Kind::kIgnoreColumn:
        break;
    }
  }

  void change_values(const Repair& repair) {
    const int index = find_name(names_, repair.column);
    if (index < 0) return;
    const auto at = static_cast<size_t>(index);
    const Column& column = *result_.columns[at];
    switch (repair.kind) {
      case Repair::Kind::kTrim:
        if (column.is_text()) trim_texts(at);
        break;
      case Repair::Kind::kParseNumber:
        if (column.is_text()) parse_numbers(at, repair);
        break;
      case Repair::Kind::kReplaceValues:
        if (column.is_text()) {
          replace(at, repair);
        } else {
          safe_ = false;
        }
        break;
      default:
        if (const auto rows = matching(repair.where)) set_missing(at, *rows);
    }
  }

  void keep(size_t at, Column column) {
    result_.owned.push_back(std::move(column));
    result_.columns[at] = &result_.owned.back();
  }

  void trim_texts(size_t at) {
    keep(at, with_texts(*result_.columns[at], [](const std::string& text) {
           const std::string_view inner = trim(text);
           return inner.empty() ? std::nullopt : std::optional<std::string>(inner);
         }));
  }

  void replace(size_t at, const Repair& repair) {
    keep(at, with_texts(*result_.columns[at], [&](const std::string& text) {
           for (const auto& [from, to] : repair.map) {
             if (from == text) return std::optional<std::string>(to);
           }
           return std::optional<std::string>(text);
         }));
  }

  void parse_numbers(size_t at, const Repair& repair) {
    const Column& column = *result_.columns[at];
    std::vector<double> by_code;
    for (const std::string& text : column.dictionary) {
      const auto number = repaired_number(text, repair);
      by_code.push_back(number.value_or(kMissing));
      // At the ends of the range engines differ in what is too large or too small.
      const double size = std::abs(by_code.back());
      const bool digits_only = text.find_first_of("eE") == std::string::npos && text.size() < 40;
      if (!digits_only && !(size > 1e-290 && size < 1e290)) safe_ = false;
    }
    Column numbers{.name = column.name, .type = ColumnType::kNumber};
    numbers.numbers.reserve(column.codes.size());
    for (const int32_t code : column.codes) {
      numbers.numbers.push_back(code < 0 ? kMissing : by_code[static_cast<size_t>(code)]);
    }
    types_[at] = ColumnType::kNumber;
    keep(at, std::move(numbers));
  }

  void set_missing(size_t at, const std::vector<uint8_t>& rows) {
    Column changed = *result_.columns[at];
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] == 0) continue;
      if (changed.is_text()) {
        changed.codes[i] = -1;
      } else {
        changed.numbers[i] = kMissing;
      }
    }
    keep(at, std::move(changed));
  }

  // In the entity's table, whose ids are unique (native_customers sees to it), a customer leaves
  // with the row and is counted; for that the row stays.
  void drop_rows(const Repair& repair, size_t step) {
    auto rows = matching(repair.where);
    if (!rows) return;
    if (result_.gone.empty()) result_.gone.assign(result_.rows(), 0);
    const Column& ids = result_.column(table_, table_.id);
    for (size_t i = 0; i < rows->size(); ++i) {
      if ((*rows)[i] && (!is_entity_ || ids.missing(i))) result_.gone[i] = 1;
    }
    if (is_entity_) result_.drops.push_back({step, std::move(*rows)});
  }

  std::optional<std::vector<uint8_t>> matching(const std::string& condition) {
    const auto columns = [&](const std::string& name, Condition::Over) {
      const int index = find_name(names_, name);
      PERENNIAL_CHECK(index >= 0);  // the SQL of the repair has been compiled
      const auto at = static_cast<size_t>(index);
      return std::vector<SqlColumn>{
          {std::to_string(at), types_[at] == ColumnType::kText, types_[at] == ColumnType::kDate}};
    };
    auto rows = rows_where(
        parse_condition(condition, table_.name), columns,
        [&](const SqlColumn& column) {
          return result_.columns[static_cast<size_t>(std::stoul(column.expression))];
        },
        result_.rows());
    if (!rows) {
      safe_ = false;
      return rows;
    }
    for (size_t i = 0; i < rows->size(); ++i) {
      if (!result_.has(i)) (*rows)[i] = 0;
    }
    return rows;
  }

  const FeaturePlan& plan_;
  const PlanTable& table_;
  const std::vector<std::string> names_;
  const bool is_entity_;
  std::vector<ColumnType> types_;
  NativeTable result_;
  bool safe_ = true;  // so far all is as in SQL
};

// Is the column a date in the plan? The file may hold days as plain numbers.
bool is_date(const PlanTable& table, const std::string& name) {
  const int index = find_name(schema_names(table), name);
  return index >= 0 && table.schema[static_cast<size_t>(index)].second == ColumnType::kDate;
}

bool skipped(const std::vector<uint8_t>& skip, size_t row) { return !skip.empty() && skip[row]; }

// The positions of the plan's periods by the period's number, ordered; empty where the engine
// might read one otherwise or two are equal.
std::vector<std::pair<double, int32_t>> numbered_periods(const PlanTable& table, bool dates) {
  std::vector<std::pair<double, int32_t>> result;
  for (const std::string& period : table.periods) {
    const double number = dates ? parse_iso_date(period) : parse_number(period).value_or(0);
    if (!exact_in_sql(number)) return {};
    result.emplace_back(number, static_cast<int32_t>(result.size()));
  }
  std::sort(result.begin(), result.end());
  for (size_t i = 1; i < result.size(); ++i) {
    if (result[i].first == result[i - 1].first) return {};
  }
  return result;
}

}  // namespace

const Column& NativeTable::column(const PlanTable& table, const std::string& name) const {
  const int index = find_name(schema_names(table), name);
  PERENNIAL_CHECK(index >= 0);
  return *columns[static_cast<size_t>(index)];
}

std::optional<NativeTable> repaired(const FeaturePlan& plan, size_t table,
                                    const std::vector<const Column*>& columns) {
  return Repairer(plan, table, columns).run();
}

IdNumbers::IdNumbers(const Column& ids, const std::vector<uint8_t>& skip) : ids_(ids) {
  numbers_.assign(ids.size(), -1);
  if (ids.is_text()) {
    number_texts(ids, skip);
    return;
  }
  double low = 0, high = 0;
  bool whole = true, first = true;
  for (const double id : ids.numbers) {
    if (std::isnan(id)) continue;
    whole = whole && std::abs(id) < 1e15 && is_whole(id);
    low = first ? id : std::min(low, id);
    high = first ? id : std::max(high, id);
    first = false;
  }
  constexpr double kSlack = 1024;
  if (whole && high - low < 8 * static_cast<double>(ids.size()) + kSlack) {
    number_whole(ids, skip, low, static_cast<size_t>(high - low) + 1);
  } else {
    number_doubles(ids, skip);
  }
}

void IdNumbers::number_texts(const Column& ids, const std::vector<uint8_t>& skip) {
  by_code_.assign(ids.dictionary.size(), -1);
  for (size_t i = 0; i < ids.codes.size(); ++i) {
    if (ids.codes[i] < 0 || skipped(skip, i)) continue;
    int32_t& number = by_code_[static_cast<size_t>(ids.codes[i])];
    if (number < 0) number = static_cast<int32_t>(count_++);
    numbers_[i] = number;
  }
}

void IdNumbers::number_whole(const Column& ids, const std::vector<uint8_t>& skip, double low,
                             size_t range) {
  direct_ = true;
  low_ = low;
  by_slot_.assign(range, -1);
  for (size_t i = 0; i < ids.numbers.size(); ++i) {
    if (std::isnan(ids.numbers[i]) || skipped(skip, i)) continue;
    int32_t& number = by_slot_[static_cast<size_t>(ids.numbers[i] - low)];
    if (number < 0) number = static_cast<int32_t>(count_++);
    numbers_[i] = number;
  }
}

void IdNumbers::number_doubles(const Column& ids, const std::vector<uint8_t>& skip) {
  size_t slots = 64;
  while (slots < 2 * ids.size()) slots *= 2;
  slot_ids_.assign(slots, 0);
  by_slot_.assign(slots, -1);
  for (size_t i = 0; i < ids.numbers.size(); ++i) {
    if (std::isnan(ids.numbers[i]) || skipped(skip, i)) continue;
    const size_t slot = slot_of(ids.numbers[i]);
    if (by_slot_[slot] < 0) {
      by_slot_[slot] = static_cast<int32_t>(count_++);
      slot_ids_[slot] = ids.numbers[i];
    }
    numbers_[i] = by_slot_[slot];
  }
}

// Where the id stands, or the empty slot where it would.
size_t IdNumbers::slot_of(double id) const {
  if (id == 0) id = 0;  // one zero, whatever its sign
  uint64_t bits = 0;
  std::memcpy(&bits, &id, sizeof bits);
  bits = (bits ^ (bits >> 32)) * 0x9E3779B97F4A7C15ULL;
  const size_t mask = by_slot_.size() - 1;
  size_t slot = (bits ^ (bits >> 29)) & mask;
  while (by_slot_[slot] >= 0 && slot_ids_[slot] != id) slot = (slot + 1) & mask;
  return slot;
}

std::vector<int32_t> IdNumbers::find(const Column& ids) const {
  PERENNIAL_CHECK(ids.is_text() == ids_.is_text());
  std::vector<int32_t> result(ids.size(), -1);
  if (ids.is_text()) {
    std::unordered_map<std::string_view, int32_t> number_of;
    for (size_t code = 0; code < by_code_.size(); ++code) {
      if (by_code_[code] >= 0) number_of.emplace(ids_.dictionary[code], by_code_[code]);
    }
    std::vector<int32_t> by_code;
    for (const std::string& text : ids.dictionary) {
      const auto found = number_of.find(text);
      by_code.push_back(found == number_of.end() ? -1 : found->second);
    }
    for (size_t i = 0; i < result.size(); ++i) {
      if (ids.codes[i] >= 0) result[i] = by_code[static_cast<size_t>(ids.codes[i])];
    }
    return result;
  }
  const double range = static_cast<double>(by_slot_.size());
  for (size_t i = 0; i < result.size(); ++i) {
    const double id = ids.numbers[i];
    if (std::isnan(id)) continue;
    if (!direct_) {
      result[i] = by_slot_[slot_of(id)];
    } else if (id >= low_ && id - low_ < range && is_whole(id)) {
      result[i] = by_slot_[static_cast<size_t>(id - low_)];
    }
  }
  return result;
}

std::vector<std::string> periods_in(const FeaturePlan& plan, size_t table,
                                    const NativeTable& native) {
  const PlanTable& planned = plan.tables[table];
  const Column& by = native.column(planned, planned.pivot_by);
  std::set<std::string> periods;
  if (by.is_text()) {
    std::vector<char> used(by.dictionary.size(), 0);
    for (size_t i = 0; i < by.codes.size(); ++i) {
      if (by.codes[i] >= 0 && native.has(i)) used[static_cast<size_t>(by.codes[i])] = 1;
    }
    for (size_t code = 0; code < used.size(); ++code) {
      if (used[code]) periods.insert(by.dictionary[code]);
    }
  } else {
    std::set<double> numbers;
    for (size_t i = 0; i < by.numbers.size(); ++i) {
      if (!by.missing(i) && native.has(i) && numbers.insert(by.numbers[i]).second) {
        const double number = by.numbers[i];
        periods.insert(is_date(planned, planned.pivot_by) ? date_text(number)
                                                          : number_text(number));
      }
    }
  }
  return {periods.begin(), periods.end()};
}

std::optional<std::vector<int32_t>> period_of_rows(const FeaturePlan& plan, size_t table,
                                                   const NativeTable& native) {
  const PlanTable& planned = plan.tables[table];
  const Column& by = native.column(planned, planned.pivot_by);
  std::vector<int32_t> result(by.size(), -1);
  if (by.is_text()) {
    std::vector<int32_t> by_code;
    for (const std::string& text : by.dictionary) {
      const auto found = std::find(planned.periods.begin(), planned.periods.end(), text);
      by_code.push_back(found == planned.periods.end()
                            ? -1
                            : static_cast<int32_t>(found - planned.periods.begin()));
    }
    for (size_t i = 0; i < result.size(); ++i) {
      if (by.codes[i] >= 0) result[i] = by_code[static_cast<size_t>(by.codes[i])];
    }
    return result;
  }
  const auto numbered = numbered_periods(planned, is_date(planned, planned.pivot_by));
  if (numbered.size() != planned.periods.size()) return std::nullopt;
  for (size_t i = 0; i < result.size(); ++i) {
    if (by.missing(i)) continue;
    const auto found =
        std::lower_bound(numbered.begin(), numbered.end(), std::pair(by.numbers[i], int32_t{-1}));
    if (found != numbered.end() && found->first == by.numbers[i]) result[i] = found->second;
  }
  return result;
}

std::optional<bool> has_several_rows(const FeaturePlan& plan, size_t table,
                                     const NativeTable& native) {
  const PlanTable& planned = plan.tables[table];
  const auto period = period_of_rows(plan, table, native);
  if (!period) return std::nullopt;
  const IdNumbers ids(native.column(planned, planned.id), native.gone);
  const size_t periods = planned.periods.size();
  std::vector<uint8_t> seen(ids.count() * periods, 0);
  for (size_t i = 0; i < period->size(); ++i) {
    if (ids.numbers()[i] < 0 || (*period)[i] < 0) continue;
    uint8_t& cell =
        seen[static_cast<size_t>(ids.numbers()[i]) * periods + static_cast<size_t>((*period)[i])];
    if (cell) return true;
    cell = 1;
  }
  return false;
}

}  // namespace perennial
