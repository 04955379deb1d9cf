#include "study/init_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/seed.h"
#include "base/text.h"

namespace perennial {
namespace {

using Hashes = std::vector<uint64_t>;

template <size_t N>
bool any_equal(const std::vector<std::string>& words, const std::array<std::string_view, N>& list) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  });
}

std::vector<std::string> words_of(const std::string& name) {
  return split(regular_name(name), '_');
}

// 1 for "id", "CustomerID", "client_code", "Cust_num"; 0.5 for "customer"; 0 otherwise.
double id_name_score(const std::string& name) {
  static const std::array<std::string_view, 12> strong = {
      "id", "uid", "uuid", "guid", "ид", "код", "num", "no", "key", "code", "nr", "номер"};
  static const std::array<std::string_view, 12> who = {
      "customer", "cust",       "client",  "user",  "member",  "account",
      "клиент",   "покупатель", "абонент", "kunde", "cliente", "subscriber"};
  const std::vector<std::string> words = words_of(name);
  if (any_equal(words, strong)) return 1;
  if (words == std::vector<std::string>{"number"}) return 1;  // but not "number of visits"
  const bool camel = name.ends_with("ID") || (name.size() > 2 && name.ends_with("Id"));
  const std::string lower = regular_name(name);
  const bool glued =
      (lower.ends_with("id") || lower.ends_with("no")) &&
      std::any_of(who.begin(), who.end(), [&](std::string_view w) { return lower.starts_with(w); });
  if (camel || glued) return 1;
  return any_equal(words, who) ? 0.5 : 0;
}

// Ids are whole numbers or text, and (nearly) always there.
bool may_be_id(const ColumnFacts& facts, size_t rows) {
  return !facts.date && (facts.text || facts.whole) && facts.distinct >= 2 &&
         facts.present * 100 >= static_cast<int64_t>(rows) * 99;
}

// Values as hashes of the text that a person would write, so that 7 meets "7".
Hashes row_hashes(const Column& column) {
  Hashes out(column.size());
  if (column.is_text()) {
    Hashes of_code;
    for (const std::string& text : column.dictionary) of_code.push_back(hash_bytes(text));
    for (size_t row = 0; row < out.size(); ++row) {
      out[row] = column.codes[row] < 0 ? 0 : of_code[static_cast<size_t>(column.codes[row])];
    }
    return out;
  }
  for (size_t row = 0; row < out.size(); ++row) out[row] = hash_bytes(column.value_text(row));
  return out;
}

