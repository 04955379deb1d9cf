#include "table/read.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "base/error.h"
#include "base/text.h"
#include "table/calendar.h"
#include "table/compress.h"
#include "table/csv.h"
#include "table/date_columns.h"
#include "table/dialect.h"
#include "table/encoding.h"
#include "table/store.h"
#include "table/type.h"

namespace perennial {
namespace {

// A text file on its way to a table. `rows` refers to the bytes of `text`.
struct TextFile {
  FileReading reading;
  std::unique_ptr<DecodedText> text;  // stays where it is when the file is moved
  CsvRows rows;
  std::vector<std::string> names;
};

std::string line_end_name(const LineEnds& ends) {
  const int kinds = (ends.lf > 0) + (ends.crlf > 0) + (ends.cr > 0);
  if (kinds > 1) return "mixed";
  return ends.crlf > 0 ? "crlf" : ends.cr > 0 ? "cr" : "lf";
}

void append_notes(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  notes.insert(notes.end(), more.begin(), more.end());
}

// The header's names, or the study's, or column_1 and so on.
std::vector<std::string> name_columns(TextFile& file, bool header, const ReadOptions& options) {
  const CsvRows& rows = file.rows;
  const std::string where = rows.file + ":" + std::to_string(rows.first_row_line);
  if (!options.names.empty() && options.names.size() != rows.columns) {
    throw Error(ErrorCode::kStudy, where,
                "the study gives " + counted(static_cast<int64_t>(options.names.size()), "name") +
                    ", the file has " + counted(static_cast<int64_t>(rows.columns), "column"),
                "Give one name a column, in the order of the file");
  }
  std::vector<std::string> names = options.names;
  if (names.empty() && header) names = rows.first_row;
  names.resize(rows.columns);
  for (size_t i = 0; i < names.size(); ++i) {
    if (!trim(names[i]).empty()) continue;
    names[i] = "column_" + std::to_string(i + 1);
    if (!header) continue;
    file.reading.notes.push_back("column " + std::to_string(i + 1) +
                                 " has no name in the header and is called " + names[i]);
  }
  std::map<std::string_view, size_t> first;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto [twin, added] = first.try_emplace(names[i], i);
    if (added) continue;
    throw Error(ErrorCode::kData, where,
                "columns " + std::to_string(twin->second + 1) + " and " + std::to_string(i + 1) +
                    " are both named " + perennial::quoted(names[i]),
                "Rename one of them in the file, or give names = [...] in the study (with header = "
                "false if this line is a row)");
  }
  return names;
}

// Decompresses and decodes; the checksum of plain UTF-8 is left to be taken beside the parsing.
void load_text(TextFile& file, std::string bytes, const ReadOptions& options,
               const Workers& workers) {
  FileReading& reading = file.reading;
  reading.format = "csv";
  reading.bytes = bytes.size();
  reading.compression = compression_of(bytes);
  if (!reading.compression.empty()) {
    reading.sha256 = sha256_hex(bytes);
    bytes = decompress(reading.file, bytes, reading.compression);
  }
  file.text = std::make_unique<DecodedText>(
      decode_text(reading.file, std::move(bytes), options.encoding, workers));
  reading.encoding = file.text->encoding;
  reading.bom = file.text->bom;
  append_notes(reading.notes, file.text->notes);
  if (reading.sha256.empty() && reading.encoding != "utf-8") {
    // decode_text takes the bytes only where they are UTF-8 already.
    reading.sha256 = sha256_hex(bytes);  // NOLINT(bugprone-use-after-move)
  }
  const std::string_view text = file.text->view();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw Error(ErrorCode::kData, reading.file, "is empty", "Export the table again");
  }
}

TextFile cut_text_file(const std::string& name, std::string bytes, const ReadOptions& options,
                       const MissingMarkers& missing, const Workers& workers) {
  TextFile file{.reading = {.file = name}};
  load_text(file, std::move(bytes), options, workers);
  FileReading& reading = file.reading;
  std::string_view text = file.text->view();
  const SniffedDialect sniffed = sniff_dialect(name, text, options, missing);
  append_notes(reading.notes, sniffed.notes);
  text.remove_prefix(sniffed.start);
  file.rows = cut_csv(name, text, sniffed.dialect, workers, [&] {
    if (reading.sha256.empty()) reading.sha256 = sha256_hex(file.text->text);
  });
  if (file.rows.columns == 0) {
    throw Error(ErrorCode::kData, name, "is empty", "Export the table again");
  }
  const SniffedHeader header = sniff_header(text, sniffed.dialect, options, missing);
  append_notes(reading.notes, header.notes);
  if (file.rows.blank_lines > 0) {
    reading.notes.push_back(counted(file.rows.blank_lines, "blank line was", "blank lines were") +
                            " skipped");
  }
  file.names = name_columns(file, header.header, options);
  if (header.header) file.rows.drop_first_row();
  reading.separator = sniffed.dialect.separator;
  reading.header = header.header;
  reading.line_end = line_end_name(file.rows.ends);
  reading.rows = static_cast<int64_t>(file.rows.rows());
  if (file.rows.ends.cr > 0 && reading.line_end == "mixed") {
    reading.notes.push_back("some lines end with a carriage return alone");
  }
  return file;
}

