#include "table/type.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "table/few_digits.h"
#include "table/interner.h"

namespace perennial {
namespace {

constexpr size_t kExamples = 5;

enum class Wanted { kFound, kNumber, kText, kDate };

// A chunk of one of the files.
struct Piece {
  const TypingFile* file = nullptr;
  const CsvChunk* chunk = nullptr;
  size_t first_row = 0;  // its place among the rows of all pieces

  std::string_view cell(size_t row, size_t column, std::string& scratch) const {
    return file->rows->cell(*chunk, row, file->place[column], scratch);
  }
};

// The first few rows of a piece where something was seen.
struct FirstRows {
  std::vector<uint32_t> rows;
  void add(uint32_t row) {
    if (rows.size() < kExamples) rows.push_back(row);
  }
};

// What one column holds in one piece.
struct PieceColumn {
  std::array<int64_t, kCellKinds> count{};
  std::array<FirstRows, kCellKinds> first;
  std::map<std::string, int64_t> markers;
  int64_t empty = 0, stray = 0;
  FirstRows first_missing, first_stray;
  Interner texts;
  std::vector<int32_t> codes;
};

int64_t& count_of(PieceColumn& p, CellKind kind) { return p.count[static_cast<size_t>(kind)]; }

// Takes a cell of blanks, a marker, or a value with blanks at its ends (`stray`); false when it is
// missing.
bool count_slow_cell(std::string_view cell, uint32_t row, const MissingMarkers& missing,
                     PieceColumn& p, bool& stray) {
  if (const auto marker = missing.find(cell)) {
    if (marker->empty()) {
      ++p.empty;
    } else {
      ++p.markers[std::string(*marker)];
    }
    p.first_missing.add(row);
    return false;
  }
  stray = has_stray_spaces(cell);
  if (stray) {
    ++p.stray;
    p.first_stray.add(row);
  }
  return true;
}

// Codes of the first rows of a piece.
void intern_rows(const Piece& piece, size_t column, uint32_t rows, const MissingMarkers& missing,
                 PieceColumn& p) {
  std::string scratch;
  p.codes.resize(piece.chunk->rows);
  for (uint32_t row = 0; row < rows; ++row) {
    const std::string_view cell = piece.cell(row, column, scratch);
    p.codes[row] = missing.find(cell) ? -1 : p.texts.code(cell, cell.data() != scratch.data());
  }
}

// The kinds of the cells with their values (NaN: missing) or, from the first cell on that makes the
// column text whatever else it holds, with their codes. `values`: a place for each row; nullptr
// where the column is known to be text.
void scan_column(const Piece& piece, size_t column, Wanted wanted, char decimal,
                 const MissingMarkers& missing, double* values, PieceColumn& p) {
  const uint32_t rows = piece.chunk->rows;
  std::string scratch;
  bool is_text = wanted == Wanted::kText || (wanted == Wanted::kFound && values == nullptr);
  if (is_text) p.codes.resize(rows);
  for (uint32_t row = 0; row < rows; ++row) {
    const std::string_view cell = piece.cell(row, column, scratch);
    if (CellValue value; values != nullptr && decimal == 0 && cell.size() - 1 < 8 &&
                         !missing.may_start_with(cell.front()) && few_digits(cell, value)) {
      ++count_of(p, value.kind);
      p.first[static_cast<size_t>(value.kind)].add(row);
      values[row] = value.value;
      continue;
    }
    bool stray = false;
    if (!count_slow_cell(cell, row, missing, p, stray)) {
      if (is_text) p.codes[row] = -1;
      if (values != nullptr) values[row] = kMissing;
      continue;
    }
    if (is_text) p.codes[row] = p.texts.code(cell, cell.data() != scratch.data());
    if (wanted == Wanted::kText) {
      ++count_of(p, CellKind::kOther);
      continue;
    }
    CellValue value = classify_cell(cell, decimal);
    if (value.kind == CellKind::kOther && stray) {
      value = classify_cell(trim(cell), decimal);
    }
    ++count_of(p, value.kind);
    p.first[static_cast<size_t>(value.kind)].add(row);
    if (value.kind == CellKind::kOther && values != nullptr) {
      values = nullptr;
      is_text = wanted == Wanted::kFound;
      if (is_text) intern_rows(piece, column, row + 1, missing, p);
    }
    if (values != nullptr) values[row] = value.value;
  }
}

// Types all columns; holds what its steps share.
class Typing {
 public:
  Typing(const std::vector<std::string>& names, const std::vector<TypingFile>& files,
         const ReadOptions& options, const MissingMarkers& missing, const Workers& workers)
      : names_(names), options_(options), missing_(missing), workers_(workers) {
    for (const TypingFile& file : files) {
      for (const CsvChunk& chunk : file.rows->chunks) {
        if (chunk.rows > 0) pieces_.push_back({&file, &chunk, rows_});
        rows_ += chunk.rows;
      }
    }
    wanted_.assign(names.size(), Wanted::kFound);
    for (const auto& [name, type] : options.types) {
      const std::optional<size_t> column = index_of(name);
      if (column) {
        wanted_[*column] = wanted_type(name, type);
      } else if (!options.types_may_lack) {
        refuse_type_of(name);
      }
    }
  }