Hashes distinct_hashes(const Column& column) {
  Hashes out = row_hashes(column);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// How well `other` names the same customers as `key`: 0 to 1, by shares found in each other.
double overlap(const Hashes& key, const Hashes& other) {
  Hashes both;
  std::set_intersection(key.begin(), key.end(), other.begin(), other.end(),
                        std::back_inserter(both));
  const double n = static_cast<double>(both.size());
  return 0.5 * n / static_cast<double>(key.size()) + 0.5 * n / static_cast<double>(other.size());
}

struct IdCandidate {
  size_t table = 0;
  const ColumnFacts* facts = nullptr;
  Hashes values;
  bool always = true;  // in every row; in a log: of visitors who signed in, say
};

// What the id of a table on its own is worth: its name, its place, how unique it is.
double own_score(const TableGuess& table, const ColumnFacts& facts) {
  const double rows = static_cast<double>(table.table->rows());
  const double unique = static_cast<double>(facts.distinct) / std::max(rows, 1.0);
  return id_name_score(facts.name) + (facts.index == 0 ? 0.3 : 0) + (unique == 1 ? 0.5 : 0);
}

// Columns that could name the customers of a table with one row each.
bool may_be_key(const TableGuess& table, const ColumnFacts& facts) {
  const auto rows = static_cast<int64_t>(table.table->rows());
  if (!may_be_id(facts, table.table->rows())) return false;
  if (facts.distinct == facts.present)
    return facts.text || facts.index == 0 || id_name_score(facts.name) > 0;
  // A few ids stand twice: the audit says so; here only the name can tell.
  return id_name_score(facts.name) > 0 && facts.distinct * 10 >= rows * 9;
}

// The column of a table that best matches the key, and how well; nullptr when none does.
std::pair<const ColumnFacts*, double> best_match(const std::vector<IdCandidate>& candidates,
                                                 size_t table, const IdCandidate& key) {
  const ColumnFacts* best = nullptr;
  double best_score = 0;
  for (const IdCandidate& candidate : candidates) {
    if (candidate.table != table) continue;
    const bool same = regular_name(candidate.facts->name) == regular_name(key.facts->name);
    if (!candidate.always && !same) continue;
    const double share = overlap(key.values, candidate.values);
    if (share < (same ? 0.02 : 0.25)) continue;
    const double score = share + (same ? 0.5 : 0) + 0.3 * id_name_score(candidate.facts->name) +
                         (candidate.facts->index == 0 ? 0.1 : 0);
    if (score > best_score) {
      best = candidate.facts;
      best_score = score;
    }
  }
  return {best, best_score};
}

// Without a column that names one-row customers: a column that names them many times over.
const ColumnFacts* repeated_id(const TableGuess& table) {
  const auto rows = static_cast<int64_t>(table.table->rows());
  for (const ColumnFacts& facts : table.columns) {
    const bool many = facts.distinct > 20 && facts.distinct * 200 >= rows;
    if (may_be_id(facts, table.table->rows()) && many && facts.index == 0 &&
        id_name_score(facts.name) > 0) {
      return &facts;
    }
  }
  return nullptr;
}

// When events happened: a date in nearly every row, by its name or the first; nullptr: none.
const ColumnFacts* event_time(const TableGuess& table) {
  static const std::array<std::string_view, 14> words = {
      "date", "time",  "datetime", "timestamp", "at",    "dt",   "day",
      "дата", "время", "datum",    "fecha",     "heure", "data", "zeit"};
  const ColumnFacts* found = nullptr;
  bool named = false;
  for (const ColumnFacts& facts : table.columns) {
    const auto rows = static_cast<int64_t>(table.table->rows());
    if (!facts.date || facts.distinct < 2 || facts.present * 100 < rows * 95) continue;
    const bool says = any_equal(words_of(facts.name), words);
    if (found != nullptr && (named || !says)) continue;
    found = &facts;
    named = says;
  }
  return found;
}

// An id that only some events have.
bool may_be_sometimes(const TableGuess& table, const ColumnFacts& facts) {
  return !facts.date && (facts.text || facts.whole) && facts.distinct > 20 &&
         event_time(table) != nullptr;
}

// One table in which no column names the customers: every row is one, and its number is the id.
void choose_row_numbers(std::vector<TableGuess>& tables) {
  for (const TableGuess& table : tables) {
    const ColumnFacts* id = repeated_id(table);
    if (id == nullptr) continue;
    throw Error(
        ErrorCode::kData, table.file,
        fmt::format("{} stands in several rows a customer ({} for {} ids), and no table "
                    "has one row a customer or tells when each row happened",
                    quoted(id->name), counted(static_cast<int64_t>(table.table->rows()), "row"),
                    grouped(id->distinct)),
        "Add the table that says for each customer what is to be predicted, or the dates");
  }
  if (tables.size() == 1) {
    tables[0].id = kRowNumber;
    return;
  }
  throw Error(ErrorCode::kData, tables.front().file, "no column names the customers",
              "Add a column with a different value for every customer, an id");
}

void choose_ids(std::vector<TableGuess>& tables) {
  std::vector<IdCandidate> candidates;
  for (size_t t = 0; t < tables.size(); ++t) {
    for (const ColumnFacts& facts : tables[t].columns) {
      const bool always = may_be_id(facts, tables[t].table->rows());
      if (!always && !may_be_sometimes(tables[t], facts)) continue;
      const Column& column = tables[t].table->columns[static_cast<size_t>(facts.index)];
      candidates.push_back(
          {t, &facts, tables.size() > 1 ? distinct_hashes(column) : Hashes{}, always});
    }
  }
  double best = 0;
  std::vector<std::string> ids(tables.size());
  for (const IdCandidate& key : candidates) {
    const TableGuess& own = tables[key.table];
    const bool log = repeated_id(own) == key.facts && event_time(own) != nullptr;
    if (!key.always || (!log && !may_be_key(own, *key.facts))) continue;
    double score = own_score(own, *key.facts);
    std::vector<std::string> chosen(tables.size());
    chosen[key.table] = key.facts->name;
    for (size_t t = 0; t < tables.size(); ++t) {
      if (t == key.table) continue;
      const auto [column, match] = best_match(candidates, t, key);
      if (column) chosen[t] = column->name;
      score += 2 * match;
    }
    if (score > best) {
      best = score;
      ids = std::move(chosen);
    }
  }
  for (size_t t = 0; t < tables.size(); ++t) tables[t].id = ids[t];
  if (best == 0) choose_row_numbers(tables);
}

double period_name_score(const std::string& name) {
  static const std::array<std::string_view, 14> words = {
      "period", "month", "quarter", "year", "week",   "date", "day",
      "период", "месяц", "квартал", "год",  "неделя", "mes",  "monat"};
  return any_equal(words_of(name), words) ? 1 : 0;
}

// Whether (id, column) tells all rows apart.
bool tells_rows_apart(const Table& table, const Hashes& ids, const Column& column) {
  const Hashes values = row_hashes(column);
  Hashes pairs(table.rows());
  for (size_t row = 0; row < pairs.size(); ++row) pairs[row] = hash_mix(ids[row], values[row]);
  std::sort(pairs.begin(), pairs.end());
  return std::adjacent_find(pairs.begin(), pairs.end()) == pairs.end();
}

void choose_period(TableGuess& guess) {
  constexpr int64_t kMostPeriods = 36;
  const Hashes ids = row_hashes(*guess.table->find(guess.id));
  double best = 0;
  for (const ColumnFacts& facts : guess.columns) {
    if (facts.name == guess.id || facts.distinct < 2 || facts.distinct > kMostPeriods) continue;
    if (facts.present != static_cast<int64_t>(guess.table->rows())) continue;
    const Column& column = guess.table->columns[static_cast<size_t>(facts.index)];
    const bool unique = tells_rows_apart(*guess.table, ids, column);
    const double name = period_name_score(facts.name);
    // Where a customer has several rows a period, only a name or a short vocabulary can tell.
    if (!unique && name == 0 && !(facts.text && facts.distinct <= 12)) continue;
    const double score = (unique ? 4 : 0) + 2 * name + (facts.text || facts.date ? 1 : 0.1) +
                         1.0 / static_cast<double>(facts.distinct);
    if (score <= best) continue;
    best = score;
    guess.pivot_by = facts.name;
    guess.pivot_unique = unique;
  }
}

void choose_long_roles(TableGuess& guess) {
  if (const ColumnFacts* time = event_time(guess)) {
    guess.time = time->name;
    return;
  }
  choose_period(guess);
  if (guess.pivot_by.empty()) {
    guess.unusable = fmt::format(
        "{} rows for {}, and no column with dates, nor one with a few values that tells them apart",
        grouped(static_cast<int64_t>(guess.table->rows())), counted(guess.customers, "customer"));
    return;
  }
  for (const auto& [value, rows] : value_counts(*guess.table->find(guess.pivot_by))) {
    if (guess.periods.size() < 10) guess.periods.push_back(value);
  }
  std::sort(guess.periods.begin(), guess.periods.end());
  for (const ColumnFacts& facts : guess.columns) {
    const bool role = facts.name == guess.id || facts.name == guess.pivot_by;
    if (!role && facts.number && id_name_score(facts.name) < 1) {
      guess.pivot_values.push_back(facts.name);
    }
  }
  if (guess.pivot_values.empty()) {
    guess.unusable = "several rows a customer, and no column with numbers to bring into one row";
  }
}

bool is_profit_name(const std::string& name) {
  static const std::array<std::string_view, 12> words = {
      "profit", "margin", "прибыль", "маржа", "lucro",     "marge",
      "gewinn", "clv",    "ltv",     "cltv",  "beneficio", "ganancia"};
  return any_equal(words_of(name), words);
}

bool is_order_name(const std::string& name) {
  static const std::array<std::string_view, 14> words = {
      "order",  "orders", "transaction", "transactions", "receipts", "checks", "bookings",
      "заказы", "заказ",  "чеки",        "bestellungen", "pedidos",  "ordini", "commandes"};
  return any_equal(words_of(name), words);
}

// Money that belongs to segments and offers: a column named so, or alone with the id.
void choose_money(TableGuess& guess, bool only_table) {
  for (const ColumnFacts& facts : guess.columns) {
    if (facts.name == guess.id || !facts.number) continue;
    const bool alone = !only_table && guess.columns.size() == 2 && facts.distinct > 2;
    if (alone || is_profit_name(facts.name)) guess.money.push_back(facts.name);
  }
}

std::string free_name(const std::string& file, std::set<std::string>& taken) {
  std::string stem = path_of(file).stem().string();
  // sales.csv.gz
  for (const char* ending : {".csv", ".tsv", ".txt"}) {
    if (stem.ends_with(ending)) stem.resize(stem.size() - 4);
  }
  const std::string base = regular_name(stem);
  std::string name = base;
  for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
  return name;
}

// Values of a column that may still be an outcome: "0, 1 or 2".
constexpr int64_t kMostClasses = 5;

double target_name_score(const std::string& name) {
  static const std::array<std::string_view, 26> strong = {
      "target",   "targets", "churn",     "churned",   "label",    "outcome",    "response",
      "y",        "class",   "converted", "exited",    "exit",     "conversion", "attrition",
      "attrited", "left",    "отток",     "ушел",      "ушёл",     "уход",       "целевая",
      "таргет",   "отклик",  "снизилась", "responded", "purchased"};
  static const std::array<std::string_view, 14> weak = {
      "purchase", "buy", "bought", "subscribed", "subscribe", "active",         "activity",
      "status",   "won", "leave",  "покупка",    "купил",     "покупательская", "активность"};
  const std::vector<std::string> words = words_of(name);
  if (any_equal(words, strong)) return 10;
  return any_equal(words, weak) ? 6 : 0;
}

// A log in which few customers stand, and few of them twice: calls for help, say.
bool rare_events(const TableGuess& guess, int64_t everybody) {
  const auto rows = static_cast<int64_t>(guess.table->rows());
  return guess.customers * 50 < rows * 49 && guess.customers * 2 < everybody &&
         event_time(guess) != nullptr;
}

}  // namespace