// Where each of `names` stands among `own`; both must hold the same names.
std::vector<size_t> places(const std::vector<std::string>& names, const std::string& first_file,
                           const std::vector<std::string>& own, const std::string& file) {
  std::vector<size_t> place;
  for (const std::string& name : names) {
    const auto found = std::find(own.begin(), own.end(), name);
    if (found == own.end()) {
      throw Error(ErrorCode::kData, file,
                  "has no column " + perennial::quoted(name) + ", which " + first_file + " has" +
                      did_you_mean(name, own),
                  "Files of one table must have the same columns");
    }
    place.push_back(static_cast<size_t>(found - own.begin()));
  }
  for (const std::string& name : own) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw Error(ErrorCode::kData, file,
                "has a column " + perennial::quoted(name) + ", which " + first_file + " has not" +
                    did_you_mean(name, names),
                "Files of one table must have the same columns");
  }
  return place;
}

void check_row_count(const std::string& file, size_t rows) {
  if (rows == 0) {
    throw Error(ErrorCode::kData, file, "has a header but no rows",
                "Export the table again, or say header = false if the first line is a row");
  }
  if (rows >= std::numeric_limits<int32_t>::max()) {
    throw Error(ErrorCode::kData, file, "has more than two thousand million rows",
                "Split the table");
  }
}

// Line and file of every row, in the order of the columns' rows.
void fill_rows(Table& table, const std::vector<TextFile>& files, size_t rows) {
  table.row_line.reserve(rows);
  for (size_t i = 0; i < files.size(); ++i) {
    for (const CsvChunk& chunk : files[i].rows.chunks) {
      for (uint32_t row = 0; row < chunk.rows; ++row) {
        table.row_line.push_back(static_cast<uint32_t>(files[i].rows.line(chunk, row)));
      }
    }
    if (files.size() > 1) table.row_file.resize(table.row_line.size(), static_cast<uint32_t>(i));
  }
}

Table make_table(const std::string& table_name, std::vector<TextFile> files,
                 const ReadOptions& options, const MissingMarkers& missing,
                 const Workers& workers) {
  Table table;
  table.name = table_name;
  std::vector<TypingFile> typing;
  size_t rows = 0;
  for (const TextFile& file : files) {
    typing.push_back(
        {&file.rows, places(files[0].names, files[0].reading.file, file.names, file.reading.file)});
    rows += file.rows.rows();
  }
  check_row_count(files[0].reading.file, rows);
  TypedColumns typed = type_columns(files[0].names, typing, options, missing, workers);
  table.columns = std::move(typed.columns);
  table.readings = std::move(typed.readings);
  fill_rows(table, files, rows);
  for (TextFile& file : files) {
    file.reading.decimal = options.decimal.value_or(typed.decimal_comma ? ',' : '.');
    if (file.reading.rows == 0) file.reading.notes.push_back("has a header but no rows");
    table.files.push_back(std::move(file.reading));
  }
  append_notes(table.files[0].notes, typed.notes);
  read_text_dates(table, options, workers);
  return table;
}

// Appends the values of `more`, a column of the same name and kind.
void append_column(Column& column, const Column& more, const std::string& file) {
  if (column.type != more.type) {
    throw Error(ErrorCode::kData, file + ", column " + perennial::quoted(column.name),
                std::string("holds ") + to_string(more.type) + "s here and " +
                    to_string(column.type) + "s in the files before",
                "Files of one table must have the same types");
  }
  column.numbers.insert(column.numbers.end(), more.numbers.begin(), more.numbers.end());
  std::map<std::string_view, int32_t> code_of;
  const std::vector<std::string> before = column.dictionary;
  for (size_t i = 0; i < before.size(); ++i) code_of[before[i]] = static_cast<int32_t>(i);
  std::vector<int32_t> recode;
  for (const std::string& value : more.dictionary) {
    const auto code = static_cast<int32_t>(column.dictionary.size());
    const auto [found, added] = code_of.try_emplace(value, code);
    if (added) column.dictionary.push_back(value);
    recode.push_back(found->second);
  }
  for (const int32_t code : more.codes) {
    column.codes.push_back(code < 0 ? -1 : recode[static_cast<size_t>(code)]);
  }
}

