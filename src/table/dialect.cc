#include "table/dialect.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace perennial {
namespace {

constexpr size_t kSniffRows = 200;
constexpr size_t kHeaderRows = 1000;
constexpr size_t kSampleBytes = size_t{1} << 17;
constexpr std::array<char, 4> kSeparators = {',', ';', '\t', '|'};

using Rows = std::vector<std::vector<std::string>>;

// How a separator cuts the first lines.
struct Cut {
  char separator = ',';
  size_t columns = 1;  // of most rows
  double share = 0;    // of rows with that many
  size_t rows = 0;
  bool whole = true;   // every cell is made of digits (and minus signs)
  double unclean = 0;  // share of cells that hold another separator and are neither number nor date
  bool even() const { return columns > 1 && share == 1.0; }
};

bool unclean(const std::string& cell, char separator) {
  const bool other = std::any_of(kSeparators.begin(), kSeparators.end(), [&](char c) {
    return c != separator && cell.find(c) != std::string::npos;
  });
  return other && classify_cell(trim(cell), 0).kind == CellKind::kOther;
}

Cut try_separator(std::string_view text, CsvDialect dialect, char separator) {
  dialect.separator = separator;
  const CsvSample sample = sample_csv(text, dialect, kSniffRows, kSampleBytes);
  Cut cut{.separator = separator, .rows = sample.rows.size()};
  std::map<size_t, size_t> count_of;
  size_t cells = 0, unclean_cells = 0;
  for (const auto& row : sample.rows) {
    ++count_of[row.size()];
    for (const std::string& cell : row) {
      unclean_cells += unclean(cell, separator);
      cut.whole = cut.whole && cell.find_first_not_of("0123456789-") == std::string::npos;
    }
    cells += row.size();
  }
  size_t most = 0;
  for (const auto& [columns, rows] : count_of) {
    if (rows >= most) {
      most = rows;
      cut.columns = columns;
    }
  }
  const size_t all = sample.rows.size() + (sample.broken ? 1 : 0);
  cut.share = all == 0 ? 0 : static_cast<double>(most) / static_cast<double>(all);
  cut.unclean = cells == 0 ? 0 : static_cast<double>(unclean_cells) / static_cast<double>(cells);
  return cut;
}

// Even cuts first, then those that leave fewer unclean cells, then those with more columns.
bool better(const Cut& a, const Cut& b) {
  if (a.even() != b.even()) return a.even();
  if (a.even()) {
    if (a.unclean != b.unclean) return a.unclean < b.unclean;
    return a.columns > b.columns;
  }
  // Uneven: a separator that cuts more than half of the rows alike is the likely one; the reader
  // then names the line that differs.
  const double a_share = a.columns > 1 ? a.share : 0, b_share = b.columns > 1 ? b.share : 0;
  return a_share > b_share;
}

enum class SingleQuotes {
  kNone,   // no cell opens with one, or cells open with the usual quote
  kSome,   // some do
  kWhole,  // a column is wrapped in them throughout, and no cell opens one without closing it
};

SingleQuotes single_quotes(const Rows& rows) {
  std::map<size_t, std::pair<size_t, size_t>> wrapped;  // column -> wrapped, not missing
  bool some = false, torn = false;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& cell = row[i];
      if (cell.starts_with('"')) return SingleQuotes::kNone;
      const bool opens = cell.starts_with('\'');
      some = some || opens;
      torn = torn || (opens && (cell.size() < 2 || !cell.ends_with('\'')));
      wrapped[i].first += opens;
      wrapped[i].second += !cell.empty();
    }
  }
  if (!some) return SingleQuotes::kNone;
  const bool whole = std::any_of(wrapped.begin(), wrapped.end(), [](const auto& column) {
    return column.second.first > 2 && column.second.first + 1 >= column.second.second;
  });
  return whole && !torn ? SingleQuotes::kWhole : SingleQuotes::kSome;
}

void check_options(const std::string& file, const ReadOptions& options) {
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw Error(ErrorCode::kStudy, file, what, hint);
  };
  if (options.separator &&
      std::find(kSeparators.begin(), kSeparators.end(), *options.separator) == kSeparators.end()) {
    refuse(
        "the separator " + quoted(std::string(1, *options.separator)) + " is not one of , ; tab |",
        "Say one of these");
  }
  if (options.decimal && *options.decimal != '.' && *options.decimal != ',') {
    refuse("the decimal mark " + quoted(std::string(1, *options.decimal)) + " is not . or ,",
           "Say one of these");
  }
  if (options.quote && *options.quote != 0 && *options.quote != '"' && *options.quote != '\'') {
    refuse("the quote " + quoted(std::string(1, *options.quote)) + " is not \" or '",
           "Say one of these");
  }
}