std::vector<TableGuess> guess_tables(const std::vector<Table>& tables,
                                     const std::vector<std::string>& files) {
  std::vector<TableGuess> out(tables.size());
  std::set<std::string> taken;
  for (size_t i = 0; i < tables.size(); ++i) {
    out[i].table = &tables[i];
    out[i].file = files[i];
    out[i].name = free_name(files[i], taken);
    out[i].columns = column_facts(tables[i]);
  }
  choose_ids(out);
  int64_t everybody = 0;  // customers of the largest table
  for (TableGuess& guess : out) {
    if (guess.id.empty()) {
      guess.unusable = "no column holds the customers of the other tables";
      continue;
    }
    const auto rows = static_cast<int64_t>(guess.table->rows());
    guess.customers = guess.id == kRowNumber ? rows : guess.facts(guess.id)->distinct;
    everybody = std::max(everybody, guess.customers);
  }
  for (TableGuess& guess : out) {
    if (!guess.unusable.empty()) continue;
    const auto rows = static_cast<int64_t>(guess.table->rows());
    // A few ids that stand twice are a fault of the data, not a table in long form.
    guess.one_row = guess.customers * 100 >= rows * 90 && !rare_events(guess, everybody);
    if (guess.one_row) {
      choose_money(guess, out.size() == 1);
    } else {
      choose_long_roles(guess);
    }
  }
  return out;
}