void check_parquet_types(const Table& table, const ReadOptions& options) {
  for (const auto& [name, type] : options.types) {
    const Column* column = table.find(name);
    const std::string where = table.files[0].file + ", column " + perennial::quoted(name);
    if (column == nullptr) {
      throw Error(ErrorCode::kStudy, where,
                  "types names a column that the table does not have" +
                      did_you_mean(name, table.column_names()),
                  "Say one of its columns");
    }
    if (type.substr(0, type.find(' ')) == to_string(column->type)) continue;
    throw Error(ErrorCode::kStudy, where,
                "the study says " + perennial::quoted(type) + ", but the Parquet file holds " +
                    to_string(column->type) + "s",
                "Remove the type from the study, or write the file with that type");
  }
}

Table read_parquet_files(const std::string& table_name, const fs::path& folder,
                         const ReadOptions& options, const Workers& workers) {
  Table table;
  table.name = table_name;
  Store store(workers.threads());
  for (size_t f = 0; f < options.files.size(); ++f) {
    const std::string& file = options.files[f];
    const std::string bytes = read_file(folder / path_of(file));
    if (!bytes.starts_with("PAR1")) {
      throw Error(ErrorCode::kData, file, "is no Parquet file, but " + options.files[0] + " is",
                  "Files of one table must have one format");
    }
    std::vector<Column> columns = store.read_parquet((folder / path_of(file)).string());
    FileReading reading{.file = file,
                        .sha256 = sha256_hex(bytes),
                        .bytes = bytes.size(),
                        .format = "parquet",
                        .encoding = "utf-8"};
    reading.rows = columns.empty() ? 0 : static_cast<int64_t>(columns[0].size());
    table.files.push_back(std::move(reading));
    const size_t before = table.rows();
    if (f == 0) {
      table.columns = std::move(columns);
    } else {
      std::vector<std::string> own;
      for (const Column& column : columns) own.push_back(column.name);
      const auto place = places(table.column_names(), options.files[0], own, file);
      for (size_t c = 0; c < place.size(); ++c) {
        append_column(table.columns[c], columns[place[c]], file);
      }
    }
    if (options.files.size() == 1) continue;
    table.row_file.insert(table.row_file.end(), table.rows() - before, static_cast<uint32_t>(f));
  }
  check_row_count(options.files[0], table.rows());
  for (const Column& column : table.columns) {
    ColumnReading reading;
    int64_t missing = 0;
    for (size_t row = 0; row < column.size(); ++row) missing += column.missing(row);
    if (missing > 0) reading.missing_markers[""] = missing;
    table.readings.push_back(std::move(reading));
  }
  read_text_dates(table, options, workers);
  // At scoring types are those of the training, and conform (feature) makes columns fit.
  if (!options.types_may_lack) check_parquet_types(table, options);
  return table;
}

Table read_files(const std::string& table_name, const fs::path& folder, const ReadOptions& options,
                 const Workers& workers) {
  if (options.files.empty()) {
    throw Error(ErrorCode::kStudy, "table " + perennial::quoted(table_name), "names no file",
                "Say file = \"…\"");
  }
  const MissingMarkers missing(options.missing, options.keep_markers);
  std::vector<TextFile> files;
  for (const std::string& file : options.files) {
    std::string bytes = read_file(folder / path_of(file));
    if (bytes.starts_with("PAR1")) {
      if (files.empty()) return read_parquet_files(table_name, folder, options, workers);
      throw Error(ErrorCode::kData, file, "is a Parquet file, but " + options.files[0] + " is not",
                  "Files of one table must have one format");
    }
    files.push_back(cut_text_file(file, std::move(bytes), options, missing, workers));
  }
  return make_table(table_name, std::move(files), options, missing, workers);
}

}  // namespace

Table read_table(const std::string& table_name, const fs::path& folder, const ReadOptions& options,
                 const Workers& workers) {
  Table table = read_files(table_name, folder, options, workers);
  for (const auto& [column, parts] : options.calendar) {
    add_calendar(table, column, parts, options.types_may_lack);
  }
  return table;
}

Table read_csv_bytes(const std::string& table_name, const std::string& file, std::string bytes,
                     const ReadOptions& options, const Workers& workers) {
  const MissingMarkers missing(options.missing, options.keep_markers);
  std::vector<TextFile> files;
  files.push_back(cut_text_file(file, std::move(bytes), options, missing, workers));
  return make_table(table_name, std::move(files), options, missing, workers);
}

}  // namespace perennial
