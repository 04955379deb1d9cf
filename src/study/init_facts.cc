// Columns looked at one by one: counts, and what their names give away.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

#include "audit/marked_numbers.h"
#include "base/text.h"
#include "study/init_guess.h"

namespace perennial {
namespace {

int64_t distinct_numbers(const std::vector<double>& numbers) {
  std::vector<double> sorted;
  sorted.reserve(numbers.size());
  for (const double v : numbers) {
    if (!std::isnan(v)) sorted.push_back(v);
  }
  std::sort(sorted.begin(), sorted.end());
  return std::unique(sorted.begin(), sorted.end()) - sorted.begin();
}

ColumnFacts facts_of(const Table& table, size_t index) {
  const Column& column = table.columns[index];
  ColumnFacts out{.name = column.name, .index = static_cast<int>(index)};
  for (size_t row = 0; row < column.size(); ++row) out.present += !column.missing(row);
  if (column.is_text()) {
    std::vector<bool> used(column.dictionary.size());
    for (const int32_t code : column.codes) {
      if (code >= 0) used[static_cast<size_t>(code)] = true;
    }
    out.distinct = std::count(used.begin(), used.end(), true);
    // Repaired into numbers before anything is computed: see audit.
    out.number = index < table.readings.size() && out.present > 0 &&
                 table.readings[index].decimal_comma > 0 && table.readings[index].not_numbers == 0;
    out.number = out.number || holds_marked_numbers(column);
    out.text = !out.number;
    return out;
  }
  out.date = column.type == ColumnType::kDate;
  out.number = !out.date;
  out.distinct = distinct_numbers(column.numbers);
  out.whole = std::all_of(column.numbers.begin(), column.numbers.end(),
                          [](double v) { return std::isnan(v) || v == std::floor(v); });
  return out;
}

}  // namespace

std::vector<ColumnFacts> column_facts(const Table& table) {
  std::vector<ColumnFacts> out;
  for (size_t i = 0; i < table.columns.size(); ++i) out.push_back(facts_of(table, i));
  return out;
}

const ColumnFacts* TableGuess::facts(const std::string& column) const {
  for (const ColumnFacts& f : columns) {
    if (f.name == column) return &f;
  }
  return nullptr;
}

std::vector<std::pair<std::string, int64_t>> value_counts(const Column& column) {
  std::map<std::string, int64_t> counts;
  if (column.is_text()) {
    std::vector<int64_t> rows(column.dictionary.size());
    for (const int32_t code : column.codes) {
      if (code >= 0) ++rows[static_cast<size_t>(code)];
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] > 0) counts[column.dictionary[i]] += rows[i];
    }
  } else {
    std::map<double, std::pair<size_t, int64_t>> rows;  // value -> one row with it, how many
    for (size_t row = 0; row < column.size(); ++row) {
      if (!column.missing(row))
        ++rows.try_emplace(column.numbers[row], row, 0).first->second.second;
    }
    for (const auto& [value, seen] : rows) counts[column.value_text(seen.first)] += seen.second;
  }
  std::vector<std::pair<std::string, int64_t>> out(counts.begin(), counts.end());
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

bool is_revenue_name(const std::string& name) {
  static const std::array<std::string_view, 24> parts = {
      "revenue", "turnover", "sales",  "spend",   "money",    "amount",  "purchase", "payment",
      "paid",    "выруч",    "оборот", "продаж",  "покуп",    "сумма",   "платеж",   "деньг",
      "receita", "faturam",  "umsatz", "chiffre", "ingresos", "fattura", "ventas",   "vendas"};
  const std::string lower = to_lower(name);
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::string ascii_name(const std::string& name) {
  static const std::array<std::string_view, 32> latin = {
      "a", "b", "v", "g", "d", "e",  "zh", "z",  "i",  "y",   "k", "l", "m", "n", "o",  "p",
      "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "sch", "",  "y", "",  "e", "yu", "ya"};
  std::string out;
  for (const char32_t c : decode_utf8(regular_name(name))) {
    if ((c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || c == U'_') {
      out += static_cast<char>(c);
    } else if (c >= U'а' && c <= U'я') {
      out += latin[static_cast<size_t>(c - U'а')];
    } else if (c == U'ё') {
      out += "e";
    }
  }
  while (out.starts_with("_")) out.erase(0, 1);
  while (out.ends_with("_")) out.pop_back();
  return out.substr(0, 60);
}

}  // namespace perennial