  TypedColumns run() {
    const size_t columns = names_.size();
    found_.resize(pieces_.size() * columns);
    numbers_.resize(columns);
    workers_.run(columns, [&](size_t c) {
      if (may_be_numbers(c)) numbers_[c].resize(rows_);
    });
    // A piece at a time, so that its bytes stay in the cache for all columns.
    workers_.run(pieces_.size(), [&](size_t i) {
      for (size_t c = 0; c < columns; ++c) {
        double* values = numbers_[c].empty() ? nullptr : &numbers_[c][pieces_[i].first_row];
        scan_column(pieces_[i], c, wanted_[c], decimal(), missing_, values, at(i, c));
      }
    });
    typed_.readings.resize(columns);
    for (size_t c = 0; c < columns; ++c) decide(c);
    workers_.run(pieces_.size(), [&](size_t i) {
      for (size_t c = 0; c < columns; ++c) {
        PieceColumn& p = at(i, c);
        if (!typed_.columns[c].is_text() || !p.codes.empty()) continue;
        intern_rows(pieces_[i], c, pieces_[i].chunk->rows, missing_, p);
      }
    });
    workers_.run(columns, [&](size_t c) { fill(c); });
    typed_.decimal_comma = commas_ && !points_;
    return std::move(typed_);
  }

 private:
  // Sums over the pieces of a column.
  struct Sums {
    std::array<int64_t, kCellKinds> count{};
    int64_t operator[](CellKind kind) const { return count[static_cast<size_t>(kind)]; }
    int64_t all() const {
      int64_t sum = 0;
      for (const int64_t n : count) sum += n;
      return sum;
    }
  };

  PieceColumn& at(size_t piece, size_t column) { return found_[piece * names_.size() + column]; }
  char decimal() const { return options_.decimal.value_or('\0'); }

  // False where the first cell alone makes the column text.
  bool may_be_numbers(size_t column) const {
    if (wanted_[column] != Wanted::kFound) return wanted_[column] != Wanted::kText;
    if (pieces_.empty()) return false;
    std::string scratch;
    const std::string_view cell = pieces_[0].cell(0, column, scratch);
    return missing_.find(cell) || classify_cell(trim(cell), decimal()).kind != CellKind::kOther;
  }

  std::optional<size_t> index_of(const std::string& name) const {
    for (size_t c = 0; c < names_.size(); ++c) {
      if (names_[c] == name) return c;
    }
    for (size_t c = 0; c < names_.size(); ++c) {
      if (regular_name(names_[c]) == regular_name(name)) return c;
    }
    return std::nullopt;
  }