std::vector<TargetCandidate> target_candidates(const std::vector<TableGuess>& tables) {
  std::vector<TargetCandidate> out, several;
  for (size_t t = 0; t < tables.size(); ++t) {
    const TableGuess& guess = tables[t];
    if (!guess.unusable.empty() || !guess.one_row) continue;
    for (const ColumnFacts& facts : guess.columns) {
      if (facts.name == guess.id || facts.distinct < 2 || facts.date) continue;
      // What is known of a few customers alone is no outcome.
      if (facts.present * 2 < static_cast<int64_t>(guess.table->rows())) continue;
      const bool last = facts.index + 1 == static_cast<int>(guess.columns.size());
      const bool after_id = facts.index == 1 && guess.columns.front().name == guess.id;
      const double name = target_name_score(facts.name);
      const double score = name + (last ? 4 : 0) + (after_id ? 2 : 0);
      // Three values or more: only a column whose name and place speak for it.
      if (facts.distinct == 2) {
        out.push_back({t, facts.name, score});
      } else if (facts.distinct <= kMostClasses) {
        const bool telling = name > 0 && score >= 10;
        (telling ? out : several).push_back({t, facts.name, score - 1, !telling});
      }
    }
  }
  if (out.empty()) out = std::move(several);
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return out;
}

const TableGuess* telling_events(const std::vector<TableGuess>& tables) {
  const TableGuess* found = nullptr;
  bool named = false;
  for (const TableGuess& guess : tables) {
    if (guess.time.empty() || !guess.unusable.empty()) continue;
    const bool says = is_revenue_name(guess.name) || is_order_name(guess.name);
    const bool longer = found == nullptr || guess.table->rows() > found->table->rows();
    if (found != nullptr && (named != says ? named : !longer)) continue;
    found = &guess;
    named = says;
  }
  return found;
}