// Excel writes, and reads, a first line such as "sep=;".
std::optional<char> excel_line(std::string_view text, size_t* length) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  *length = line.size();
  if (text.substr(*length).starts_with("\r\n")) ++*length;
  *length = std::min(text.size(), *length + 1);
  if (line.size() == 7 && line.front() == '"' && line.back() == '"') line = line.substr(1, 5);
  if (line.size() != 5 || !line.starts_with("sep=")) return std::nullopt;
  return line[4];
}

std::string cut_text(const Cut& cut) {
  return counted(static_cast<int64_t>(cut.columns), "column");
}

// Returns whether the separator cuts every line evenly.
bool choose_separator(const std::string& file, std::string_view text, const ReadOptions& options,
                      SniffedDialect& sniffed) {
  std::vector<Cut> cuts;
  for (const char separator : kSeparators) {
    cuts.push_back(try_separator(text, sniffed.dialect, separator));
  }
  std::stable_sort(cuts.begin(), cuts.end(), better);
  if (options.separator) {
    const auto given = std::find_if(cuts.begin(), cuts.end(), [&](const Cut& cut) {
      return cut.separator == *options.separator;
    });
    sniffed.dialect.separator = *options.separator;
    const Cut& best = cuts.front();
    // Cells such as 0,98 are whole as they are; words that hold another separator are not.
    if (given->columns == 1 && given->unclean > 0 && best.even() && best.rows > 1) {
      throw Error(ErrorCode::kStudy, file,
                  "the study's separator " + separator_name(*options.separator) +
                      " gives one column, but " + separator_name(best.separator) + " gives " +
                      cut_text(best) + " in every line",
                  "Say separator = " + quoted(std::string(1, best.separator)) +
                      " for this table, or leave it out");
    }
    return given->even();
  }
  const Cut& best = cuts.front();
  if (!best.even() && (best.columns == 1 || best.share < 0.5)) return false;  // one column
  sniffed.dialect.separator = best.separator;
  if (best.even() && best.separator == ',' && best.columns == 2 && best.whole) {
    sniffed.notes.push_back(
        "read as two columns of whole numbers; if every line is one number with a decimal comma, "
        "say "
        "separator = \";\"");
  }
  if (!best.even() || !cuts[1].even()) return best.even();
  sniffed.notes.push_back(
      "read with the separator " + separator_name(best.separator) + " (" + cut_text(best) + "), " +
      (best.unclean < cuts[1].unclean ? "because more of its cells are plain numbers and words"
                                      : "because it gives more columns or is the more usual one") +
      "; " + separator_name(cuts[1].separator) + " cuts every line evenly too (" +
      cut_text(cuts[1]) + "): say separator = " + quoted(std::string(1, cuts[1].separator)) +
      " if that is meant");
  return true;
}

// What the first row and the rows below say about a header.
struct HeaderEvidence {
  size_t words_over_numbers = 0;  // columns: words first, only numbers or dates below
  size_t numbers_first = 0;       // cells of the first row that are numbers or dates
  bool names_like_years = true;   // these are distinct whole numbers, as 2017, 2018
  bool distinct = true;           // no two cells of the first row are equal
  std::string repeated;           // a word of the first row that comes again in its column
  std::string repeated_twin;      // the same, of a word that stands twice in the first row
};

bool all_numbers_below(const Rows& rows, size_t column, const MissingMarkers& missing) {
  size_t numbers = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (column >= rows[i].size() || missing.find(rows[i][column])) continue;
    if (classify_cell(trim(rows[i][column]), 0).kind == CellKind::kOther) return false;
    ++numbers;
  }
  return numbers > 0;
}

HeaderEvidence weigh(const Rows& rows, const MissingMarkers& missing) {
  HeaderEvidence e;
  std::set<std::string> seen, twins;
  for (const std::string& cell : rows[0]) {
    if (!seen.insert(cell).second && !cell.empty()) twins.insert(cell);
  }
  e.distinct = twins.empty();
  std::set<double> years;
  for (size_t column = 0; column < rows[0].size(); ++column) {
    const std::string& first = rows[0][column];
    if (missing.find(first)) continue;
    const CellValue value = classify_cell(trim(first), 0);
    if (value.kind != CellKind::kOther) {
      ++e.numbers_first;
      e.names_like_years &=
          value.kind == CellKind::kInteger && value.value >= 0 && years.insert(value.value).second;
      continue;
    }
    e.words_over_numbers += all_numbers_below(rows, column, missing);
    const bool again = std::any_of(rows.begin() + 1, rows.end(), [&](const auto& row) {
      return column < row.size() && row[column] == first;
    });
    if (again && e.repeated.empty()) e.repeated = first;
    if (again && twins.contains(first)) e.repeated_twin = first;
  }
  return e;
}