  [[noreturn]] void refuse_type_of(const std::string& name) const {
    throw Error(ErrorCode::kStudy, pieces_.empty() ? "" : pieces_[0].file->rows->file,
                "types names the column " + perennial::quoted(name) +
                    ", which the table does not have" + did_you_mean(name, names_),
                "Say one of its columns");
  }

  static Wanted wanted_type(const std::string& name, const std::string& type) {
    static const std::vector<std::string> known = {"number",   "text",     "date",
                                                   "date dmy", "date mdy", "date ymd"};
    if (type == "number") return Wanted::kNumber;
    if (type == "text" || type.starts_with("date ")) return Wanted::kText;
    if (type == "date") return Wanted::kDate;
    throw Error(ErrorCode::kStudy, "column " + perennial::quoted(name),
                "the type " + perennial::quoted(type) + " is not known" + did_you_mean(type, known),
                "Say number, text, date, date dmy, date mdy or date ymd");
  }

  Example example(size_t piece, size_t column, uint32_t row) const {
    const Piece& p = pieces_[piece];
    std::string scratch;
    return {.file = p.file->rows->file,
            .line = p.file->rows->line(*p.chunk, row),
            .value = std::string(p.cell(row, column, scratch))};
  }

  // The first rows, in the order of the file, of cells of these kinds.
  std::vector<Example> examples(size_t column, std::initializer_list<CellKind> kinds) {
    std::vector<Example> found;
    for (size_t i = 0; i < pieces_.size() && found.size() < kExamples; ++i) {
      std::vector<uint32_t> rows;
      for (const CellKind kind : kinds) {
        const FirstRows& first = at(i, column).first[static_cast<size_t>(kind)];
        rows.insert(rows.end(), first.rows.begin(), first.rows.end());
      }
      std::sort(rows.begin(), rows.end());
      for (const uint32_t row : rows) {
        if (found.size() < kExamples) found.push_back(example(i, column, row));
      }
    }
    return found;
  }

  std::vector<Example> examples(size_t column, FirstRows PieceColumn::*first) {
    std::vector<Example> found;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      for (const uint32_t row : (at(i, column).*first).rows) {
        if (found.size() < kExamples) found.push_back(example(i, column, row));
      }
    }
    return found;
  }

  Sums sum_up(size_t column) {
    Sums sums;
    ColumnReading& reading = typed_.readings[column];
    int64_t empty = 0;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      const PieceColumn& p = at(i, column);
      for (size_t k = 0; k < kCellKinds; ++k) sums.count[k] += p.count[k];
      for (const auto& [marker, count] : p.markers) reading.missing_markers[marker] += count;
      empty += p.empty;
      reading.stray_spaces += p.stray;
    }
    if (empty > 0) reading.missing_markers[""] = empty;
    reading.missing_examples = examples(column, &PieceColumn::first_missing);
    reading.stray_space_examples = examples(column, &PieceColumn::first_stray);
    return sums;
  }

  void decide(size_t column) {
    const Sums sums = sum_up(column);
    ColumnType type = ColumnType::kText;
    switch (wanted_[column]) {
      case Wanted::kText:
        break;
      case Wanted::kDate:
        // Other dates than those of ISO: read_text_dates reads them, or refuses.
        if (sums[CellKind::kDate] == sums.all()) type = ColumnType::kDate;
        break;
      case Wanted::kNumber:
        require_numbers(column, sums);
        type = ColumnType::kNumber;
        break;
      case Wanted::kFound:
        type = decimal() == 0 ? find_type(column, sums) : find_type_with_mark(column, sums);
    }
    Column made;
    made.name = names_[column];
    made.type = type;
    typed_.columns.push_back(std::move(made));
  }