namespace {

// A column with a value in every row, a date if there is one: when it happened.
const ColumnFacts* filled_column(const TableGuess& guess) {
  const ColumnFacts* found = nullptr;
  for (const ColumnFacts& facts : guess.columns) {
    if (facts.name == guess.id || facts.present != static_cast<int64_t>(guess.table->rows())) {
      continue;
    }
    if (found == nullptr || (facts.date && !found->date)) found = &facts;
  }
  return found;
}

}  // namespace

std::optional<PartTable> part_table(const std::vector<TableGuess>& tables) {
  const auto usable = [](const TableGuess& guess) {
    return guess.unusable.empty() && guess.one_row && guess.id != kRowNumber;
  };
  PartTable best;
  for (size_t t = 0; t < tables.size(); ++t) {
    if (usable(tables[t]) && tables[t].customers > tables[best.whole].customers) best.whole = t;
  }
  if (!usable(tables[best.whole])) return std::nullopt;
  const Hashes whole = distinct_hashes(*tables[best.whole].table->find(tables[best.whole].id));
  for (size_t t = 0; t < tables.size(); ++t) {
    if (t == best.whole || !usable(tables[t])) continue;
    const ColumnFacts* column = filled_column(tables[t]);
    const Hashes part = distinct_hashes(*tables[t].table->find(tables[t].id));
    Hashes both;
    std::set_intersection(whole.begin(), whole.end(), part.begin(), part.end(),
                          std::back_inserter(both));
    const bool inside = both.size() * 100 >= part.size() * 95;
    const bool some = both.size() >= 20 && both.size() * 100 <= whole.size() * 95;
    if (column == nullptr || !inside || !some) continue;
    best.part = t;
    best.column = column->name;
    best.customers = static_cast<int64_t>(both.size());
    return best;
  }
  return std::nullopt;
}

namespace {

// "$10.20", "51.3%", "216,273.75", "31.05.2024", "14-Jan-15": a person sees a number or a date.
bool seems_number_or_date(const std::string& text) {
  int digits = 0, letters = 0;
  for (const char32_t c : decode_utf8(text)) {
    digits += c >= U'0' && c <= U'9';
    letters += (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= 0x400 && c < 0x500);
  }
  const bool led_by_letter =
      !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
  return digits > letters && letters <= 3 && !led_by_letter && text.size() <= 24;
}

bool holds_numbers_or_dates(const Column& column) {
  const auto n = static_cast<size_t>(
      std::count_if(column.dictionary.begin(), column.dictionary.end(), seems_number_or_date));
  return !column.dictionary.empty() && n * 20 >= column.dictionary.size() * 19;
}

// Why a text with a value of its own in most rows is not used.
std::string why_ignored(const Column& column, double share) {
  if (holds_numbers_or_dates(column)) {
    return fmt::format(
        "its values, such as \"{}\", are text to the program; written as plain numbers (1234.5) "
        "or dates (2024-05-31) in the export they would be used",
        shortened(column.dictionary.front(), 40));
  }
  return fmt::format("{} % of its values are different: it names rows rather than describes them",
                     fixed(100 * share, 0));
}

}  // namespace

void guess_ignored(std::vector<TableGuess>& tables, const std::string& target) {
  for (TableGuess& guess : tables) {
    if (!guess.unusable.empty() || !guess.one_row) continue;
    for (const ColumnFacts& facts : guess.columns) {
      const bool role =
          facts.name == guess.id || facts.name == target ||
          std::find(guess.money.begin(), guess.money.end(), facts.name) != guess.money.end();
      if (role || facts.present == 0) continue;
      const double share = static_cast<double>(facts.distinct) / static_cast<double>(facts.present);
      if (facts.text && facts.distinct > 50 && share > 0.5) {
        const auto index = static_cast<size_t>(facts.index);
        // Numbers but for a few cells: the study says how to read them.
        if (index < guess.table->readings.size() && guess.table->readings[index].not_numbers > 0) {
          continue;
        }
        guess.ignored.emplace_back(facts.name, why_ignored(guess.table->columns[index], share));
      } else if (facts.whole && !facts.date && share > 0.99 && facts.distinct > 50 &&
                 id_name_score(facts.name) == 1) {
        guess.ignored.emplace_back(facts.name, "it looks like another id");
      }
    }
  }
}

}  // namespace perennial