struct Verdict {
  bool header = true;
  bool clear = true;  // no other reading is plausible
  std::string why;
};

Verdict judge(const HeaderEvidence& e) {
  if (e.words_over_numbers > 0 && e.numbers_first == 0) {
    return {true, true, "it has words where the columns below have numbers"};
  }
  if (e.words_over_numbers > 0 && (e.names_like_years || e.words_over_numbers > e.numbers_first)) {
    return {true, false, "it has words where the columns below have numbers"};
  }
  if (e.numbers_first > 0) {
    return {false, e.words_over_numbers == 0, "it holds numbers, as the rows below do"};
  }
  if (!e.repeated_twin.empty()) {
    return {false, false,
            "its value " + quoted(e.repeated_twin) + " stands twice in it and again below"};
  }
  return {true, e.repeated.empty(), "all columns are text"};
}

}  // namespace

std::string separator_name(char separator) {
  return separator == '\t' ? "tab" : "\"" + std::string(1, separator) + "\"";
}

SniffedDialect sniff_dialect(const std::string& file, std::string_view text,
                             const ReadOptions& options, const MissingMarkers&) {
  check_options(file, options);
  SniffedDialect sniffed;
  size_t length = 0;
  ReadOptions wanted = options;
  if (const std::optional<char> excel = excel_line(text, &length)) {
    sniffed.start = length;
    sniffed.dialect.first_line = 2;
    sniffed.notes.push_back("line 1 names the separator, as Excel writes it, and is not a row");
    const bool known =
        std::find(kSeparators.begin(), kSeparators.end(), *excel) != kSeparators.end();
    if (known && !wanted.separator) wanted.separator = excel;
    text.remove_prefix(length);
  }
  if (options.quote) sniffed.dialect.quote = *options.quote;
  const bool even = choose_separator(file, text, wanted, sniffed);
  if (options.quote) return sniffed;
  const CsvSample sample = sample_csv(text, sniffed.dialect, kSniffRows, kSampleBytes);
  const SingleQuotes seen = single_quotes(sample.rows);
  if (seen == SingleQuotes::kNone || (seen == SingleQuotes::kSome && even)) return sniffed;
  SniffedDialect again = sniffed;
  again.dialect.quote = '\'';
  again.notes.resize(sniffed.start > 0 ? 1 : 0);
  if (!choose_separator(file, text, wanted, again) && even) return sniffed;
  again.notes.push_back(std::string("cells are quoted with ', because ") +
                        (even ? "whole columns are wrapped in it"
                              : "without it the lines differ in their number of cells") +
                        "; say quote = \"\\\"\" if these are part of the text");
  return again;
}

SniffedHeader sniff_header(std::string_view text, const CsvDialect& dialect,
                           const ReadOptions& options, const MissingMarkers& missing) {
  const CsvSample sample = sample_csv(text, dialect, kHeaderRows, 4 * kSampleBytes);
  SniffedHeader sniffed{.header = options.header.value_or(true)};
  if (sample.rows.empty()) return sniffed;
  const HeaderEvidence evidence = weigh(sample.rows, missing);
  const Verdict seen = judge(evidence);
  const bool named = !options.names.empty();
  if (options.header) {
    if (*options.header ? !seen.header : evidence.words_over_numbers > 0 && seen.header) {
      sniffed.notes.push_back(
          std::string("the study says header = ") + (*options.header ? "true" : "false") +
          ", but the first line looks like " + (seen.header ? "one" : "a row of data") + ": " +
          seen.why + "; the study is obeyed");
    }
    return sniffed;
  }
  sniffed.header = seen.header;
  if (named && seen.header && evidence.words_over_numbers == 0) {
    // Names in the study stand for a header that the file lacks; only plain evidence says
    // otherwise.
    sniffed.header = false;
  } else if (named && seen.header) {
    sniffed.notes.push_back(
        "the first line was taken as a header, because " + seen.why +
        ", and the study's names replace it; say header = false if it is a row");
  } else if (!seen.header && !named) {
    sniffed.notes.push_back(
        "the first line was taken as a row and the columns named column_1 and so "
        "on, because " +
        seen.why + "; say names = [...], or header = true if it is a header");
  } else if (seen.header && !seen.clear) {
    sniffed.notes.push_back("the first line was taken as a header" +
                            (evidence.repeated.empty()
                                 ? ", because " + seen.why
                                 : ", though its value " + quoted(evidence.repeated) +
                                       " comes again in the column below") +
                            "; say header = false if it is a row");
  }
  return sniffed;
}

}  // namespace perennial