  ColumnType find_type(size_t column, const Sums& n) {
    using enum CellKind;
    const int64_t all = n.all();
    if (all > 0 && n[kDate] == all) return ColumnType::kDate;
    points_ = points_ || n[kPoint] > 0;
    if (n[kInteger] + n[kPoint] == all) return ColumnType::kNumber;
    ColumnReading& reading = typed_.readings[column];
    reading.leading_zeros = n[kLeadingZero] + n[kLong];
    if (reading.leading_zeros > 0) {
      reading.leading_zero_examples = examples(column, {kLeadingZero, kLong});
      return ColumnType::kText;
    }
    const int64_t words = n[kGrouped] + n[kDate] + n[kOther];
    if (n[kComma] > 0 && n[kComma] + n[kThousands] >= n[kPoint] && words * 20 < all) {
      note_commas(column, n);
      return ColumnType::kText;
    }
    if (n[kThousands] + n[kGrouped] > 0) note_thousands(column, n);
    note_stoppers(column, all - n[kInteger] - n[kPoint], all,
                  {kComma, kThousands, kGrouped, kDate, kOther});
    return ColumnType::kText;
  }

  // Commas that are no thousands marks, no fewer of them than points, and few words or none:
  // decimal commas. What is neither they nor whole numbers is counted too, so that nothing takes
  // the column for numbers throughout.
  void note_commas(size_t column, const Sums& n) {
    using enum CellKind;
    ColumnReading& reading = typed_.readings[column];
    reading.decimal_comma = n[kComma] + n[kThousands];
    reading.decimal_comma_examples = examples(column, {kComma, kThousands});
    reading.not_numbers = n.all() - n[kInteger] - reading.decimal_comma;
    reading.not_number_examples = examples(column, {kPoint, kGrouped, kDate, kOther});
    commas_ = true;
    if (n[kPoint] == 0) return;
    note(column, "mixes decimal commas (" + grouped(reading.decimal_comma) +
                     ") and decimal points (" + grouped(n[kPoint]) +
                     ") and was kept as text; make it uniform in the file");
  }

  void note_thousands(size_t column, const Sums& n) {
    using enum CellKind;
    const int64_t numbers = n[kInteger] + n[kPoint] + n[kComma] + n[kThousands] + n[kGrouped];
    if (numbers * 20 < n.all() * 19) return;
    const std::string value =
        perennial::quoted(examples(column, {kThousands, kGrouped}).at(0).value);
    if (n[kGrouped] == 0 && n[kPoint] + n[kComma] == 0) {
      note(column,
           "holds " + value +
               " and the like, where the comma can be a decimal or a "
               "thousands mark, and was kept as text; say decimal = \",\" if it is a decimal "
               "comma, decimal = \".\" if it separates thousands");
    } else {
      note(column, "holds " + value +
                       " and the like, numbers with thousands marks, and was kept as "
                       "text; say the decimal mark (decimal = \".\" or \",\") to read them");
    }
  }

  ColumnType find_type_with_mark(size_t column, const Sums& n) {
    using enum CellKind;
    const CellKind right = decimal() == ',' ? kComma : kPoint;
    const CellKind wrong = decimal() == ',' ? kPoint : kComma;
    const int64_t all = n.all();
    if (all > 0 && n[kDate] == all) return ColumnType::kDate;
    if (n[kInteger] + n[right] == all) return ColumnType::kNumber;
    ColumnReading& reading = typed_.readings[column];
    reading.leading_zeros = n[kLeadingZero] + n[kLong];
    if (reading.leading_zeros > 0) {
      reading.leading_zero_examples = examples(column, {kLeadingZero, kLong});
      return ColumnType::kText;
    }
    note_stoppers(column, all - n[kInteger] - n[right], all, {wrong, kDate, kOther});
    if (n[wrong] > 0 && n[kInteger] + n[right] + n[wrong] == all) {
      note(column, "holds " + perennial::quoted(examples(column, {wrong}).at(0).value) +
                       " and the like, though the study says decimal = \"" +
                       std::string(1, decimal()) + "\", and was kept as text");
    }
    return ColumnType::kText;
  }

  // Numeric but for fewer than one cell in twenty: worth telling.
  void note_stoppers(size_t column, int64_t stoppers, int64_t all,
                     std::initializer_list<CellKind> kinds) {
    if (stoppers == 0 || stoppers * 20 >= all) return;
    typed_.readings[column].not_numbers = stoppers;
    typed_.readings[column].not_number_examples = examples(column, kinds);
  }

  void note(size_t column, const std::string& what) {
    typed_.notes.push_back("column " + perennial::quoted(names_[column]) + " " + what);
  }

  [[noreturn]] void refuse(size_t column, const Example& cell, const std::string& what,
                           const std::string& hint) const {
    throw Error(ErrorCode::kData,
                cell.file + ":" + std::to_string(cell.line) + ", column " +
                    perennial::quoted(names_[column]),
                perennial::quoted(cell.value) + " " + what, hint);
  }

  void require_numbers(size_t column, const Sums& n) {
    using enum CellKind;
    const char mark = decimal();
    if (n[kOther] + n[kDate] > 0) {
      refuse(column, examples(column, {kOther, kDate})[0], "is not a number, as the study says",
             "Correct the cell, or add it to the table's missing markers");
    }
    const CellKind wrong = mark == ',' ? kPoint : kComma;
    if (mark != 0 && n[wrong] > 0) {
      refuse(column, examples(column, {wrong})[0],
             "is not a number with the decimal mark \"" + std::string(1, mark) + "\"",
             "Correct the cell or the study's decimal");
    }
    if (mark != 0) return;
    const int64_t commas = n[kComma] + n[kThousands];
    if (n[kGrouped] > 0 || (n[kThousands] > 0 && n[kComma] == 0)) {
      refuse(column, examples(column, {kGrouped, kThousands})[0],
             "can be read in two ways: its mark separates decimals or thousands",
             "Say decimal = \",\" or decimal = \".\" for the table");
    }
    if (n[kPoint] > 0 && commas > 0) {
      const bool more_points = n[kPoint] >= commas;
      refuse(
          column,
          more_points ? examples(column, {kComma, kThousands})[0] : examples(column, {kPoint})[0],
          more_points ? "has a decimal comma among decimal points"
                      : "has a decimal point among decimal commas",
          "Make the column uniform");
    }
  }

  void fill(size_t column) {
    Column& made = typed_.columns[column];
    if (!made.is_text()) {
      made.numbers = std::move(numbers_[column]);
      return;
    }
    std::vector<double>().swap(numbers_[column]);
    fill_text(column, made);
  }

  // Codes of the pieces, in order, recoded to one dictionary: the order of first appearance,
  // wherever the borders between pieces are.
  void fill_text(size_t column, Column& made) {
    Interner all;
    made.codes.reserve(rows_);
    for (size_t i = 0; i < pieces_.size(); ++i) {
      PieceColumn& p = at(i, column);
      const std::vector<int32_t> recode = all.codes(p.texts);
      for (const int32_t code : p.codes) {
        made.codes.push_back(code < 0 ? -1 : recode[static_cast<size_t>(code)]);
      }
      std::vector<int32_t>().swap(p.codes);
    }
    made.dictionary.reserve(all.values().size());
    for (const std::string_view text : all.values()) made.dictionary.emplace_back(text);
  }

  const std::vector<std::string>& names_;
  const ReadOptions& options_;
  const MissingMarkers& missing_;
  const Workers& workers_;
  std::vector<Piece> pieces_;
  size_t rows_ = 0;
  std::vector<Wanted> wanted_;
  std::vector<PieceColumn> found_;            // pieces x columns
  std::vector<std::vector<double>> numbers_;  // of each column; empty where it must be text
  TypedColumns typed_;
  bool commas_ = false, points_ = false;
};

}  // namespace

TypedColumns type_columns(const std::vector<std::string>& names,
                          const std::vector<TypingFile>& files, const ReadOptions& options,
                          const MissingMarkers& missing, const Workers& workers) {
  return Typing(names, files, options, missing, workers).run();
}

}  // namespace perennial
